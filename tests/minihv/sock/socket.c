/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel of a stream: see socket.h. */
#include "socket.h"

#include "kmcl/kmcl.h"
#include "minihv.h"
#include "sock.h"
#include "virtio.h"

static struct socket *socket_of(VMBCHANNEL channel)
{
    struct device *d = VmbChannelGetPointer(channel);

    return (struct socket *)(void *)d;
}
_Static_assert(offsetof(struct socket, device) == 0, "socket_of() counts on "
                                                     "it");

/* ---- to the outside ------------------------------------------------------ */

static void release(struct socket *s)
{
    VMBPACKETCOMPLETION packet = s->held;

    s->held = NULL;
    VmbChannelPacketComplete(packet, NULL, 0);
}

static void move_out(struct socket *s)
{
    uint8_t head[FRAME_HEADER];

    while (s->held && virtio_has_room()) {
        uint32_t n = stream_may_send(&s->stream, s->held_size - s->held_at);

        if (!n)
            return;
        frame_header(head, FRAME_DATA, s->stream.id, n);
        virtio_send(head, sizeof head, s->held_bytes + s->held_at, n);
        s->held_at += n;
        s->received += n;
        if (s->held_at == s->held_size)
            release(s);
    }
}

static void move_frames(struct socket *s)
{
    uint8_t frame[FRAME_SMALL];
    uint32_t size;

    while (virtio_has_room() &&
           (size = stream_frame(&s->stream, !s->held, frame)) != 0)
        virtio_send(frame, size, NULL, 0);
}

/* ---- to the guest -------------------------------------------------------- */

/* The packet is in the ring, or the channel has closed, or the guest's ring is
 * too small for it, which ends the stream. */
static VOID left(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct parcel *p = VmbPacketGetPointer(packet);
    struct socket *s = p->socket;

    (void)buffer, (void)size;
    VmbPacketFree(packet);
    p->used = false;
    s->sent += p->size;
    stream_arrived(&s->stream, p->size);
    if (!NT_SUCCESS(status))
        s->guest_left = true;
    sock_soon();
}

static struct parcel *free_parcel(struct socket *s)
{
    for (uint32_t i = 0; i < SOCKET_PARCELS; i++)
        if (!s->parcel[i].used)
            return &s->parcel[i];
    return NULL;
}

/* A packet that cannot be sent ends the stream, for its bytes are gone. */
static void send(struct socket *s, struct parcel *p, uint8_t *bytes,
                 uint32_t size)
{
    VMBPACKET packet = VmbPacketAllocate(s->device.channel);

    if (!packet) {
        s->guest_left = true;
        return;
    }
    *p = (struct parcel){s, size, true};
    VmbPacketSetPointer(packet, p);
    VmbPacketSetCompletionRoutine(packet, left);
    if (NT_SUCCESS(VmbPacketSend(packet, bytes, size, NULL, 0)))
        return;
    VmbPacketFree(packet);
    p->used = false;
    s->guest_left = true;
}

static void move_in(struct socket *s)
{
    static uint8_t bytes[FRAME_MAX]; /* one is sent at a time */
    struct parcel *p;

    while (!s->guest_left && (p = free_parcel(s)) != NULL) {
        uint32_t n = stream_packet(&s->stream, bytes, s->device.packet_max);

        if (!n && !stream_end_packet(&s->stream))
            return;
        send(s, p, bytes, n);
    }
}

void socket_move(struct socket *s)
{
    if (s->has_channel)
        move_in(s);
    if (s->held)
        move_out(s);
    move_frames(s);
}

bool socket_is_over(const struct socket *s)
{
    for (uint32_t i = 0; i < SOCKET_PARCELS; i++)
        if (s->parcel[i].used)
            return false;
    return stream_is_over(&s->stream);
}

/* ---- callbacks ----------------------------------------------------------- */

/* One packet is held at a time, and the others wait in the guest's ring. */
static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct socket *s = socket_of(channel);
    const char *wrong = s->guest_left ? "a packet after one that was refused"
                                      : stream_sent(&s->stream, size);

    (void)flags;
    if (wrong) {
        s->guest_left = true;
        device_broken(&s->device, packet, wrong);
    } else {
        s->held = packet;
        s->held_bytes = buffer;
        s->held_size = size;
        s->held_at = 0;
        if (size)
            move_out(s);
        else
            release(s);
    }
    sock_soon();
}

static NTSTATUS opened(VMBCHANNEL channel)
{
    struct socket *s = socket_of(channel);

    if (s->guest_left || s->stream.state != STREAM_OFFERED)
        return STATUS_INVALID_DEVICE_STATE;
    stream_opened(&s->stream);
    sock_soon();
    return STATUS_SUCCESS;
}

static VOID closed(VMBCHANNEL channel)
{
    struct socket *s = socket_of(channel);

    s->guest_left = true;
    if (s->held)
        release(s);
    sock_soon();
}

/* ---- beginning and end --------------------------------------------------- */

bool socket_offer(struct socket *s)
{
    struct device *d = &s->device;

    d->name = "sock";
    d->flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER;
    d->packet_max = hv.config.sock_packet;
    d->packet = packet;
    d->opened = opened;
    d->suspend = closed;
    d->closed = closed;
    device_create(d);
    /* Framed like a pipe, but the offer does not say that it is one. */
    if (!NT_SUCCESS(VmbChannelInitSetFlags(d->channel,
                                           VMBUS_CHANNEL_INIT_FLAG_IS_PIPE)) ||
        !NT_SUCCESS(kmcl_server_set_connects(d->channel, s->stream.by_outside)))
        minihv_failed("channel sock: it takes no settings");
    VmbChannelSetTransactionQuota(d->channel, 1);
    s->has_channel = true;
    if (!NT_SUCCESS(VmbChannelEnable(d->channel))) {
        socket_remove(s);
        return false;
    }
    VmbChannelStart(d->channel);
    return true;
}

void socket_remove(struct socket *s)
{
    if (!s->has_channel)
        return;
    s->guest_left = true;
    if (s->held)
        release(s);
    VmbChannelDisable(s->device.channel);
    VmbChannelCleanup(s->device.channel);
    s->has_channel = false;
}
