/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers that this guest had no memory for. Their relids are released at once,
 * as Linux does: a host that is never told keeps the relid for good, and does
 * not offer the device again. [linux channel_mgmt.c]
 *
 * One message object serves all of them. Its build() names one relid at a time;
 * which relids are due stands in a bit map, so nothing has to be allocated
 * here.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/memory.h"

#define WORD_BITS 32u

static uint32_t bit_of(uint32_t relid)
{
    return 1u << relid % WORD_BITS;
}

/* The lowest relid that is due; 0: none is. */
static uint32_t next_due(const struct vmbus_bus *bus)
{
    for (uint32_t i = 0; i < LOST_WORDS; i++) {
        if (bus->lost.due[i])
            return i * WORD_BITS + (uint32_t)__builtin_ctz(bus->lost.due[i]);
    }
    return 0;
}

/* The post.build of RELID_RELEASED. A step is built again when the host did not
 * take it, so the bit goes only when the next step is asked for. */
static uint32_t build(void *owner, uint32_t step, void *message)
{
    struct vmbus_bus *bus = owner;
    struct wire_relid m = {.header.type = WIRE_RELID_RELEASED};

    if (step != bus->lost.step) {
        bus->lost.due[bus->lost.relid / WORD_BITS] &= ~bit_of(bus->lost.relid);
        bus->lost.step = step;
    }
    bus->lost.relid = next_due(bus);
    if (!bus->lost.relid)
        return 0;
    m.relid = bus->lost.relid;
    memcpy(message, &m, sizeof(m));
    return sizeof(m);
}

void vmbus_lost_init(struct vmbus_bus *bus)
{
    vmbus_post_init(&bus->lost.release, WIRE_RELID_RELEASED, bus, build, NULL);
}

void vmbus_locked_offer_lost(struct vmbus_bus *bus, uint32_t relid)
{
    bus->lost.due[relid / WORD_BITS] |= bit_of(relid);
    count(&bus->stats.releases, 1);
    if (bus->lost.release.queued)
        return;
    bus->lost.step = 0;
    vmbus_locked_post(bus, &bus->lost.release);
}

void vmbus_locked_lost_forget(struct vmbus_bus *bus)
{
    memset(bus->lost.due, 0, sizeof(bus->lost.due));
}
