/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many devices of a class that no guest knows. They show what a long list of
 * offers does to a guest; a packet to one of them breaks a rule.
 */
#include "crowd.h"

#include "device.h"
#include "minihv.h"

static struct device crowd[CROWD_MAX];

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION completion,
                   PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    device_broken(VmbChannelGetPointer(channel), completion,
                  "a packet for a device that has no protocol");
}

void crowd_prepare(void)
{
    for (uint32_t i = 0; i < hv.config.crowd; i++) {
        struct device *d = &crowd[i];

        d->name = "crowd";
        d->type = (struct vmbus_guid)CROWD_TYPE;
        d->instance = d->type;
        d->instance.bytes[14] = (uint8_t)(i >> 8);
        d->instance.bytes[15] = (uint8_t)i;
        d->packet_max = CROWD_PACKET_MAX;
        d->packet = packet;
        device_create(d);
        device_offer(d);
    }
}
