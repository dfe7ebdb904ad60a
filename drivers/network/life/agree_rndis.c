/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS: the limits of packets, the address, the offloads and the filter
 * (life.h).
 */
#include "drivers/network/base/control.h"
#include "drivers/network/life/life.h"

#include <string.h>

/* Why a request has no good answer. A channel that closed needs no reason. */
static void refuse_answer(struct network_driver *d, const char *asked)
{
    const struct control_state *c = &d->control;

    /* A channel that goes ends its requests; nobody has refused anything. */
    if (d->leaving || network_phase(d) == PHASE_AWAY)
        return;
    if (c->wait != CONTROL_IDLE)
        network_refuse_silence(d, asked);
    else
        network_refuse(d,
                       "%s: expected that the host does it, found status "
                       "0x%08x: see the host's log",
                       asked, (unsigned)c->answer.status);
}

/* RNDIS begins with INITIALIZE, whose answer has the host's limits. */
static bool initialize(struct network_driver *d)
{
    const struct control_state *c = &d->control;
    const char *wrong;

    if (!network_ask(d, RNDIS_INITIALIZE, 0, NULL, 0)) {
        refuse_answer(d, "RNDIS INITIALIZE");
        return false;
    }
    /*
     * Read how many messages go in one packet, and what they are aligned
     * to.
     */
    wrong = rndis_read_limits(c->message, c->message_size, &d->limits);
    if (wrong)
        network_refuse(d,
                       "RNDIS INITIALIZE: expected the host's limits, found "
                       "%s: see the host's log",
                       wrong);
    return !wrong;
}

/* A query whose data have `size` bytes at least; false: it has no such answer.
 */
bool network_query(struct network_driver *d, uint32_t oid, void *data,
                   uint32_t size)
{
    const struct rndis_control *a = &d->control.answer;

    if (!network_ask(d, RNDIS_QUERY, oid, NULL, 0) ||
        a->status != RNDIS_SUCCESS || a->size < size)
        return false;
    memcpy(data, a->data, size);
    return true;
}

/* One adapter's own: neither a group's nor all zeros. */
static bool is_address(const uint8_t *mac)
{
    uint8_t any = 0;

    for (uint32_t i = 0; i < NETWORK_MAC_SIZE; i++)
        any |= mac[i];
    return any && !(mac[0] & 1); /* no address of a group */
}

/* The address that the host has given to the adapter. */
static bool learn_address(struct network_driver *d)
{
    const uint8_t *wanted = d->settings.mac;
    uint8_t mac[NETWORK_MAC_SIZE];

    if (!network_query(d, RNDIS_OID_ADDRESS, mac, sizeof(mac))) {
        refuse_answer(d, "the adapter's address");
        return false;
    }
    if (!is_address(mac)) {
        network_refuse(d, "expected an adapter's own address, found zeros or "
                          "one of a group: set it in the VM's settings");
        return false;
    }
    /*
     * The address is stored before it is compared, so that the application
     * can see which one was found.
     */
    memcpy(d->mac, mac, sizeof(mac));
    if (d->settings.which != NETWORK_BY_MAC ||
        !memcmp(mac, wanted, sizeof(mac)))
        return true;
    network_refuse(d,
                   "expected the adapter %02x:%02x:%02x:%02x:%02x:%02x, found "
                   "%02x:%02x:%02x:%02x:%02x:%02x: look at the VM's settings",
                   wanted[0], wanted[1], wanted[2], wanted[3], wanted[4],
                   wanted[5], mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return false;
}

/* A host may have less than was asked for. One that does not say is believed
 * to have all of it. */
static void learn_frame_size(struct network_driver *d)
{
    uint32_t size;

    if (network_query(d, RNDIS_OID_FRAME_SIZE, &size, sizeof(size)) &&
        size >= NETWORK_MTU_LEAST && size < d->mtu)
        d->mtu = size;
}

/* What was indicated meanwhile is newer than the answer. */
static void learn_cable(struct network_driver *d)
{
    uint32_t unknown = MEDIA_UNKNOWN, disconnected;
    enum network_media media = MEDIA_CONNECTED;

    /*
     * A host that does not say is taken to have the cable in: it would
     * indicate that it is out.
     */
    if (network_query(d, RNDIS_OID_MEDIA_STATUS, &disconnected,
                      sizeof(disconnected)) &&
        disconnected)
        media = MEDIA_DISCONNECTED;
    __atomic_compare_exchange_n(&d->media, &unknown, media, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* ---- offloads and filter ------------------------------------------------- */

/* Sets one property; the answer must be success. */
bool network_set(struct network_driver *d, uint32_t oid, const void *input,
                 uint32_t size)
{
    return network_ask(d, RNDIS_SET, oid, input, size) &&
           d->control.answer.status == RNDIS_SUCCESS;
}

/* Without them everything works, so a host that has none is not refused. */
static void agree_on_offloads(struct network_driver *d)
{
    struct rndis_offload_capabilities input;
    uint32_t size = offload_write_query(d->version, &input);
    const struct rndis_control *a = &d->control.answer;
    uint32_t wanted = d->settings.offloads;
    struct rndis_offload_set m;
    const char *wrong;

    /* Begin without any: each failure below leaves it at that. */
    d->offload = (struct offload_choice){0};
    /* Coalescing belongs to 6.1, whatever the capabilities say. */
    if (d->version < NVSP_VERSION_6_1)
        wanted &= ~(uint32_t)NETWORK_RSC;
    if (!network_ask(d, RNDIS_QUERY, (uint32_t)RNDIS_OID_OFFLOAD_CAPABILITIES,
                     &input, size) ||
        a->status != RNDIS_SUCCESS)
        return;
    wrong = offload_choose(a->data, a->size, wanted, &d->offload);
    if (wrong) {
        network_nonsense(d, wrong);
        return;
    }
    /*
     * Switch on what was chosen, and all else off: the host may have had
     * others on from before.
     */
    size = offload_write_set(d->version, &d->offload, &m);
    /*
     * A host that refuses the set as a whole gets frames that need none of
     * them.
     */
    if (!network_set(d, (uint32_t)RNDIS_OID_OFFLOAD_SET, &m, size))
        d->offload = (struct offload_choice){0};
}

/* No host delivers a frame before this. */
bool network_open_filter(struct network_driver *d)
{
    uint32_t filter = RNDIS_FILTER;

    if (network_set(d, RNDIS_OID_FILTER, &filter, sizeof(filter)))
        return true;
    refuse_answer(d, "the packet filter");
    return false;
}

/* Without these there is no adapter; the rest may fail. */
bool network_agree_on_rndis(struct network_driver *d)
{
    if (!initialize(d) || !learn_address(d))
        return false;
    learn_frame_size(d);
    learn_cable(d);
    agree_on_offloads(d);
    return true;
}
