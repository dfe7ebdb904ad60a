/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host side of the heartbeat integration component. It negotiates a version
 * and then asks every two seconds whether the guest is alive. It checks each
 * rule of the exchange. [linux hyperv.h], [openvmm ic]
 */
#include "bus.h"
#include "device.h"
#include "minihv.h"

enum {
    PERIOD = 20000000, /* 2 s */
    AWAY = 10000000,   /* 1 s */
    NEGOTIATE = 0,
    HEARTBEAT = 1,
    FLAGS_REQUEST = 3,  /* transaction, request */
    FLAGS_RESPONSE = 5, /* transaction, response */
};

struct __attribute__((packed)) ic_header {
    uint16_t framework[2];
    uint16_t type;
    uint16_t message[2];
    uint16_t size;
    uint32_t status;
    uint8_t transaction;
    uint8_t flags;
    uint8_t reserved[2];
};
_Static_assert(sizeof(struct ic_header) == 20, "[linux hyperv.h]");

struct __attribute__((packed)) ic_negotiate {
    struct ic_header header;
    uint16_t framework_count, message_count;
    uint32_t reserved;
    uint16_t versions[4][2];
};

/* Linux sends 40 bytes. Only those that the header's size covers count. */
struct __attribute__((packed)) ic_heartbeat {
    struct ic_header header;
    uint64_t sequence;
    uint32_t state;
    uint8_t reserved[28];
};

static struct device device;
static struct seam_timer timer;
static struct {
    bool open, negotiated, waiting;
    uint16_t framework[2], message[2];
    uint8_t transaction;
    uint64_t sequence;
} state;

/* KMCL frees the packet when it is in the ring. If the guest reads nothing, the
 * packet stays queued and no other is sent. */
static void send(void *data, uint32_t size)
{
    VMBPACKET packet = VmbPacketAllocate(device.channel);

    if (!packet || !NT_SUCCESS(VmbPacketSend(packet, data, size, NULL, 0)))
        minihv_failed("heartbeat: a request cannot be sent");
    state.waiting = true;
}

static void negotiate(void)
{
    struct ic_negotiate m = {
        .header = {.type = NEGOTIATE,
                   .size = sizeof m - sizeof m.header,
                   .transaction = ++state.transaction,
                   .flags = FLAGS_REQUEST},
        .framework_count = 2,
        .message_count = 2,
        .versions = {{1, 0}, {3, 0}, {1, 0}, {3, 0}},
    };

    send(&m, sizeof m);
}

static void ask(void *arg)
{
    struct ic_heartbeat m = {
        .header = {.framework = {state.framework[0], state.framework[1]},
                   .type = HEARTBEAT,
                   .message = {state.message[0], state.message[1]},
                   .size = sizeof m - sizeof m.header,
                   .transaction = (uint8_t)(state.transaction + 1),
                   .flags = FLAGS_REQUEST},
        .sequence = state.sequence,
    };

    (void)arg;
    if (!state.open)
        return;
    if (state.waiting) {
        say("minihv: no answer to heartbeat %lu\n", state.sequence);
    } else {
        state.transaction++;
        send(&m, sizeof m);
    }
    seam_timer_set(NULL, &timer, clock_now() + PERIOD);
}

/* ---- config.replug ----------------------------------------------------- */

static void plug(void *arg)
{
    (void)arg;
    say("minihv: heartbeat: the device comes back\n");
    device_offer(&device);
}

/* A timer runs at DISPATCH, but an offer is made at PASSIVE. */
static void plug_later(void *arg)
{
    static struct seam_work work = {.run = plug, .level = SEAM_PASSIVE};

    (void)arg;
    seam_work_queue(NULL, &work, 0);
}

static void unplug(void *arg)
{
    (void)arg;
    say("minihv: heartbeat: the device goes\n");
    VmbChannelDisable(device.channel);
    if (hv.config.replug == 2) {
        plug(NULL);
        return;
    }
    timer.run = plug_later;
    seam_timer_set(NULL, &timer, clock_now() + AWAY);
}

/* A channel must not be disabled in its own packet callback, so this runs
 * later. */
static void unplug_later(void)
{
    static struct seam_work work = {.run = unplug, .level = SEAM_PASSIVE};

    seam_work_queue(NULL, &work, 0);
}

/* ---- answers ----------------------------------------------------------- */

static const char *take_negotiation(const struct ic_negotiate *m, uint32_t size)
{
    if (size < sizeof m->header + 16)
        return "version answer is too short";
    if (m->framework_count != 1 || m->message_count != 1)
        return "the guest does not choose one version of each";
    memcpy(state.framework, m->versions[0], sizeof state.framework);
    memcpy(state.message, m->versions[1], sizeof state.message);
    state.negotiated = true;
    say("minihv: heartbeat %u.%u, framework %u.%u\n", state.message[0],
        state.message[1], state.framework[0], state.framework[1]);
    seam_timer_set(NULL, &timer, clock_now());
    return NULL;
}

static const char *take_heartbeat(const struct ic_heartbeat *m, uint32_t size)
{
    uint64_t sequence;

    if (size < sizeof m->header + 8)
        return "heartbeat is too short";
    memcpy(&sequence, &m->sequence, sizeof sequence);
    if (sequence != state.sequence + 1)
        return "the sequence number is not one more";
    state.sequence = sequence + 1;
    count(COUNT_HEARTBEATS);
    if (hv.config.replug && hv.count[COUNT_HEARTBEATS] == 2)
        unplug_later();
    event(NULL, "heartbeat %lu answered, state %lu", sequence, m->state);
    return NULL;
}

static const char *take(const void *data, uint32_t size)
{
    const struct ic_header *h = data;

    if (size < sizeof *h)
        return "shorter than its header";
    if (!state.waiting)
        return "an answer that nobody asked for";
    state.waiting = false;
    if (h->flags != FLAGS_RESPONSE)
        return "flags are not those of a response";
    if (h->transaction != state.transaction)
        return "transaction is not the request's";
    if (h->type != (state.negotiated ? HEARTBEAT : NEGOTIATE))
        return "message type is not the request's";
    return state.negotiated ? take_heartbeat(data, size)
                            : take_negotiation(data, size);
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    const char *wrong = take(buffer, size);

    (void)channel, (void)flags;
    if (!wrong) {
        VmbChannelPacketComplete(packet, NULL, 0);
        return;
    }
    state.open = false;
    device_broken(&device, packet, wrong);
}

static VOID started(VMBCHANNEL channel)
{
    (void)channel;
    memset(&state, 0, sizeof state);
    state.open = true;
    timer.run = ask;
    negotiate();
}

static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    state.open = false;
    seam_timer_cancel(NULL, &timer);
}

static struct device device = {
    .name = "heartbeat",
    .type = VMBUS_GUID_INIT(0x57164F39, 0x9115, 0x4E78, 0xAB, 0x55, 0x38, 0x2F,
                            0x3B, 0xD5, 0x42, 0x2D),
    .instance = VMBUS_GUID_INIT(0xFD149E91, 0x82E0, 0x4A7D, 0xAF, 0xA6, 0x2A,
                                0x41, 0x66, 0xCB, 0xD7, 0xC0),
    .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE |
             VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE,
    .packet_max = 1024,
    .packet = packet,
    .post_started = started,
    .suspend = suspended,
};

void heartbeat_prepare(void)
{
    device_create(&device);
    device_offer(&device);
}
