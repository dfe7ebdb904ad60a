/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host of the input's bytes below drivers/network/: the functions of KMCL and
 * of the platform that the driver calls (host.h). What the driver sends is read
 * as a host reads it, and a mistake in it ends the run.
 */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"
#include "kmcl/kmcl.h"

#define PENDING_MOST 512u

struct VMBPACKET__ {
    PVOID pointer;
    PFN_VMB_PACKET_COMPLETION_ROUTINE routine;
};

struct VMBPACKETCOMPLETION__ {
    bool has_parts;
    struct kmcl_parts parts;
    struct kmcl_part part[RNDIS_PARTS_MAX];
};

static struct host host;
static VMBPACKET pending[PENDING_MOST];
static uint32_t pending_count;
static uint64_t now;

/* ---- the input ----------------------------------------------------------- */

uint32_t host_take(uint32_t bytes)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < bytes && host.left; i++, host.left--)
        value |= (uint32_t)*host.input++ << 8 * i;
    return value;
}

/* Up to `size` bytes. Returns how many there were. */
uint32_t host_bytes(void *out, uint32_t size)
{
    uint32_t take = host.left < size ? (uint32_t)host.left : size;

    memcpy(out, host.input, take);
    host.input += take;
    host.left -= take;
    return take;
}

/* ---- what the host does -------------------------------------------------- */

static void write_buffer(void)
{
    uint32_t size = host.driver->receive_pages * PAGE_SIZE_4K;
    uint32_t at = host_take(2) % size, bytes = host_take(2);

    host_bytes(host.driver->receive + at,
               bytes < size - at ? bytes : size - at);
}

/* The channel that packets come on now. */
static VMBCHANNEL channel(void)
{
    return host.driver->queues[host.queue].channel;
}

static void give(VMBPACKETCOMPLETION packet, void *bytes, uint32_t size)
{
    host.delivered++;
    network_packet(channel(), packet, bytes, size, 0);
}

/* A message of NVSP, in memory of its own size. */
static void give_message(void)
{
    uint32_t size = host_take(1);
    uint8_t *bytes = malloc(size + 1);

    size = host_bytes(bytes, size);
    bytes = realloc(bytes, size + 1);
    give(calloc(1, sizeof(struct VMBPACKETCOMPLETION__)), bytes, size);
    free(bytes);
}

/* A packet whose ranges follow each other by `step`. */
static void give_parts(void)
{
    VMBPACKETCOMPLETION packet = calloc(1, sizeof(*packet));
    uint32_t set = host_take(2), count = host_take(2) % RNDIS_PARTS_MAX + 1;
    uint32_t offset = host_take(4), bytes = host_take(4), step = host_take(2);

    packet->has_parts = true;
    packet->parts = (struct kmcl_parts){(uint16_t)set, count, packet->part};
    for (uint32_t i = 0; i < count; i++)
        packet->part[i] = (struct kmcl_part){bytes, offset + i * step};
    give(packet, NULL, 0);
}

/* Completes the oldest packet that is under way, with `size` bytes. */
static void complete(const void *answer, uint32_t size, NTSTATUS status)
{
    VMBPACKET packet = pending[0];

    if (!pending_count)
        return;
    pending_count--;
    memmove(pending, pending + 1, pending_count * sizeof(VMBPACKET));
    packet->routine(packet, status, size ? (PVOID)(uintptr_t)answer : NULL,
                    size);
}

static void complete_by_input(void)
{
    uint64_t answer[2];

    complete(answer, host_bytes(answer, host_take(1) % 16), STATUS_SUCCESS);
}

static void complete_well(void)
{
    static const uint32_t answer[] = {NVSP_RNDIS_COMPLETE, NVSP_SUCCESS};

    complete(answer, sizeof(answer), STATUS_SUCCESS);
}

/* The sub-channel opens if the driver waits for it, or the host takes it away;
 * packets come on it, or on the primary again. */
static void open_or_close(void)
{
    const VMB_CHANNEL_STATE_CHANGE_CALLBACKS *c = &host.callbacks;
    struct network_queue *q = &host.driver->queues[1];

    if (host.enabled && !q->open) {
        c->EvtChannelPostStarted(q->channel);
        host.queue = 1;
    } else if (q->open && host.queue) {
        host.queue = 0;
    } else if (q->open) {
        host_close_subchannel();
        host.enabled = true; /* the driver waits for it again */
    }
}

/* What was sent on it is completed later, as what is sent elsewhere. */
void host_close_subchannel(void)
{
    struct network_queue *q = &host.driver->queues[1];

    host.queue = 0;
    host.enabled = false;
    if (!q->open)
        return;
    host.callbacks.EvtChannelSuspend(q->channel);
    network_batch_end(q->channel, 1);
    host.callbacks.EvtChannelClosed(q->channel);
}

bool host_act(void)
{
    switch (host_take(1)) {
    case 'W':
        write_buffer();
        return true;
    case 'P':
        give_parts();
        return true;
    case 'N':
        give_message();
        return true;
    case 'E':
        network_batch_end(channel(), 1);
        return true;
    case 'S':
        open_or_close();
        return true;
    case 'c':
        complete_by_input();
        return true;
    case 'C':
        complete_well();
        return true;
    default:
        return false;
    }
}

/* Everything must have come back, once. */
void host_end(void)
{
    while (pending_count)
        complete(NULL, 0, STATUS_DEVICE_REMOVED);
    network_batch_end(host.driver->queues[0].channel, 1);
    if (host.delivered != host.completed || host.packets)
        abort();
}

struct host *host_begin(const uint8_t *input, size_t size,
                        struct network_driver *driver)
{
    host = (struct host){.input = input, .left = size, .driver = driver};
    pending_count = 0;
    now = 0;
    return &host;
}

/* ---- KMCL: incoming ------------------------------------------------------ */

PVOID VmbChannelGetPointer(VMBCHANNEL Channel)
{
    return Channel == host.driver->channel ? &host.driver->queues[0]
                                           : &host.driver->queues[1];
}

bool kmcl_packet_parts(VMBPACKETCOMPLETION packet, struct kmcl_parts *parts)
{
    *parts = packet->parts;
    return packet->has_parts;
}

VOID VmbChannelPacketComplete(VMBPACKETCOMPLETION packet, PVOID buffer,
                              UINT32 size)
{
    const uint32_t answer[] = {NVSP_RNDIS_COMPLETE, NVSP_SUCCESS};

    /* Each packet with ranges is answered in the form that hosts demand. */
    if (packet->has_parts ? size != 8 || memcmp(buffer, answer, 8) : size)
        abort();
    host.completed++;
    free(packet);
}

/* ---- channels ------------------------------------------------------------ */

const GUID network_class;

NTSTATUS network_queue_make(struct network_queue *q,
                            PVMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks)
{
    (void)q;
    host.callbacks = *callbacks;
    return STATUS_SUCCESS;
}

void network_queue_again(struct network_queue *q)
{
    (void)q;
}

void network_queue_close(struct network_queue *q)
{
    (void)q;
    host_close_subchannel();
}

VOID VmbChannelGetInterfaceInstance(VMBCHANNEL Channel, LPGUID instance)
{
    (void)Channel;
    memset(instance, 0, sizeof(*instance));
    instance->Data1 = 1;
}

NTSTATUS
VmbClientChannelInitSetTargetPnp(VMBCHANNEL Channel, LPCGUID InterfaceType,
                                 LPCGUID InterfaceInstance,
                                 PFN_VMB_CHANNEL_PNP_FAILURE PnpFailureCallback)
{
    (void)InterfaceType, (void)PnpFailureCallback;
    if (Channel == host.driver->channel || InterfaceInstance->Data1 != 1)
        abort();
    return STATUS_SUCCESS;
}

NTSTATUS kmcl_client_set_subchannel(VMBCHANNEL channel, UINT16 index)
{
    if (channel != host.driver->queues[1].channel || index != 1)
        abort();
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelEnable(VMBCHANNEL Channel)
{
    (void)Channel;
    host.enabled = true;
    return STATUS_SUCCESS;
}

/* ---- KMCL: outgoing ------------------------------------------------------ */

VMBPACKET VmbPacketAllocate(VMBCHANNEL Channel)
{
    (void)Channel;
    if (pending_count == PENDING_MOST)
        return NULL;
    host.packets++;
    return calloc(1, sizeof(struct VMBPACKET__));
}

VOID VmbPacketFree(VMBPACKET packet)
{
    host.packets--;
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

/* The messages of one packet, as a host reads them. */
static void check_messages(const uint8_t *at, uint32_t size)
{
    const struct rndis_limits *limits = &host.driver->limits;
    uint32_t count = 0;

    for (uint32_t length; size; at += length, size -= length, count++) {
        struct rndis_packet p;

        if (size < sizeof(p))
            abort();
        memcpy(&p, at, sizeof(p));
        length = p.header.length;
        if (p.header.type != RNDIS_PACKET || length > size ||
            p.data_offset + p.data_size + 8 > length || p.data_size < 14)
            abort();
        /* All but the last are padded. */
        if (length != size && length % limits->alignment)
            abort();
    }
    if (!count || count > limits->max_packets)
        abort();
}

static NTSTATUS take(VMBPACKET packet)
{
    if (host_take(1) == 0xFF)
        return STATUS_DEVICE_REMOVED;
    pending[pending_count++] = packet;
    return STATUS_SUCCESS;
}

NTSTATUS VmbPacketSend(VMBPACKET packet, PVOID buffer, UINT32 size, PMDL mdl,
                       UINT32 flags)
{
    const struct send_state *s = &host.driver->sending;
    struct nvsp_rndis m;

    (void)size, (void)mdl, (void)flags;
    memcpy(&m, buffer, sizeof(m));
    if (m.channel != NVSP_DATA || m.size > s->section_size ||
        (m.section + 1) * s->section_size > SEND_PAGES * PAGE_SIZE_4K)
        abort();
    check_messages(host.driver->send + m.section * s->section_size, m.size);
    return take(packet);
}

NTSTATUS VmbPacketSendWithExternalMdl(VMBPACKET packet, PVOID buffer,
                                      UINT32 size, PMDL mdl, UINT32 offset,
                                      UINT32 length, UINT32 flags)
{
    struct nvsp_rndis m;

    (void)size, (void)flags;
    memcpy(&m, buffer, sizeof(m));
    if (m.section != NVSP_NO_SECTION || m.size || offset > mdl->ByteCount ||
        length > mdl->ByteCount - offset)
        abort();
    if (m.channel == NVSP_DATA)
        check_messages(mdl->MappedSystemVa, length);
    return take(packet);
}

/* 0xFF and 0xFE: no answer, and the end of the channel; else so many bytes. */
NTSTATUS VmbChannelSendSynchronousRequest(VMBCHANNEL Channel, PVOID Buffer,
                                          UINT32 BufferSize, PMDL mdl,
                                          UINT32 Flags, PVOID answer,
                                          PUINT32 size, PLARGE_INTEGER Timeout)
{
    uint32_t bytes = host_take(1);

    (void)Channel, (void)Buffer, (void)BufferSize, (void)mdl, (void)Flags;
    (void)Timeout;
    if (bytes == 0xFF)
        return STATUS_CANCELLED;
    if (bytes == 0xFE)
        return STATUS_DEVICE_REMOVED;
    if (bytes == 0xFD)
        return STATUS_BUFFER_TOO_SMALL;
    if (answer)
        *size = host_bytes(answer, bytes < *size ? bytes : *size);
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelCreateGpadlFromBuffer(VMBCHANNEL Channel, UINT32 Flags,
                                         PVOID Buffer, UINT32 ByteCount,
                                         PUINT32 GpadlHandle)
{
    (void)Channel, (void)Flags, (void)Buffer, (void)ByteCount;
    *GpadlHandle = 1;
    return STATUS_SUCCESS;
}

/* ---- the platform -------------------------------------------------------- */

uint64_t vmbare_now(void)
{
    return now;
}

uint64_t vmbare_after(double seconds)
{
    return now + (uint64_t)(seconds * 10000000);
}

/* The host acts meanwhile; one that has nothing to do lets a minute pass. */
void vmbare_sleep(double seconds)
{
    (void)seconds;
    if (!host_act())
        now += UINT64_C(700000000);
}

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    if (lock->taken++)
        abort();
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    if (--lock->taken)
        abort();
    return VMBARE_OK;
}
