/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A user of the bus, from the bus's creation to its end: see bus_life.h.
 */
#include "bus_life_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t versions[] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};

uint8_t steer(struct steering *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

void bus_life_begin(struct bus_life *l, uint32_t version)
{
    struct vmbus_config config = {0};
    struct peer_offer *first;

    memset(l, 0, sizeof(*l));
    config.newest = versions[version % 11];
    config.leak_limit = 1000;
    /* Shorter than the defaults: one byte of the input lets a deadline pass. */
    config.contact_timeout = 10 * SEAM_S;
    config.offers_timeout = 10 * SEAM_S;
    config.request_timeout = 10 * SEAM_S;
    config.post_timeout = 20 * SEAM_S;
    config.client_id.bytes[0] = version & 1;
    config.unload_first = version & 0x40;
    /* Some lives share no monitor pages, or accept no host older than 5.0. */
    config.no_monitor = (version & 0x88) == 0x88;
    if ((version & 0x84) == 0x84 && config.newest >= 0x00050000)
        config.oldest = 0x00050000;
    l->s = hosted_create(2);
    l->p = peer_create(l->s);
    first = peer_offer(l->p, 5, 0x55, 0);
    first->bytes[189] = version >> 4 & 1;         /* has a monitor */
    first->bytes[57] = version & 0x20 ? 0x20 : 0; /* is an hv_sock channel */
    peer_offer(l->p, 6, 0x55, 1);
    if (vmbus_bus_create(l->s, &config, &l->bus) != 0)
        abort();
    l->p->bus = l->bus;
}

void done(void *arg, int status, uint32_t host_status)
{
    struct bus_life *l = arg;

    if ((status == -EIO) < (host_status != 0) && status != -ECONNREFUSED)
        abort();
    l->pending--;
}

/* Counts a request that was accepted. */
void started(struct bus_life *l, int status)
{
    if (status == 0)
        l->pending++;
}

void bus_life_act(struct bus_life *l, uint8_t what)
{
    static const struct vmbus_guid endpoint = {{1}}, service = {{2}};

    claim(l);
    if (what >= 0x20 && l->c) {
        act_on_channel(l, what - 0x20);
        return;
    }
    if (what & 8) {
        act_on_bus(l, what);
        return;
    }
    switch (what % 8) {
    case 0:
        hosted_advance(l->s, (what + 1) * SEAM_S);
        break;
    case 1:
        started(l, vmbus_bus_connect_start(l->bus, done, l));
        break;
    case 2:
        started(l, vmbus_bus_unload_start(l->bus, done, l));
        break;
    case 3:
        /* With a silo id in every second request. */
        started(l, vmbus_tl_connect_start(l->bus, &endpoint, &service,
                                          what & 8 ? &service : NULL, done, l));
        break;
    case 4:
        leave(l);
        break;
    case 5:
        peer_event(l->p, what >> 4 & 1, what & 0xF);
        break;
    case 6:
        vmbus_bus_connect(l->bus);
        break;
    default:
        hosted_run(l->s);
        break;
    }
}

void bus_life_end(struct bus_life *l)
{
    uint64_t leaked;

    l->s->fail_at = 0;
    hosted_advance(l->s, 400 * SEAM_S);
    if (l->observing)
        observe(l);
    vmbus_bus_unload(l->bus);
    hosted_advance(l->s, 400 * SEAM_S);
    leave(l);
    if (l->pending != 0)
        abort(); /* a request without an outcome */
    leaked = vmbus_bus_stats(l->bus)->pages_leaked;
    vmbus_bus_destroy(l->bus);
    peer_destroy(l->p);
    hosted_destroy(l->s, leaked);
}

static uint32_t poll(void *arg, uint8_t payload[240])
{
    struct bus_life *l = arg;

    memset(payload, 0, 240);
    l->s->now += SEAM_S / 8;
    payload[0] = (uint8_t)(l->events++ % 20);
    return l->events % 3 * 8;
}

void bus_life_crash(struct bus_life *l)
{
    int status = vmbus_bus_crash_unload(l->bus, SEAM_S, poll, l);

    if (status > 0)
        abort();
    vmbus_event_arrived(l->bus, 5);
    hosted_run(l->s);
    hosted_abandon(l->s);
    peer_destroy(l->p);
    hosted_destroy(l->s, 0);
}
