/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that computes on all processors.
 *
 * The packet callback runs at DISPATCH, so it only hands each request to a
 * processor and returns; the next packet is taken while that one computes. The
 * work completes the packet from where it runs.
 */
#include "server.h"

#include <string.h>

#include "request.h"
#include "vmbare.h"
#include "vmbare_events.h"

const GUID ComputeType = {0x7072696d, 0x6573, 1, {1, 1, 1, 1, 1, 1, 1, 1}};
const GUID ComputeInstance = {0x7072696d, 0x6573, 2, {2, 2, 2, 2, 2, 2, 2, 2}};

/* A request under way. */
struct job {
    struct vmbare_work work;
    struct job *next; /* among those that are free */
    VMBPACKETCOMPLETION packet;
    struct request request;
};

static EVT_VMB_CHANNEL_PROCESS_PACKET EvtRequest;

static VMBCHANNEL channel;
static struct job jobs[REQUESTS];
/* The callback takes from here, all processors give back: under the lock. */
static struct vmbare_lock lock;
static struct job *free_jobs;
static unsigned turn; /* of the processors; the callback's alone */

static struct job *take_job(void)
{
    struct job *job;

    vmbare_lock_take(&lock);
    job = free_jobs;
    if (job)
        free_jobs = job->next;
    vmbare_lock_give(&lock);
    return job;
}

static void give_job(struct job *job)
{
    vmbare_lock_take(&lock);
    job->next = free_jobs;
    free_jobs = job;
    vmbare_lock_give(&lock);
}

static bool is_prime(uint32_t number)
{
    for (uint64_t i = 2; i * i <= number; i++) {
        if (number % i == 0)
            return false;
    }
    return number >= 2;
}

/* On its processor, at PASSIVE. The job is given back before the answer is
 * sent, because the client may send the next request at once. */
static uint64_t compute(void *context)
{
    struct job *job = context;
    VMBPACKETCOMPLETION packet = job->packet;
    struct request request = job->request;
    struct answer answer = {.processor = vmbare_processor()};

    for (uint32_t n = request.from; n < request.to; n++)
        answer.primes += is_prime(n);
    give_job(job);
    VmbChannelPacketComplete(packet, &answer, sizeof(answer));
    return 0;
}

/* The client is another party: what it asks is checked before it is done. The
 * bytes are KMCL's copy, so they do not change meanwhile. */
static bool is_sensible(const struct request *request, UINT32 size)
{
    return size == sizeof(*request) && request->from <= request->to &&
           request->to - request->from <= NUMBERS;
}

/* At DISPATCH. An empty completion tells the client that it was refused. */
static VOID EvtRequest(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                       PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct job *job = NULL;

    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Flags);
    if (is_sensible(Buffer, BufferLength))
        job = take_job();
    if (!job) {
        VmbChannelPacketComplete(Packet, NULL, 0);
        return;
    }
    job->packet = Packet;
    memcpy(&job->request, Buffer, sizeof(job->request));
    vmbare_work_queue(&job->work, turn++ % vmbare_processors());
}

NTSTATUS server_start(void)
{
    NTSTATUS status = VmbChannelAllocate(NULL, TRUE, &channel);

    if (!NT_SUCCESS(status))
        return status;
    for (unsigned i = 0; i < REQUESTS; i++) {
        vmbare_work_init(&jobs[i].work, "a request", compute, &jobs[i]);
        give_job(&jobs[i]);
    }
    status = VmbChannelInitSetProcessPacketCallbacks(channel, EvtRequest, NULL);
    if (NT_SUCCESS(status))
        status = VmbServerChannelInitSetTargetInterfaceId(channel, ComputeType,
                                                          ComputeInstance);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(channel);
    if (!NT_SUCCESS(status)) {
        VmbChannelCleanup(channel);
        return status;
    }
    VmbChannelStart(channel);
    return STATUS_SUCCESS;
}

void server_stop(void)
{
    VmbChannelDisable(channel);
    VmbChannelCleanup(channel);
}
