/* The guest's end of the pair: its channels, and what it sends. */
#include "pair.h"

#include <string.h>

static enum vmbus_event_result event(void *arg)
{
    struct pair *p = arg;
    struct ring_reader *rx = vmbus_channel_rx(p->c);
    uint32_t at = ring_reader_start(rx);
    uint64_t body[PACKET_MAX / 8];
    struct ring_packet packet;

    p->events++;
    p->event_cpu = p->s->cpu;
    while (ring_read(rx, &at, &packet, body, sizeof(body)) == 0) {
        assert_int_equal(packet.type, RING_PACKET_COMPLETION);
        assert_true(packet.transaction == p->last_transaction + 1);
        p->last_transaction = packet.transaction;
        p->last_size = packet.size;
        memcpy(p->last, body, packet.size);
        p->answers++;
    }
    if (ring_reader_commit(rx, at))
        vmbus_channel_signal(p->c);
    return VMBUS_EVENT_DRAINED;
}

struct vmbus_open pair_parameters(struct pair *p, uint32_t pages, uint32_t cpu)
{
    return (struct vmbus_open){
        .tx_pages = pages,
        .rx_pages = pages + 1,
        .cpu = cpu,
        .event = event,
        .arg = p,
    };
}

struct vmbus_channel *pair_open(struct pair *p, uint8_t instance,
                                uint16_t index, uint32_t pages, uint32_t cpu)
{
    struct vmbus_host_offer o = pair_offer(instance, index);
    struct vmbus_channel *c =
        vmbus_bus_find(p->bus, &o.type, &o.instance, index);
    const struct vmbus_open open = pair_parameters(p, pages, cpu);

    assert_non_null(c);
    assert_int_equal(vmbus_channel_claim(c), 0);
    if (!p->c)
        p->c = c;
    assert_int_equal(vmbus_channel_open(c, &open), 0);
    return c;
}

void pair_unclaim(struct pair *p, struct vmbus_channel *c)
{
    vmbus_channel_unclaim(c);
    if (p->c == c)
        p->c = NULL;
    hosted_run(p->s);
}

void pair_close(struct pair *p, struct vmbus_channel *c)
{
    assert_int_equal(vmbus_channel_close(c), 0);
    pair_unclaim(p, c);
}

static bool answered(void *arg)
{
    struct pair *p = arg;

    return p->answers >= p->wanted;
}

/* Commits what was written up to `at` and waits for the one answer. */
static void exchange(struct pair *p, uint32_t at)
{
    p->wanted = p->answers + 1;
    if (ring_writer_commit(vmbus_channel_tx(p->c), at))
        vmbus_channel_signal(p->c);
    assert_int_equal(
        seam_wait(p->s, answered, p, p->s->now + SEAM_S, "answers of the echo"),
        0);
}

void pair_echo(struct pair *p, unsigned count)
{
    struct ring_writer *tx = vmbus_channel_tx(p->c);
    uint8_t payload[PACKET_MAX];

    for (unsigned n = 0; n < count; n++) {
        uint32_t size = 8 + n * 56 % (PACKET_MAX - 8);
        uint32_t at = ring_writer_start(tx);

        size &= ~7u;
        memset(payload, (int)(n + 1), sizeof(payload));
        assert_int_equal(packet_write_in_band(tx, &at, p->last_transaction + 1,
                                              true, payload, size),
                         0);
        exchange(p, at);
        assert_int_equal(p->last_size, size);
        assert_memory_equal(p->last, payload, size);
    }
}

void pair_send_pages(struct pair *p, uint8_t *pages, uint32_t offset,
                     uint32_t bytes)
{
    struct ring_writer *tx = vmbus_channel_tx(p->c);
    uint32_t at = ring_writer_start(tx);
    uint64_t pfns[16], header[2 + 16], sum = 0, found;
    struct packet_gpa_builder b;
    struct ring_packet packet = {
        .type = RING_PACKET_GPA_DIRECT,
        .flags = RING_FLAG_COMPLETION_REQUESTED,
        .transaction = p->last_transaction + 1,
    };

    for (uint32_t i = 0; i < packet_gpa_frames(offset, bytes); i++)
        pfns[i] = seam_pfn(p->s, pages + i * 4096);
    for (uint32_t i = 0; i < bytes; i++)
        sum += pages[offset + i];
    packet_gpa_begin(&b, header, sizeof(header));
    assert_true(packet_gpa_add(&b, pfns, offset, bytes));
    packet.size = packet.header_size = packet_gpa_end(&b);
    assert_int_equal(ring_write(tx, &at, &packet, header), 0);
    exchange(p, at);
    memcpy(&found, p->last, sizeof(found));
    assert_true(found == sum);
}
