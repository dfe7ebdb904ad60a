/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host answers to NVSP messages, judged (protocol.h). Hosts send 28
 * bytes, or 40 with version 6.1, and some of them less or more, so only the
 * fields that are used must be there. [linux netvsc.c]
 */
#include <string.h>

#include "drivers/network/wire/protocol.h"

/* A suballocation that holds no RNDIS header and no Ethernet header is none. */
#define SUBALLOCATION_LEAST 68u

/*
 * Only the status counts: hosts leave the version unset, and refuse with status
 * 0 or 2. [openvmm netvsp] [hv-net]
 */
enum nvsp_opinion nvsp_judge_init(const void *answer, uint32_t size)
{
    struct nvsp_init_complete a;

    if (size < sizeof(a))
        return NVSP_NONSENSE;
    memcpy(&a, answer, sizeof(a));
    if (a.type != NVSP_INIT_COMPLETE)
        return NVSP_NONSENSE;
    return a.status == NVSP_SUCCESS ? NVSP_ACCEPTED : NVSP_REFUSED;
}

/*
 * Each range of a packet is compared with the buffer when it comes, so the
 * sections are needed for nothing else; but a host whose first one makes no
 * sense means another buffer. More sections may follow: they are not looked at.
 */
const char *nvsp_judge_receive(const void *answer, uint32_t size,
                               uint32_t buffer)
{
    struct nvsp_receive_complete a;

    if (size < sizeof(a))
        return "an answer that is too short";
    memcpy(&a, answer, sizeof(a));
    if (a.type != NVSP_RECEIVE_BUFFER_COMPLETE)
        return "an answer of another type";
    if (a.status != NVSP_SUCCESS)
        return "a refusal";
    if (!a.sections || a.first.size < SUBALLOCATION_LEAST || !a.first.count)
        return "sections that hold nothing";
    if (a.first.offset > buffer ||
        (uint64_t)a.first.size * a.first.count > buffer - a.first.offset)
        return "sections that are larger than the buffer";
    return NULL;
}

/*
 * A host that refuses the send buffer, or that has sections too small for any
 * frame, gets its frames in pages of their own. [hv-net]: size 1 forbids it.
 */
const char *nvsp_judge_send(const void *answer, uint32_t size, uint32_t buffer,
                            uint32_t *section)
{
    struct nvsp_send_complete a;

    *section = 0;
    if (size < sizeof(a))
        return "an answer that is too short";
    memcpy(&a, answer, sizeof(a));
    if (a.type != NVSP_SEND_BUFFER_COMPLETE)
        return "an answer of another type";
    if (a.status != NVSP_SUCCESS ||
        a.section_size < RNDIS_SEND_HEADER + NETWORK_HEADER_SIZE)
        return NULL;
    if (a.section_size > buffer)
        return "sections that are larger than the buffer";
    *section = a.section_size;
    return NULL;
}
