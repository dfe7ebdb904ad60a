/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carrying a SCSI command to the host and its answer back.
 *
 * A request leaves by one of KMCL's three ways of sending: data described by an
 * MDL, data described by page frames, or no data. The answer is the packet's
 * completion. It is a private copy, and it is believed only as far as it can be
 * checked: its size, its kind, and that it moved no more than was asked for.
 */
#include <string.h>

#include "drivers/storage/private.h"

/* ---- the answer --------------------------------------------------------- */

/* What makes this answer impossible; NULL: it can be true. */
static const char *lie_in(const struct vstor *v, const struct vstor_request *r,
                          const struct vstor_packet *p, uint32_t size)
{
    if (size < v->packet_size)
        return "the answer is shorter than a packet";
    if (p->operation != VSTOR_COMPLETE_IO)
        return "the answer is no completion";
    if (p->srb.transfer_length > r->data.length)
        return "more data is said to have moved than was asked for";
    return NULL;
}

/*
 * Copies the sense data, if the host says that they are valid: at most as many
 * bytes as the negotiated packet has room for, whatever length is claimed.
 */
static void take_sense(const struct vstor *v, struct vstor_request *r,
                       const struct vstor_srb *srb)
{
    uint8_t room = v->packet_size == VSTOR_PACKET_SIZE ? VSTOR_SENSE_SIZE
                                                       : VSTOR_SENSE_SIZE_OLD;

    if (!(srb->srb_status & VSTOR_SRB_SENSE_VALID))
        return;
    r->sense_length = srb->sense_length < room ? srb->sense_length : room;
    memcpy(r->sense, srb->sense, r->sense_length);
}

/*
 * Three parties may refuse: the host (packet status), the adapter (SRB status)
 * and the disk (SCSI status). Success needs all three.
 */
static bool is_good(const struct vstor_packet *p)
{
    return VSTOR_SRB_CODE(p->srb.srb_status) == VSTOR_SRB_SUCCESS &&
           !p->srb.scsi_status && !p->status;
}

/*
 * Missing bytes of a short answer count as zero, so that no byte of the stack
 * is ever read as an answer.
 */
void vstor_judge(const struct vstor *v, struct vstor_request *r,
                 const void *answer, uint32_t size)
{
    struct vstor_packet p = {0};

    /* Mostly it is there as a whole, and is copied without a call. */
    if (size >= sizeof(p))
        __builtin_memcpy(&p, answer, sizeof(p));
    else if (size)
        memcpy(&p, answer, size);
    r->lie = lie_in(v, r, &p, size);
    if (r->lie) {
        r->status = STATUS_DATA_ERROR;
        return;
    }
    r->host_status = p.status;
    r->srb_status = p.srb.srb_status;
    r->scsi_status = p.srb.scsi_status;
    r->transferred = p.srb.transfer_length;
    take_sense(v, r, &p.srb);
    r->status = is_good(&p) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/*
 * One packet is kept for the next request, because to make one and to free it
 * costs more than to send it. Requests may end on several processors at a time.
 */
static void give_back(struct vstor *v, VMBPACKET packet)
{
    VMBPACKET none = NULL;

    if (!__atomic_compare_exchange_n(&v->spare, &none, packet, false,
                                     __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        VmbPacketFree(packet);
}

/*
 * KMCL's completion routine, at <= DISPATCH. `over` is set last and with
 * release order: whoever sees it sees all results, and may free the request at
 * once.
 */
static VOID EvtAnswered(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                        UINT32 BufferLength)
{
    struct vstor_request *r = VmbPacketGetPointer(Packet);
    struct vstor *v = r->owner;

    if (NT_SUCCESS(Status))
        vstor_judge(v, r, Buffer, BufferLength);
    else
        r->status = Status;
    give_back(v, Packet);
    if (r->lie)
        __atomic_fetch_add(&v->lies, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&v->ended, 1, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&v->under_way, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&r->over, true, __ATOMIC_RELEASE);
}

/* Pairs with the release store above. */
bool vstor_over(const struct vstor_request *r)
{
    return __atomic_load_n(&r->over, __ATOMIC_ACQUIRE);
}

/* ---- the command -------------------------------------------------------- */

/*
 * True: the window of the data lies inside one MDL. The storage protocol
 * accepts one range per command, and KMCL makes one range of each MDL.
 */
static bool lies_in_one(const struct vstor_data *d)
{
    uint64_t offset = d->offset;
    PMDL mdl = d->mdl;

    if (d->forced)
        return true;
    while (mdl && offset >= MmGetMdlByteCount(mdl)) {
        offset -= MmGetMdlByteCount(mdl);
        mdl = mdl->Next;
    }
    return mdl && d->length <= MmGetMdlByteCount(mdl) - offset;
}

/*
 * A command with a direction has data and exactly one description of them; a
 * command without has none. The window must fit the agreed limit.
 */
static bool makes_sense(const struct vstor *v, const struct vstor_request *r)
{
    const struct vstor_data *d = &r->data;

    if ((d->mdl && d->pfns) || (d->mdl || d->pfns) != (d->length != 0))
        return false;
    if ((r->direction == VSTOR_NO_DATA) != !d->length)
        return false;
    return d->length <= v->max_transfer && (!d->mdl || lies_in_one(d));
}

/*
 * The SRB as Linux sends it: untagged, with its time limit, and with the length
 * field of the agreed packet size. [linux storvsc_drv.c]
 */
static void fill(const struct vstor *v, const struct vstor_request *r,
                 struct vstor_packet *p)
{
    bool old = v->packet_size == VSTOR_PACKET_SIZE_OLD;

    p->operation = VSTOR_EXECUTE_SRB;
    p->flags = VSTOR_FLAG_COMPLETION;
    p->srb = (struct vstor_srb){
        .length = old ? VSTOR_SRB_LENGTH_OLD : VSTOR_SRB_LENGTH,
        .target = r->target,
        .lun = r->lun,
        .cdb_length = r->cdb_length,
        .sense_length = old ? VSTOR_SENSE_SIZE_OLD : VSTOR_SENSE_SIZE,
        .direction = r->direction,
        .transfer_length = r->data.length,
        .queue_tag = VSTOR_QUEUE_UNTAGGED,
        .flags = VSTOR_SRB_FLAG_NO_SYNC_TRANSFER,
        .timeout = VSTOR_SECONDS,
    };
    if (r->direction == VSTOR_FROM_DEVICE)
        p->srb.flags |= VSTOR_SRB_FLAG_DATA_IN;
    else if (r->direction == VSTOR_TO_DEVICE)
        p->srb.flags |= VSTOR_SRB_FLAG_DATA_OUT;
    __builtin_memcpy(p->srb.cdb, r->cdb, sizeof(p->srb.cdb));
}

/*
 * Sends the packet with what describes its data. A range of page frames has
 * whole pages, so it may be longer than the data; the SRB's transfer length is
 * what counts for the device.
 */
static NTSTATUS send(struct vstor *v, struct vstor_request *r, VMBPACKET packet)
{
    const UINT32 flags = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    const struct vstor_data *d = &r->data;
    struct vstor_packet p = {0};

    fill(v, r, &p);
    if (d->pfns) {
        __atomic_fetch_add(&v->by_pfns, 1, __ATOMIC_RELAXED);
        return VmbPacketSendWithExternalPfns(
            packet, &p, v->packet_size, d->pfns,
            ADDRESS_AND_SIZE_TO_SPAN_PAGES(0, d->length), flags);
    }
    if (d->mdl) {
        __atomic_fetch_add(&v->by_mdl, 1, __ATOMIC_RELAXED);
        return VmbPacketSendWithExternalMdl(
            packet, &p, v->packet_size, d->mdl, d->offset, d->length,
            d->forced ? flags | VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH
                      : flags);
    }
    return VmbPacketSend(packet, &p, v->packet_size, NULL, flags);
}

/* A request may be submitted again: nothing of its former answer may remain. */
static void forget_results(struct vstor_request *r)
{
    r->over = false;
    r->status = STATUS_PENDING;
    r->transferred = 0;
    r->host_status = 0;
    r->srb_status = 0;
    r->scsi_status = 0;
    r->sense_length = 0;
    r->lie = NULL;
}

/* The packet that was kept, or a new one; NULL: there is no memory. */
static VMBPACKET take_packet(struct vstor *v)
{
    VMBPACKET packet = __atomic_exchange_n(&v->spare, NULL, __ATOMIC_ACQUIRE);

    if (packet)
        return packet;
    packet = VmbPacketAllocate(v->channel);
    if (packet)
        VmbPacketSetCompletionRoutine(packet, EvtAnswered);
    return packet;
}

/*
 * Checks, then takes a packet, then sends. The counter of requests under way
 * goes up before the send, because the completion routine may run before the
 * send returns.
 */
NTSTATUS vstor_submit(struct vstor *v, struct vstor_request *r)
{
    VMBPACKET packet;
    NTSTATUS status;

    if (v->state != VSTOR_READY)
        return STATUS_DEVICE_REMOVED;
    if (!makes_sense(v, r))
        return STATUS_INVALID_PARAMETER;
    packet = take_packet(v);
    if (!packet)
        return STATUS_INSUFFICIENT_RESOURCES;
    forget_results(r);
    r->owner = v;
    VmbPacketSetPointer(packet, r);
    __atomic_fetch_add(&v->under_way, 1, __ATOMIC_RELAXED);
    status = send(v, r, packet);
    if (NT_SUCCESS(status)) {
        __atomic_fetch_add(&v->started, 1, __ATOMIC_RELAXED);
        return status;
    }
    __atomic_fetch_sub(&v->under_way, 1, __ATOMIC_RELAXED);
    give_back(v, packet);
    return status;
}
