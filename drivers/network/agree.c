/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is agreed with the host when the channel is open (private.h), in the
 * order that hosts demand:
 *
 *     INIT 6.1, 6.0, 5, 4, 2, 1     until one is accepted
 *     NDIS_CONFIG, NDIS_VERSION     MTU, VLAN, RSC; not answered
 *     receive buffer, send buffer   each a GPADL
 *     RNDIS INITIALIZE              how many messages go in one packet
 *     address, frame size, cable
 *     offloads
 *     packet filter                 from here on frames come
 *
 * [linux netvsc.c] [linux rndis_filter.c] [openvmm netvsp]
 */
#include "drivers/network/private.h"

#include <string.h>

/* How long the host may take for each answer, in 100 ns, relative. */
#define PATIENCE (-INT64_C(10000000) * ANSWER_SECONDS)

/* Hosts take no frame size below it. */
#define FRAME_LEAST 1514u

/* ---- NVSP ---------------------------------------------------------------- */

/*
 * The host has taken the question and says nothing: most likely the part of
 * it that serves the adapter is not there.
 */
static void refuse_silence(struct network_driver *d, const char *asked)
{
    network_refuse(d,
                   "%s: expected an answer within %u s, found none: look at "
                   "the host's network switch",
                   asked, ANSWER_SECONDS);
}

/* True unless the channel has closed, which needs no explanation. */
static bool explain(struct network_driver *d, const char *asked,
                    NTSTATUS status)
{
    if (NT_SUCCESS(status))
        return true;
    /* EvtClosed tells what has happened; the adapter may come back. */
    if (status == STATUS_DEVICE_REMOVED)
        return false;
    if (status == STATUS_CANCELLED)
        refuse_silence(d, asked);
    else
        network_refuse(d,
                       "%s: expected to ask the host, found status 0x%08x: see "
                       "the log",
                       asked, (unsigned)status);
    return false;
}

/* Sends a message of `size` bytes, padded, and waits for its completion. */
static bool ask(struct network_driver *d, const char *asked,
                const void *message, uint32_t size, uint64_t *answer,
                UINT32 *answer_size)
{
    uint8_t m[NVSP_MESSAGE_SIZE] = {0};
    LARGE_INTEGER patience = {.QuadPart = PATIENCE};

    /*
     * Pad the message to the size that hosts of every version take, and ask
     * for a completion, which is the answer.
     */
    memcpy(m, message, size);
    return explain(d, asked,
                   VmbChannelSendSynchronousRequest(
                       d->channel, m, sizeof(m), NULL,
                       VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, answer,
                       answer_size, &patience));
}

/* Sends a message that the host does not answer. */
static bool say(struct network_driver *d, const char *said, const void *message,
                uint32_t size)
{
    uint8_t m[NVSP_MESSAGE_SIZE] = {0};
    LARGE_INTEGER patience = {.QuadPart = PATIENCE};

    memcpy(m, message, size);
    return explain(d, said,
                   VmbChannelSendSynchronousRequest(d->channel, m, sizeof(m),
                                                    NULL, 0, NULL, NULL,
                                                    &patience));
}

#define ANSWER_WORDS 16

/* One version at a time, because hosts answer for the highest of a range. */
static bool agree_on_version(struct network_driver *d)
{
    static const uint32_t versions[] = {NVSP_VERSION_6_1, NVSP_VERSION_6,
                                        NVSP_VERSION_5,   NVSP_VERSION_4,
                                        NVSP_VERSION_2,   NVSP_VERSION_1};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct nvsp_init m = {NVSP_INIT, versions[i], versions[i]};
        uint64_t answer[ANSWER_WORDS];
        UINT32 size = sizeof(answer);
        enum nvsp_opinion opinion;

        /* Propose exactly one version: lowest and highest are the same. */
        if (!ask(d, "NVSP INIT", &m, sizeof(m), answer, &size))
            return false;
        /*
         * Anything but acceptance means: try the next lower one. What makes
         * no sense is counted besides.
         */
        opinion = nvsp_judge_init(answer, size);
        if (opinion == NVSP_NONSENSE)
            network_nonsense(d, "an answer to INIT that is none");
        if (opinion != NVSP_ACCEPTED)
            continue;
        /*
         * The version is the one that was asked for, not the one in the
         * answer, which hosts leave unset.
         */
        d->version = versions[i];
        return true;
    }
    network_refuse(d, "expected a network protocol from 6.1 to 1, found that "
                      "the host takes none: use another host");
    return false;
}

/* What the guest wants to use. NDIS 6.30 is for version 5 and above. */
static bool configure(struct network_driver *d)
{
    struct nvsp_ndis_version ndis = {NVSP_NDIS_VERSION, 6,
                                     d->version >= NVSP_VERSION_5 ? 30 : 1};
    struct nvsp_ndis_config m = {
        .type = NVSP_NDIS_CONFIG,
        .frame = d->settings.mtu + NETWORK_HEADER_SIZE,
        .capabilities = NVSP_CAPABILITY_VLAN,
    };

    /*
     * Ask for what the application wants; the host's frame size is asked
     * for later, and may lower it.
     */
    d->mtu = d->settings.mtu;
    if (m.frame < FRAME_LEAST)
        m.frame = FRAME_LEAST;
    /* Without teaming a host sends no indications of the link's speed. */
    if (d->version >= NVSP_VERSION_5)
        m.capabilities |= NVSP_CAPABILITY_TEAMING;
    /*
     * Coalescing is offered to those only who say here that they can take
     * it.
     */
    if (d->version >= NVSP_VERSION_6_1 && d->settings.offloads & NETWORK_RSC)
        m.capabilities |= NVSP_CAPABILITY_RSC;
    /* NDIS_CONFIG is obligatory from version 2 on, and unknown before. */
    if (d->version >= NVSP_VERSION_2) {
        if (!say(d, "NDIS_CONFIG", &m, sizeof(m)))
            return false;
    } else if (d->mtu > NETWORK_MTU) {
        d->mtu = NETWORK_MTU; /* the first version knows no other */
    }
    return say(d, "NDIS_VERSION", &ndis, sizeof(ndis));
}

/* ---- buffers ------------------------------------------------------------- */

/* Shares a buffer and tells the host which one it is. */
static bool share(struct network_driver *d, const char *asked, uint32_t type,
                  uint16_t id, uint8_t *bytes, uint32_t pages, UINT32 *gpadl,
                  uint64_t *answer, UINT32 *answer_size)
{
    struct nvsp_buffer m = {.type = type, .id = id};

    /* The GPADL comes first: the message names it. */
    if (!explain(d, asked,
                 VmbChannelCreateGpadlFromBuffer(d->channel, 0, bytes,
                                                 pages * PAGE_SIZE_4K, gpadl)))
        return false;
    /*
     * From here on the host may write to the receive buffer, and may read
     * the send buffer whenever it likes.
     */
    m.gpadl = *gpadl;
    return ask(d, asked, &m, sizeof(m), answer, answer_size);
}

/* The memory into which the host writes what it has received. */
static bool share_receive(struct network_driver *d)
{
    static const char asked[] = "the receive buffer";
    uint64_t answer[ANSWER_WORDS];
    UINT32 size = sizeof(answer);
    const char *wrong;

    if (!share(d, asked, NVSP_SEND_RECEIVE_BUFFER, RECEIVE_BUFFER_ID,
               d->receive, d->receive_pages, &d->receive_gpadl, answer, &size))
        return false;
    /*
     * Without a receive buffer nothing can come, not even an answer of
     * RNDIS: refuse the adapter.
     */
    wrong = nvsp_judge_receive(answer, size, d->receive_pages * PAGE_SIZE_4K);
    if (wrong)
        network_refuse(d,
                       "%s: expected that the host takes it, found %s: see the "
                       "host's log",
                       asked, wrong);
    return !wrong;
}

/* Without sections frames go in pages of their own, which is slower. */
static bool share_send(struct network_driver *d)
{
    static const char asked[] = "the send buffer";
    uint64_t answer[ANSWER_WORDS];
    UINT32 size = sizeof(answer);
    uint32_t section;
    const char *wrong;

    if (!share(d, asked, NVSP_SEND_SEND_BUFFER, SEND_BUFFER_ID, d->send,
               SEND_PAGES, &d->send_gpadl, answer, &size))
        return false;
    wrong = nvsp_judge_send(answer, size, SEND_PAGES * PAGE_SIZE_4K, &section);
    /*
     * A section size that cannot be means the same as none: frames then go
     * in pages, so the adapter is of use all the same.
     */
    if (wrong)
        network_nonsense(d, wrong);
    network_slots_begin(d, section);
    return true;
}

/* ---- RNDIS --------------------------------------------------------------- */

/* Why a request has no good answer. A channel that closed needs no reason. */
static void refuse_answer(struct network_driver *d, const char *asked)
{
    const struct control_state *c = &d->control;

    /* A channel that goes ends its requests; nobody has refused anything. */
    if (d->leaving || network_phase(d) == PHASE_AWAY)
        return;
    if (c->wait != CONTROL_IDLE)
        refuse_silence(d, asked);
    else
        network_refuse(d,
                       "%s: expected that the host does it, found status "
                       "0x%08x: see the host's log",
                       asked, (unsigned)c->answer.status);
}

/* RNDIS begins with INITIALIZE, whose answer has the host's limits. */
static bool initialize(struct network_driver *d)
{
    const struct control_state *c = &d->control;
    const char *wrong;

    if (!network_ask(d, RNDIS_INITIALIZE, 0, NULL, 0)) {
        refuse_answer(d, "RNDIS INITIALIZE");
        return false;
    }
    /*
     * Read how many messages go in one packet, and what they are aligned
     * to.
     */
    wrong = rndis_read_limits(c->message, c->message_size, &d->limits);
    if (wrong)
        network_refuse(d,
                       "RNDIS INITIALIZE: expected the host's limits, found "
                       "%s: see the host's log",
                       wrong);
    return !wrong;
}

/* A query whose data have `size` bytes at least; false: it has no such answer.
 */
static bool query(struct network_driver *d, uint32_t oid, void *data,
                  uint32_t size)
{
    const struct rndis_control *a = &d->control.answer;

    if (!network_ask(d, RNDIS_QUERY, oid, NULL, 0) ||
        a->status != RNDIS_SUCCESS || a->size < size)
        return false;
    memcpy(data, a->data, size);
    return true;
}

/* One adapter's own: neither a group's nor all zeros. */
static bool is_address(const uint8_t *mac)
{
    uint8_t any = 0;

    for (uint32_t i = 0; i < NETWORK_MAC_SIZE; i++)
        any |= mac[i];
    return any && !(mac[0] & 1); /* no address of a group */
}

/* The address that the host has given to the adapter. */
static bool learn_address(struct network_driver *d)
{
    const uint8_t *wanted = d->settings.mac;
    uint8_t mac[NETWORK_MAC_SIZE];

    if (!query(d, RNDIS_OID_ADDRESS, mac, sizeof(mac))) {
        refuse_answer(d, "the adapter's address");
        return false;
    }
    if (!is_address(mac)) {
        network_refuse(d, "expected an adapter's own address, found zeros or "
                          "one of a group: set it in the VM's settings");
        return false;
    }
    /*
     * The address is stored before it is compared, so that the application
     * can see which one was found.
     */
    memcpy(d->mac, mac, sizeof(mac));
    if (d->settings.which != NETWORK_BY_MAC ||
        !memcmp(mac, wanted, sizeof(mac)))
        return true;
    network_refuse(d,
                   "expected the adapter %02x:%02x:%02x:%02x:%02x:%02x, found "
                   "%02x:%02x:%02x:%02x:%02x:%02x: look at the VM's settings",
                   wanted[0], wanted[1], wanted[2], wanted[3], wanted[4],
                   wanted[5], mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return false;
}

/* A host may have less than was asked for. One that does not say is believed
 * to have all of it. */
static void learn_frame_size(struct network_driver *d)
{
    uint32_t size;

    if (query(d, RNDIS_OID_FRAME_SIZE, &size, sizeof(size)) &&
        size >= NETWORK_MTU_LEAST && size < d->mtu)
        d->mtu = size;
}

/* What was indicated meanwhile is newer than the answer. */
static void learn_cable(struct network_driver *d)
{
    uint32_t unknown = MEDIA_UNKNOWN, disconnected;
    enum network_media media = MEDIA_CONNECTED;

    /*
     * A host that does not say is taken to have the cable in: it would
     * indicate that it is out.
     */
    if (query(d, RNDIS_OID_MEDIA_STATUS, &disconnected, sizeof(disconnected)) &&
        disconnected)
        media = MEDIA_DISCONNECTED;
    __atomic_compare_exchange_n(&d->media, &unknown, media, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* ---- offloads and filter ------------------------------------------------- */

/* Sets one property; the answer must be success. */
static bool set(struct network_driver *d, uint32_t oid, const void *input,
                uint32_t size)
{
    return network_ask(d, RNDIS_SET, oid, input, size) &&
           d->control.answer.status == RNDIS_SUCCESS;
}

/* Without them everything works, so a host that has none is not refused. */
static void agree_on_offloads(struct network_driver *d)
{
    struct rndis_offload_capabilities input;
    uint32_t size = offload_write_query(d->version, &input);
    const struct rndis_control *a = &d->control.answer;
    uint32_t wanted = d->settings.offloads;
    struct rndis_offload_set m;
    const char *wrong;

    /* Begin without any: each failure below leaves it at that. */
    d->offload = (struct offload_choice){0};
    /* Coalescing belongs to 6.1, whatever the capabilities say. */
    if (d->version < NVSP_VERSION_6_1)
        wanted &= ~(uint32_t)NETWORK_RSC;
    if (!network_ask(d, RNDIS_QUERY, (uint32_t)RNDIS_OID_OFFLOAD_CAPABILITIES,
                     &input, size) ||
        a->status != RNDIS_SUCCESS)
        return;
    wrong = offload_choose(a->data, a->size, wanted, &d->offload);
    if (wrong) {
        network_nonsense(d, wrong);
        return;
    }
    /*
     * Switch on what was chosen, and all else off: the host may have had
     * others on from before.
     */
    size = offload_write_set(d->version, &d->offload, &m);
    /*
     * A host that refuses the set as a whole gets frames that need none of
     * them.
     */
    if (!set(d, (uint32_t)RNDIS_OID_OFFLOAD_SET, &m, size))
        d->offload = (struct offload_choice){0};
}

/* No host delivers a frame before this. */
static bool open_filter(struct network_driver *d)
{
    uint32_t filter = RNDIS_FILTER;

    if (set(d, RNDIS_OID_FILTER, &filter, sizeof(filter)))
        return true;
    refuse_answer(d, "the packet filter");
    return false;
}

/* Frames may come before the link is told: they are delivered. */
void network_agree(struct network_driver *d)
{
    uint32_t agreeing = PHASE_AGREEING;

    if (!agree_on_version(d) || !configure(d) || !share_receive(d) ||
        !share_send(d) || !initialize(d) || !learn_address(d))
        return;
    /* The rest may fail: an adapter works without. */
    learn_frame_size(d);
    learn_cable(d);
    agree_on_offloads(d);
    if (!open_filter(d))
        return;
    /* Unless the channel has begun to close. */
    if (!__atomic_compare_exchange_n(&d->phase, &agreeing, PHASE_READY, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return;
    /* The next end of the channel is followed by a quick attempt again. */
    d->failures = 0;
    network_count(&d->statistics.openings, 1);
    d->problem[0] = 0;
    network_tell_media(d);
}
