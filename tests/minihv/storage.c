/*
 * storvsp: a SCSI controller with one disk, whose contents are fw_cfg's
 * opt/disk. The order of initialisation, sizes and flags are checked as
 * strictly as the strictest known host does. [openvmm storvsp]
 */
#include <errno.h>

#include "bus.h"
#include "minihv.h"
#include "scsi.h"

enum {
    MAX_TRANSFER = 256 << 10,
    MULTI_CHANNEL = 1, /* in the properties' flags */
};

enum stage { CLOSED, BEGUN, VERSIONED, KNOWN, READY };

/* The primary channel, then the sub-channels that a guest asked for. */
static struct channel channels[1 + STORAGE_SUBCHANNELS_MAX];
static const struct channel_ops primary_ops, sub_ops;
static struct scsi_disk disk;
static struct {
    enum stage stage;
    uint16_t version;
    uint16_t subchannels; /* offered besides the primary */
} state;

static void offer(uint16_t index)
{
    struct vmbus_host_offer o = {
        .type = VMBUS_GUID_INIT(0xBA6163D9, 0x04A1, 0x4D29, 0xB6, 0x05, 0x72,
                                0xE2, 0xFF, 0xB1, 0xDC, 0x7F),
        .instance = VMBUS_GUID_INIT(0x6D9A1F34, 0x52C1, 0x4A0E, 0x9D, 0x3B,
                                    0x0E, 0x1F, 0x5E, 0xC4, 0x5D, 0x00),
        .subchannel = index,
        .flags = VMBUS_OFFER_ENUMERATE,
    };

    channels[index].name = index ? "storage, sub-channel" : "storage";
    channel_offer(&channels[index], &o, index ? &sub_ops : &primary_ops);
}

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
        offer(++state.subchannels);
}

static void reset(struct vstor_packet *p)
{
    (void)p; /* nothing is under way: each command ends before the next */
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

static void run_step(struct channel *c, struct vstor_packet *p)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].operation != p->operation)
            continue;
        p->status = 0;
        if (state.stage >= steps[i].from && state.stage <= steps[i].to) {
            steps[i].run(p);
            return;
        }
        rule_broken(&hv.vp[0], "channel %s: operation %u in stage %d", c->name,
                    p->operation, state.stage);
        p->status = (uint32_t)VSTOR_INVALID_STATE;
        return;
    }
    channel_broken(c, "unknown operation");
}

/* ---- commands ---------------------------------------------------------- */

/* The data of a command is one range of at least the length it names. */
static const char *map_data(struct channel *c, const struct ring_packet *packet,
                            const void *body, uint32_t wanted,
                            struct vmbus_host_memory *memory)
{
    struct packet_gpa_range range;
    struct packet_gpa gpa;

    if (packet_parse_gpa_direct(packet, body, &gpa))
        return gpa.reason;
    if (gpa.range_count != 1 || !packet_gpa_next(&gpa, &range))
        return "data is not one range";
    if (range.byte_count < wanted)
        return "the range is shorter than the transfer";
    if (vmbus_host_memory_map(
            c->channel, range.byte_offset, range.byte_count, range.pfns,
            packet_gpa_frames(range.byte_offset, range.byte_count), memory))
        return "data outside of the guest's memory";
    return NULL;
}

static void execute(struct channel *c, const struct ring_packet *packet,
                    const void *body, struct vstor_packet *p)
{
    struct vmbus_host_memory memory = {0};
    uint32_t wanted = p->srb.transfer_length;
    const char *wrong = NULL;

    if (state.stage != READY)
        wrong = "a command before the end of initialisation";
    else if (wanted > MAX_TRANSFER)
        wrong = "more than the promised largest transfer";
    else if (packet->type == RING_PACKET_GPA_DIRECT)
        wrong = map_data(c, packet, body, wanted, &memory);
    else if (wanted)
        wrong = "data is announced, but none is there";
    if (wrong) {
        channel_broken(c, wrong);
        return;
    }
    scsi_execute(&disk, &p->srb, memory.data, wanted);
    if (memory.data)
        vmbus_host_memory_unmap(c->channel, &memory);
}

static int packet(struct channel *c, const struct ring_packet *packet,
                  const void *body)
{
    struct vstor_packet p = {0};
    uint32_t size = packet_payload_size(packet);

    if (!channel_has_room(c, VSTOR_SIZE))
        return -EAGAIN;
    if (!(packet->flags & RING_FLAG_COMPLETION_REQUESTED)) {
        channel_broken(c, "a request without the completion flag");
        return 0;
    }
    if (size < VSTOR_SIZE_V1) {
        channel_broken(c, "a request shorter than a vstor packet");
        return 0;
    }
    memcpy(&p, packet_payload(packet, body), size < sizeof p ? size : sizeof p);
    if (p.operation == VSTOR_EXECUTE_SRB)
        execute(c, packet, body, &p);
    else
        run_step(c, &p);
    if (!c->open)
        return 0;
    p.operation = VSTOR_COMPLETE_IO;
    return packet_write_completion(&c->out, &c->at, packet->transaction, &p,
                                   packet_size());
}

static void opened(struct channel *c)
{
    (void)c;
    state.stage = CLOSED;
    state.version = 0;
}

/* Sub-channels live as long as the primary is open. Not from inside the
 * callback, where the host half may be walking over its channels. */
static void withdraw_subchannels(void *arg)
{
    (void)arg;
    for (; state.subchannels; state.subchannels--) {
        struct channel *c = &channels[state.subchannels];

        c->open = false;
        vmbus_host_withdraw(c->channel);
    }
}

static void closed(struct channel *c)
{
    static struct seam_work work = {.run = withdraw_subchannels,
                                    .level = SEAM_PASSIVE};

    (void)c;
    state.stage = CLOSED;
    seam_work_queue(NULL, &work, 0);
}

/* A sub-channel runs no initialisation; it takes commands once the primary
 * has finished its own. */
static int sub_packet(struct channel *c, const struct ring_packet *p,
                      const void *body)
{
    uint32_t operation = 0;

    if (packet_payload_size(p) >= sizeof operation)
        memcpy(&operation, packet_payload(p, body), sizeof operation);
    if (operation != VSTOR_EXECUTE_SRB) {
        channel_broken(c, "something else than a command");
        return 0;
    }
    return packet(c, p, body);
}

static const struct channel_ops primary_ops = {
    .packet = packet, .opened = opened, .closed = closed};
static const struct channel_ops sub_ops = {.packet = sub_packet};

void storage_prepare(void)
{
    disk.data = (uint8_t *)hv.boot.disk.base;
    disk.blocks = (hv.boot.disk.end - hv.boot.disk.base) / 512;
    offer(0);
}
