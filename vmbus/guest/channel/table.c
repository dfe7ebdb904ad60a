/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which channels a bus has: a list in the order of the offers, a table by
 * relid, the number that messages and events carry, and an index by instance.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/messages.h"

bool vmbus_locked_channel_room(struct vmbus_bus *bus, uint32_t relid)
{
    struct relid_room **room = &bus->by_relid[relid / ROOM_RELIDS];

    if (!*room)
        *room = seam_alloc(bus->seam, sizeof(**room));
    return *room;
}

void vmbus_channel_rooms_free(struct vmbus_bus *bus)
{
    for (uint32_t i = 0; i < RELID_ROOMS; i++) {
        if (bus->by_relid[i])
            seam_free(bus->seam, bus->by_relid[i], sizeof(*bus->by_relid[i]));
    }
}

/* A channel's place; its room is there from before it was added until the bus
 * ends. */
static struct vmbus_channel **place(const struct vmbus_channel *c)
{
    uint32_t relid = c->offer.relid;

    return &c->bus->by_relid[relid / ROOM_RELIDS]->channel[relid % ROOM_RELIDS];
}

static struct chain **instance_bucket(struct vmbus_bus *bus,
                                      const struct vmbus_guid *instance)
{
    return &bus->by_instance[chain_guid_bucket(instance, INSTANCE_BUCKETS)];
}

struct vmbus_channel *
vmbus_locked_channel_candidate(struct vmbus_bus *bus,
                               const struct vmbus_guid *instance,
                               const struct vmbus_channel *previous)
{
    struct chain *link =
        previous ? previous->by_instance.next : *instance_bucket(bus, instance);

    return link ? CHAIN_OWNER(link, struct vmbus_channel, by_instance) : NULL;
}

void vmbus_locked_channel_due(struct vmbus_channel *c)
{
    if (!chain_is_in(&c->due))
        chain_append(&c->bus->due, &c->due);
    vmbus_locked_notify(c->bus);
}

void vmbus_locked_channel_add(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;

    c->previous = bus->last_channel;
    *(c->previous ? &c->previous->next : &bus->channels) = c;
    bus->last_channel = c;
    c->number = bus->next_number++;
    *place(c) = c;
    if (c->offer.relid > bus->last_relid)
        __atomic_store_n(&bus->last_relid, c->offer.relid, __ATOMIC_RELAXED);
    chain_put(instance_bucket(bus, &c->offer.instance), &c->by_instance);
}

void vmbus_locked_relid_free(struct vmbus_channel *c)
{
    *place(c) = NULL;
}

void vmbus_channel_free(struct vmbus_channel *c)
{
    seam_free(c->bus->seam, c, sizeof(*c));
}

void vmbus_locked_channel_remove(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;

    *(c->previous ? &c->previous->next : &bus->channels) = c->next;
    *(c->next ? &c->next->previous : &bus->last_channel) = c->previous;
    chain_take_out(&c->by_instance);
    chain_leave(&bus->due, &c->due);
    vmbus_channel_free(c);
}

/* Some messages about a channel are nothing but its relid. */
uint32_t vmbus_channel_build_relid(const struct vmbus_channel *c, uint32_t type,
                                   uint32_t step, void *message)
{
    struct wire_relid *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    vmbus_message_begin(m, type, size);
    m->relid = c->offer.relid;
    return size;
}
