/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages from the host: checked against the table of all messages, then given
 * to the handler of their kind.
 */
#include "vmbus/guest/bus.h"
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/connection/connection.h"
#include "vmbus/guest/gpadl/gpadl.h"
#include "vmbus/wire/messages.h"

/* What the guest half does with each kind; all others are refused. */
static message_fn *const handlers[WIRE_TYPES] = {
    [WIRE_OFFER] = vmbus_locked_offer,
    [WIRE_RESCIND] = vmbus_locked_rescind,
    [WIRE_ALL_OFFERS_DELIVERED] = vmbus_locked_all_offers_delivered,
    [WIRE_OPEN_RESULT] = vmbus_locked_open_result,
    [WIRE_GPADL_CREATED] = vmbus_locked_gpadl_created,
    [WIRE_GPADL_TORNDOWN] = vmbus_locked_gpadl_torndown,
    [WIRE_VERSION_RESPONSE] = vmbus_locked_version_response,
    [WIRE_UNLOAD_RESPONSE] = vmbus_locked_unload_response,
    [WIRE_TL_CONNECT_RESULT] = vmbus_locked_tl_result,
    [WIRE_MODIFY_CHANNEL_RESPONSE] = vmbus_locked_modify_response,
};

/* Counts and logs a message that changes nothing. The type is only read where
 * there is one. */
static void locked_refuse(struct vmbus_bus *bus, const void *payload,
                          uint32_t size, const char *why)
{
    uint32_t type = size >= sizeof(struct wire_header)
                        ? ((const struct wire_header *)payload)->type
                        : 0;

    count(&bus->stats.messages_refused, 1);
    complain(bus, COMPLAINT_MESSAGE, "message %u (%s) of %u bytes refused: %s",
             type, vmbus_message_name(type), size, why);
}

static void locked_arrived(struct vmbus_bus *bus, const void *payload,
                           uint32_t size)
{
    const struct vmbus_message_info *info;
    enum vmbus_verdict verdict = vmbus_message_check(
        payload, size, VMBUS_TO_GUEST, bus->version, bus->features, &info);

    /* Refuse everything while nothing was asked for. */
    if (bus->state == BUS_DISCONNECTED) {
        locked_refuse(bus, payload, size, "the bus is disconnected");
        return;
    }
    /* Refuse what the negotiated version does not know or has longer. */
    if (verdict != VMBUS_MESSAGE_OK) {
        locked_refuse(bus, payload, size, vmbus_verdict_text(verdict));
        return;
    }
    /* After UNLOAD drop all but its response: the host may have sent more
     * before it read UNLOAD. [linux connection.c] */
    if (bus->state == BUS_UNLOADING && info->type != WIRE_UNLOAD_RESPONSE)
        return;
    /* Refuse answers to requests that this half never makes. */
    if (!handlers[info->type]) {
        locked_refuse(bus, payload, size, "nothing that we asked for");
        return;
    }
    handlers[info->type](bus, payload, size);
}

void vmbus_message_arrived(struct vmbus_bus *bus, const void *payload,
                           uint32_t size)
{
    uint8_t irql;

    /* A crash has taken the bus over, maybe while its lock was held: do not
     * touch the lock. vmbus_bus_crash_unload() polls for its response. */
    if (bus->state == BUS_CRASHED)
        return;
    irql = seam_lock(bus->seam, &bus->lock);
    count(&bus->stats.messages_in, 1);
    locked_arrived(bus, payload, size);
    seam_unlock(bus->seam, &bus->lock, irql);
}
