/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heartbeat: asks every two seconds whether the guest is alive. With the
 * configuration's `replug` the device goes after two answers and comes back.
 */
#include "bodies.h"
#include "bus.h"
#include "control.h"
#include "minihv.h"
#include "services.h"

enum {
    PERIOD = 20000000, /* 2 s */
    AWAY = 10000000,   /* 1 s */
};

static struct seam_timer timer;
static uint64_t sequence, last; /* reference time of the last answer */

static void ask(void *arg)
{
    uint8_t body[64];

    (void)arg;
    if (!heartbeat_service.ic.open)
        return;
    if (heartbeat_service.ic.waiting)
        say("minihv: no answer to heartbeat %lu\n", sequence);
    else
        service_ask(&heartbeat_service, body, body_heartbeat(body, sequence));
    seam_timer_set(NULL, &timer, clock_now() + PERIOD);
}

/* ---- config.replug ------------------------------------------------------- */

static void plug(void *arg)
{
    (void)arg;
    say("minihv: heartbeat: the device comes back\n");
    device_offer(&heartbeat_service.device);
}

/* A timer runs at DISPATCH, but an offer is made at PASSIVE. */
static void plug_later(void *arg)
{
    static struct seam_work work = {.run = plug, .level = SEAM_PASSIVE};

    (void)arg;
    seam_work_queue(NULL, &work, 0);
}

static void unplug(void *arg)
{
    (void)arg;
    say("minihv: heartbeat: the device goes\n");
    VmbChannelDisable(heartbeat_service.device.channel);
    if (hv.config.replug == 2) {
        plug(NULL);
        return;
    }
    timer.run = plug_later;
    seam_timer_set(NULL, &timer, clock_now() + AWAY);
}

/* A channel must not be disabled in its own packet callback, so this runs
 * later. */
static void unplug_later(void)
{
    static struct seam_work work = {.run = unplug, .level = SEAM_PASSIVE};

    seam_work_queue(NULL, &work, 0);
}

/* ---- the service --------------------------------------------------------- */

static void agreed(struct service *s)
{
    (void)s;
    sequence = 0;
    timer.run = ask;
    seam_timer_set(NULL, &timer, clock_now());
}

static const char *answered(struct service *s, const struct ic_answer *a)
{
    uint32_t state;
    const char *wrong = read_heartbeat(a, sequence, &state);

    (void)s;
    if (wrong)
        return wrong;
    event(NULL, "heartbeat %lu answered, state %lu", sequence + 1, state);
    sequence += 2;
    last = clock_now();
    count(COUNT_HEARTBEATS);
    if (hv.config.replug && hv.count[COUNT_HEARTBEATS] == 2)
        unplug_later();
    return NULL;
}

static void closed(struct service *s)
{
    (void)s;
    (void)seam_timer_cancel(NULL, &timer);
}

void heartbeat_say(void)
{
    enum { MS = 10000 };

    control_say("ok %lu heartbeats answered, the last %lu ms ago\n",
                hv.count[COUNT_HEARTBEATS],
                last ? (clock_now() - last) / MS : 0);
}

static const struct ic_version versions[] = {{1, 0}, {3, 0}};

struct service heartbeat_service = {
    .device =
        {
            .name = "heartbeat",
            .type = VMBUS_GUID_INIT(0x57164F39, 0x9115, 0x4E78, 0xAB, 0x55,
                                    0x38, 0x2F, 0x3B, 0xD5, 0x42, 0x2D),
            .instance = VMBUS_GUID_INIT(0xFD149E91, 0x82E0, 0x4A7D, 0xAF, 0xA6,
                                        0x2A, 0x41, 0x66, 0xCB, 0xD7, 0xC0),
        },
    .ic = {.type = IC_HEARTBEAT,
           .versions = versions,
           .version_count = sizeof versions / sizeof versions[0]},
    .answered = answered,
    .agreed = agreed,
    .closed = closed,
};
