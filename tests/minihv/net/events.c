/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that happen to the first network device while the guest uses it. Each
 * is due when the device has sent so many frames, so that a test knows that
 * there is traffic.
 */
#include "bus.h"
#include "minihv.h"
#include "nic.h"

enum {
    AWAY = 10000000, /* 1 s in 100 ns */
    QUIET = 30000000,
};

static struct nic *nic;
static uint32_t next;
static bool busy; /* an event has begun and has not ended */

static void up(void *arg)
{
    uint8_t m[RNDIS_CONTROL_MAX];

    (void)arg;
    say("minihv: network: the link is up\n");
    nic->rndis.link = true;
    nic_send_control(nic, m, rndis_indicate(RNDIS_MEDIA_CONNECT, m));
    busy = false;
}

static void plug(void *arg)
{
    (void)arg;
    say("minihv: network: the device comes back\n");
    nic_return(nic);
    busy = false;
}

/* A timer runs at DISPATCH, but an offer is made at PASSIVE. */
static void plug_later(void *arg)
{
    static struct seam_work work = {.run = plug, .level = SEAM_PASSIVE};

    (void)arg;
    seam_work_queue(NULL, &work, 0);
}

static void later(void (*run)(void *arg), uint64_t wait)
{
    static struct seam_timer timer;

    timer.run = run;
    seam_timer_set(NULL, &timer, clock_now() + wait);
}

static void (*told)(void); /* who took the device away from outside */
static bool away;

static void gone(void)
{
    say("minihv: network: the device has gone\n");
    nic->rndis.link = true;
    away = told;
    if (told)
        told();
    else
        later(plug_later, AWAY);
    told = NULL;
}

static void go(void *arg)
{
    (void)arg;
    say("minihv: network: the device goes\n");
    nic_withdraw(nic, gone);
}

/* Linux waits for ever for the completions of what it has sent when its device
 * goes: it takes no more signals of a rescinded channel, although the device
 * still answers. So the link goes first, which Linux may notice two seconds
 * late, and the device follows when the guest has sent nothing for three.
 * [linux vmbus_drv.c, rndis_filter.c] */
static void go_when_quiet(void *arg)
{
    static struct seam_work work = {.run = go, .level = SEAM_PASSIVE};
    static uint64_t sent;
    bool quiet = sent == nic->sent;

    (void)arg;
    sent = nic->sent;
    if (quiet)
        seam_work_queue(NULL, &work, 0);
    else
        later(go_when_quiet, QUIET);
}

static void link_down(void)
{
    uint8_t m[RNDIS_CONTROL_MAX];

    say("minihv: network: the link is down\n");
    nic->rndis.link = false;
    nic_send_control(nic, m, rndis_indicate(RNDIS_MEDIA_DISCONNECT, m));
}

static void begin(void *arg)
{
    uint8_t m[RNDIS_CONTROL_MAX];

    (void)arg;
    switch (hv.config.net.event[next++].what) {
    case NET_DOWN:
        link_down();
        later(up, AWAY);
        return;
    case NET_CHANGE:
        say("minihv: network: the port has moved\n");
        nic_send_control(nic, m, rndis_indicate(RNDIS_NETWORK_CHANGE, m));
        busy = false;
        return;
    case NET_REPLUG:
        link_down();
        later(go_when_quiet, QUIET);
        return;
    case NET_PULL:
        go(NULL);
        return;
    }
}

/* A channel must not be disabled in its own packet callback, so this runs
 * later. */
void events_frame_sent(struct nic *by)
{
    static struct seam_work work = {.run = begin, .level = SEAM_PASSIVE};
    const struct net_settings *s = &hv.config.net;

    if (!nic)
        nic = by;
    if (by != nic || busy || next == s->events ||
        nic->sent < s->event[next].frames)
        return;
    busy = true;
    seam_work_queue(NULL, &work, 0);
}

const char *events_unplug(struct nic *first, void (*done)(void))
{
    if (away)
        return "the device is not there";
    if (busy)
        return "another event is under way";
    nic = first;
    busy = true;
    told = done;
    link_down();
    later(go_when_quiet, QUIET);
    return NULL;
}

const char *events_plug(void)
{
    if (!away)
        return "the device is there";
    away = false;
    plug_later(NULL);
    return NULL;
}
