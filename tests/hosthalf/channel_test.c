/* Opening, closing and modifying channels. */
#include "script.h"

#include <errno.h>
#include <string.h>

#define FAILED_STATE     0xC0000184u
#define FAILED_PARAMETER 0xC000000Du
#define FAILED_RESOURCES 0xC000009Au

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

/* N.3 of the protocol notes, for channel 1: rings of 2 + 2 pages. */
static void open_bytes_by_hand(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    uint32_t *words = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = hex("05 00 00 00 00 00 00 00 01 00 00 00 05 00 00 00"
                         "10 1e 0e 00 00 00 00 00 02 00 00 00 00 00 00 00");

    begin_offered(s, &v, 0x00050002);
    say_gpadl(s, 1, 0xE1E10, pfns, 4);
    hear_hex(s, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00"
                "00 00 00 00");
    b.size = 148;
    put8(&b, 28, 0xD1);
    put8(&b, 147, 0xD2);
    say(s, &b);
    hear_hex(s, "06 00 00 00 00 00 00 00 01 00 00 00 05 00 00 00"
                "00 00 00 00");
    assert_int_equal(v.opened, 1);
    assert_int_equal(v.open.open_id, 5);
    assert_int_equal(v.open.target_vp, 0);
    assert_false(v.open.restored);
    assert_int_equal(v.open.user_data[0], 0xD1);
    assert_int_equal(v.open.user_data[119], 0xD2);
    assert_int_equal(v.open.in.size, 4096);
    assert_int_equal(v.open.out.size, 4096);
    assert_true(info_of(&v).open);

    /* The guest's outgoing ring is what the server reads. */
    words[0] = 0x11111111;
    words[1024] = 0x22222222;
    words[2048] = 0x33333333;
    words[3072] = 0x44444444;
    assert_int_equal(*(uint32_t *)(void *)v.open.in.control, 0x11111111);
    assert_int_equal(*(uint32_t *)(void *)v.open.in.data, 0x22222222);
    assert_int_equal(*(uint32_t *)(void *)v.open.out.control, 0x33333333);
    assert_int_equal(*(uint32_t *)(void *)v.open.out.data, 0x44444444);
    assert_true(v.open.in.twice);
    assert_int_equal(*(uint32_t *)(void *)(v.open.out.data + 4096), 0x44444444);
    say_hex(s, "07 00 00 00 00 00 00 00 01 00 00 00");
    hear_nothing(s);
    assert_int_equal(v.closed, 1);
    say_hex(s, "0b 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00");
    hear_hex(s, "0c 00 00 00 00 00 00 00 10 1e 0e 00");
    broke_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, words, 4);
}

static void rings_of_different_sizes(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[40];
    void *pages = seam_pages_alloc(s->seam, 40, pfns);
    struct bytes b = open_message(1, 1, 9, 1, 31);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 9, pfns, 40);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_int_equal(v.open.in.size, 30 * 4096);
    assert_int_equal(v.open.out.size, 8 * 4096);
    assert_int_equal(v.open.target_vp, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 40);
}

static void server_refuses(void **state)
{
    struct script *s = *state;
    struct server v = {.refuse = 0xC0001234};
    void *pages = begin_open(s, &v, 0x00040000);

    assert_false(info_of(&v).open);
    assert_int_equal(s->seam->counts.mappings, 0);
    assert_int_equal(v.closed, 0);
    /* Nothing to close, but the GPADL is there and can be tried again. */
    v.refuse = 0;
    say(s, &(struct bytes[1]){open_message(1, 8, RING_GPADL, 0, 2)}[0]);
    hear_result(s, 1, 8, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void server_answers_later(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    hear_nothing(s);
    assert_false(info_of(&v).open);
    assert_int_equal(vmbus_host_signal(v.channel), -ENOTCONN);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    vmbus_host_open_answer(v.channel, 5); /* too late for anything */
    hear_nothing(s);
    assert_true(info_of(&v).open);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_server_without_callbacks_accepts(void **state)
{
    static const struct vmbus_host_server none;
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(1, 1, RING_GPADL, 0, 2);

    assert_int_equal(vmbus_host_offer(s->host, &o, &none, NULL, &v.channel), 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    say_gpadl(s, 1, RING_GPADL, pfns, 4);
    hear_created(s, 1, RING_GPADL, 0);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void bad_geometry_is_refused(void **state)
{
    static const struct {
        uint32_t handle, downstream;
    } bad[] = {
        {1, 0},  {1, 1}, {1, 3}, {1, 4}, {1, 0xFFFFFFFF}, /* of 4 pages */
        {2, 2},                                           /* 3 pages */
        {3, 2},                                           /* not whole pages */
        {4, 2},  /* not at a page boundary */
        {5, 2},  /* two ranges */
        {6, 2},  /* of another channel */
        {7, 2},  /* not complete */
        {99, 2}, /* there is none */
    };
    struct script *s = *state;
    struct server v = {0}, other = {0};
    uint64_t pfns[8];
    void *pages = seam_pages_alloc(s->seam, 8, pfns);
    struct bytes b;

    publish(s, &other, 3, 3, 0);
    publish(s, &v, 1, 1, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    say_gpadl(s, 2, 1, pfns, 4);
    say_gpadl(s, 2, 2, pfns, 3);
    b = gpadl_header(2, 3, 4 * 4096 - 8, 0, pfns, 4);
    say(s, &b);
    b = gpadl_header(2, 4, 4 * 4096, 8, pfns, 5);
    say(s, &b);
    b = gpadl_header(2, 5, 2 * 4096, 0, pfns, 2);
    b.size += 24;
    put16(&b, 16, 48);
    put16(&b, 18, 2);
    put32(&b, 44, 2 * 4096);
    put64(&b, 52, pfns[2]);
    put64(&b, 60, pfns[3]);
    say(s, &b);
    say_gpadl(s, 1, 6, pfns, 4);
    for (uint32_t handle = 1; handle <= 6; handle++)
        hear_created(s, handle == 6 ? 1 : 2, handle, 0);
    b = gpadl_header(2, 7, 4 * 4096, 0, pfns, 4);
    b.size -= 8;
    say(s, &b);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        b = open_message(2, i, bad[i].handle, 0, bad[i].downstream);
        say(s, &b);
        hear_result(s, 2, i, FAILED_PARAMETER);
        broke(s, VMBUS_HOST_RULE_OPEN_RING);
    }
    assert_int_equal(v.opened, 0);
    assert_int_equal(s->seam->counts.mappings, 0);
    withdraw(&v);
    withdraw(&other);
    seam_pages_free(s->seam, pages, 8);
}

static void unmappable_rings_are_low_resources(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfns[4] = {1, 2, 3, 4}; /* no frames of this guest */
    struct bytes b = open_message(1, 1, 9, 0, 2);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 9, pfns, 4);
    hear_created(s, 1, 9, 0);
    say(s, &b);
    hear_result(s, 1, 1, FAILED_RESOURCES);
    assert_int_equal(v.opened, 0);
    assert_true(hosted_logged(s->seam, "cannot be mapped"));
    withdraw(&v);
}

static void rings_are_mapped_once_if_not_twice(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(1, 1, RING_GPADL, 0, 2);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, RING_GPADL, pfns, 4);
    forget_heard(s);
    /* The spare reply is first, then comes `in` twice. */
    s->seam->fail_at = s->seam->counts.allocations + 2;
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_false(v.open.in.twice);
    assert_true(v.open.out.twice);
    say_relid(s, 7, 1);
    /* `in` twice succeeds, `out` neither twice nor once. */
    s->seam->fail_at = s->seam->counts.allocations + 2;
    s->seam->fail_for_good = true;
    say(s, &b);
    hear_result(s, 1, 1, FAILED_RESOURCES);
    assert_int_equal(s->seam->counts.mappings, 0);
    s->seam->fail_at = 0;
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void target_vp_exists(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(1, 1, RING_GPADL, 4, 2);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, RING_GPADL, pfns, 4);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 1, 1, FAILED_PARAMETER);
    broke(s, VMBUS_HOST_RULE_OPEN_TARGET);
    put32(&b, 20, 0xFFFFFFFF);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_int_equal(v.open.target_vp, VMBUS_HOST_NO_INTERRUPT);
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(s->signal_count, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void target_vp_is_0_below_2_4(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(1, 1, RING_GPADL, 77, 2);

    begin_offered(s, &v, 0x00010001);
    say_gpadl(s, 1, RING_GPADL, pfns, 4);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_int_equal(v.open.target_vp, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void opened_twice(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 2, RING_GPADL, 0, 2);

    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    hear_nothing(s);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    hear_nothing(s);
    assert_int_equal(v.opened, 1);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void opened_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 2, RING_GPADL, 0, 2);

    say_relid(s, 7, 1);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    hear_result(s, 1, 2, FAILED_STATE);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    vmbus_host_close_answer(v.channel);
    say(s, &b);
    hear_result(s, 1, 2, 0);
    v.holds_close = false;
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void unknown_relids_are_refused(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct bytes b = open_message(2, 2, 1, 0, 2);

    begin_offered(s, &v, 0x00050003);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_relid(s, 7, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_modify(s, 0x10001, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_teardown(s, 2048, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    b = gpadl_header(3, 1, 4096, 0, (const uint64_t[]){1}, 1);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    hear_nothing(s);
    withdraw(&v);
}

static void closed_when_not_open(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages;

    pages = begin_open(s, &v, 0x00040000);
    say_relid(s, 7, 1); /* not yet open */
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    close_and_free(s, pages, 4);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    assert_int_equal(v.closed, 1);
    withdraw(&v);
}

static void close_holds_the_ring_gpadl(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_nothing(s);
    broke_nothing(s);
    assert_int_equal(s->seam->counts.mappings, 2);
    vmbus_host_close_answer(v.channel);
    hear_torndown(s, RING_GPADL);
    assert_int_equal(s->seam->counts.mappings, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void ring_torn_down_before_close(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    say_teardown(s, 1, RING_GPADL);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_RING);
    hear_nothing(s);
    say_relid(s, 7, 1);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void reopened_many_times(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 0, RING_GPADL, 0, 2);

    for (uint32_t i = 0; i < 1000; i++) {
        say_relid(s, 7, 1);
        put32(&b, 12, i);
        say(s, &b);
        hear_result(s, 1, i, 0);
    }
    assert_int_equal(v.opened, 1001);
    assert_int_equal(v.closed, 1000);
    assert_int_equal(s->seam->counts.mappings, 2);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* Opens sub-channel `relid` with its own ring GPADL, handle == relid. */
static void *open_other(struct script *s, uint32_t relid)
{
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(relid, relid, relid, 0, 2);

    say_gpadl(s, relid, relid, pfns, 4);
    hear_created(s, relid, relid, 0);
    say(s, &b);
    hear_result(s, relid, relid, 0);
    return pages;
}

static void subchannels_close_first(void **state)
{
    struct script *s = *state;
    struct server v[4] = {{0}};
    void *pages[4];

    publish(s, &v[0], 1, 1, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    pages[0] = open_other(s, 1);
    publish(s, &v[1], 1, 1, 1);
    publish(s, &v[2], 1, 1, 2);
    publish(s, &v[3], 2, 1, 1); /* of another device */
    for (uint32_t relid = 2; relid <= 4; relid++) {
        const struct bytes b = hear_type(s, 1, 196);

        assert_int_equal(get16(&b, 180), relid == 4 ? 1 : relid - 1);
    }
    for (uint32_t relid = 2; relid <= 4; relid++)
        pages[relid - 1] = open_other(s, relid);
    say_relid(s, 7, 2);
    broke_nothing(s);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_ORDER);
    assert_int_equal(v[0].closed, 1); /* closed all the same */
    say_relid(s, 7, 3);
    say_relid(s, 7, 4);
    broke_nothing(s);
    /* What is left open may be of another device. */
    for (unsigned i = 4; i-- > 0;) {
        withdraw(&v[i]);
        seam_pages_free(s->seam, pages[i], 4);
    }
}

static void withdrawn_while_open(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 2, RING_GPADL, 0, 2);

    withdraw(&v);
    hear_type(s, 2, 12);
    assert_int_equal(v.closed, 0); /* the server knows already */
    assert_int_equal(s->seam->counts.mappings, 0);
    /* What crosses the RESCIND is no breach and gets no answer ... */
    say_relid(s, 7, 1);
    say(s, &b);
    hear_nothing(s);
    say_modify(s, 1, 0);
    broke(s, VMBUS_HOST_RULE_NOT_NEGOTIATED); /* 4.0 has no such message */
    /* ... but a teardown is answered at once. */
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    broke_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void withdrawn_while_opening(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00050003);

    withdraw(&v);
    hear_type(s, 2, 12);
    hear_nothing(s);
    say_modify(s, 1, 0);
    hear_nothing(s);
    say_relid(s, 13, 1); /* without a teardown: rescinded, so legal */
    broke_nothing(s);
    assert_int_equal(status_of(s).gpadls, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void withdrawn_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_teardown(s, 1, RING_GPADL);
    withdraw(&v);
    hear_torndown(s, RING_GPADL);
    hear_type(s, 2, 12);
    say_relid(s, 13, 1);
    seam_pages_free(s->seam, pages, 4);
}

/* ---- 6.0 features ------------------------------------------------------- */

static void begin_featured(struct script *s, struct server *v,
                           uint32_t features)
{
    const struct vmbus_host_config config = {.vp_count = 4,
                                             .features = features};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    publish(s, v, 1, 1, 0);
    connect_with(s, features);
    take_offers(s);
}

static struct bytes long_open(uint32_t relid, uint32_t connection,
                              uint16_t flag, uint16_t flags)
{
    struct bytes b = open_message(relid, 1, relid, 3, 2);

    b.size = 156;
    put32(&b, 148, connection);
    put16(&b, 152, flag);
    put16(&b, 154, flags);
    return b;
}

static void guest_chooses_its_signals(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = long_open(1, 0x5005, 99, 1);

    begin_featured(s, &v, 0x01);
    say_gpadl(s, 1, 1, pfns, 4);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_int_equal(info_of(&v).connection, 0x5005);
    assert_int_equal(info_of(&v).event_flag, 99);
    assert_int_equal(vmbus_host_event(s->host, 0x5005, 0), 0);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), -ENOENT);
    assert_int_equal(v.signalled, 1);
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[0].vp, 3);
    assert_int_equal(s->signals[0].flag, 99);
    assert_int_equal(s->signals[0].sint, 2); /* flags not negotiated */
    say_relid(s, 7, 1);
    assert_int_equal(info_of(&v).connection, 0x2001);
    assert_int_equal(info_of(&v).event_flag, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void guests_signals_are_checked(void **state)
{
    static const struct {
        uint32_t connection;
        uint16_t flag;
    } bad[] = {{0, 5},         {1, 5},           {4, 5},      {0x2002, 5},
               {0x2003, 5},    {0x2000, 5},      {0x27FF, 5}, {0x5005, 0},
               {0x5005, 2048}, {0x5005, 0xFFFF}, {0x7007, 5}};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    uint64_t pfns[4], more[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    void *others = seam_pages_alloc(s->seam, 4, more);
    struct bytes b = long_open(2, 0x7007, 7, 0);

    begin_featured(s, &v, 0x01);
    publish(s, &w, 1, 2, 0);
    say_gpadl(s, 1, 1, pfns, 4);
    say_gpadl(s, 2, 2, more, 4);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 2, 1, 0);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        b = long_open(1, bad[i].connection, bad[i].flag, 0);
        say(s, &b);
        hear_result(s, 1, 1, FAILED_PARAMETER);
        broke(s, VMBUS_HOST_RULE_OPEN_SIGNAL);
    }
    b = long_open(1, 0x2001, 2047, 0); /* the offer's own is fine */
    say(s, &b);
    hear_result(s, 1, 1, 0);
    withdraw(&w);
    withdraw(&v);
    seam_pages_free(s->seam, others, 4);
    seam_pages_free(s->seam, pages, 4);
}

static void interrupts_are_redirected(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = long_open(1, 0, 0, 1);

    begin_featured(s, &v, 0x02);
    say_gpadl(s, 1, 1, pfns, 4);
    forget_heard(s);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[0].sint, 7);
    assert_int_equal(s->signals[0].flag, 1);
    say_relid(s, 7, 1);
    put16(&b, 154, 0);
    say(s, &b);
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[1].sint, 2);
    broke_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

/* ---- MODIFYCHANNEL ------------------------------------------------------ */

static void modify_without_answer(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040001);

    say_hex(s, "16 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00");
    hear_nothing(s);
    assert_int_equal(info_of(&v).target_vp, 2);
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[0].vp, 2);
    say_modify(s, 1, 4);
    broke(s, VMBUS_HOST_RULE_MODIFY_TARGET);
    hear_nothing(s);
    assert_int_equal(info_of(&v).target_vp, 2);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void modify_is_answered_from_5_3(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00050003);

    say_modify(s, 1, 3);
    hear_hex(s, "18 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00");
    say_modify(s, 1, 0xFFFFFFFF);
    broke(s, VMBUS_HOST_RULE_MODIFY_TARGET);
    hear_hex(s, "18 00 00 00 00 00 00 00 01 00 00 00 0d 00 00 c0");
    assert_int_equal(info_of(&v).target_vp, 3);
    close_and_free(s, pages, 4);
    say_modify(s, 1, 1);
    broke(s, VMBUS_HOST_RULE_MODIFY_STATE);
    hear_hex(s, "18 00 00 00 00 00 00 00 01 00 00 00 84 01 00 c0");
    withdraw(&v);
}

/* Also where the VPs are not known. */
static void modify_to_no_interrupt(void **state)
{
    static const struct vmbus_host_config config;
    struct script *s = *state;
    struct server v = {0};
    void *pages;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    pages = begin_open(s, &v, 0x00040001);
    say_modify(s, 1, 0xFFFFFFFF);
    broke(s, VMBUS_HOST_RULE_MODIFY_TARGET);
    assert_int_equal(info_of(&v).target_vp, 0);
    say_modify(s, 1, 77);
    assert_int_equal(info_of(&v).target_vp, 77);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void one_modify_at_a_time(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00050003);

    s->room = 0;
    say_modify(s, 1, 3);
    broke_nothing(s);
    say_modify(s, 1, 2);
    broke(s, VMBUS_HOST_RULE_MODIFY_TWICE);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_type(s, 24, 16);
    hear_type(s, 24, 16);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(open_bytes_by_hand),
        T(rings_of_different_sizes),
        T(server_refuses),
        T(server_answers_later),
        T(a_server_without_callbacks_accepts),
        T(bad_geometry_is_refused),
        T(unmappable_rings_are_low_resources),
        T(rings_are_mapped_once_if_not_twice),
        T(target_vp_exists),
        T(target_vp_is_0_below_2_4),
        T(opened_twice),
        T(opened_while_closing),
        T(unknown_relids_are_refused),
        T(closed_when_not_open),
        T(close_holds_the_ring_gpadl),
        T(ring_torn_down_before_close),
        T(reopened_many_times),
        T(subchannels_close_first),
        T(withdrawn_while_open),
        T(withdrawn_while_opening),
        T(withdrawn_while_closing),
        T(guest_chooses_its_signals),
        T(guests_signals_are_checked),
        T(interrupts_are_redirected),
        T(modify_without_answer),
        T(modify_is_answered_from_5_3),
        T(modify_to_no_interrupt),
        T(one_modify_at_a_time),
    };

    return cmocka_run_group_tests_name("hosthalf.channel", tests, NULL, NULL);
}
