/* MODIFYCHANNEL, TL_CONNECT, UNLOAD, and a host that takes no messages. */
#include "fixture.h"

#include "bus.h" /* where the rings' pages are */

/* ---- MODIFYCHANNEL (22, 24) --------------------------------------------- */

static void modify_at_5_3_awaits_its_answer(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00050003);
    fixture_open(f);
    f->p->rules[22].delay = SEAM_S;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_true(peer_got_hex(
        f->p, 22, 0, "16 00 00 00 00 00 00 00 05 00 00 00 04 00 00 00"));
    assert_int_equal(f->outcome.calls, 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EBUSY);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    peer_event(f->p, 1, 5);
    hosted_run(f->s);
    assert_int_equal(f->event_cpu, 0);
}

static void modify_below_5_3_is_done_when_sent(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040001);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    /* No answer belongs to it; the version knows none. */
    peer_send_dwords(f->p, 24, 2, 5, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void modify_is_not_known_below_4_1(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTSUP);
    assert_int_equal(f->p->seen[22], 0);
}

static void modify_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_REFUSE;
    f->p->rules[22].status = 0xC000000D;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EIO);
    assert_int_equal(vmbus_channel_host_status(f->c), 0xC000000D);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
}

static void modify_silent(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ETIMEDOUT);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
}

static void modify_twice_answered(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_TWICE;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void modify_answers_to_nothing(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_send_dwords(f->p, 24, 2, 5, 0);
    peer_send_dwords(f->p, 24, 2, 6, 0);
    peer_send_dwords(f->p, 24, 2, 4096, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3);
}

static void modify_answer_before_it_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 2;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 24, 2, 5, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void modify_rescinded(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENODEV);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENODEV);
}

static void modify_unloaded(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_SILENT;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTCONN);
}

static void modify_in_the_wrong_state(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_channel(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EBUSY);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 2), -EINVAL);
    f->p->rules[16].delay = SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTCONN);
    hosted_advance(f->s, 2 * SEAM_S);
}

static void modify_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EIO);
}

/* ---- TL_CONNECT (21, 23) ------------------------------------------------ */

static const struct vmbus_guid endpoint = {{0xE1, 0xE2}};
static const struct vmbus_guid service = {{0x51, 0x52}};
static const struct vmbus_guid silo = {{0x71, 0x72}};

static void connect_at_5_2_carries_the_silo(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c;

    fixture_version(f, 0x00050002);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, &silo), 0);
    assert_true(peer_got_hex(
        f->p, 21, 0,
        "15 00 00 00 00 00 00 00 e1 e2 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 51 52 00 00 00 00 00 00 00 00 00 00 00 00 00 00 71 72 00 00 00 00 "
        "00 00 00 00 00 00 00 00 00 00"));
    c = vmbus_bus_find(f->bus, &service, &endpoint, 0);
    assert_non_null(c);
    assert_true(vmbus_channel_offer(c)->flags & VMBUS_OFFER_TLNPI);
}

static void connect_below_5_2_is_short(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00050001);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, &silo), 0);
    assert_int_equal(peer_got(f->p, 21, 0)->size, 40);
}

static void connect_at_4_0_is_the_first(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL), 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ENOTCONN);
}

static void connect_is_not_known_below_4_0(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00030000);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ENOTSUP);
    assert_int_equal(f->p->seen[21], 0);
}

static void connect_refused(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_REFUSE;
    f->p->rules[21].status = 0xC0000236;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECONNREFUSED);
    assert_int_equal(f->outcome.host_status, 0xC0000236);
}

static void connect_silent(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ETIMEDOUT);
}

static void connect_result_of_success_awaits_the_offer(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_REFUSE;
    f->p->rules[21].status = 0;
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ETIMEDOUT);
}

static void connect_twice_at_once(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].delay = SEAM_S;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

/* Two with other endpoints in flight; only its own offer ends each. */
static void connects_in_flight_together(void **state)
{
    struct fixture *f = *state;
    static const struct vmbus_guid other = {{0xE3}};
    struct outcome second = {0};
    uint8_t result[44] = {23};

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    vmbus_tl_connect_start(f->bus, &other, &service, NULL, outcome_done,
                           &second);
    memcpy(result + 8, other.bytes, 16);
    memcpy(result + 24, service.bytes, 16);
    result[40] = 1;
    peer_send(f->p, result, 44, 0);
    peer_send(f->p, result, 44, 0);
    hosted_run(f->s);
    assert_int_equal(second.status, -ECONNREFUSED);
    assert_int_equal(f->outcome.calls, 0);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
}

/* An offer of the same GUIDs that is no hv_sock channel is not the answer. */
static void connect_is_not_answered_by_another_kind_of_offer(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o = peer_offer(f->p, 5, 0, 0);

    memcpy(o->bytes + 8, service.bytes, 16);
    memcpy(o->bytes + 24, endpoint.bytes, 16);
    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    o->bytes[184] = 6;
    peer_send_offer(f->p, o);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 11 * SEAM_S);
}

static void connect_unloaded(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
}

static void connect_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL), -EIO);
}

/* ---- UNLOAD (16, 17) ---------------------------------------------------- */

static void unload_and_connect_again(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    for (int i = 0; i < 100; i++) {
        f->p->in_count = 0;
        assert_int_equal(vmbus_bus_connect(f->bus), 0);
        assert_non_null(vmbus_bus_next(f->bus, NULL));
        assert_int_equal(vmbus_bus_unload(f->bus), 0);
        assert_null(vmbus_bus_next(f->bus, NULL));
    }
    assert_true(peer_got_hex(f->p, 16, 0, "10 00 00 00 00 00 00 00"));
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(vmbus_bus_unload(f->bus), -ENOTCONN);
}

static void unload_may_take_long(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[16].delay = 99 * SEAM_S;
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
}

static void unload_silent(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_connect(f);
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start >= 100 * SEAM_S);
    assert_false(vmbus_bus_connected(f->bus));
    f->leaked = 3;
}

static void unload_below_3_0_is_not_awaited_long(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_version(f, 0x00020004);
    fixture_connect(f);
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start <= SEAM_S);
    f->leaked = 3;
}

static void unload_has_its_own_limit(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    f->config.unload_timeout = SEAM_MS;
    fixture_connect(f);
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start < 2 * SEAM_MS);
    f->leaked = 3;
}

/* Everything but the response is thrown away, without a word. */
static void unload_discards_others(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[16].delay = SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &f->outcome);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    peer_rescind(f->p, 5);
    peer_send_dwords(f->p, 12, 1, 1);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->offers, 1);
    assert_int_equal(vmbus_bus_unload(f->bus), -ENOTCONN);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void unload_response_to_nothing(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_send_hex(f->p, "11 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_true(vmbus_bus_connected(f->bus));
}

static void unload_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_bus_unload(f->bus), -EIO);
    f->leaked = 3;
}

static void unload_while_contacting(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(unload.status, 0);
}

/* A teardown of a rescinded channel waits in the queue when UNLOAD comes: it
 * will never go out. */
static void unload_with_a_teardown_on_its_way(void **state)
{
    struct fixture *f = *state;
    uint64_t pfn = 1;
    struct vmbus_pages p = {.pfns = &pfn, .count = 1, .bytes = 4096};
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->p->seen[11], 0);
}

/* ---- UNLOAD from a crash ------------------------------------------------ */

struct slot {
    struct fixture *f;
    uint32_t polls;
    uint32_t answer_at;
};

/* First rubbish, then the answer. */
static uint32_t poll_slot(void *arg, uint8_t payload[240])
{
    struct slot *slot = arg;

    slot->f->s->now += SEAM_MS;
    memset(payload, 0, 240);
    if (++slot->polls == slot->answer_at) {
        payload[0] = 17;
        return 8;
    }
    payload[0] = 1;
    return slot->polls % 2 ? 0 : slot->polls % 4 ? 196 : 4;
}

static void crash_unload(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 9};

    fixture_open(f);
    /* The crash came with the bus's lock held. */
    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     0);
    assert_int_equal(slot.polls, 9);
    assert_int_equal(f->p->seen[16], 1);
    /* Nothing works any more, and nothing hurts. */
    peer_send_hex(f->p, "02 00 00 00 00 00 00 00 05 00 00 00");
    hosted_run(f->s);
    peer_event(f->p, 1, 5);
    assert_false(vmbus_channel_rescinded(f->c));
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     -ENOTCONN);
    /* The test's process ends here, as the machine would. */
    hosted_abandon(f->s);
    f->bus = NULL;
}

static void crash_unload_unanswered(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     -ETIMEDOUT);
    assert_true(slot.polls >= 999);
    hosted_abandon(f->s);
    f->bus = NULL;
}

static void crash_unload_of_a_disconnected_bus(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_bus(f);
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     -ENOTCONN);
    assert_int_equal(slot.polls, 0);
}

static void crash_unload_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     -EIO);
    hosted_abandon(f->s);
    f->bus = NULL;
}

/* Each try takes time here, as the hypercall does. */
static int busy_post(void *arg, uint32_t connection, uint32_t type,
                     const void *payload, uint32_t size)
{
    struct peer *p = arg;

    (void)connection;
    (void)type;
    (void)payload;
    (void)size;
    p->s->now += SEAM_MS;
    return -EAGAIN;
}

static void crash_unload_of_a_busy_host(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    f->s->post = busy_post;
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_slot, &slot),
                     -ETIMEDOUT);
    assert_int_equal(slot.polls, 0);
    hosted_abandon(f->s);
    f->bus = NULL;
}

/* ---- a host that takes no messages -------------------------------------- */

static void full_queue_is_tried_again_in_order(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_channel(f);
    start = f->s->now;
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 8;
    f->p->post_after = 3;
    f->open.tx_pages = 100;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    /* 100 us, doubling: 25.5 ms for eight misses */
    assert_true(f->s->now - start >= 255 * SEAM_MS / 10);
    assert_true(f->s->now - start < 26 * SEAM_MS);
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 8);
    /* In order: the frames are those of the rings. */
    for (uint32_t i = 0; i < 101; i++)
        assert_int_equal(
            peer_gpadl(f->p, 0xE1E10)->pfns[i],
            seam_pfn(f->s, (uint8_t *)f->c->rings.pages + 4096 * (size_t)i));
    assert_int_equal(peer_gpadl(f->p, 0xE1E10)->got, 104);
}

/* Windows throttles with 'invalid connection id'. */
static void unknown_connection_is_transient(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->post_status = -ENOENT;
    f->p->post_misses = 5;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void back_off_ends_at_two_seconds(void **state)
{
    struct fixture *f = *state;

    f->config.request_timeout = 1000 * SEAM_S;
    f->config.post_timeout = 1000 * SEAM_S;
    fixture_open(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 30;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    /* 0.1 ms .. 1.6384 s, then 2 s each: 3.3 + 15 * 2 */
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 30);
}

/* Messages of several channels behind one that cannot go out stay in order. */
static void others_wait_behind(void **state)
{
    struct fixture *f = *state;
    struct outcome second = {0};
    static const struct vmbus_guid g = {{1}};

    fixture_open(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 4;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    vmbus_tl_connect_start(f->bus, &g, &g, NULL, outcome_done, &second);
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(second.status, 0);
    assert_true(peer_position(f->p, 22, 0) < peer_position(f->p, 21, 0));
}

static void a_host_that_never_takes_it(void **state)
{
    struct fixture *f = *state;

    f->config.post_timeout = 3 * SEAM_S;
    fixture_open(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 1000000;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->posts_failed, 1);
    assert_true(hosted_logged(f->s, "posting MODIFYCHANNEL failed"));
    f->p->post_misses = 0;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
}

/* The request's own deadline comes first: taken out of the queue. */
static void deadline_before_the_message_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 1000000;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ETIMEDOUT);
    f->p->post_misses = 0;
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[22], 0);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
}

/* Open whose first message never went out: nothing to undo. */
static void open_before_anything_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 1000000;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    f->p->post_misses = 0;
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[8], 0);
    assert_int_equal(f->p->seen[11], 0);
    assert_int_equal(f->s->counts.pages, 3);
}

/* OPENCHANNEL itself cannot go out: the GPADL is torn down, no CLOSE. */
static void open_message_that_cannot_go_out(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    f->p->post_after = 1;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    assert_int_equal(f->p->seen[7], 0);
    assert_int_equal(f->p->seen[11], 1);
    assert_int_equal(f->s->counts.pages, 3);
}

static void close_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_int_equal(f->p->seen[11], 1);
}

static void release_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_connect(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_null(vmbus_bus_next(f->bus, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(modify_at_5_3_awaits_its_answer),
        TEST(modify_below_5_3_is_done_when_sent),
        TEST(modify_is_not_known_below_4_1),
        TEST(modify_refused),
        TEST(modify_silent),
        TEST(modify_twice_answered),
        TEST(modify_answers_to_nothing),
        TEST(modify_answer_before_it_went_out),
        TEST(modify_rescinded),
        TEST(modify_unloaded),
        TEST(modify_in_the_wrong_state),
        TEST(modify_that_cannot_be_posted),
        TEST(connect_at_5_2_carries_the_silo),
        TEST(connect_below_5_2_is_short),
        TEST(connect_at_4_0_is_the_first),
        TEST(connect_is_not_known_below_4_0),
        TEST(connect_refused),
        TEST(connect_silent),
        TEST(connect_result_of_success_awaits_the_offer),
        TEST(connect_twice_at_once),
        TEST(connects_in_flight_together),
        TEST(connect_is_not_answered_by_another_kind_of_offer),
        TEST(connect_unloaded),
        TEST(connect_that_cannot_be_posted),
        TEST(unload_and_connect_again),
        TEST(unload_may_take_long),
        TEST(unload_silent),
        TEST(unload_below_3_0_is_not_awaited_long),
        TEST(unload_has_its_own_limit),
        TEST(unload_discards_others),
        TEST(unload_response_to_nothing),
        TEST(unload_that_cannot_be_posted),
        TEST(unload_while_contacting),
        TEST(unload_with_a_teardown_on_its_way),
        TEST(crash_unload),
        TEST(crash_unload_unanswered),
        TEST(crash_unload_of_a_disconnected_bus),
        TEST(crash_unload_that_cannot_be_posted),
        TEST(crash_unload_of_a_busy_host),
        TEST(full_queue_is_tried_again_in_order),
        TEST(unknown_connection_is_transient),
        TEST(back_off_ends_at_two_seconds),
        TEST(others_wait_behind),
        TEST(a_host_that_never_takes_it),
        TEST(deadline_before_the_message_went_out),
        TEST(open_before_anything_went_out),
        TEST(open_message_that_cannot_go_out),
        TEST(close_that_cannot_be_posted),
        TEST(release_that_cannot_be_posted),
    };

    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
