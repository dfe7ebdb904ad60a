/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channels of a network device, as KMCL servers: a primary, and as many
 * sub-channels as the guest asks for.
 */
#include "nic.h"

#include "bus.h"
#include "minihv.h"
#include "bytes.h"
#include "kmcl/kmcl.h"

struct nic *nic_of(struct device *d)
{
    return (struct nic *)(void *)(d - d->subchannel);
}
_Static_assert(offsetof(struct nic, channels) == 0, "nic_of() counts on it");

/* ---- the guest's buffers ------------------------------------------------- */

static bool map(void *context, uint32_t gpadl, uint8_t **base, uint32_t *size)
{
    struct nic *nic = context;
    VMBCHANNEL channel = nic->channels[0].channel;
    PMDL mdl;

    if (!NT_SUCCESS(VmbChannelMapGpadl(channel, 0, gpadl, &mdl)))
        return false;
    *base = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    *size = MmGetMdlByteCount(mdl);
    if (*base && !MmGetMdlByteOffset(mdl))
        return true;
    VmbChannelUnmapGpadl(channel, gpadl);
    return false;
}

static void unmap(void *context, uint32_t gpadl)
{
    struct nic *nic = context;

    VmbChannelUnmapGpadl(nic->channels[0].channel, gpadl);
}

/* ---- sub-channels -------------------------------------------------------- */

/* Where the guest sends a flow: its hash chooses one of 16 entries. The guest
 * is told when all the channels that were promised are open. */
static void send_table(struct nic *nic)
{
    enum { OFFSET = 12 };
    uint8_t m[OFFSET + 4 * NVSP_TABLE] = {0};
    VMBPACKET packet = VmbPacketAllocate(nic->channels[0].channel);

    if (!packet)
        return;
    put32(m, NVSP_INDIRECTION_TABLE);
    put32(m + 4, NVSP_TABLE);
    put32(m + 8, OFFSET);
    for (uint32_t i = 0; i < NVSP_TABLE; i++)
        put32(m + OFFSET + 4 * i, i % (1 + nic->nvsp.subchannels));
    if (!NT_SUCCESS(VmbPacketSend(packet, m, sizeof m, NULL, 0)))
        VmbPacketFree(packet);
}

void nic_offer_subchannels(struct nic *nic)
{
    while (nic->offered < nic->nvsp.subchannels)
        device_offer(&nic->channels[++nic->offered]);
}

static void withdraw_subchannels(struct nic *nic)
{
    for (; nic->offered; nic->offered--)
        VmbChannelDisable(nic->channels[nic->offered].channel);
}

/* ---- state changes ------------------------------------------------------- */

static NTSTATUS opened(VMBCHANNEL channel)
{
    struct nic *nic = nic_of(VmbChannelGetPointer(channel));

    nvsp_reset(&nic->nvsp);
    rndis_reset(&nic->rndis);
    nic->rndis.queues = nic->nvsp.channels;
    return STATUS_SUCCESS;
}

static VOID post_started(VMBCHANNEL channel)
{
    struct device *d = VmbChannelGetPointer(channel);
    struct nic *nic = nic_of(d);
    uint32_t open = 0;

    nic->open[d->subchannel] = true;
    if (!d->subchannel) {
        net_poll(true);
        return;
    }
    for (uint32_t i = 1; i < NVSP_CHANNELS; i++)
        open += nic->open[i];
    say("minihv: network: sub-channel %u is open\n", d->subchannel);
    if (nic->open[0] && open == nic->nvsp.subchannels)
        send_table(nic);
}

static VOID suspended(VMBCHANNEL channel)
{
    struct device *d = VmbChannelGetPointer(channel);
    struct nic *nic = nic_of(d);
    bool was = nic->open[d->subchannel];

    nic->open[d->subchannel] = false;
    if (d->subchannel)
        return;
    if (was)
        net_poll(false);
    rndis_reset(&nic->rndis);
    withdraw_subchannels(nic);
}

static VOID closed(VMBCHANNEL channel)
{
    struct nic *nic = nic_of(VmbChannelGetPointer(channel));

    nvsp_release(&nic->nvsp);
    nic_fill_pool(nic);
    if (nic->gone)
        seam_work_queue(NULL, &nic->leave, 0);
}

/* ---- the device ---------------------------------------------------------- */

static void prepare_channel(struct nic *nic, uint32_t index, uint16_t sub)
{
    enum { PACKET_MAX = 128, EXTERNAL_MAX = 512 << 10 };

    nic->channels[sub] = (struct device){
        .name = sub ? "network, sub-channel" : "network",
        .type = VMBUS_GUID_INIT(0xF8615163, 0xDF3E, 0x46C5, 0x91, 0x3F, 0xF2,
                                0xD2, 0xF9, 0x65, 0xED, 0x0E),
        .instance = VMBUS_GUID_INIT(0x6D9A1F34, 0x52C1, 0x4A0E, 0x9D, 0x3B,
                                    0x0E, 0x1F, 0x5E, 0xC4, 0xE7, 0x00),
        .subchannel = sub,
        .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
        .packet_max = PACKET_MAX,
        .external_max = EXTERNAL_MAX,
        .at_passive = true,
        .packet = nic_take,
        .opened = sub ? NULL : opened,
        .post_started = post_started,
        .suspend = suspended,
        .closed = sub ? NULL : closed,
    };
    nic->channels[sub].instance.bytes[15] = (uint8_t)index;
    device_create(&nic->channels[sub]);
}

void nic_prepare(struct nic *nic, uint32_t index)
{
    static const struct nvsp_ops ops = {.map = map, .unmap = unmap};
    const struct net_settings *s = &hv.config.net;

    memcpy(nic->rndis.mac, (uint8_t[]){0x00, 0x15, 0x5D, 0, 0, 0}, 6);
    nic->rndis.mac[5] = (uint8_t)(index + 1);
    nic->rndis.link = s->link;
    nic->nvsp = (struct nvsp){.ops = &ops,
                              .context = nic,
                              .newest = s->version,
                              .channels = s->queues};
    nic->port =
        (struct net_port){.mac = nic->rndis.mac, .deliver = nic_deliver};
    switch_join(&nic->port);
    for (uint16_t sub = 0; sub < s->queues; sub++)
        prepare_channel(nic, index, sub);
    device_offer(&nic->channels[0]);
}

/* ---- going --------------------------------------------------------------- */

/* The guest has closed what is to go, or its time is over. */
static void leave(void *arg)
{
    struct nic *nic = arg;
    void (*gone)(void) = nic->gone;

    if (!gone)
        return;
    nic->gone = NULL;
    (void)seam_timer_cancel(NULL, &nic->patience);
    withdraw_subchannels(nic);
    VmbChannelDisable(nic->channels[0].channel);
    gone();
}

static void not_closed(void *arg)
{
    struct nic *nic = arg;

    say("minihv: network: the guest has not closed the device that goes after "
        "60 s: it is taken away\n");
    seam_work_queue(NULL, &nic->leave, 0);
}

/* A guest waits for the completions of what it has sent before it closes. */
void nic_withdraw(struct nic *nic, void (*gone)(void))
{
    enum { PATIENCE = 600000000 }; /* 60 s in 100 ns */

    nic->gone = gone;
    nic->leave =
        (struct seam_work){.run = leave, .arg = nic, .level = SEAM_PASSIVE};
    nic->patience.run = not_closed;
    nic->patience.arg = nic;
    seam_timer_set(NULL, &nic->patience, clock_now() + PATIENCE);
    for (uint32_t sub = 1; sub <= nic->offered; sub++)
        (void)kmcl_server_rescind(nic->channels[sub].channel);
    if (!NT_SUCCESS(kmcl_server_rescind(nic->channels[0].channel)))
        leave(nic);
}

void nic_return(struct nic *nic)
{
    device_offer(&nic->channels[0]);
}
