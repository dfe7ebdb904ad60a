/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which channels a bus has: a list in the order of the offers, and a table by
 * relid, the number that messages and events carry.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/messages.h"

struct vmbus_channel *vmbus_locked_channel_find(struct vmbus_bus *bus,
                                                uint32_t relid)
{
    /* The number comes from the host. */
    return relid <= VMBUS_RELID_MAX ? bus->by_relid[relid] : NULL;
}

void vmbus_locked_channel_add(struct vmbus_channel *c)
{
    struct vmbus_channel **at = &c->bus->channels;

    while (*at)
        at = &(*at)->next;
    *at = c;
    c->bus->by_relid[c->offer.relid] = c;
}

void vmbus_locked_relid_free(struct vmbus_channel *c)
{
    c->bus->by_relid[c->offer.relid] = NULL;
}

void vmbus_channel_free(struct vmbus_channel *c)
{
    seam_free(c->bus->seam, c, sizeof(*c));
}

void vmbus_locked_channel_remove(struct vmbus_channel *c)
{
    struct vmbus_channel **at = &c->bus->channels;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
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
