/* The echo server, one per channel of the pair. */
#include "pair.h"

#include <string.h>

static uint64_t sum_range(struct echo *e, const struct packet_gpa_range *r)
{
    struct vmbus_host_memory m;
    uint64_t sum = 0;

    assert_int_equal(vmbus_host_memory_map(
                         e->channel, r->byte_offset, r->byte_count, r->pfns,
                         packet_gpa_frames(r->byte_offset, r->byte_count), &m),
                     0);
    for (uint32_t i = 0; i < m.size; i++)
        sum += ((uint8_t *)m.data)[i];
    vmbus_host_memory_unmap(e->channel, &m);
    return sum;
}

static void answer(struct echo *e, uint32_t *to, const struct ring_packet *p,
                   const void *body)
{
    struct packet_gpa_range range;
    struct packet_gpa gpa;
    uint64_t sum = 0;

    e->packets++;
    if (p->type == RING_PACKET_IN_BAND) {
        assert_int_equal(
            packet_write_completion(&e->out, to, p->transaction, body, p->size),
            0);
        return;
    }
    assert_int_equal(packet_parse_gpa_direct(p, body, &gpa), 0);
    while (packet_gpa_next(&gpa, &range))
        sum += sum_range(e, &range);
    assert_int_equal(
        packet_write_completion(&e->out, to, p->transaction, &sum, sizeof(sum)),
        0);
}

/* External memory is mapped at PASSIVE, so all of the echo runs there. */
static void drain(void *arg)
{
    struct echo *e = arg;
    uint64_t body[PACKET_MAX / 8];
    struct ring_packet p;
    uint32_t from, to;

    if (!e->open)
        return;
    do {
        from = ring_reader_start(&e->in);
        to = ring_writer_start(&e->out);
        while (ring_read(&e->in, &from, &p, body, sizeof(body)) == 0)
            answer(e, &to, &p, body);
        assert_int_equal(e->in.fault.kind, RING_FAULT_NONE);
        if (ring_reader_commit(&e->in, from))
            assert_int_equal(vmbus_host_signal(e->channel), 0);
        if (ring_writer_commit(&e->out, to))
            assert_int_equal(vmbus_host_signal(e->channel), 0);
    } while (ring_reader_unmask(&e->in));
}

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct echo *e = context;

    e->channel = channel;
    e->opens++;
    e->restores += open->restored;
    assert_int_equal(ring_reader_attach(&e->in, &open->in), 0);
    assert_int_equal(ring_writer_attach(&e->out, &open->out), 0);
    e->open = true;
    if (!e->hold_open)
        vmbus_host_open_answer(channel, 0);
    seam_work_queue(e->pair->s, &e->work, 0);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct echo *e = context;

    e->closes++;
    e->open = false;
    if (!e->hold_close)
        vmbus_host_close_answer(channel);
}

static void signalled(void *context, struct vmbus_host_channel *channel)
{
    struct echo *e = context;

    (void)channel;
    e->events++;
    seam_work_queue(e->pair->s, &e->work, 0);
}

static void created(void *context, struct vmbus_host_channel *channel,
                    uint32_t handle)
{
    struct echo *e = context;

    (void)channel;
    e->gpadl = handle;
}

static void torn(void *context, struct vmbus_host_channel *channel,
                 uint32_t handle)
{
    struct echo *e = context;

    assert_true(e->mapped);
    e->mapped = false;
    vmbus_host_gpadl_unmap(channel, handle);
}

static const struct vmbus_host_server echo_server = {
    .opened = opened,
    .closed = closed,
    .signalled = signalled,
    .gpadl_created = created,
    .gpadl_teardown = torn,
};

struct vmbus_host_offer pair_offer(uint8_t instance, uint16_t index)
{
    struct vmbus_host_offer o = {.subchannel = index};

    memset(o.type.bytes, 0xEC, 16);
    memset(o.instance.bytes, instance, 16);
    return o;
}

void pair_publish(struct pair *p, unsigned n, uint8_t instance, uint16_t index)
{
    struct vmbus_host_offer o = pair_offer(instance, index);
    struct echo *e = &p->echo[n];

    o.monitor = p->monitor;
    e->pair = p;
    e->instance = instance;
    e->index = index;
    e->work.run = drain;
    e->work.arg = e;
    e->work.level = SEAM_PASSIVE;
    assert_int_equal(
        vmbus_host_offer(pair_host(p), &o, &echo_server, e, &e->channel), 0);
    hosted_run(p->s);
}

void pair_withdraw(struct pair *p, unsigned n)
{
    p->echo[n].open = false;
    vmbus_host_withdraw(p->echo[n].channel);
    p->echo[n].channel = NULL;
    hosted_run(p->s);
}
