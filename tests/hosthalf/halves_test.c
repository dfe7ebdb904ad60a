/*
 * The guest half against the host half, at every version and feature set:
 * each scenario below runs for each line of `all_terms`. Neither may refuse
 * anything that the other sends (pair_end).
 */
#include "pair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct terms all_terms[] = {
    {0x0000000D, 0},    {0x00010001, 0},    {0x00020004, 0},
    {0x00030000, 0},    {0x00040000, 0},    {0x00040001, 0},
    {0x00050000, 0},    {0x00050001, 0},    {0x00050002, 0},
    {0x00050003, 0},    {0x00060000, 0},    {0x00060000, 0x01},
    {0x00060000, 0x02}, {0x00060000, 0x04}, {0x00060000, 0x08},
    {0x00060000, 0x20}, {0x00060000, 0x80}, {0x00060000, 0xFF},
};

#define TERMS (sizeof(all_terms) / sizeof(all_terms[0]))

static void connects(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_host_status status;

    pair_publish(p, 0, 1, 0);
    pair_publish(p, 1, 2, 0);
    pair_connect(p);
    status = pair_status(p);
    assert_int_equal(status.version, t->version);
    assert_int_equal(status.features, t->features & VMBUS_FEATURES_IMPLEMENTED);
    assert_int_equal(vmbus_bus_features(p->bus), status.features);
    if (status.features & VMBUS_FEATURE_CLIENT_ID)
        assert_int_equal(status.client_id.bytes[7], 0xC1);
    assert_int_equal(p->offered, 2);
    pair_publish(p, 2, 3, 0); /* hot */
    assert_int_equal(p->offered, 3);
    pair_end(p);
}

static void packets_both_ways(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    pair_open(p, 1, 0, 3, 2);
    pair_echo(p, 300); /* several times around rings of 3 and 4 pages */
    assert_int_equal(p->echo[0].packets, 300);
    assert_int_equal(p->echo[0].events, 300);
    assert_int_equal(p->event_cpu, t->version < 0x00020004 ? 0 : 2);
    pair_close(p, p->c);
    assert_int_equal(p->echo[0].closes, 1);
    assert_int_equal(pair_status(p).gpadls, 0);
    pair_end(p);
}

static void external_data(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    uint8_t *pages = seam_pages_alloc(p->s, 8, NULL);

    memset(pages, 3, 8 * 4096);
    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    pair_open(p, 1, 0, 1, 0);
    pair_send_pages(p, pages, 0, 4096);
    pair_send_pages(p, pages, 4095, 2);
    pair_send_pages(p, pages, 17, 8 * 4096 - 17);
    pair_close(p, p->c);
    seam_pages_free(p->s, pages, 8);
    pair_end(p);
}

static void opens_and_closes(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    for (unsigned n = 0; n < 20; n++) {
        pair_open(p, 1, 0, 1 + n, n % 4);
        pair_echo(p, 2);
        pair_close(p, p->c);
    }
    assert_int_equal(p->echo[0].opens, 20);
    assert_int_equal(p->echo[0].closes, 20);
    pair_end(p);
}

static void largest_rings(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    pair_open(p, 1, 0, 1024, 1); /* 2 x 4 MiB: 73 bodies */
    pair_echo(p, 3);
    pair_close(p, p->c);
    pair_end(p);
}

static bool is_set(void *arg)
{
    return *(bool *)arg;
}

struct outcome {
    bool done;
    int status;
    uint32_t host_status;
};

static void done(void *arg, int status, uint32_t host_status)
{
    struct outcome *o = arg;

    o->done = true;
    o->status = status;
    o->host_status = host_status;
}

static void await(struct pair *p, struct outcome *o)
{
    assert_int_equal(
        seam_wait(p->s, is_set, &o->done, p->s->now + SEAM_S, "an outcome"), 0);
}

static void gpadls(const struct terms *t)
{
    static const uint32_t counts[] = {1, 26, 27, 54, 55, 1000, 8190};
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;
    struct vmbus_host_gpadl g;

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = pair_open(p, 1, 0, 1, 0);
    for (unsigned n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
        uint64_t *pfns = calloc(counts[n], sizeof(*pfns));
        uint8_t *pages = seam_pages_alloc(p->s, counts[n], pfns);
        const struct vmbus_pages shared = {
            .pfns = pfns, .count = counts[n], .bytes = counts[n] * 4096};
        struct outcome o = {0};
        uint32_t handle = 0;

        assert_int_equal(vmbus_gpadl_create(c, &shared, &handle), 0);
        assert_int_equal(p->echo[0].gpadl, handle);
        assert_int_equal(vmbus_host_gpadl_map(p->echo[0].channel, handle, &g),
                         0);
        assert_int_equal(g.page_count, counts[n]);
        pages[(size_t)counts[n] * 4096 - 1] = 0x5B;
        assert_int_equal(g.base[(size_t)counts[n] * 4096 - 1], 0x5B);
        /* The server is asked and gives it back. */
        p->echo[0].mapped = true;
        assert_int_equal(vmbus_gpadl_teardown_start(c, handle, done, &o), 0);
        await(p, &o);
        assert_int_equal(o.status, 0);
        assert_false(p->echo[0].mapped);
        seam_pages_free(p->s, pages, counts[n]);
        free(pfns);
    }
    pair_close(p, c);
    pair_end(p);
}

static void servers_take_their_time(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;
    struct outcome o = {0};
    struct echo *e = &p->echo[0];

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = pair_open(p, 1, 0, 1, 0);
    e->hold_close = true;
    assert_int_equal(vmbus_channel_close_start(c, done, &o), 0);
    hosted_run(p->s);
    assert_false(o.done); /* TORNDOWN is held */
    vmbus_host_close_answer(e->channel);
    await(p, &o);
    assert_int_equal(o.status, 0);
    vmbus_channel_unclaim(c);
    p->c = NULL;
    pair_end(p);
}

static void server_refuses(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct echo *e = &p->echo[0];
    struct vmbus_channel *c;
    const struct vmbus_open open = pair_parameters(p, 1, 0);
    struct outcome o = {0};

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = vmbus_bus_next(p->bus, NULL);
    assert_int_equal(vmbus_channel_claim(c), 0);
    e->hold_open = true;
    assert_int_equal(vmbus_channel_open_start(c, &open, done, &o), 0);
    hosted_run(p->s);
    assert_false(o.done);
    e->open = false;
    vmbus_host_open_answer(e->channel, 0xC0000022);
    await(p, &o);
    assert_int_equal(o.status, -EIO);
    assert_int_equal(o.host_status, 0xC0000022);
    assert_int_equal(pair_status(p).gpadls, 0);
    vmbus_channel_unclaim(c);
    pair_end(p);
}

static void rescinded_when_offered(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    pair_withdraw(p, 0);
    assert_int_equal(p->rescinded, 1);
    assert_int_equal(pair_status(p).channels, 0); /* released */
    assert_null(vmbus_bus_next(p->bus, NULL));
    pair_publish(p, 0, 1, 0);
    assert_int_equal(p->offered, 2);
    pair_end(p);
}

static void rescinded_when_open(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = pair_open(p, 1, 0, 2, 1);
    pair_echo(p, 3);
    pair_withdraw(p, 0);
    assert_int_equal(p->rescinded, 1);
    assert_true(vmbus_channel_rescinded(c));
    assert_int_equal(pair_status(p).channels, 1);
    assert_int_equal(vmbus_channel_close(c), 0);
    vmbus_channel_unclaim(c);
    p->c = NULL;
    hosted_run(p->s);
    assert_int_equal(pair_status(p).channels, 0);
    pair_publish(p, 0, 1, 0); /* the relid is used again */
    pair_open(p, 1, 0, 2, 1);
    p->last_transaction = 0;
    pair_echo(p, 3);
    pair_close(p, p->c);
    pair_end(p);
}

static void rescinded_when_opening(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;
    const struct vmbus_open open = pair_parameters(p, 1, 0);
    struct outcome o = {0};

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = vmbus_bus_next(p->bus, NULL);
    assert_int_equal(vmbus_channel_claim(c), 0);
    p->echo[0].hold_open = true;
    assert_int_equal(vmbus_channel_open_start(c, &open, done, &o), 0);
    hosted_run(p->s);
    pair_withdraw(p, 0);
    await(p, &o);
    assert_int_equal(o.status, -ENODEV);
    vmbus_channel_unclaim(c);
    hosted_run(p->s);
    assert_int_equal(pair_status(p).channels, 0);
    pair_end(p);
}

static void subchannels(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *primary, *sub[2];

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    primary = pair_open(p, 1, 0, 1, 0);
    pair_publish(p, 1, 1, 1);
    pair_publish(p, 2, 1, 2);
    for (uint16_t n = 0; n < 2; n++) {
        sub[n] = pair_open(p, 1, (uint16_t)(n + 1), 1, n + 1u);
        p->c = sub[n];
        p->last_transaction = 0;
        pair_echo(p, 5);
        assert_int_equal(p->echo[n + 1].packets, 5);
    }
    assert_int_equal(pair_status(p).open_channels, 3);
    assert_int_equal(vmbus_channel_close(primary), -EBUSY);
    pair_close(p, sub[1]);
    pair_close(p, sub[0]);
    pair_close(p, primary);
    p->c = NULL;
    pair_end(p);
}

static void modified(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    c = pair_open(p, 1, 0, 1, 1);
    pair_echo(p, 1);
    if (t->version < 0x00040001) {
        assert_int_equal(vmbus_channel_set_cpu(c, 3), -ENOTSUP);
    } else {
        struct vmbus_host_channel_info info;

        assert_int_equal(p->event_cpu, 1);
        assert_int_equal(vmbus_channel_set_cpu(c, 3), 0);
        hosted_run(p->s);
        vmbus_host_channel_info(p->echo[0].channel, &info);
        assert_int_equal(info.target_vp, seam_vp_index(p->s, 3));
        pair_echo(p, 1);
        assert_int_equal(p->event_cpu, 3);
    }
    pair_close(p, c);
    pair_end(p);
}

static void unloads_and_reconnects(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    for (unsigned n = 1; n <= 10; n++) {
        struct vmbus_channel *c;

        pair_connect(p);
        c = pair_open(p, 1, 0, 2, 0);
        p->last_transaction = 0;
        pair_echo(p, 2);
        assert_int_equal(vmbus_bus_unload(p->bus), 0);
        assert_false(pair_status(p).connected);
        assert_int_equal(pair_status(p).gpadls, 0);
        assert_int_equal(p->echo[0].closes, n);
        assert_int_equal(vmbus_channel_close(c), 0);
        vmbus_channel_unclaim(c);
        p->c = NULL;
        hosted_run(p->s);
    }
    pair_end(p);
}

static void monitor_signals(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    uint64_t posts;

    p->monitor = true;
    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    pair_open(p, 1, 0, 1, 0);
    posts = p->s->counts.signals;
    pair_echo(p, 10);
    /* The offer has a monitor and the guest gave pages: no hypercall. */
    assert_int_equal(p->s->counts.signals, posts);
    assert_true(vmbus_bus_stats(p->bus)->monitor_signals_out >= 10);
    assert_int_equal(p->echo[0].events,
                     vmbus_bus_stats(p->bus)->monitor_signals_out);
    pair_close(p, p->c);
    pair_end(p);
}

static void saved_and_restored(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;
    struct outcome o = {0};

    pair_publish(p, 0, 1, 0);
    pair_publish(p, 1, 2, 0);
    pair_move(p); /* nobody there */
    pair_connect(p);
    pair_move(p); /* connected, all offered */
    assert_int_equal(p->offered, 2);
    c = pair_open(p, 1, 0, 2, 2);
    pair_echo(p, 5);
    for (unsigned n = 1; n <= 5; n++) {
        pair_move(p); /* open, the rings as they are */
        assert_int_equal(p->echo[0].restores, n);
        pair_echo(p, 5);
    }
    p->echo[0].hold_close = true;
    assert_int_equal(vmbus_channel_close_start(c, done, &o), 0);
    hosted_run(p->s);
    assert_false(o.done);
    p->echo[0].hold_close = false;
    assert_int_equal(p->rescinded, 0);
    vmbus_host_close_answer(p->echo[0].channel);
    await(p, &o);
    assert_int_equal(o.status, 0);
    vmbus_channel_unclaim(c);
    p->c = NULL;
    pair_end(p);
}

static void hv_sock_is_refused(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_guid endpoint = {{1}}, service = {{2}};
    int status;

    pair_connect(p);
    status = vmbus_tl_connect(p->bus, &endpoint, &service, NULL);
    assert_int_equal(status, t->version < 0x00040000   ? -ENOTSUP
                             : t->version < 0x00040001 ? -ETIMEDOUT
                                                       : -ECONNREFUSED);
    pair_end(p);
}

static void two_beside_each_other(const struct terms *t)
{
    struct pair *a = pair_begin(t), *b = pair_begin(&all_terms[4]);

    pair_publish(a, 0, 1, 0);
    pair_publish(b, 0, 1, 0);
    pair_connect(a);
    pair_connect(b);
    pair_open(a, 1, 0, 1, 0);
    pair_open(b, 1, 0, 1, 3);
    for (unsigned n = 0; n < 10; n++) {
        pair_echo(a, 2);
        pair_echo(b, 3);
    }
    assert_int_equal(a->echo[0].packets, 20);
    assert_int_equal(b->echo[0].packets, 30);
    pair_close(a, a->c);
    pair_close(b, b->c);
    pair_end(a);
    pair_end(b);
}

/* Connects, opens and closes as far as memory allows. */
static void attempt(struct pair *p)
{
    const struct vmbus_open open = pair_parameters(p, 1, 1);
    struct vmbus_channel *c;

    if (vmbus_bus_connect(p->bus) != 0)
        return;
    c = vmbus_bus_next(p->bus, NULL);
    if (!c || vmbus_channel_claim(c) != 0)
        return;
    p->c = c;
    if (vmbus_channel_open(c, &open) == 0) {
        p->s->fail_at = 0;
        pair_echo(p, 1);
        assert_int_equal(vmbus_channel_close(c), 0);
    }
    vmbus_channel_unclaim(c);
    p->c = NULL;
}

/* Neither half may leak, hang or break a rule, whatever cannot be had. */
static void each_allocation_fails_once(const struct terms *t)
{
    uint64_t failed;

    for (uint64_t n = 1;; n++) {
        struct pair *p = pair_begin(t);

        p->starved = true;
        pair_publish(p, 0, 1, 0);
        p->s->fail_at = p->s->counts.allocations + n;
        attempt(p);
        p->s->fail_at = 0;
        hosted_advance(p->s, SEAM_S);
        failed = p->s->counts.failed;
        pair_end(p);
        if (failed == 0)
            break;
    }
}

/* ---- every scenario with every line ------------------------------------- */

static const struct {
    const char *name;
    void (*run)(const struct terms *t);
} scenarios[] = {
    {"connects", connects},
    {"packets_both_ways", packets_both_ways},
    {"external_data", external_data},
    {"opens_and_closes", opens_and_closes},
    {"largest_rings", largest_rings},
    {"gpadls", gpadls},
    {"servers_take_their_time", servers_take_their_time},
    {"server_refuses", server_refuses},
    {"rescinded_when_offered", rescinded_when_offered},
    {"rescinded_when_open", rescinded_when_open},
    {"rescinded_when_opening", rescinded_when_opening},
    {"subchannels", subchannels},
    {"modified", modified},
    {"unloads_and_reconnects", unloads_and_reconnects},
    {"monitor_signals", monitor_signals},
    {"saved_and_restored", saved_and_restored},
    {"hv_sock_is_refused", hv_sock_is_refused},
    {"two_beside_each_other", two_beside_each_other},
    {"each_allocation_fails_once", each_allocation_fails_once},
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

struct cell {
    unsigned scenario, terms;
};

static void run_cell(void **state)
{
    const struct cell *cell = *state;

    scenarios[cell->scenario].run(&all_terms[cell->terms]);
}

int main(void)
{
    static struct cell cells[SCENARIOS * TERMS];
    static char names[SCENARIOS * TERMS][64];
    static struct CMUnitTest tests[SCENARIOS * TERMS];

    for (unsigned n = 0; n < SCENARIOS * TERMS; n++) {
        const struct terms *t = &all_terms[n % TERMS];

        cells[n] = (struct cell){n / TERMS, n % TERMS};
        snprintf(names[n], sizeof(names[n]), "%s at %u.%u features 0x%02x",
                 scenarios[n / TERMS].name, t->version >> 16,
                 t->version & 0xffff, t->features);
        tests[n] = (struct CMUnitTest){
            .name = names[n],
            .test_func = run_cell,
            .initial_state = &cells[n],
        };
    }
    return _cmocka_run_group_tests("halves", tests, SCENARIOS * TERMS, NULL,
                                   NULL);
}
