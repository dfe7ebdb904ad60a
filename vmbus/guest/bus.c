/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bus: making it, ending it, and what can be asked of it.
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/connection/connection.h"

/* Any number but zero will do; Linux begins with this one, so the logs of a
 * host look alike. [linux channel.c] */
#define FIRST_HANDLE 0xE1E10

/*
 * How long the bus waits, where the configuration does not say:
 * docs/timeouts.md has the source of each.
 */
#define CONTACT_TIMEOUT (60 * SEAM_S)
#define OFFERS_TIMEOUT  (60 * SEAM_S)
#define REQUEST_TIMEOUT (60 * SEAM_S)
#define UNLOAD_TIMEOUT  (100 * SEAM_S)
#define CLEAR_TIMEOUT   (10 * SEAM_S)
#define POST_TIMEOUT    (170 * SEAM_S)

/* What other processors may still need of a bus that ends. */
#define REST_TIMEOUT (2 * SEAM_S)

/* ---- making -------------------------------------------------------------- */

/* A member that the user left zero takes its default. */
#define OR_DEFAULT(field, value) \
    do {                         \
        if ((field) == 0)        \
            (field) = (value);   \
    } while (0)

/* The defaults that struct vmbus_config documents. */
static void fill_in(struct vmbus_config *c)
{
    OR_DEFAULT(c->newest, VMBUS_VERSION_6_0);
    OR_DEFAULT(c->oldest, VMBUS_VERSION_0_13);
    OR_DEFAULT(c->features, VMBUS_FEATURES_IMPLEMENTED);
    if (c->no_features)
        c->features = 0;
    OR_DEFAULT(c->contact_timeout, CONTACT_TIMEOUT);
    OR_DEFAULT(c->offers_timeout, OFFERS_TIMEOUT);
    OR_DEFAULT(c->request_timeout, REQUEST_TIMEOUT);
    OR_DEFAULT(c->unload_timeout, UNLOAD_TIMEOUT);
    OR_DEFAULT(c->clear_timeout, CLEAR_TIMEOUT);
    OR_DEFAULT(c->post_timeout, POST_TIMEOUT);
    OR_DEFAULT(c->leak_limit, 4096);
}

/* A version that does not exist would never be asked for, and the connect would
 * fail with a misleading status: refuse it here. */
static bool config_is_valid(struct seam *s, const struct vmbus_config *c)
{
    return vmbus_version_exists(c->newest) && vmbus_version_exists(c->oldest) &&
           c->oldest <= c->newest && c->cpu < seam_cpu_count(s);
}

int vmbus_bus_create(struct seam *s, const struct vmbus_config *config,
                     struct vmbus_bus **out)
{
    struct vmbus_config filled = {0};
    struct vmbus_bus *bus;

    if (config)
        filled = *config;
    fill_in(&filled);
    /* Refuse before anything is allocated. */
    if (!config_is_valid(s, &filled))
        return -EINVAL;
    bus = seam_alloc(s, sizeof(*bus));
    if (!bus)
        return -ENOMEM;
    bus->seam = s;
    bus->config = filled;
    bus->next_handle = FIRST_HANDLE;
    /* From the lower wings to the upper ones. */
    vmbus_post_queue_init(bus);
    vmbus_deadlines_init(bus);
    vmbus_notify_init(bus);
    vmbus_lost_init(bus);
    bus->tell_channels = vmbus_tell_channels;
    vmbus_contact_init(bus);
    vmbus_negotiated_init(bus);
    vmbus_unload_init(bus);
    *out = bus;
    return 0;
}

/* ---- ending -------------------------------------------------------------- */

/* No report is queued, and none is under way that waits: inside of an observer,
 * or for the last signal by the connection's pages. Inside of a report it stays
 * false: the work item cannot end while its own function waits for it. */
static bool notify_at_rest(void *arg)
{
    const struct vmbus_bus *bus = arg;

    return !seam_work_is_queued(&bus->notify) && !bus->walks &&
           bus->pages == PAGES_NONE;
}

/* No timer is set, and none runs any more: other processors are out of the
 * bus. Both are cancelled here, because what ran last may have set one. */
static bool timers_at_rest(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    bool rest;

    locked_timer_cancel(bus->seam, &bus->posts.timer);
    locked_timer_cancel(bus->seam, &bus->deadlines.timer);
    rest = !bus->posts.timer.holds && !bus->deadlines.timer.holds;
    seam_unlock(bus->seam, &bus->lock, irql);
    return rest;
}

void vmbus_bus_destroy(struct vmbus_bus *bus)
{
    struct seam *s = bus->seam;

    SEAM_ASSERT(s, bus->state == BUS_DISCONNECTED, "unload the bus first");
    /* A work item that is queued cannot be taken back. */
    if (seam_wait(s, notify_at_rest, bus, seam_now(s) + REST_TIMEOUT,
                  "the bus's last notifications") != 0)
        SEAM_ASSERT(s, notify_at_rest(bus), "not from inside a notification");
    /* Free the offers that nobody claimed. There is no host any more to get
     * RELID_RELEASED for them. */
    while (bus->channels) {
        struct vmbus_channel *c = bus->channels;

        SEAM_ASSERT(s, !c->claimed, "unclaim all channels first");
        bus->channels = c->next;
        vmbus_channel_free(c);
    }
    /* A timer's function may be about to run on another processor, and uses the
     * bus: memory is kept rather than freed under it. */
    if (seam_wait(s, timers_at_rest, bus, seam_now(s) + REST_TIMEOUT,
                  "the bus's last timer") != 0) {
        seam_log(s, SEAM_LOG_ERROR,
                 "vmbus: a timer of the bus does not end; its memory is kept");
        return;
    }
    /* Nothing calls into the bus any more: the platform feeds nothing, the work
     * item and the timers are at rest. */
    vmbus_channel_rooms_free(bus);
    seam_free(s, bus, sizeof(*bus));
}

/* ---- asking -------------------------------------------------------------- */

uint32_t vmbus_bus_version(const struct vmbus_bus *bus)
{
    return bus->version;
}

/* Without the lock, for each interrupt. A channel is opened after its offer, so
 * its events come after the store. */
uint32_t vmbus_bus_last_relid(const struct vmbus_bus *bus)
{
    return __atomic_load_n(&bus->last_relid, __ATOMIC_RELAXED);
}

uint32_t vmbus_bus_features(const struct vmbus_bus *bus)
{
    return bus->features;
}

bool vmbus_bus_connected(const struct vmbus_bus *bus)
{
    return bus->state == BUS_CONNECTED;
}

const struct vmbus_stats *vmbus_bus_stats(const struct vmbus_bus *bus)
{
    return &bus->stats;
}
