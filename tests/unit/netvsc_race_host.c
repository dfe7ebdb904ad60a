/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of netvsc_race_test.c (netvsc_race.h). */
#include "netvsc_race.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"
#include "kmcl/kmcl.h"

/* How often a sender lets others run before its packet is there. */
#define YIELDS 4u

struct VMBPACKET__ {
    struct VMBPACKET__ *next;
    VMBCHANNEL channel;
    PVOID pointer;
    PFN_VMB_PACKET_COMPLETION_ROUTINE routine;
    const uint8_t *control; /* the message, if it is one */
};

static struct network_driver d;
static VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static VMBPACKET first, *last;
static bool is_open[HOST_QUEUES];
static bool is_over;
static uint32_t receives_on, mistakes;
static uint64_t completed, completed_beside;
static pthread_t thread;

static uint32_t index_of(VMBCHANNEL channel)
{
    return (uint32_t)((struct network_queue *)(void *)channel - d.queues);
}

/* ---- the host ------------------------------------------------------------ */

/* RSS as the message says it: off, or the channels of its table. */
static void read_rss(const uint8_t *message)
{
    struct rndis_rss_set set;
    uint32_t on = 0;

    memcpy(&set, message + sizeof(struct rndis_request), sizeof(set));
    for (uint32_t i = 0; i < d.spread.entries; i++)
        on |= 1u << set.table[i];
    receives_on = set.fixed.flags & RNDIS_RSS_DISABLE ? 1 : on;
}

static VMBPACKET take(void)
{
    VMBPACKET packet;

    pthread_mutex_lock(&mutex);
    packet = first;
    if (packet) {
        first = packet->next;
        if (!first)
            last = &first;
        if (packet->control)
            read_rss(packet->control);
        else
            completed++;
        completed_beside += !packet->control && index_of(packet->channel);
    }
    pthread_mutex_unlock(&mutex);
    return packet;
}

static bool work(void)
{
    uint32_t answer[] = {NVSP_RNDIS_COMPLETE, NVSP_SUCCESS};
    VMBPACKET packet = take();

    if (packet)
        packet->routine(packet, STATUS_SUCCESS, answer, sizeof(answer));
    return packet;
}

static void *run(void *argument)
{
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE))
        if (!work())
            sched_yield();
    return argument;
}

void host_work(void)
{
    while (work())
        continue;
}

void host_start(void)
{
    __atomic_store_n(&is_over, false, __ATOMIC_RELEASE);
    pthread_create(&thread, NULL, run, NULL);
}

void host_end(void)
{
    __atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    host_work();
}

static void set_open(uint32_t index, bool open)
{
    pthread_mutex_lock(&mutex);
    is_open[index] = open;
    pthread_mutex_unlock(&mutex);
}

void host_open(uint32_t index)
{
    set_open(index, true);
    callbacks.EvtChannelPostStarted(d.queues[index].channel);
}

/* From the moment that the driver returns nothing may be sent. */
void host_close(uint32_t index)
{
    callbacks.EvtChannelSuspend(d.queues[index].channel);
    set_open(index, false);
    for (uint32_t i = 0; i < YIELDS; i++)
        sched_yield();
}

uint32_t host_receives_on(void)
{
    return receives_on;
}

uint32_t host_mistakes(void)
{
    return mistakes;
}

uint64_t host_completed(uint64_t *beside)
{
    *beside = completed_beside;
    return completed;
}

/* ---- the adapter --------------------------------------------------------- */

static uint8_t *pages(uint32_t count)
{
    return calloc(count, PAGE_SIZE_4K);
}

struct network_driver *host_begin(void)
{
    static struct network_queue queues[HOST_QUEUES];
    static MDL spread;

    memset(&d, 0, sizeof(d));
    memset(queues, 0, sizeof(queues));
    d.queues = queues;
    d.queue_count = HOST_QUEUES;
    for (uint32_t i = 0; i < HOST_QUEUES; i++) {
        queues[i].driver = &d;
        queues[i].index = i;
        queues[i].wanted = 1;
        queues[i].channel = (VMBCHANNEL)&queues[i];
        is_open[i] = !i;
    }
    d.channel = queues[0].channel;
    d.phase = PHASE_READY;
    d.version = NVSP_VERSION_6_1;
    d.mtu = NETWORK_MTU;
    d.limits = (struct rndis_limits){8, 65536, 8};
    d.promised = HOST_QUEUES - 1;
    d.send = pages(SEND_PAGES);
    d.spread.page = pages(1);
    d.spread.mdl = &spread;
    d.spread.entries = 16;
    for (uint32_t i = 0; i < NVSP_SEND_ENTRIES; i++)
        d.send_table[i] = (uint8_t)(i % HOST_QUEUES);
    /* No frame here is so large. */
    for (uint32_t i = 0; i < LARGE_MOST; i++)
        d.sending.slots[SECTIONS_MOST + i].mdl = &spread;
    network_slots_begin(&d, 6144);
    network_subchannels_make(&d);
    last = &first;
    receives_on = 1;
    mistakes = 0;
    completed = completed_beside = 0;
    return &d;
}

/* ---- KMCL ---------------------------------------------------------------- */

/* Others run between the driver's decision to send and this. */
static NTSTATUS give(VMBPACKET packet)
{
    for (uint32_t i = 0; i < YIELDS; i++)
        sched_yield();
    pthread_mutex_lock(&mutex);
    mistakes += !is_open[index_of(packet->channel)];
    packet->next = NULL;
    *last = packet;
    last = &packet->next;
    pthread_mutex_unlock(&mutex);
    return STATUS_SUCCESS;
}

PVOID VmbChannelGetPointer(VMBCHANNEL Channel)
{
    return Channel;
}

VMBPACKET VmbPacketAllocate(VMBCHANNEL Channel)
{
    VMBPACKET packet = calloc(1, sizeof(*packet));

    packet->channel = Channel;
    return packet;
}

VOID VmbPacketFree(VMBPACKET packet)
{
    free(packet);
}

VOID VmbPacketSetPointer(VMBPACKET packet, PVOID pointer)
{
    packet->pointer = pointer;
}

PVOID VmbPacketGetPointer(VMBPACKET packet)
{
    return packet->pointer;
}

VOID VmbPacketSetCompletionRoutine(VMBPACKET packet,
                                   PFN_VMB_PACKET_COMPLETION_ROUTINE routine)
{
    packet->routine = routine;
}

NTSTATUS VmbPacketSend(VMBPACKET packet, PVOID buffer, UINT32 size, PMDL mdl,
                       UINT32 flags)
{
    (void)buffer, (void)size, (void)mdl, (void)flags;
    return give(packet);
}

NTSTATUS VmbPacketSendWithExternalMdl(VMBPACKET packet, PVOID buffer,
                                      UINT32 size, PMDL mdl, UINT32 offset,
                                      UINT32 length, UINT32 flags)
{
    (void)buffer, (void)size, (void)mdl, (void)length, (void)flags;
    packet->control = d.spread.page + offset;
    return give(packet);
}

NTSTATUS network_queue_make(struct network_queue *q,
                            PVMB_CHANNEL_STATE_CHANGE_CALLBACKS given)
{
    (void)q;
    callbacks = *given;
    return STATUS_SUCCESS;
}

/* ---- the platform -------------------------------------------------------- */

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
        sched_yield();
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
    sched_yield();
    return VMBARE_OK;
}

/* No test here lets a channel come back by itself. */
void network_queue_again(struct network_queue *q)
{
    (void)q;
    abort();
}
