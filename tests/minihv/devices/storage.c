/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storvsp, the storage host: a SCSI controller with one disk, whose contents
 * are the fw_cfg file opt/disk. It checks order, sizes and flags as strictly as
 * the strictest known host. [openvmm storvsp]
 */
#include "bus.h"
#include "device.h"
#include "minihv.h"
#include "scsi.h"

enum {
    MAX_TRANSFER = 256 << 10,
    EXTERNAL_MAX = 32 << 20, /* a range may be longer than its transfer */
    MULTI_CHANNEL = 1,       /* in the properties' flags */
};

enum stage { CLOSED, BEGUN, VERSIONED, KNOWN, READY };

/* The primary channel, then the sub-channels that the guest requested. */
static struct device devices[1 + STORAGE_SUBCHANNELS_MAX];
static struct scsi_disk disk;
static struct {
    enum stage stage;
    uint16_t version;
    uint16_t subchannels; /* offered besides the primary */
} state;

static uint32_t packet_size(void)
{
    return state.version && state.version < VSTOR_WIN8 ? VSTOR_SIZE_V1
                                                       : VSTOR_SIZE;
}

static bool version_known(uint16_t version)
{
    return version <= hv.config.storage &&
           (version == VSTOR_WIN10 || version == VSTOR_WIN81 ||
            version == VSTOR_WIN8 || version == VSTOR_WIN7 ||
            version == VSTOR_WIN6);
}

/* ---- initialisation ---------------------------------------------------- */

static void query_version(struct vstor_packet *p)
{
    if (!version_known(p->version)) {
        p->status = (uint32_t)VSTOR_REVISION_MISMATCH;
        return;
    }
    state.version = p->version;
    state.stage = VERSIONED;
    say("minihv: storage protocol %u.%u\n", p->version >> 8, p->version & 0xFF);
}

static void query_properties(struct vstor_packet *p)
{
    uint16_t subchannels = (uint16_t)hv.config.subchannels;

    p->properties = (struct vstor_properties){
        .max_subchannels = subchannels,
        .flags = subchannels ? MULTI_CHANNEL : 0,
        .max_transfer = MAX_TRANSFER,
    };
    state.stage = KNOWN;
}

static void begin(struct vstor_packet *p)
{
    (void)p;
    state.stage = BEGUN;
}

static void end(struct vstor_packet *p)
{
    (void)p;
    state.stage = READY;
}

static void create_subchannels(struct vstor_packet *p)
{
    uint16_t wanted = p->subchannel_count;

    if (wanted > hv.config.subchannels || state.subchannels) {
        p->status = (uint32_t)VSTOR_INVALID_PARAMETER;
        return;
    }
    while (state.subchannels < wanted)
        device_offer(&devices[++state.subchannels]);
}

static void reset(struct vstor_packet *p)
{
    (void)p; /* no command is under way: each ends before the next */
}

static const struct init_step {
    uint32_t operation;
    enum stage from, to; /* legal in these stages */
    void (*run)(struct vstor_packet *p);
} steps[] = {
    {VSTOR_BEGIN_INIT, CLOSED, CLOSED, begin},
    {VSTOR_QUERY_VERSION, BEGUN, VERSIONED, query_version},
    {VSTOR_QUERY_PROPERTIES, VERSIONED, VERSIONED, query_properties},
    {VSTOR_END_INIT, KNOWN, KNOWN, end},
    {VSTOR_CREATE_SUBCHANNELS, KNOWN, READY, create_subchannels},
    {VSTOR_RESET_LUN, READY, READY, reset},
    {VSTOR_RESET_ADAPTER, READY, READY, reset},
    {VSTOR_RESET_BUS, READY, READY, reset},
};

/* Returns NULL, or what is wrong with the request. */
static const char *run_step(struct vstor_packet *p)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].operation != p->operation)
            continue;
        p->status = 0;
        if (state.stage >= steps[i].from && state.stage <= steps[i].to) {
            steps[i].run(p);
            return NULL;
        }
        rule_broken(&hv.vp[0], "channel storage: operation %u in stage %d",
                    p->operation, state.stage);
        p->status = (uint32_t)VSTOR_INVALID_STATE;
        return NULL;
    }
    return "unknown operation";
}

/* ---- commands ---------------------------------------------------------- */

/* A command's data must be one range of at least the length that it names. */
static const char *map_data(VMBPACKETCOMPLETION packet, uint32_t wanted,
                            uint8_t **data)
{
    PMDL mdl;

    if (VmbChannelPacketGetExternalData(packet, 0, &mdl))
        minihv_failed("storage: no memory for an MDL");
    if (mdl->Next)
        return "data is not one range";
    if (MmGetMdlByteCount(mdl) < wanted)
        return "the range is shorter than the transfer";
    *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    return *data ? NULL : "data outside of the guest's memory";
}

static const char *execute(VMBPACKETCOMPLETION packet, bool has_data,
                           struct vstor_packet *p)
{
    uint32_t wanted = p->srb.transfer_length;
    const char *wrong = NULL;
    uint8_t *data = NULL;

    if (state.stage != READY)
        return "a command before the end of initialisation";
    if (wanted > MAX_TRANSFER)
        return "more than the promised largest transfer";
    if (has_data)
        wrong = map_data(packet, wanted, &data);
    else if (wanted)
        wrong = "data is announced, but none is there";
    if (!wrong)
        scsi_execute(&disk, &p->srb, data, wanted);
    return wrong;
}

/* A sub-channel has no initialisation of its own. It accepts commands after the
 * primary channel has finished its initialisation. */
static const char *serve(const struct device *d, VMBPACKETCOMPLETION packet,
                         bool has_data, struct vstor_packet *p)
{
    if (p->operation == VSTOR_EXECUTE_SRB)
        return execute(packet, has_data, p);
    return d->subchannel ? "something else than a command" : run_step(p);
}

static VOID take(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    struct device *d = VmbChannelGetPointer(channel);
    struct vstor_packet p = {0};
    const char *wrong;

    memcpy(&p, buffer, size < sizeof p ? size : sizeof p);
    if (!device_asked(packet))
        wrong = "a request without the completion flag";
    else if (size < VSTOR_SIZE_V1)
        wrong = "a request shorter than a vstor packet";
    else
        wrong =
            serve(d, packet,
                  flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA, &p);
    if (wrong) {
        device_broken(d, packet, wrong);
        return;
    }
    p.operation = VSTOR_COMPLETE_IO;
    VmbChannelPacketComplete(packet, &p, packet_size());
}

/* ---- channels ---------------------------------------------------------- */

static NTSTATUS opened(VMBCHANNEL channel)
{
    (void)channel;
    state.stage = CLOSED;
    state.version = 0;
    return STATUS_SUCCESS;
}

/* Withdraws the sub-channels when the primary closes, for example because KMCL
 * withdraws it for a broken ring. This callback must not disable the primary.
 */
static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    state.stage = CLOSED;
    for (; state.subchannels; state.subchannels--)
        VmbChannelDisable(devices[state.subchannels].channel);
}

static void prepare(uint16_t index)
{
    struct device *d = &devices[index];

    *d = (struct device){
        .name = index ? "storage, sub-channel" : "storage",
        .type = VMBUS_GUID_INIT(0xBA6163D9, 0x04A1, 0x4D29, 0xB6, 0x05, 0x72,
                                0xE2, 0xFF, 0xB1, 0xDC, 0x7F),
        .instance = VMBUS_GUID_INIT(0x6D9A1F34, 0x52C1, 0x4A0E, 0x9D, 0x3B,
                                    0x0E, 0x1F, 0x5E, 0xC4, 0x5D, 0x00),
        .subchannel = index,
        .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
        .packet_max = VSTOR_SIZE,
        .external_max = EXTERNAL_MAX,
        .at_passive = true,
        .packet = take,
        .opened = index ? NULL : opened,
        .suspend = index ? NULL : suspended,
    };
    device_create(d);
}

void storage_prepare(void)
{
    disk.data = (uint8_t *)hv.boot.disk.base;
    disk.blocks = (hv.boot.disk.end - hv.boot.disk.base) / 512;
    for (uint32_t i = 0; i <= hv.config.subchannels; i++)
        prepare((uint16_t)i);
    device_offer(&devices[0]);
}
