/* The echo device; echo.h tells what it does. */
#include <errno.h>

#include "bus.h"
#include "echo.h"
#include "minihv.h"

enum { SET_ID = 1, TRANSFER_ID = 0x7A };

static struct channel channels[ECHO_MODES];

static int in_band(struct channel *c, const struct ring_packet *packet,
                   const void *body)
{
    if (packet->type != RING_PACKET_IN_BAND)
        return 0; /* a completion of what we sent is no answer's matter */
    if (!channel_has_room(c, packet->size))
        return -EAGAIN;
    if (packet->flags & RING_FLAG_COMPLETION_REQUESTED)
        return packet_write_completion(&c->out, &c->at, packet->transaction,
                                       body, packet->size);
    return packet_write_in_band(&c->out, &c->at, packet->transaction, false,
                                body, packet->size);
}

/* Walks over one range's bytes. False: the frames are not the guest's. */
static bool work_on_range(struct channel *c,
                          const struct packet_gpa_range *range,
                          struct echo_external *work)
{
    struct vmbus_host_memory memory;
    uint8_t *data;

    if (vmbus_host_memory_map(
            c->channel, range->byte_offset, range->byte_count, range->pfns,
            packet_gpa_frames(range->byte_offset, range->byte_count), &memory))
        return false;
    data = memory.data;
    for (uint32_t i = 0; i < memory.size; i++) {
        work->sum += data[i];
        if (work->operation == ECHO_INVERT)
            data[i] = (uint8_t)~data[i];
    }
    work->bytes += memory.size;
    vmbus_host_memory_unmap(c->channel, &memory);
    return true;
}

static int external(struct channel *c, const struct ring_packet *packet,
                    const void *body)
{
    struct packet_gpa_range range;
    struct echo_external work;
    struct packet_gpa gpa;

    if (!channel_has_room(c, sizeof work))
        return -EAGAIN;
    if (packet->type != RING_PACKET_GPA_DIRECT ||
        packet_payload_size(packet) < sizeof work ||
        packet_parse_gpa_direct(packet, body, &gpa)) {
        channel_broken(c, "not a GPA-direct packet with echo_external");
        return 0;
    }
    memcpy(&work, packet_payload(packet, body), sizeof work);
    work.sum = 0;
    work.bytes = 0;
    while (packet_gpa_next(&gpa, &range))
        if (!work_on_range(c, &range, &work)) {
            channel_broken(c, "external data outside of the guest's memory");
            return 0;
        }
    return packet_write_completion(&c->out, &c->at, packet->transaction, &work,
                                   sizeof work);
}

/* Fills the guest's buffer as asked. 0: done, 1: not inside the GPADL. */
static uint32_t fill(struct channel *c, const struct echo_transfer *t)
{
    struct vmbus_host_gpadl gpadl;
    uint8_t *p;

    if (vmbus_host_gpadl_map(c->channel, t->gpadl, &gpadl))
        return 1;
    p = vmbus_host_gpadl_at(c->channel, t->gpadl, t->offset, t->size);
    for (uint32_t i = 0; p && i < t->size; i++)
        p[i] = (uint8_t)(t->seed + i);
    vmbus_host_gpadl_unmap(c->channel, t->gpadl);
    return p ? 0 : 1;
}

static int transfer(struct channel *c, const struct ring_packet *packet,
                    const void *body)
{
    struct ring_transfer_range range;
    struct echo_transfer t;
    int status;

    if (packet->type == RING_PACKET_COMPLETION) {
        if (packet->transaction != TRANSFER_ID)
            channel_broken(c, "completion of a packet that was not sent");
        return 0;
    }
    /* Two answers: twice a descriptor, and the ranges. */
    if (!channel_has_room(c, 2 * sizeof t + 128))
        return -EAGAIN;
    if (packet->type != RING_PACKET_IN_BAND || packet->size < sizeof t) {
        channel_broken(c, "not an in-band packet with echo_transfer");
        return 0;
    }
    memcpy(&t, body, sizeof t);
    t.status = fill(c, &t);
    status = packet_write_completion(&c->out, &c->at, packet->transaction, &t,
                                     sizeof t);
    if (status || t.status)
        return status;
    range = (struct ring_transfer_range){.byte_count = t.size,
                                         .byte_offset = t.offset};
    return packet_write_transfer_pages(&c->out, &c->at, TRANSFER_ID, true,
                                       SET_ID, &range, 1, &t, sizeof t);
}

static int pipe(struct channel *c, const struct ring_packet *packet,
                const void *body)
{
    struct packet_pipe frame;

    if (packet_parse_pipe(packet, body, &frame)) {
        channel_broken(c, frame.reason);
        return 0;
    }
    if (!channel_has_room(c, frame.size + 16))
        return -EAGAIN;
    return packet_write_pipe(&c->out, &c->at, packet->transaction, false,
                             frame.data, frame.size);
}

static const struct mode {
    const char *name;
    enum echo_mode mode;
    struct channel_ops ops;
} modes[] = {
    {"echo in-band", ECHO_IN_BAND, {.packet = in_band}},
    {"echo external", ECHO_EXTERNAL, {.packet = external}},
    {"echo transfer", ECHO_TRANSFER, {.packet = transfer}},
    {"echo pipe", ECHO_PIPE, {.packet = pipe}},
};

void echo_prepare(void)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct channel *c = &channels[i];
        struct vmbus_host_offer offer = {.type = ECHO_TYPE,
                                         .instance = ECHO_TYPE};

        offer.instance.bytes[15] = (uint8_t)modes[i].mode;
        if (modes[i].mode == ECHO_PIPE) {
            offer.flags = VMBUS_OFFER_PIPE;
            offer.user_data[0] = 4; /* pipe mode: messages */
        }
        c->name = modes[i].name;
        channel_offer(c, &offer, &modes[i].ops);
    }
}
