/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of what a guest sends to minihv's keyboard, mouse, hv_sock and dynamic
 * memory, and of the bytes of PS/2 and of hv_sock's port. The input is a list
 * of parts, each with a kind and a length of two bytes before it:
 *
 *   K a message to the keyboard   M to the mouse
 *   S bytes of a PS/2 keyboard    P of a PS/2 mouse
 *   F bytes of hv_sock's port     G what a guest does with its stream
 *   D a message of dynamic memory A what the host asks for there
 *
 * States go on from part to part, as in a device. Every message lies in memory
 * of its own, so that the sanitizer sees a read past its end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "balloon.h"
#include "pointer.h"
#include "scan.h"
#include "sockets.h"
#include "synthhid.h"
#include "synthkbd.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static struct synthkbd keyboard;
static struct synthhid mouse;
static struct scan scan;
static struct pointer pointer;

static void must(bool so)
{
    if (!so)
        abort();
}

static void take_keyboard(const uint8_t *m, uint32_t size)
{
    struct synthkbd_response answer;

    if (synthkbd_take(&keyboard, m, size, &answer))
        must(!answer.type);
}

static void take_mouse(const uint8_t *m, uint32_t size)
{
    uint8_t out[SYNTHHID_MAX];
    enum synthhid_reply reply;

    if (!synthhid_take(&mouse, m, size, &reply) && reply == SYNTHHID_WELCOME)
        must(mouse.state == SYNTHHID_DESCRIBED);
    must(synthhid_response(reply == SYNTHHID_WELCOME, out) <= sizeof out);
    must(synthhid_device_info(out) <= sizeof out);
}

static void take_ps2(uint8_t kind, const uint8_t *m, uint32_t size)
{
    uint8_t out[SYNTHHID_MAX];
    struct stroke stroke;

    for (uint32_t i = 0; i < size; i++) {
        if (kind == 'S' && scan_take(&scan, m[i], &stroke))
            must(stroke.make && stroke.make <= 0x7F &&
                 synthkbd_event(&stroke).type == SYNTHKBD_EVENT);
        if (kind == 'P' && pointer_take(&pointer, m[i]))
            must(pointer.x <= POINTER_MAX && pointer.y <= POINTER_MAX &&
                 synthhid_report(&pointer, out) <= sizeof out);
    }
}

static void take(uint8_t kind, const uint8_t *bytes, uint32_t size)
{
    uint8_t *m = malloc(size + !size);

    memcpy(m, bytes, size);
    if (kind == 'K')
        take_keyboard(m, size);
    else if (kind == 'M')
        take_mouse(m, size);
    else if (kind == 'S' || kind == 'P')
        take_ps2(kind, m, size);
    else if (kind == 'F')
        sockets_take_port(m, size);
    else if (kind == 'G')
        sockets_take_guest(m, size);
    else if (kind == 'D')
        balloon_take(m, size);
    else if (kind == 'A')
        balloon_ask(m, size);
    free(m);
}

static void begin(bool has_wheel)
{
    keyboard = (struct synthkbd){0};
    mouse = (struct synthhid){0};
    scan = (struct scan){0};
    pointer_reset(&pointer, has_wheel);
    sockets_begin();
    balloon_begin();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    begin(size % 2);
    while (size >= 3) {
        uint32_t length = input[1] | (uint32_t)input[2] << 8;
        uint8_t kind = input[0];

        input += 3;
        size -= 3;
        if (length > size)
            length = (uint32_t)size;
        take(kind, input, length);
        input += length;
        size -= length;
    }
    return 0;
}
