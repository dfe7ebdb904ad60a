/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads PS/2 while a device is open, and passes on what it says: see input.h.
 */
#include "input.h"

#include "bus.h"
#include "minihv.h"
#include "pointer.h"
#include "ps2.h"
#include "scan.h"

enum { PERIOD = 50000 }; /* 5 ms; a keyboard of QEMU keeps 16 bytes */

static struct seam_timer timer;
static struct scan scan;
static struct pointer pointer;
static uint32_t open_devices; /* enum device_mask */
static bool started;

static void take(uint8_t byte, bool from_mouse)
{
    struct stroke stroke;

    if (from_mouse) {
        if (pointer_take(&pointer, byte))
            mouse_send(&pointer);
    } else if (scan_take(&scan, byte, &stroke)) {
        keyboard_send(&stroke);
    }
}

static bool has_room(void)
{
    return keyboard_waiting() < INPUT_WAITING_MAX &&
           mouse_waiting() < INPUT_WAITING_MAX;
}

static void poll(void *arg)
{
    bool from_mouse;
    uint8_t byte;

    (void)arg;
    if (!open_devices)
        return;
    while (has_room() && ps2_read(&byte, &from_mouse))
        take(byte, from_mouse);
    seam_timer_set(NULL, &timer, clock_now() + PERIOD);
}

static void start(void)
{
    bool has_wheel;

    started = true;
    ps2_start(&has_wheel);
    pointer_reset(&pointer, has_wheel);
}

void input_poll(uint32_t device, bool open)
{
    uint32_t before = open_devices;

    open_devices = open ? before | device : before & ~device;
    if (before || !open)
        return;
    if (!started)
        start();
    timer.run = poll;
    seam_timer_set(NULL, &timer, clock_now());
}

void input_prepare(void)
{
    if (hv.config.devices & DEVICE_KEYBOARD)
        keyboard_prepare();
    if (hv.config.devices & DEVICE_MOUSE)
        mouse_prepare();
}

void input_say_counts(void)
{
    if (hv.config.devices & DEVICE_KEYBOARD)
        say("minihv: count keyboard-sent %lu\n", keyboard_sent());
    if (hv.config.devices & DEVICE_MOUSE)
        say("minihv: count mouse-sent %lu\n", mouse_sent());
}
