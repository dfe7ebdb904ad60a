/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Agreeing with the storage host before the first command.
 * [linux storvsc_drv.c] [openvmm storvsp]
 *
 *     BEGIN_INITIALISATION       status 0 expected
 *     QUERY_PROTOCOL_VERSION     6.2, 6.0, 5.1, 4.2, 2.0 until one is accepted
 *     QUERY_PROPERTIES           largest transfer, promised sub-channels
 *     END_INITIALISATION         status 0 expected
 *
 * Each question has a deadline, and the host may answer anything: an answer is
 * checked for its size and its kind before a field of it is used.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/storage/private.h"

/* How long each answer may take: docs/timeouts.md. */
#define ANSWER_SECONDS 180
#define SECOND         INT64_C(10000000) /* in 100 ns */

/* A constant as text. */
#define TEXT_OF(constant) #constant
#define TEXT(constant)    TEXT_OF(constant)

/* A disk of which less than a page can be asked is of no use. */
#define TRANSFER_MIN PAGE_SIZE_4K

/*
 * The protocol versions that this driver speaks, newest first, in the order in
 * which they are proposed. [linux storvsc_drv.c]
 */
static const uint16_t versions[] = {VSTOR_VERSION_6_2, VSTOR_VERSION_6_0,
                                    VSTOR_VERSION_5_1, VSTOR_VERSION_4_2,
                                    VSTOR_VERSION_2_0};

/*
 * Ends the agreement with a text of the form "expected A, found B: what to do".
 */
#define refuse(v, ...)                                             \
    do {                                                           \
        snprintf((v)->problem, sizeof((v)->problem), __VA_ARGS__); \
        (v)->state = VSTOR_REFUSED;                                \
    } while (0)

/*
 * Why what came back cannot be an answer; NULL: it can. STATUS_CANCELLED is
 * what KMCL gives a synchronous request whose time has run out.
 */
static const char *nonsense(NTSTATUS status, UINT32 size,
                            const struct vstor_packet *answer)
{
    if (status == STATUS_CANCELLED)
        return "none within " TEXT(ANSWER_SECONDS) " seconds";
    if (status == STATUS_BUFFER_TOO_SMALL)
        return "one of more than 64 bytes";
    if (!NT_SUCCESS(status))
        return "that the channel closed";
    if (size < VSTOR_PACKET_SIZE_OLD)
        return "one of fewer than 48 bytes";
    if (answer->operation != VSTOR_COMPLETE_IO)
        return "one that is no completion";
    return NULL;
}

/*
 * Sends *p and puts the host's answer in its place. The answer is copied only
 * after it was checked. False: there was no answer that could be used, and
 * v->problem says why.
 */
static bool ask(struct vstor *v, const char *name, struct vstor_packet *p)
{
    LARGE_INTEGER timeout = {.QuadPart = -ANSWER_SECONDS * SECOND};
    struct vstor_packet answer = {0};
    UINT32 size = sizeof(answer);
    const char *found;
    NTSTATUS status;

    p->flags = VSTOR_FLAG_COMPLETION;
    status = VmbChannelSendSynchronousRequest(
        v->channel, p, v->packet_size, NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &answer, &size,
        &timeout);
    found = nonsense(status, size, &answer);
    if (found) {
        refuse(v, "expected an answer to %s, found %s: see the host's log",
               name, found);
        return false;
    }
    *p = answer;
    return true;
}

/*
 * Asks one question whose answer carries nothing but a status, which must be 0.
 */
static bool ask_plainly(struct vstor *v, const char *name,
                        enum vstor_operation operation, struct vstor_packet *p)
{
    memset(p, 0, sizeof(*p));
    p->operation = operation;
    if (!ask(v, name, p))
        return false;
    if (!p->status)
        return true;
    refuse(v, "expected status 0 for %s, found 0x%08x: see the host's log",
           name, (unsigned)p->status);
    return false;
}

/*
 * Proposes each version in turn. The host accepts with status 0. Any other
 * status means "not this one", so the next older version is proposed.
 */
static bool agree_on_version(struct vstor *v)
{
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct vstor_packet p = {.operation = VSTOR_QUERY_PROTOCOL_VERSION,
                                 .version = versions[i]};

        if (!ask(v, "the version query", &p))
            return false;
        if (p.status)
            continue;
        v->version = versions[i];
        /* Before 5.1 a packet ends after the sense data: 48 bytes. */
        if (v->version < VSTOR_VERSION_5_1)
            v->packet_size = VSTOR_PACKET_SIZE_OLD;
        return true;
    }
    refuse(v, "expected a storage protocol from 6.2 to 2.0, found that the "
              "host takes none: use another host");
    return false;
}

/*
 * Reads the host's limits once and keeps a checked copy. A transfer is limited
 * by the host, by this driver, and to whole pages, since a range of page frames
 * cannot end inside one.
 */
static bool learn_properties(struct vstor *v)
{
    struct vstor_packet p;
    uint32_t most;

    if (!ask_plainly(v, "the properties", VSTOR_QUERY_PROPERTIES, &p))
        return false;
    most = p.properties.max_transfer;
    if (most < TRANSFER_MIN) {
        refuse(v,
               "expected transfers of at least %u bytes, found %u: the "
               "host's properties are wrong",
               TRANSFER_MIN, (unsigned)most);
        return false;
    }
    most = most < VSTOR_TRANSFER_MAX ? most : VSTOR_TRANSFER_MAX;
    v->max_transfer = most & ~(PAGE_SIZE_4K - 1);
    v->subchannels = p.properties.max_subchannels;
    return true;
}

/*
 * The first questions are sent with 64 bytes whatever the host speaks: only the
 * agreed version decides about the size of the packets after that.
 */
void vstor_agree(struct vstor *v)
{
    struct vstor_packet p;

    v->packet_size = VSTOR_PACKET_SIZE;
    v->version = 0;
    if (ask_plainly(v, "the beginning", VSTOR_BEGIN_INITIALISATION, &p) &&
        agree_on_version(v) && learn_properties(v) &&
        ask_plainly(v, "the end", VSTOR_END_INITIALISATION, &p))
        v->state = VSTOR_READY;
}
