/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs KMCL on minihv's host half, and creates the channel of each device.
 */
#include "device.h"

#include "bus.h"
#include "kmcl/kmcl.h"
#include "minihv.h"
#include "video.h"

static struct kmcl *kmcl;

void *seam_root(void)
{
    return kmcl;
}

void devices_attach(struct vmbus_host *host)
{
    struct kmcl_config config = {
        .seam = bus_seam(),
        .host = host,
        .server = &kmcl_server_half,
        .mmio_base = VIDEO_RANGE_BASE,
        .mmio_size = VIDEO_RANGE_SIZE,
    };
    int status = kmcl_attach(&config, &kmcl);

    if (status)
        minihv_failed("KMCL cannot be attached to the host half (%d)", status);
}

/* KMCL refuses bad packets of the guest before a device sees them, and logs the
 * reason just before this rule is counted as broken. */
static void tell(uint64_t *known, uint64_t now, const char *what)
{
    if (*known == now)
        return;
    *known = now;
    rule_broken(&hv.vp[0], "KMCL refused %s", what);
}

void devices_watch(void)
{
    static struct kmcl_stats known;
    const struct kmcl_stats *now = kmcl_stats(kmcl);

    if (known.packets_delivered != now->packets_delivered)
        mark(MARK_PACKET);
    hv.count[COUNT_PACKETS] += now->packets_delivered - known.packets_delivered;
    known.packets_delivered = now->packets_delivered;
    tell(&known.bad_packets, now->bad_packets, "a packet");
    tell(&known.unknown_packets, now->unknown_packets,
         "a packet of a type that no guest sends");
    tell(&known.unknown_completions, now->unknown_completions,
         "the completion of a packet that was not sent");
    tell(&known.bad_rings, now->bad_rings, "a ring");
}

__attribute__((weak)) void device_prepare_more(void)
{
}

/* ---- one channel --------------------------------------------------------- */

static void must(const struct device *d, const char *step, NTSTATUS status)
{
    if (!NT_SUCCESS(status))
        minihv_failed("channel %s: %s: status 0x%x", d->name, step,
                      (unsigned)status);
}

static GUID guid_of(const struct vmbus_guid *bytes)
{
    GUID guid;

    memcpy(&guid, bytes, sizeof guid);
    return guid;
}

static void set_name(const struct device *d)
{
    WCHAR wide[48];
    UNICODE_STRING name;
    uint32_t i;

    for (i = 0; i < sizeof wide / sizeof wide[0] - 1 && d->name[i]; i++)
        wide[i] = (WCHAR)d->name[i];
    wide[i] = 0;
    RtlInitUnicodeString(&name, wide);
    must(d, "name", VmbChannelInitSetFriendlyName(d->channel, &name));
}

static void set_callbacks(const struct device *d)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS state;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&state);
    state.EvtChannelOpened = d->opened;
    state.EvtChannelPostStarted = d->post_started;
    state.EvtChannelSuspend = d->suspend;
    state.EvtChannelClosed = d->closed;
    must(d, "state changes",
         VmbChannelInitSetStateChangeCallbacks(d->channel, &state));
    must(d, "packets",
         VmbChannelInitSetProcessPacketCallbacks(d->channel, d->packet, NULL));
}

static void set_sizes(const struct device *d)
{
    enum { RANGES = 64 };

    must(d, "packet size",
         VmbChannelInitSetMaximumPacketSize(d->channel, d->packet_max));
    if (d->external_max)
        must(d, "external data",
             VmbChannelInitSetMaximumExternalData(d->channel, d->external_max,
                                                  RANGES));
    if (d->mmio_megabytes)
        must(d, "MMIO space",
             VmbServerChannelInitSetMmioMegabytes(d->channel, d->mmio_megabytes,
                                                  0));
}

void device_create(struct device *d)
{
    must(d, "allocate", VmbChannelAllocate(NULL, TRUE, &d->channel));
    VmbChannelSetPointer(d->channel, d);
    set_name(d);
    set_callbacks(d);
    set_sizes(d);
    VmbChannelSetIncomingProcessingAtPassive(d->channel, d->at_passive);
    must(d, "flags", VmbServerChannelInitSetFlags(d->channel, d->flags));
    must(d, "interface",
         VmbServerChannelInitSetTargetInterfaceId(d->channel, guid_of(&d->type),
                                                  guid_of(&d->instance)));
    must(d, "sub-channel",
         kmcl_server_set_subchannel(d->channel, d->subchannel));
    must(d, "monitor",
         kmcl_server_set_monitored(d->channel, hv.config.monitor != 0));
}

void device_offer(struct device *d)
{
    must(d, "offer", VmbChannelEnable(d->channel));
    VmbChannelStart(d->channel);
}

bool device_asked(VMBPACKETCOMPLETION packet)
{
    struct kmcl_wire wire;

    kmcl_packet_wire(packet, &wire);
    return wire.asks_completion;
}

void device_broken(struct device *d, VMBPACKETCOMPLETION packet,
                   const char *why)
{
    rule_broken(&hv.vp[0], "channel %s: %s", d->name, why);
    VmbChannelPacketFail(packet);
}
