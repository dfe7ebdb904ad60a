/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The synchronous request: a packet of the channel's own, and a wait that
 * processes whatever comes in between.
 *
 * The wait ends by whichever comes first:
 *   the completion       STATUS_SUCCESS, or STATUS_BUFFER_TOO_SMALL
 *   the timeout          STATUS_CANCELLED; the packet is taken back
 *   the channel's end    STATUS_DEVICE_REMOVED; the packet is taken back, or
 *                        ends with the channel when it lends pages
 * A completion that comes after its packet was taken back finds no transaction
 * of its number and is ignored.
 */
#include <errno.h>

#include "kmcl/base/channel.h"
#include "kmcl/send/send.h"

/* Lives on the stack of the caller, who does not return before the packet is
 * out of everybody's hands. */
struct request {
    VMBCHANNEL channel;
    bool done;
    bool overflow; /* the response did not fit */
    bool external; /* pages of the caller are lent to the other side */
    NTSTATUS status;
    void *buffer;
    uint32_t capacity;
    uint32_t size;
};

/* The packet's completion routine. The response is copied, because the bytes
 * are only there during this call. DISPATCH. */
static VOID request_done(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                         UINT32 size)
{
    struct request *r = VmbPacketGetPointer(packet);

    r->status = status;
    /* Nothing is copied of a response that does not fit. */
    if (r->buffer && size > r->capacity) {
        r->overflow = true;
    } else if (r->buffer && size) {
        memcpy(r->buffer, buffer, size);
    }
    r->size = size;
    /* Release: who sees `done` sees status and bytes. The frame of the request
     * may be gone right after this. */
    __atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
}

/* The channel closes. A request that lends pages waits until the other side
 * cannot write to them any more, and then ends like every packet; unless the
 * channel does not close before the request returns. */
static bool removed(const struct request *r)
{
    VMBCHANNEL ch = r->channel;

    return ch->service != KMCL_SERVING &&
           (!r->external || ch->service == KMCL_SERVICE_FAILED ||
            ch->activity == KMCL_IN_POST_STARTED);
}

static bool request_over(void *arg)
{
    struct request *r = arg;

    return __atomic_load_n(&r->done, __ATOMIC_ACQUIRE) || removed(r) ||
           r->channel->phase == KMCL_DISABLED;
}

/* The routine has run, so nobody refers to the request any more. */
static bool request_answered(void *arg)
{
    struct request *r = arg;

    return __atomic_load_n(&r->done, __ATOMIC_ACQUIRE);
}

/* Callbacks during which nothing is received. */
static bool would_hang(VMBCHANNEL ch)
{
    return ch->activity != KMCL_IDLE && ch->activity != KMCL_ADVANCING &&
           ch->activity != KMCL_IN_POST_STARTED;
}

/* The deadline on the platform's clock. */
static NTSTATUS deadline_of(VMBCHANNEL ch, PLARGE_INTEGER timeout,
                            uint64_t *deadline)
{
    const struct kmcl_config *config = &ch->root->config;
    uint64_t span;
    int64_t left;

    /* No timeout means no limit [D]. */
    *deadline = SEAM_FOREVER;
    if (!timeout)
        return STATUS_SUCCESS;
    /* A positive value is a time of day, a negative one a span from now, as
     * everywhere in WDM [W]. */
    if (timeout->QuadPart > 0) {
        if (!config->system_time)
            return STATUS_NOT_SUPPORTED;
        /* Read the time of day first: what passes before the platform's clock
         * is read makes the wait longer, and never too short. */
        left = timeout->QuadPart - config->system_time(config->context);
        span = left < 0 ? 0 : (uint64_t)left;
    } else {
        /* Negated as unsigned: the lowest value has no positive twin. */
        span = 0 - (uint64_t)timeout->QuadPart;
    }
    *deadline = seam_now(ch->s) + span;
    return STATUS_SUCCESS;
}

/* What a response means for the caller's buffer. */
static NTSTATUS outcome(struct request *r, PUINT32 size)
{
    /* STATUS_BUFFER_OVERFLOW is taken: it means a full ring [P]. */
    if (r->overflow)
        return STATUS_BUFFER_TOO_SMALL;
    if (size)
        *size = r->buffer ? r->size : 0;
    return STATUS_SUCCESS;
}

/* Waits for the packet's end, or takes it back. */
static NTSTATUS wait_for(struct request *r, VMBPACKET p, uint64_t deadline)
{
    VMBCHANNEL ch = r->channel;
    bool expired;

    expired = kmcl_wait(ch, KMCL_CALL_REQUEST, request_over, r, deadline,
                        "VmbChannelSendSynchronousRequest: the response") != 0;
    if (request_answered(r))
        return r->status;
    if (kmcl_withdraw(p))
        return expired ? STATUS_CANCELLED : STATUS_DEVICE_REMOVED;
    /* Another processor is ending the packet just now. */
    (void)kmcl_wait(ch, KMCL_CALL_REQUEST, request_answered, r, SEAM_FOREVER,
                    "VmbChannelSendSynchronousRequest: a completion routine "
                    "that is running");
    return r->status;
}

/* Sends without ever waiting: *Timeout 0 and no response wanted. */
static NTSTATUS send_at_once(VMBCHANNEL ch, VMBPACKET p,
                             const struct kmcl_send *send)
{
    int rc = kmcl_submit(p, send);

    /* Sent, or it never can be. */
    if (rc != -EAGAIN)
        return kmcl_status(rc);
    /* There is no room, and this says why. */
    if (would_hang(ch))
        return STATUS_INVALID_DEVICE_STATE;
    return ch->phase < KMCL_PAUSED || ch->service != KMCL_SERVING
               ? STATUS_DEVICE_REMOVED
               : STATUS_BUFFER_OVERFLOW;
}

/* Decides whether the request may wait, sends it, and waits if so. */
static NTSTATUS run(VMBCHANNEL ch, VMBPACKET p, struct kmcl_send *send,
                    struct request *r, PLARGE_INTEGER timeout)
{
    uint64_t deadline;
    NTSTATUS status;

    /* A timeout of 0 asks for a send that does not queue [D]. */
    send->no_queue = timeout && !timeout->QuadPart;
    if (!send->waits && (send->no_queue || would_hang(ch))) {
        send->no_queue = true;
        return send_at_once(ch, p, send);
    }
    SEAM_ASSERT(ch->s, seam_irql(ch->s) == SEAM_PASSIVE,
                "a request that may wait is for PASSIVE_LEVEL only");
    if (would_hang(ch))
        return STATUS_INVALID_DEVICE_STATE;
    /* The channel is closing: no completion would come. */
    if (ch->service != KMCL_SERVING)
        return STATUS_DEVICE_REMOVED;
    if (ch->phase == KMCL_DISABLED)
        return STATUS_INVALID_DEVICE_STATE;
    status = deadline_of(ch, timeout, &deadline);
    if (status)
        return status;
    if (send->no_queue) {
        status = send_at_once(ch, p, send);
        if (status)
            return status;
    } else {
        (void)kmcl_submit(p, send);
    }
    return wait_for(r, p, deadline);
}

/* Refuses handles and arguments before a packet is taken. */
static NTSTATUS check(VMBCHANNEL ch, uint32_t flags, PUINT32 size,
                      PLARGE_INTEGER timeout)
{
    if (!kmcl_channel_ok(ch))
        return STATUS_INVALID_PARAMETER_1;
    /* Completions on the wire are multiples of 8 bytes long [D]. */
    if (size && *size % 8)
        return STATUS_INVALID_PARAMETER_7;
    /* A server may send, but not wait for its guest [D]. */
    if (!ch->is_server)
        return STATUS_SUCCESS;
    if (flags & VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)
        return STATUS_INVALID_PARAMETER_5;
    if (!timeout || timeout->QuadPart)
        return STATUS_INVALID_PARAMETER_8;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelSendSynchronousRequest(VMBCHANNEL Channel, PVOID Buffer,
                                          UINT32 BufferSize,
                                          PMDL ExternalDataMdl, UINT32 Flags,
                                          PVOID CompletionBuffer,
                                          PUINT32 CompletionBufferSize,
                                          PLARGE_INTEGER Timeout)
{
    NTSTATUS status = check(Channel, Flags, CompletionBufferSize, Timeout);
    struct request r = {
        .channel = Channel,
        .buffer = CompletionBufferSize ? CompletionBuffer : NULL,
        .capacity = CompletionBufferSize ? *CompletionBufferSize : 0,
    };
    struct kmcl_send send = {0};
    VMBPACKET p;

    if (status)
        return status;
    p = VmbPacketAllocate(Channel);
    if (!p)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* The routine finds the request by the packet. */
    VmbPacketSetPointer(p, &r);
    VmbPacketSetCompletionRoutine(p, request_done);
    status =
        kmcl_prepare_send(p, Buffer, BufferSize, ExternalDataMdl, Flags, &send);
    r.external = send.type == RING_PACKET_GPA_DIRECT;
    if (NT_SUCCESS(status))
        status = run(Channel, p, &send, &r, Timeout);
    if (NT_SUCCESS(status))
        status = outcome(&r, CompletionBufferSize);
    /* By now the packet is idle in every case. */
    VmbPacketFree(p);
    return status;
}
