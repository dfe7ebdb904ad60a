/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An application that makes every call it may make, in any order.
 */
#include "fuzz_kmcl.h"

#include "vmbus/ring_wire.h"

static VOID ended(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct fuzz_sent *s = VmbPacketGetPointer(packet);
    volatile uint8_t sum = 0;

    (void)status;
    for (UINT32 i = 0; i < size; i++)
        sum += ((uint8_t *)buffer)[i];
    (void)sum;
    s->ended++;
    if (s->last)
        VmbPacketFree(packet);
}

static void request(struct fuzz *f)
{
    LARGE_INTEGER limit = {.QuadPart = -(int64_t)(take(f, 1) % 4) * 20000};
    uint8_t buffer[64];
    UINT32 size = sizeof(buffer);

    (void)VmbChannelSendSynchronousRequest(
        f->e->ch, buffer, 8, NULL, f->server ? 0 : 1, buffer, &size, &limit);
}

/* A client that has asked for parts looks at what they say. */
static uint8_t look_at_parts(VMBPACKETCOMPLETION pc)
{
    struct kmcl_parts told;
    uint32_t sum = 0;

    if (!kmcl_packet_parts(pc, &told))
        return 0;
    for (uint32_t i = 0; i < told.count; i++)
        sum += told.parts[i].offset + told.parts[i].bytes;
    return (uint8_t)(sum + told.set_id);
}

void look(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct fuzz *f = e->context;
    volatile uint8_t sum = 0;
    UINT32 size = e->size, flags = e->flags; /* callbacks may change them */
    uint8_t *buffer = e->buffer;
    PMDL mdl;

    for (UINT32 i = 0; i < size; i++)
        sum += buffer[i];
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && (flags || size == 24)) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    if (size == 40) {
        VmbChannelPacketFail(pc);
        return;
    }
    if (size == 32 && KeGetCurrentIrql() == PASSIVE_LEVEL && !f->asking) {
        f->asking = true; /* callbacks run meanwhile */
        request(f);
        f->asking = false;
    }
    if (f->parts) {
        sum += look_at_parts(pc);
        flags = 0;
    } else if (VmbChannelPacketGetExternalData(pc, size % 16 == 8, &mdl) ==
               STATUS_PENDING) {
        return;
    }
    for (; flags && mdl; mdl = mdl->Next) {
        uint8_t *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);

        for (ULONG i = 0; data && i < MmGetMdlByteCount(mdl); i += 512)
            sum += data[i];
    }
    if (e->hold && e->held_count < HELD)
        e->held[e->held_count++] = pc;
    else
        VmbChannelPacketComplete(pc, buffer, size <= 1024 ? size : 8);
    (void)sum;
}

VOID look_alone(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    e->buffer = buffer;
    e->size = size;
    e->flags = flags;
    look(e, pc);
}

void complete_all(struct endpoint *e)
{
    while (e->held_count)
        VmbChannelPacketComplete(e->held[--e->held_count], NULL, 0);
}

/* More packets than KMCL's first table has buckets; some may find no memory. */
static void make_crowd(struct fuzz *f)
{
    for (uint32_t i = 0; i < CROWD; i++)
        if (!f->crowd[i])
            f->crowd[i] = VmbPacketAllocate(f->e->ch);
}

static void send_one(struct fuzz *f)
{
    static uint8_t bytes[1024];
    struct fuzz_sent *s = &f->sent[take(f, 1) % SENT];
    uint32_t size = take(f, 2) % 1025, how = take(f, 1);
    NTSTATUS status;

    if (how & 4)
        make_crowd(f);
    if (!s->packet) {
        s->packet = VmbPacketAllocate(f->e->ch);
        if (!s->packet)
            return;
        VmbPacketSetPointer(s->packet, s);
        VmbPacketSetCompletionRoutine(s->packet, ended);
    }
    status =
        VmbPacketSend(s->packet, bytes, size, how & 2 ? f->mdl : NULL, how & 1);
    s->accepted += NT_SUCCESS(status);
}

static void life(struct fuzz *f)
{
    VMBCHANNEL ch = f->e->ch;

    switch (take(f, 1) % 6) {
    case 0:
        VmbChannelPause(ch);
        break;
    case 1:
        if (VmbChannelEnable(ch) == STATUS_INVALID_DEVICE_STATE)
            VmbChannelStart(ch);
        break;
    case 2:
        VmbChannelDisable(ch);
        world_fail_allocation(f->w, 0);
        (void)VmbChannelEnable(ch);
        break;
    case 3:
        VmbChannelSetTransactionQuota(ch, 1 + take(f, 1) % 8);
        break;
    case 4:
        VmbChannelSetIncomingProcessingAtPassive(ch, take(f, 1) % 2);
        break;
    default:
        f->e->hold = !f->e->hold;
        break;
    }
}

void unshare(struct endpoint *e)
{
    struct fuzz *f = e->context;

    if (f->shared)
        VmbChannelDeleteGpadl(e->ch, f->gpadl);
    f->shared = false;
}

static void share(struct fuzz *f)
{
    if (f->server)
        return;
    if (f->shared)
        unshare(f->e);
    else
        f->shared = !VmbChannelCreateGpadlFromBuffer(f->e->ch, 0, f->page, 4096,
                                                     &f->gpadl);
    if (f->shared && f->h && raw_host_is_open(f->h))
        (void)raw_host_send_header(
            f->h, RING_PACKET_TRANSFER_PAGES, 0, 1, 16,
            (uint32_t[6]){f->gpadl & 0xffff, 1, take(f, 2), take(f, 2)}, 24);
}

static void no_memory(struct fuzz *f)
{
    world_fail_allocation(f->w, take(f, 1) % 8);
}

void act(struct fuzz *f, uint32_t what)
{
    static void (*const operations[])(struct fuzz * f) = {
        send_one, send_one, burst, request, life, share, no_memory,
    };

    operations[what % 7](f);
}
