#include "pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the echo server ---------------------------------------------------- */

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

static struct vmbus_host_offer echo_offer(uint8_t instance, uint16_t index)
{
    struct vmbus_host_offer o = {.subchannel = index};

    memset(o.type.bytes, 0xEC, 16);
    memset(o.instance.bytes, instance, 16);
    return o;
}

void pair_publish(struct pair *p, unsigned n, uint8_t instance, uint16_t index)
{
    struct vmbus_host_offer o = echo_offer(instance, index);
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

/* ---- the platform ------------------------------------------------------- */

static int post(void *peer, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size)
{
    struct pair *p = peer;
    int status;

    p->sending = true;
    status = loopback_post(p->lb, connection, type, payload, size);
    p->sending = false;
    return status;
}

static int signal_event(void *peer, uint32_t connection, uint16_t flag)
{
    struct pair *p = peer;
    int status;

    p->sending = true;
    status = loopback_signal(p->lb, connection, flag);
    p->sending = false;
    return status;
}

static void arrived(void *context, const void *payload, uint32_t size)
{
    struct pair *p = context;

    assert_int_equal(p->s->irql, SEAM_DISPATCH);
    assert_false(p->sending); /* never from inside the call that sent */
    vmbus_message_arrived(p->bus, payload, size);
}

static void event_arrived(void *context, uint32_t cpu, uint16_t flag)
{
    struct pair *p = context;

    assert_int_equal(p->s->cpu, cpu);
    assert_false(p->sending);
    vmbus_event_arrived(p->bus, flag);
}

static const struct loopback_guest guest = {
    .message = arrived,
    .event = event_arrived,
};

static void offered(void *arg, struct vmbus_channel *c)
{
    struct pair *p = arg;

    (void)c;
    p->offered++;
}

static void rescinded(void *arg, struct vmbus_channel *c)
{
    struct pair *p = arg;

    (void)c;
    p->rescinded++;
}

static bool host_has(const struct pair *p, uint32_t feature)
{
    return (p->terms.features & feature) != 0;
}

struct pair *pair_begin(const struct terms *terms)
{
    struct pair *p = calloc(1, sizeof(*p));
    struct vmbus_config config = {
        .features = terms->features & VMBUS_FEATURES_IMPLEMENTED,
    };

    assert_non_null(p);
    p->terms = *terms;
    p->s = hosted_create(4);
    p->s->post = post;
    p->s->signal = signal_event;
    p->s->peer = p;
    p->host_config.max_version = terms->version;
    /* Pages of the server's own are not part of this pair's platform. */
    p->host_config.features =
        terms->features & VMBUS_HOST_FEATURES & ~VMBUS_FEATURE_SERVER_MONITOR;
    assert_int_equal(loopback_create(p->s, &p->host_config, &p->lb), 0);
    config.no_features = config.features == 0;
    if (host_has(p, VMBUS_FEATURE_CLIENT_ID))
        memset(config.client_id.bytes, 0xC1, 16);
    assert_int_equal(vmbus_bus_create(p->s, &config, &p->bus), 0);
    loopback_attach(p->lb, &guest, p);
    p->observer.offered = offered;
    p->observer.rescinded = rescinded;
    p->observer.arg = p;
    vmbus_bus_observe(p->bus, &p->observer);
    return p;
}

void pair_end(struct pair *p)
{
    for (unsigned rule = 0; rule < VMBUS_HOST_RULE_COUNT; rule++) {
        if (vmbus_host_rule_count(pair_host(p), rule))
            print_error("the guest half broke: %s\n",
                        vmbus_host_rule_text(rule));
        assert_int_equal(vmbus_host_rule_count(pair_host(p), rule), 0);
    }
    if (!p->starved)
        assert_int_equal(vmbus_bus_stats(p->bus)->messages_refused, 0);
    assert_int_equal(vmbus_bus_stats(p->bus)->rings_bad, 0);
    if (vmbus_bus_connected(p->bus))
        assert_int_equal(vmbus_bus_unload(p->bus), 0);
    vmbus_bus_unobserve(p->bus, &p->observer);
    hosted_run(p->s);
    vmbus_bus_destroy(p->bus);
    loopback_attach(p->lb, NULL, NULL);
    for (unsigned n = 4; n-- > 0;) {
        if (p->echo[n].channel)
            pair_withdraw(p, n);
    }
    loopback_destroy(p->lb);
    hosted_destroy(p->s, 0);
    free(p);
}

void pair_connect(struct pair *p)
{
    assert_int_equal(vmbus_bus_connect(p->bus), 0);
    assert_int_equal(vmbus_bus_version(p->bus), p->terms.version);
    hosted_run(p->s);
}

struct vmbus_host *pair_host(struct pair *p)
{
    return loopback_host(p->lb);
}

struct vmbus_host_status pair_status(struct pair *p)
{
    struct vmbus_host_status status;

    vmbus_host_status(pair_host(p), &status);
    return status;
}

/* ---- the guest's end ---------------------------------------------------- */

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
    struct vmbus_host_offer o = echo_offer(instance, index);
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

void pair_close(struct pair *p, struct vmbus_channel *c)
{
    assert_int_equal(vmbus_channel_close(c), 0);
    vmbus_channel_unclaim(c);
    if (p->c == c)
        p->c = NULL;
    hosted_run(p->s);
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
    uint64_t pfns[16], sum = 0, found;
    struct packet_gpa_range range = {
        .byte_count = bytes, .byte_offset = offset, .pfns = pfns};

    for (uint32_t i = 0; i < packet_gpa_frames(offset, bytes); i++)
        pfns[i] = seam_pfn(p->s, pages + i * 4096);
    for (uint32_t i = 0; i < bytes; i++)
        sum += pages[offset + i];
    assert_int_equal(packet_write_gpa_direct(tx, &at, p->last_transaction + 1,
                                             true, &range, 1, NULL, 0),
                     0);
    exchange(p, at);
    memcpy(&found, p->last, sizeof(found));
    assert_true(found == sum);
}

/* ---- a new host half in the place of the old one ------------------------ */

void pair_move(struct pair *p)
{
    bool published[4];
    uint8_t *image;
    size_t size;

    assert_int_equal(vmbus_host_save(pair_host(p), NULL, 0, &size), -ENOSPC);
    image = malloc(size);
    assert_int_equal(vmbus_host_save(pair_host(p), image, size, &size), 0);
    vmbus_host_reset(pair_host(p));
    for (unsigned n = 4; n-- > 0;) {
        published[n] = p->echo[n].channel != NULL;
        if (published[n])
            vmbus_host_withdraw(p->echo[n].channel);
    }
    assert_int_equal(loopback_restart(p->lb, &p->host_config), 0);
    assert_int_equal(vmbus_host_restore(pair_host(p), image, size), 0);
    free(image);
    for (unsigned n = 0; n < 4; n++) {
        if (published[n])
            pair_publish(p, n, p->echo[n].instance, p->echo[n].index);
    }
    vmbus_host_restore_end(pair_host(p));
    hosted_run(p->s);
}
