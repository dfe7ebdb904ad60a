/* The two halves: packets, external data, GPADLs, signals. */
#include "halves.h"

#include <stdlib.h>
#include <string.h>

static void packets_both_ways(const struct terms *t)
{
    struct pair *p = begin_offered(t);

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
    struct pair *p = begin_offered(t);
    uint8_t *pages = seam_pages_alloc(p->s, 8, NULL);

    memset(pages, 3, 8 * 4096);
    pair_open(p, 1, 0, 1, 0);
    pair_send_pages(p, pages, 0, 4096);
    pair_send_pages(p, pages, 4095, 2);
    pair_send_pages(p, pages, 17, 8 * 4096 - 17);
    pair_close(p, p->c);
    seam_pages_free(p->s, pages, 8);
    pair_end(p);
}

static void largest_rings(const struct terms *t)
{
    struct pair *p = begin_offered(t);

    pair_open(p, 1, 0, 1024, 1); /* 2 x 4 MiB: 73 bodies */
    pair_echo(p, 3);
    pair_close(p, p->c);
    pair_end(p);
}

static void gpadls(const struct terms *t)
{
    static const uint32_t counts[] = {1, 26, 27, 54, 55, 1000, 8190};
    struct pair *p = begin_offered(t);
    struct vmbus_host_gpadl g;
    struct vmbus_channel *c = pair_open(p, 1, 0, 1, 0);

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
        start_teardown(c, handle, &o);
        await(p, &o, 0);
        assert_false(p->echo[0].mapped);
        seam_pages_free(p->s, pages, counts[n]);
        free(pfns);
    }
    pair_close(p, c);
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

int main(void)
{
    static const struct scenario scenarios[] = {
        SCENARIO(packets_both_ways), SCENARIO(external_data),
        SCENARIO(largest_rings),     SCENARIO(gpadls),
        SCENARIO(monitor_signals),
    };

    return halves_run("halves.data", scenarios,
                      sizeof(scenarios) / sizeof(scenarios[0]));
}
