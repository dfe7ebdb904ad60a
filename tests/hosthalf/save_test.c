/*
 * Save and restore: at each state the host half is saved, thrown away and
 * restored into a new one, and the guest goes on as if nothing had happened.
 */
#define _GNU_SOURCE /* memmem */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct image {
    uint8_t *bytes;
    size_t size;
};

static int setup(void **state)
{
    *state = script_begin(&any_guest);
    return 0;
}

static int teardown(void **state)
{
    script_end(*state);
    return 0;
}

static struct server *const nobody[1];

static struct image save(struct script *s)
{
    struct image i = {0};
    size_t again;

    assert_int_equal(vmbus_host_save(s->host, NULL, 0, &i.size), -ENOSPC);
    i.bytes = malloc(i.size);
    assert_non_null(i.bytes);
    assert_int_equal(vmbus_host_save(s->host, i.bytes, i.size - 1, &again),
                     -ENOSPC);
    assert_int_equal(again, i.size);
    assert_int_equal(vmbus_host_save(s->host, i.bytes, i.size, &again), 0);
    assert_int_equal(again, i.size);
    return i;
}

/* Throws the host half away without a word to the guest, as a process that
 * ends does, and puts a new one in its place. */
static void replace(struct script *s, struct server *const *servers,
                    unsigned count, const struct vmbus_host_config *config)
{
    vmbus_host_reset(s->host);
    for (unsigned n = count; n-- > 0;) {
        if (servers[n]->channel)
            withdraw(servers[n]);
        *servers[n] = (struct server){.script = s};
    }
    configure(s, config);
}

/* All of it: saves, replaces, restores; servers come back in their order. */
static void move(struct script *s, struct server *const *servers,
                 unsigned count)
{
    struct image i = save(s);

    replace(s, servers, count, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
}

static void move_one(struct script *s, struct server *v)
{
    struct server *const servers[] = {v};

    move(s, servers, 1);
    publish(s, v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
}

static void nothing_at_all(void **state)
{
    struct script *s = *state;

    move(s, nobody, 0);
    vmbus_host_restore_end(s->host);
    connect_at(s, 0x00040000);
    take_offers(s);
}

static void connection_of_each_version(void **state)
{
    static const uint32_t versions[] = {
        0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
        0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000};
    struct script *s = *state;

    for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct bytes b = contact(versions[i], 2);
        uint64_t pfn;
        void *page = seam_pages_alloc(s->seam, 1, &pfn);

        s->connection = versions[i] >= 0x00050000 ? 4 : 1;
        if (versions[i] < 0x00050000)
            put64(&b, 16, pfn << 12);
        say(s, &b);
        hear(s);
        move(s, nobody, 0);
        vmbus_host_restore_end(s->host);
        assert_int_equal(status_of(s).version, versions[i]);
        s->heard_first = 0;
        take_offers(s);
        assert_int_equal(s->heard[0].vp, versions[i] < 0x00030000 ? 0 : 2);
        vmbus_host_reset(s->host);
        seam_pages_free(s->seam, page, 1);
    }
    broke_nothing(s);
}

static void published_and_not_asked_for(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    publish(s, &v, 0x11, 0x22, 0);
    connect_at(s, 0x00040000);
    move_one(s, &v);
    take_offers(s);
    assert_true(info_of(&v).offered);
    withdraw(&v);
}

static void offers_that_wait(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct server *const servers[] = {&v, &w};
    struct bytes b;

    publish(s, &v, 1, 1, 0);
    publish(s, &w, 1, 2, 0);
    connect_at(s, 0x00040000);
    s->room = 1;
    say_header(s, 3);
    hear_type(s, 1, 196);
    move(s, servers, 2);
    s->room = UINT32_MAX;
    publish(s, &w, 1, 2, 0);
    publish(s, &v, 1, 1, 0);
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    b = hear_type(s, 1, 196);
    assert_int_equal(get32(&b, 184), 2);
    hear_type(s, 4, 8);
    hear_nothing(s);
    assert_int_equal(info_of(&v).relid, 1);
    assert_int_equal(info_of(&w).relid, 2);
    withdraw(&w);
    withdraw(&v);
}

static void messages_not_delivered(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[2] = {1, 2};

    begin_offered(s, &v, 0x00050003);
    s->room = 0;
    say_gpadl(s, 1, 5, pfns, 1);
    say_gpadl(s, 1, 6, pfns, 2);
    say_modify(s, 1, 2);
    s->rules = 0;
    assert_int_equal(status_of(s).undelivered, 3);
    move_one(s, &v);
    assert_int_equal(status_of(s).undelivered, 3);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_created(s, 1, 5, 0);
    hear_created(s, 1, 6, 0);
    hear_type(s, 24, 16);
    hear_nothing(s);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
}

static void half_a_gpadl(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[60];
    void *pages = seam_pages_alloc(s->seam, 60, pfns);
    struct bytes b = gpadl_header(1, 5, 60 * 4096, 0, pfns, 60);
    struct vmbus_host_gpadl g;

    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    b = gpadl_body(5, pfns + 26, 10);
    say(s, &b);
    move_one(s, &v);
    b = gpadl_body(5, pfns + 36, 24);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    assert_int_equal(v.created, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    assert_memory_equal(g.pfns, pfns, sizeof(pfns));
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 60);
}

static void gpadl_with_ranges(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[3];
    void *pages = seam_pages_alloc(s->seam, 3, pfns);
    struct bytes b = gpadl_header(1, 5, 4097, 4095, pfns, 2);
    struct vmbus_host_gpadl g;
    struct vmbus_host_range r;

    put16(&b, 16, 40);
    put16(&b, 18, 2);
    put32(&b, 44, 17);
    put32(&b, 48, 3);
    put64(&b, 52, pfns[2]);
    b.size = 60;
    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    move_one(s, &v);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    assert_memory_equal(g.pfns, pfns, sizeof(pfns));
    assert_int_equal(vmbus_host_gpadl_range(v.channel, 5, 1, &r), 0);
    assert_int_equal(r.size, 17);
    assert_int_equal(r.offset, 3);
    assert_int_equal(r.first_page, 2);
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 3);
}

static void open_not_answered(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    move_one(s, &v);
    assert_int_equal(v.opened, 1);
    assert_true(v.open.restored);
    hear_result(s, 1, 0x77, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void open_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint8_t *pages = begin_open(s, &v, 0x00050003);

    pages[4096] = 0x61; /* ring contents are the guest's memory */
    say_modify(s, 1, 3);
    hear_type(s, 24, 16);
    move_one(s, &v);
    assert_int_equal(v.opened, 1);
    assert_true(v.open.restored);
    assert_int_equal(v.open.open_id, 0x77);
    assert_int_equal(v.open.target_vp, 3);
    assert_int_equal(v.open.in.data[0], 0x61);
    hear_nothing(s); /* the guest was told long ago */
    assert_true(info_of(&v).open);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    assert_int_equal(v.signalled, 1);
    s->signal_count = 0;
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(s->signals[0].vp, 3);
    close_and_free(s, pages, 4);
    withdraw(&v);
    broke_nothing(s);
}

/* Saved once more between restore and the server's answer. */
static void saved_before_it_was_claimed(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct server *const servers[] = {&v};

    move(s, servers, 1);
    move(s, servers, 1); /* nobody has claimed it yet */
    v.holds_open = true;
    publish(s, &v, 0x11, 0x22, 0);
    move(s, servers, 1); /* claimed, not answered */
    publish(s, &v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
    assert_int_equal(v.opened, 1);
    assert_true(info_of(&v).open);
    hear_nothing(s);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void open_channel_with_guests_signals(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x03};
    struct server v = {0};
    struct server *const servers[] = {&v};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(1, 1, 9, 0, 2);
    struct image i;

    configure(s, &config);
    publish(s, &v, 1, 1, 0);
    connect_with(s, 0x03);
    take_offers(s);
    say_gpadl(s, 1, 9, pfns, 4);
    b.size = 156;
    put32(&b, 148, 0x99); /* below those of the offers */
    put16(&b, 152, 44);
    put16(&b, 154, 1);
    say(s, &b);
    forget_heard(s);
    i = save(s);
    replace(s, servers, 1, &config);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
    publish(s, &v, 1, 1, 0);
    vmbus_host_restore_end(s->host);
    assert_int_equal(vmbus_host_event(s->host, 0x99, 0), 0);
    s->signal_count = 0;
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[0].flag, 44);
    assert_int_equal(s->signals[0].sint, 7);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void server_refuses_a_restored_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);

    move(s, servers, 1);
    v.refuse = 5;
    publish(s, &v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 2, 12);
    hear_nothing(s);
    assert_true(info_of(&v).rescinded);
    /* Saved like this, it is a withdrawn channel. */
    move(s, servers, 1);
    vmbus_host_restore_end(s->host);
    hear_nothing(s);
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void refused_and_withdrawn_is_rescinded_once(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);

    move(s, servers, 1);
    v.refuse = 5;
    publish(s, &v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
    withdraw(&v);
    hear_type(s, 2, 12);
    hear_nothing(s);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void unclaimed_channels_are_rescinded(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct server *const servers[] = {&v, &w};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b;

    s->room = 0;
    publish(s, &w, 1, 1, 0); /* the guest was never told of it */
    move(s, servers, 2);
    s->room = UINT32_MAX;
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    b = hear_type(s, 2, 12);
    assert_int_equal(get32(&b, 8), 1);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void closing_channel(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_nothing(s);
    /* The old server is gone, so it has let go. */
    move_one(s, &v);
    hear_torndown(s, RING_GPADL);
    assert_int_equal(v.opened, 0);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void ring_teardown_before_close(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    say_teardown(s, 1, RING_GPADL);
    s->rules = 0;
    move_one(s, &v);
    hear_nothing(s);
    assert_true(info_of(&v).open);
    say_relid(s, 7, 1);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void mapped_gpadl_being_torn_down(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl g;
    struct image i;
    struct server *const servers[] = {&v};
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, &pfn, 1);
    hear_created(s, 1, 5, 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    say_teardown(s, 1, 5);
    i = save(s);
    vmbus_host_gpadl_unmap(v.channel, 5);
    forget_heard(s);
    replace(s, servers, 1, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
    publish(s, &v, 0x11, 0x22, 0);
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    hear_torndown(s, 5);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
}

static void withdrawn_and_not_released(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[60] = {1};
    struct bytes b = gpadl_header(1, 6, 60 * 4096, 0, pfns, 60);

    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    withdraw(&v);
    forget_heard(s);
    move_one(s, &w); /* same identity, but another channel */
    assert_int_equal(info_of(&w).relid, 2);
    b = hear_type(s, 1, 196);
    b = gpadl_body(6, pfns, 28);
    say(s, &b);
    say_relid(s, 13, 1);
    broke_nothing(s);
    assert_int_equal(status_of(s).channels, 1);
    withdraw(&w);
}

static void released_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    say_relid(s, 13, 1);
    move_one(s, &v);
    hear_nothing(s);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    withdraw(&v);
    hear_nothing(s);
}

static void unload_on_its_way(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);
    struct image i;

    say_header(s, 16);
    hear_nothing(s);
    i = save(s);
    vmbus_host_close_answer(v.channel);
    forget_heard(s);
    replace(s, servers, 1, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
    publish(s, &v, 0x11, 0x22, 0);
    assert_int_equal(v.opened, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 17, 8);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void contact_on_its_way(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = contact(0x00030000, 1);
    struct image i;

    say(s, &b);
    i = save(s);
    vmbus_host_close_answer(v.channel);
    forget_heard(s);
    replace(s, servers, 1, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
    publish(s, &v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 15, 16);
    assert_int_equal(status_of(s).version, 0x00030000);
    take_offers(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void monitor_and_interrupt_pages(void **state)
{
    struct script *s = *state;
    struct server v = {.script = s};
    struct server *const servers[] = {&v};
    struct vmbus_host_offer o = an_offer(0x11, 0x22, 0);
    uint64_t pfns[3], ring[4];
    uint8_t *pages = seam_pages_alloc(s->seam, 3, pfns);
    void *rings = seam_pages_alloc(s->seam, 4, ring);
    struct bytes b = contact(0x00010001, 0);

    put64(&b, 16, pfns[0] << 12);
    put64(&b, 24, pfns[1] << 12);
    put64(&b, 32, pfns[2] << 12);
    o.monitor = true;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &v, &v.channel), 0);
    say(s, &b);
    hear(s);
    take_offers(s);
    say_gpadl(s, 1, 9, ring, 4);
    b = open_message(1, 1, 9, 0, 2);
    say(s, &b);
    forget_heard(s);
    move(s, servers, 1);
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &v, &v.channel), 0);
    vmbus_host_restore_end(s->host);
    pages[2 * 4096 + 8] = 1;
    assert_int_equal(vmbus_host_monitor_poll(s->host), 1);
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(pages[0], 2);
    vmbus_host_reset(s->host);
    withdraw(&v);
    seam_pages_free(s->seam, rings, 4);
    seam_pages_free(s->seam, pages, 3);
}

static void paused(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};
    struct image i;

    configure(s, &config);
    connect_with(s, 0x20);
    take_offers(s);
    s->room = 0;
    say_header(s, 27);
    i = save(s);
    replace(s, nobody, 0, &config);
    s->room = UINT32_MAX;
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    free(i.bytes);
    publish(s, &v, 1, 1, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 28, 8);
    hear_nothing(s);
    say_header(s, 29);
    hear_type(s, 1, 196);
    withdraw(&v);
}

static void nothing_is_taken_while_restoring(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    move(s, nobody, 0);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), -EAGAIN);
    vmbus_host_restore_end(s->host);
    vmbus_host_restore_end(s->host); /* does nothing */
    connect_at(s, 0x00040000);
}

static void claims_are_checked(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {.script = s};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);
    struct vmbus_host_offer o = an_offer(0x11, 0x22, 0);

    move(s, servers, 1);
    o.flags = VMBUS_OFFER_PIPE;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &w, &w.channel), -EINVAL);
    o.flags = 0;
    s->seam->no_maps = true;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &w, &w.channel), -EFAULT);
    s->seam->no_maps = false;
    publish(s, &v, 0x11, 0x22, 0);
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &w, &w.channel), -EEXIST);
    vmbus_host_restore_end(s->host);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* ---- bad images --------------------------------------------------------- */

/* A state with something of everything; returns its image. */
static struct image rich(struct script *s, struct server v[3], void **pages,
                         const struct vmbus_host_config *config)
{
    uint64_t pfns[60];
    struct server *const servers[] = {&v[0], &v[1], &v[2]};
    struct bytes b;
    struct image i;

    *pages = seam_pages_alloc(s->seam, 60, pfns);
    v[1].holds_open = true;
    for (uint8_t n = 0; n < 3; n++)
        publish(s, &v[n], 1, n, 0);
    b = contact(0x00050003, 1);
    put64(&b, 24, pfns[58] << 12);
    put64(&b, 32, pfns[59] << 12);
    s->connection = 4;
    say(s, &b);
    hear(s);
    take_offers(s);
    say_gpadl(s, 1, 1, pfns, 4);
    say_gpadl(s, 2, 2, pfns + 4, 30);
    b = open_message(1, 1, 1, 1, 2);
    say(s, &b);
    b = open_message(2, 2, 2, 0xFFFFFFFF, 20);
    say(s, &b);
    b = gpadl_header(2, 3, 60 * 4096, 0, pfns, 60);
    say(s, &b);
    s->room = 0;
    say_gpadl(s, 1, 4, pfns, 1);
    withdraw(&v[2]);
    forget_heard(s);
    i = save(s);
    s->room = UINT32_MAX;
    replace(s, servers, 3, config);
    return i;
}

/* What the host half itself computes over the body: CRC-32 of IEEE 802.3. */
static uint32_t crc32(const uint8_t *p, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;

    while (size--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void fix_crc(struct image *i)
{
    uint32_t crc = crc32(i->bytes + 24, i->size - 24);

    for (unsigned n = 0; n < 4; n++)
        i->bytes[12 + n] = (uint8_t)(crc >> 8 * n);
}

static void corrupted_images_are_refused(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);

    for (size_t at = 0; at < i.size; at++) {
        int status;

        i.bytes[at] ^= 0x10;
        status = vmbus_host_restore(s->host, i.bytes, i.size);
        i.bytes[at] ^= 0x10;
        assert_true(status == -EBADMSG || (at >= 8 && at < 12));
        assert_true(status != 0);
        assert_int_equal(status_of(s).channels, 0);
    }
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), 0);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

static void truncated_images_are_refused(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);

    for (size_t size = 0; size < i.size; size++) {
        /* On the heap in its exact size, so that reading on is seen. */
        uint8_t *copy = malloc(size ? size : 1);

        memcpy(copy, i.bytes, size);
        assert_int_equal(vmbus_host_restore(s->host, copy, size), -EBADMSG);
        free(copy);
    }
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

/* Also truncated with length and checksum set right. */
static void truncation_with_a_right_checksum(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);
    size_t whole = i.size;

    for (i.size = 24; i.size < whole; i.size++) {
        for (unsigned n = 0; n < 8; n++)
            i.bytes[16 + n] = (uint8_t)((i.size - 24) >> 8 * n);
        fix_crc(&i);
        assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size),
                         -EBADMSG);
        assert_int_equal(status_of(s).channels, 0);
    }
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

/* Made by somebody who knows the checksum: never a crash, and whatever is
 * accepted can be used and thrown away. */
static void forged_images_do_no_harm(void **state)
{
    static const uint8_t masks[] = {0x01, 0x02, 0x80, 0xFF};
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);
    unsigned accepted = 0, refused = 0;

    for (size_t at = 24; at < i.size; at++) {
        for (unsigned m = 0; m < sizeof(masks); m++) {
            i.bytes[at] ^= masks[m];
            fix_crc(&i);
            if (vmbus_host_restore(s->host, i.bytes, i.size) == 0) {
                accepted++;
                vmbus_host_restore_end(s->host);
                vmbus_host_reset(s->host);
                configure(s, &any_guest);
                forget_heard(s);
            } else {
                refused++;
            }
            i.bytes[at] ^= masks[m];
        }
    }
    assert_true(accepted > 100);
    assert_true(refused > 100);
    s->heard_count = 0;
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

/* A channel that is open on rings which do not fit. */
static void rings_of_an_image_are_checked(void **state)
{
    static const uint8_t handle[4] = {0x10, 0x1E, 0x0E, 0x00};
    struct script *s = *state;
    struct server v = {0};
    struct server *const servers[] = {&v};
    void *pages = begin_open(s, &v, 0x00040000);
    struct image i = save(s);
    uint8_t *found = memmem(i.bytes, i.size, handle, sizeof(handle));

    replace(s, servers, 1, &any_guest);
    assert_non_null(found); /* in the channel; the page follows */
    assert_int_equal(found[4], 2);
    found[4] = 3;
    fix_crc(&i);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBADMSG);
    found[4] = 2;
    found[0]++;
    fix_crc(&i);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBADMSG);
    free(i.bytes);
    seam_pages_free(s->seam, pages, 4);
}

/* Finds `size` bytes that occur once in an image. */
static uint8_t *locate(const struct image *i, const void *bytes, size_t size)
{
    uint8_t *found = memmem(i->bytes, i->size, bytes, size);

    assert_non_null(found);
    assert_null(memmem(found + 1, i->size - (size_t)(found + 1 - i->bytes),
                       bytes, size));
    return found;
}

/* Two channels of one relid, else as they must be. */
static void relids_of_an_image_are_checked(void **state)
{
    /* relid 2, no monitor, not withdrawn, offered; its GPADL's relid */
    static const uint8_t second[7] = {2, 0, 0, 0, 0xFF, 0, 1};
    static const uint8_t its_gpadl[8] = {2, 0, 0, 0, 0x34, 0x12, 0xCD, 0xAB};
    const struct vmbus_host_config config = {.features = 0x01};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct server *const servers[] = {&v, &w};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(2, 1, 0xABCD1234, 0, 2);
    struct image i;

    configure(s, &config);
    publish(s, &v, 1, 1, 0);
    publish(s, &w, 1, 2, 0);
    connect_with(s, 0x01);
    take_offers(s);
    say_gpadl(s, 2, 0xABCD1234, pfns, 4);
    b.size = 156;
    put32(&b, 148, 0x9999);
    put16(&b, 152, 44);
    say(s, &b);
    forget_heard(s);
    i = save(s);
    replace(s, servers, 2, &config);
    *locate(&i, second, sizeof(second)) = 1;
    *locate(&i, its_gpadl, sizeof(its_gpadl)) = 1;
    fix_crc(&i);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBADMSG);
    free(i.bytes);
    seam_pages_free(s->seam, pages, 4);
}

/* Two channels with the same GUIDs and sub-channel. */
static void identities_of_an_image_are_checked(void **state)
{
    static const uint8_t second[18] = {2, 2, 2, 2, 2, 2, 2, 2, 2,
                                       2, 2, 2, 2, 2, 2, 2, 0, 0};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct server *const servers[] = {&v, &w};
    struct image i;

    publish(s, &v, 9, 1, 0);
    publish(s, &w, 9, 2, 0);
    i = save(s);
    replace(s, servers, 2, &any_guest);
    memset(locate(&i, second, sizeof(second)), 1, 16);
    fix_crc(&i);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBADMSG);
    free(i.bytes);
}

/* Who is not connected has no features, pages, offers or channels. */
static void idle_images_are_checked(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct server *const servers[] = {&v};
    struct image i;

    publish(s, &v, 9, 1, 0);
    i = save(s);
    replace(s, servers, 1, &any_guest);
    for (size_t at = 24 + 4; at < 24 + 58; at++) {
        i.bytes[at] ^= 1;
        fix_crc(&i);
        /* VP, SINT and client id may be anything; 81: a reset under way. */
        if (vmbus_host_restore(s->host, i.bytes, i.size) == 0) {
            assert_true((at >= 32 && at <= 36) || (at >= 41 && at < 57) ||
                        at == 81);
            vmbus_host_restore_end(s->host);
            configure(s, &any_guest);
        }
        i.bytes[at] ^= 1;
    }
    free(i.bytes);
}

/* A closed channel has its own id, not one that another may get. */
static void connections_of_an_image_are_checked(void **state)
{
    static const uint8_t own[7] = {0x01, 0x20, 0, 0, 1, 0, 2};
    struct script *s = *state;
    struct server v = {0};
    struct server *const servers[] = {&v};
    struct image i;

    publish(s, &v, 1, 1, 0);
    i = save(s);
    replace(s, servers, 1, &any_guest);
    for (unsigned n = 0; n < sizeof(own); n++) {
        uint8_t *found = locate(&i, own, sizeof(own));

        found[n] ^= 3;
        fix_crc(&i);
        assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size),
                         -EBADMSG);
        found[n] ^= 3;
    }
    free(i.bytes);
}

static void restore_without_memory(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);
    uint64_t failures = 0;
    int status;

    do {
        s->seam->fail_at = s->seam->counts.allocations + ++failures;
        status = vmbus_host_restore(s->host, i.bytes, i.size);
        s->seam->fail_at = 0;
        assert_true(status == 0 || status == -ENOMEM || status == -EFAULT);
        assert_true(status == 0 || status_of(s).channels == 0);
    } while (status != 0);
    assert_true(failures > 15);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

static void config_must_allow_the_state(void **state)
{
    static const struct vmbus_host_config small[] = {
        {.max_version = 0x00050002},
        {.min_version = 0x00060000},
        {.vp_count = 1},
        {.max_channels = 2},
        {.max_gpadls = 2},
        {.max_gpadl_pages = 60},
    };
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);

    for (unsigned n = 0; n < sizeof(small) / sizeof(small[0]); n++) {
        configure(s, &small[n]);
        assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size),
                         -ENOTSUP);
        /* As new: it can serve a guest. */
        connect_at(s, n == 1 ? 0x00060000 : 0x00050000);
    }
    i.bytes[8] = 2; /* another format */
    configure(s, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -ENOTSUP);
    free(i.bytes);
    seam_pages_free(s->seam, pages, 60);
}

static void features_must_be_configured(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x04};
    struct image i;

    configure(s, &config);
    connect_with(s, 0x04);
    i = save(s);
    replace(s, nobody, 0, &any_guest);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -ENOTSUP);
    free(i.bytes);
}

static void pages_must_be_there(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    void *pages;
    struct image i = rich(s, v, &pages, &any_guest);

    seam_pages_free(s->seam, pages, 60);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EFAULT);
    assert_int_equal(status_of(s).channels, 0);
    connect_at(s, 0x00040000);
    free(i.bytes);
}

static void only_a_new_host_half_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct image i = save(s);

    publish(s, &v, 1, 1, 0);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBUSY);
    withdraw(&v);
    assert_int_equal(vmbus_host_restore(s->host, i.bytes, i.size), -EBUSY);
    free(i.bytes);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_at_all),
        T(connection_of_each_version),
        T(published_and_not_asked_for),
        T(offers_that_wait),
        T(messages_not_delivered),
        T(half_a_gpadl),
        T(gpadl_with_ranges),
        T(open_not_answered),
        T(open_channel),
        T(saved_before_it_was_claimed),
        T(open_channel_with_guests_signals),
        T(server_refuses_a_restored_channel),
        T(refused_and_withdrawn_is_rescinded_once),
        T(unclaimed_channels_are_rescinded),
        T(closing_channel),
        T(ring_teardown_before_close),
        T(mapped_gpadl_being_torn_down),
        T(withdrawn_and_not_released),
        T(released_channel),
        T(unload_on_its_way),
        T(contact_on_its_way),
        T(monitor_and_interrupt_pages),
        T(paused),
        T(nothing_is_taken_while_restoring),
        T(claims_are_checked),
        T(corrupted_images_are_refused),
        T(truncated_images_are_refused),
        T(truncation_with_a_right_checksum),
        T(forged_images_do_no_harm),
        T(rings_of_an_image_are_checked),
        T(relids_of_an_image_are_checked),
        T(connections_of_an_image_are_checked),
        T(identities_of_an_image_are_checked),
        T(idle_images_are_checked),
        T(restore_without_memory),
        T(config_must_allow_the_state),
        T(features_must_be_configured),
        T(pages_must_be_there),
        T(only_a_new_host_half_is_restored),
    };

    return cmocka_run_group_tests_name("hosthalf.save", tests, NULL, NULL);
}
