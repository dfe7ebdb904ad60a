/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVSP: the version, what the adapter shall do, and the memory that is shared
 * (life.h).
 */
#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

#include <string.h>

/* How long the host may take for each answer, in 100 ns, relative. */
#define PATIENCE (-INT64_C(10000000) * ANSWER_SECONDS)

/* Hosts take no frame size below it. */
#define FRAME_LEAST 1514u

/*
 * The host has taken the question and says nothing: most likely the part of
 * it that serves the adapter is not there.
 */
void network_refuse_silence(struct network_driver *d, const char *asked)
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
        network_refuse_silence(d, asked);
    else
        network_refuse(d,
                       "%s: expected to ask the host, found status 0x%08x: see "
                       "the log",
                       asked, (unsigned)status);
    return false;
}

/* Sends a message of `size` bytes, padded, and waits for its completion. */
bool network_ask_nvsp(struct network_driver *d, const char *asked,
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

/* One version at a time, because hosts answer for the highest of a range. */
static bool agree_on_version(struct network_driver *d)
{
    static const uint32_t versions[] = {NVSP_VERSION_6_1, NVSP_VERSION_6,
                                        NVSP_VERSION_5,   NVSP_VERSION_4,
                                        NVSP_VERSION_2,   NVSP_VERSION_1};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct nvsp_init m = {NVSP_INIT, versions[i], versions[i]};
        uint64_t answer[NVSP_ANSWER_WORDS];
        UINT32 size = sizeof(answer);
        enum nvsp_opinion opinion;

        /* Propose exactly one version: lowest and highest are the same. */
        if (!network_ask_nvsp(d, "NVSP INIT", &m, sizeof(m), answer, &size))
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
    return network_ask_nvsp(d, asked, &m, sizeof(m), answer, answer_size);
}

/* The memory into which the host writes what it has received. */
static bool share_receive(struct network_driver *d)
{
    static const char asked[] = "the receive buffer";
    uint64_t answer[NVSP_ANSWER_WORDS];
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
    uint64_t answer[NVSP_ANSWER_WORDS];
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

bool network_agree_on_nvsp(struct network_driver *d)
{
    return agree_on_version(d) && configure(d) && share_receive(d) &&
           share_send(d);
}
