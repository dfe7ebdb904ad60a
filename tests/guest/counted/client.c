/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a client and waiting: client.h. */
#include "client.h"

#include "app/system/platform/platform.h"
#include "vmbare.h"
#include "vmbus/seam.h"

#define WAIT_UNITS (10 * SEAM_S)

/* Packets of 1,500 bytes fit. */
#define PACKET_MAX 2048u

struct count {
    const volatile uint32_t *counter;
    uint32_t goal;
};

static bool reached(void *arg)
{
    const struct count *c = arg;

    return *c->counter == c->goal;
}

bool counted_wait(const volatile uint32_t *counter, uint32_t goal)
{
    struct seam *s = &the_platform.seam;
    struct count c = {counter, goal};

    return seam_wait(s, reached, &c, seam_now(s) + WAIT_UNITS,
                     "the packets that are counted") == 0;
}

static bool configure(VMBCHANNEL channel, const GUID *type,
                      const GUID *instance,
                      PFN_VMB_CHANNEL_PROCESS_PACKET callback)
{
    return !VmbChannelInitSetProcessPacketCallbacks(channel, callback, NULL) &&
           !VmbChannelInitSetMaximumPacketSize(channel, PACKET_MAX) &&
           !VmbClientChannelInitSetRingBufferPageCount(channel, 4, 4) &&
           !VmbClientChannelInitSetTargetPnp(channel, type, instance, NULL);
}

VMBCHANNEL counted_open(PDEVICE_OBJECT bus, const GUID *type,
                        const GUID *instance,
                        PFN_VMB_CHANNEL_PROCESS_PACKET callback)
{
    VMBCHANNEL channel;

    if (VmbChannelAllocate(bus, FALSE, &channel))
        return NULL;
    if (configure(channel, type, instance, callback) &&
        !VmbChannelEnable(channel)) {
        vmbare_sleep(0.1); /* until the host has answered the open */
        return channel;
    }
    VmbChannelCleanup(channel);
    return NULL;
}

void counted_close(VMBCHANNEL channel)
{
    VmbChannelDisable(channel);
    VmbChannelCleanup(channel);
}
