/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening and closing an adapter, and what can be asked of it (network.h).
 */
#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_SECONDS 0.001
/* Longer than all answers of an agreement may take: a host that is silent is
 * refused before. */
#define AGREE_SECONDS 1200
/* How long frames under way may take when the adapter is closed. */
#define LEAVE_SECONDS 2

#define VLAN_MOST 4094u

/* ---- opening ------------------------------------------------------------- */

/* Everything that does not depend on the host. */
static NTSTATUS check(const struct network_settings *s)
{
    if (s->which > NETWORK_BY_MAC || s->vlan > VLAN_MOST ||
        (s->mtu && (s->mtu < NETWORK_MTU_LEAST || s->mtu > NETWORK_MTU_MOST)) ||
        s->offloads & ~(uint32_t)(NETWORK_OFFLOADS | NETWORK_SUBCHANNELS))
        return STATUS_INVALID_PARAMETER_2;
    return STATUS_SUCCESS;
}

/* A channel for each processor: more would not be of use. */
static uint32_t count_queues(const struct network_settings *s)
{
    uint32_t processors = vmbare_processors();

    if (!(s->offloads & NETWORK_SUBCHANNELS))
        return 1;
    return processors < QUEUES_MOST ? processors : QUEUES_MOST;
}

/* True: the state is none of those that pass by themselves. */
static bool is_settled(const struct network_driver *d)
{
    enum network_link link = __atomic_load_n(&d->link, __ATOMIC_ACQUIRE);

    return link == NETWORK_UP || link == NETWORK_DOWN ||
           link == NETWORK_REFUSED;
}

enum network_link network_wait(struct network *n, double seconds)
{
    uint64_t end = vmbare_after(seconds);

    while (!is_settled(n->driver) && vmbare_now() < end)
        vmbare_sleep(STEP_SECONDS);
    return network_link(n);
}

/* Opens one adapter after the other, until one has the address. The text of the
 * last one that has another stays. */
static NTSTATUS open_by_mac(struct network *n)
{
    struct network_driver *d = n->driver;
    GUID instance;

    for (uint32_t i = 0; network_offered(i, &instance); i++) {
        /*
         * The channel opens, and the agreement compares the address; one
         * that differs ends as refused.
         */
        NTSTATUS status = network_channel_start(d, &instance);

        if (!NT_SUCCESS(status))
            return status;
        network_wait(n, AGREE_SECONDS);
        /*
         * This is the one: it stays bound to this instance, also when it
         * goes and comes back.
         */
        if (network_phase(d) == PHASE_READY)
            return STATUS_SUCCESS;
        network_channel_stop(d);
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* The order of the offers is the host's, and stays the same. */
static NTSTATUS open_by_index(struct network_driver *d)
{
    GUID instance;

    if (network_offered(d->settings.index, &instance))
        return network_channel_start(d, &instance);
    snprintf(d->problem, sizeof(d->problem),
             "expected a network adapter with the index %u, found that the "
             "host does not offer so many: look at the VM's settings",
             (unsigned)d->settings.index);
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS open_channel(struct network *n)
{
    switch (n->driver->settings.which) {
    case NETWORK_BY_MAC:
        return open_by_mac(n);
    case NETWORK_INDEX:
        return open_by_index(n->driver);
    default:
        return network_channel_start(n->driver, NULL);
    }
}

NTSTATUS network_open(struct network *n,
                      const struct network_settings *settings,
                      const struct network_events *events)
{
    NTSTATUS status = check(settings);
    struct network_driver *d;

    /* A failure leaves nothing behind but the text. */
    n->driver = NULL;
    if (!NT_SUCCESS(status))
        return status;
    d = n->driver = calloc(1, sizeof(*d));
    if (!d)
        return STATUS_INSUFFICIENT_RESOURCES;
    d->settings = *settings;
    d->events = *events;
    if (!d->settings.mtu)
        d->settings.mtu = NETWORK_MTU;
    d->mtu = d->settings.mtu;
    d->queue_count = count_queues(settings);
    /*
     * All memory is taken now: no packet and no return of the adapter needs
     * more.
     */
    if (!network_memory_alloc(d)) {
        snprintf(d->problem, sizeof(d->problem),
                 "expected %u MiB for the network's buffers, found less free "
                 "memory: give the VM more",
                 d->receive_pages / 256 + 2);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return open_channel(n);
}

/* ---- closing ------------------------------------------------------------- */

/* Waits until the host has taken what was sent to it. One that does not take it
 * gets no more time: KMCL ends it with the channel. */
static void drain(struct network_driver *d)
{
    uint64_t end = vmbare_after(LEAVE_SECONDS);

    while (__atomic_load_n(&d->sending.under_way, __ATOMIC_ACQUIRE) &&
           vmbare_now() < end)
        vmbare_sleep(STEP_SECONDS);
}

/* Takes a buffer back from the host, which does not answer that. */
static void revoke(struct network_driver *d, uint32_t type, uint16_t id)
{
    struct nvsp_revoke revoke = {.type = type, .id = id};
    uint8_t m[NVSP_MESSAGE_SIZE] = {0};
    VMBPACKET packet = VmbPacketAllocate(d->channel);

    memcpy(m, &revoke, sizeof(revoke));
    if (packet && !NT_SUCCESS(VmbPacketSend(packet, m, sizeof(m), NULL, 0)))
        VmbPacketFree(packet);
}

/* No frame comes after the filter is cleared, and none goes after the phase has
 * changed; then the buffers can be taken back. [linux rndis_filter.c] */
static void leave(struct network_driver *d)
{
    uint32_t none = 0;

    /* Nothing was agreed, so there is nothing to take back. */
    if (network_phase(d) != PHASE_READY)
        return;
    network_ask(d, RNDIS_SET, RNDIS_OID_FILTER, &none, sizeof(none));
    /*
     * Senders see the phase under the lock, so no frame is added from here
     * on.
     */
    __atomic_exchange_n(&d->phase, PHASE_AGREEING, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < d->queue_count; i++)
        network_slots_end(&d->queues[i]);
    drain(d);
    /* They use the buffers as well. */
    network_subchannels_stop(d);
    revoke(d, NVSP_REVOKE_RECEIVE_BUFFER, RECEIVE_BUFFER_ID);
    revoke(d, NVSP_REVOKE_SEND_BUFFER, SEND_BUFFER_ID);
}

void network_close(struct network *n)
{
    struct network_driver *d = n->driver;

    if (!d || !d->channel)
        return;
    /* Neither events nor the timer from here on. */
    __atomic_store_n(&d->leaving, 1, __ATOMIC_RELEASE);
    leave(d);
    network_channel_stop(d);
    d->link = NETWORK_ABSENT;
}

void network_free(struct network *n)
{
    if (!n->driver)
        return;
    network_close(n);
    network_memory_free(n->driver);
    free(n->driver);
    n->driver = NULL;
}

/* ---- queries ------------------------------------------------------------- */

enum network_link network_link(const struct network *n)
{
    return __atomic_load_n(&n->driver->link, __ATOMIC_ACQUIRE);
}

void network_mac(const struct network *n, uint8_t mac[NETWORK_MAC_SIZE])
{
    memcpy(mac, n->driver->mac, NETWORK_MAC_SIZE);
}

uint32_t network_mtu(const struct network *n)
{
    return n->driver->mtu;
}

uint32_t network_offloads(const struct network *n)
{
    return n->driver->offload.offloads;
}

uint32_t network_version(const struct network *n)
{
    return n->driver->version;
}

uint32_t network_channels(const struct network *n)
{
    return 1 + __atomic_load_n(&n->driver->open_queues, __ATOMIC_ACQUIRE);
}

void network_statistics(const struct network *n, struct network_statistics *out)
{
    *out = n->driver->statistics;
}

const char *network_problem(const struct network *n)
{
    const struct network_driver *d = n->driver;

    if (!d)
        return "expected valid settings and memory, found none: see "
               "network_open()'s status";
    if (!d->problem[0] && network_link(n) == NETWORK_ABSENT)
        return "expected a network adapter among the host's offers, found "
               "none: give the VM one";
    return d->problem;
}
