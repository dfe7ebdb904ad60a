/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous requests and their answers: request.h.
 */
#include "request.h"

LARGE_INTEGER after(int64_t milliseconds)
{
    return (LARGE_INTEGER){.QuadPart = -milliseconds * 10000};
}

NTSTATUS ask(VMBCHANNEL ch, UINT32 flags, PLARGE_INTEGER limit)
{
    return VmbChannelSendSynchronousRequest(ch, "question", 8, NULL, flags,
                                            NULL, NULL, limit);
}

NTSTATUS ask_for(VMBCHANNEL ch, void *answer, UINT32 *size)
{
    return VmbChannelSendSynchronousRequest(ch, "question", 8, NULL, WAIT,
                                            answer, size, NULL);
}

void answer(void *raw_host)
{
    struct raw_host *h = raw_host;
    struct raw_packet got;

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction, "the whole answer", 16);
}

void answer_empty(void *raw_host)
{
    struct raw_host *h = raw_host;
    struct raw_packet got;

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction, NULL, 0);
}
