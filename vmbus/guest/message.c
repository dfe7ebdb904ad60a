/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages from the host: checked against the table, then handed on. */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/messages.h"

static message_fn *const handlers[WIRE_TYPES] = {
    [WIRE_OFFER] = locked_offer,
    [WIRE_RESCIND] = locked_rescind,
    [WIRE_ALL_OFFERS_DELIVERED] = locked_all_offers_delivered,
    [WIRE_OPEN_RESULT] = locked_open_result,
    [WIRE_GPADL_CREATED] = locked_gpadl_created,
    [WIRE_GPADL_TORNDOWN] = locked_gpadl_torndown,
    [WIRE_VERSION_RESPONSE] = locked_version_response,
    [WIRE_UNLOAD_RESPONSE] = locked_unload_response,
    [WIRE_TL_CONNECT_RESULT] = locked_tl_result,
    [WIRE_MODIFY_CHANNEL_RESPONSE] = locked_modify_response,
};

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

    if (bus->state == BUS_DISCONNECTED) {
        locked_refuse(bus, payload, size, "the bus is disconnected");
        return;
    }
    if (verdict != VMBUS_MESSAGE_OK) {
        locked_refuse(bus, payload, size, vmbus_verdict_text(verdict));
        return;
    }
    /* After UNLOAD only its answer counts. [linux connection.c] */
    if (bus->state == BUS_UNLOADING && info->type != WIRE_UNLOAD_RESPONSE)
        return;
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

    /* A crash has taken the bus; its own loop polls. */
    if (bus->state == BUS_CRASHED)
        return;
    irql = seam_lock(bus->seam, &bus->lock);
    count(&bus->stats.messages_in, 1);
    locked_arrived(bus, payload, size);
    seam_unlock(bus->seam, &bus->lock, irql);
}
