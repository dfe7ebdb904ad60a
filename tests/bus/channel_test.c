/* Opening and closing channels. */
#include "fixture.h"
#include "ring.h"

/* 2 + 2 pages with the control pages. */
static void open_bytes(void **state)
{
    struct fixture *f = *state;

    f->open.tx_pages = 1;
    f->open.rx_pages = 1;
    fixture_version(f, 0x00050003);
    fixture_open(f);
    assert_int_equal(peer_got(f->p, 5, 0)->size, 148);
    assert_memory_equal(peer_got(f->p, 5, 0)->bytes,
                        "\x05\0\0\0\0\0\0\0\x05\0\0\0\x01\0\0\0\x10\x1e\x0e\0"
                        "\x06\0\0\0\x02\0\0\0\0\0\0\0",
                        32);
    for (int i = 32; i < 148; i++)
        assert_int_equal(peer_got(f->p, 5, 0)->bytes[i], 0);
    assert_int_equal(peer_gpadl(f->p, 0xE1E10)->expected, 4);
}

static void open_at_6_0_carries_signal_parameters(void **state)
{
    struct fixture *f = *state;
    const struct peer_message *m;

    fixture_open(f);
    m = peer_got(f->p, 5, 0);
    assert_int_equal(m->size, 156);
    assert_int_equal(peer_u32(m->bytes, 148), 0x2005);
    assert_int_equal(peer_u32(m->bytes, 152), 5);
}

static void open_at_6_0_without_the_feature_is_short(void **state)
{
    struct fixture *f = *state;

    f->p->features = 0;
    fixture_open(f);
    assert_int_equal(peer_got(f->p, 5, 0)->size, 148);
}

static void user_data_goes_along(void **state)
{
    struct fixture *f = *state;
    uint8_t data[120];

    for (int i = 0; i < 120; i++)
        data[i] = (uint8_t)(200 - i);
    f->open.user_data = data;
    fixture_open(f);
    assert_memory_equal(peer_got(f->p, 5, 0)->bytes + 28, data, 120);
}

/* Both control pages zeroed, only our feature bit in our ring. */
static void rings_are_fresh_and_shared(void **state)
{
    struct fixture *f = *state;
    struct peer_gpadl *g;
    uint8_t *tx, *rx;

    f->open.tx_pages = 3;
    f->open.rx_pages = 2;
    fixture_open(f);
    g = peer_gpadl(f->p, 0xE1E10);
    assert_int_equal(g->expected, 7);
    assert_int_equal(peer_u32(peer_got(f->p, 5, 0)->bytes, 24), 4);
    tx = hosted_frame(f->s, g->pfns[0]);
    rx = hosted_frame(f->s, g->pfns[4]);
    for (int i = 0; i < 4096; i += 4) {
        assert_int_equal(peer_u32(tx, (uint32_t)i), i == 64);
        assert_int_equal(peer_u32(rx, (uint32_t)i), 0);
    }
    assert_ptr_not_equal(vmbus_channel_tx(f->c), NULL);
    assert_int_equal(vmbus_channel_tx(f->c)->area.size, 3 * 4096);
    assert_int_equal(vmbus_channel_rx(f->c)->area.size, 2 * 4096);
    assert_true(vmbus_channel_tx(f->c)->area.twice);
}

static void rings_work_without_double_mapping(void **state)
{
    struct fixture *f = *state;

    f->s->no_maps = true;
    fixture_open(f);
    assert_false(vmbus_channel_tx(f->c)->area.twice);
    assert_int_equal(vmbus_channel_close(f->c), 0);
}

static void largest_rings(void **state)
{
    struct fixture *f = *state;

    f->open.tx_pages = 4094;
    f->open.rx_pages = 4094;
    fixture_open(f);
    assert_int_equal(f->p->seen[9], 292);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    f->open.rx_pages = 4095;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -E2BIG);
}

static void parameters_that_cannot_be(void **state)
{
    struct fixture *f = *state;
    struct vmbus_open o;

    fixture_channel(f);
    o = f->open;
    o.tx_pages = 0;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.rx_pages = 0;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.cpu = 2;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.event = NULL;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    assert_int_equal(f->p->seen[8], 0);
}

/* Some hosts take six pages only. [linux hyperv_transport] */
static void hv_sock_rings_below_5_0(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0)->bytes[57] = 0x20;
    fixture_version(f, 0x00040001);
    fixture_connect(f);
    f->c = vmbus_bus_next(f->bus, NULL);
    assert_int_equal(vmbus_channel_claim(f->c), 0);
    f->open.tx_pages = 5;
    f->open.rx_pages = 4;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EINVAL);
    f->open.tx_pages = 6;
    f->open.rx_pages = 5;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EINVAL);
    f->open.tx_pages = 5;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void hv_sock_rings_from_5_0_on(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0)->bytes[57] = 0x20;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    f->c = vmbus_bus_next(f->bus, NULL);
    assert_int_equal(vmbus_channel_claim(f->c), 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void open_twice(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EBUSY);
}

static void channels_are_spread_over_processors(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[4];
    uint32_t on[2] = {0};

    for (uint32_t i = 0; i < 4; i++)
        peer_offer(f->p, i + 1, (uint8_t)i, 0);
    fixture_connect(f);
    f->open.cpu = VMBUS_CPU_ANY;
    for (int i = 0; i < 4; i++) {
        c[i] = vmbus_bus_find(f->bus, NULL, NULL, 0);
        vmbus_channel_claim(c[i]);
        assert_int_equal(vmbus_channel_open(c[i], &f->open), 0);
        on[vmbus_channel_cpu(c[i])]++;
    }
    assert_int_equal(on[0], 2);
    assert_int_equal(on[1], 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vmbus_channel_close(c[i]), 0);
        vmbus_channel_unclaim(c[i]);
    }
}

static void old_hosts_signal_the_contact_processor(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00010001);
    fixture_open(f);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    assert_int_equal(peer_u32(peer_got(f->p, 5, 0)->bytes, 20), 4);
}

/* ---- open: refusal, silence, rescind, unload ---------------------------- */

static void nothing_is_left(struct fixture *f)
{
    assert_false(vmbus_channel_is_open(f->c));
    /* only the connection's own three pages */
    assert_int_equal(f->s->counts.pages, 3);
    assert_int_equal(f->s->counts.mappings, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void gpadl_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_REFUSE;
    f->p->rules[8].status = 0x8000FFFF;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    assert_int_equal(vmbus_channel_host_status(f->c), 0x8000FFFF);
    assert_int_equal(f->p->seen[5], 0);
    nothing_is_left(f);
}

static void open_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_REFUSE;
    f->p->rules[5].status = 0xC0000001;
    assert_int_equal(
        vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome), 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 0xC0000001);
    assert_int_equal(vmbus_channel_host_status(f->c), 0xC0000001);
    assert_int_equal(f->p->seen[7], 0); /* nothing to close */
    assert_int_equal(f->p->seen[11], 1);
    nothing_is_left(f);
}

static void gpadl_silent(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_int_equal(f->p->seen[11], 1);
    nothing_is_left(f);
}

static void open_silent(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    /* close, then tear down */
    assert_int_equal(f->p->seen[7], 1);
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    nothing_is_left(f);
    f->p->rules[5].answer = PEER_ANSWER;
    fixture_open(f);
}

static void open_silent_and_undo_silent(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6);
    assert_int_equal(f->s->counts.mappings, 0);
    f->leaked = 6;
}

static void gpadl_silent_and_undo_silent(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    f->leaked = 6;
}

static void open_has_its_own_time(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->open.timeout = 2 * SEAM_S;
    start = f->s->now;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_true(f->s->now - start < 3 * SEAM_S);
}

/* The host opened after all: CLOSECHANNEL once more. */
static void late_success_is_closed_again(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = 11 * SEAM_S;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 12 * SEAM_S);
    assert_int_equal(f->p->seen[7], 2);
    hosted_advance(f->s, 12 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    nothing_is_left(f);
}

static void late_refusal_needs_no_second_close(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_REFUSE;
    f->p->rules[5].status = 1;
    f->p->rules[5].delay = 11 * SEAM_S;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->p->seen[7], 1);
    nothing_is_left(f);
}

static void result_twice(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_TWICE;
    fixture_open(f);
    assert_int_equal(fixture_refused(f), 1);
    assert_true(vmbus_channel_is_open(f->c));
}

static void results_of_other_opens(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = SEAM_MS;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 99, 0); /* another open id */
    peer_send_dwords(f->p, 6, 3, 6, 1, 0);  /* another channel */
    peer_send_dwords(f->p, 6, 3, 0xFFFFFFFF, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void result_before_the_request_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->post_after = 1;
    f->p->post_misses = 3;
    f->p->post_status = -EAGAIN;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void rescind_at_gpadl(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    nothing_is_left(f);
    assert_int_equal(f->p->seen[5], 0);
}

static void rescind_at_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    nothing_is_left(f);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
    assert_int_equal(fixture_refused(f), 0);
}

static void rescind_between_request_and_result(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND_FIRST;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    hosted_run(f->s);
    nothing_is_left(f);
}

static void rescind_right_behind_the_result(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND_BEHIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    hosted_run(f->s);
    assert_true(vmbus_channel_rescinded(f->c));
    assert_int_equal(vmbus_channel_close(f->c), 0);
    nothing_is_left(f);
}

static void rescind_while_the_undo_runs(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_REFUSE;
    f->p->rules[5].status = 1;
    f->p->rules[11].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    nothing_is_left(f);
}

static void unload_while_opening(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENOTCONN);
}

static void unload_while_sharing(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(f->s->counts.pages, 0);
}

/* ---- closing ------------------------------------------------------------ */

static void close_in_order(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_true(
        peer_got_hex(f->p, 7, 0, "07 00 00 00 00 00 00 00 05 00 00 00"));
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    nothing_is_left(f);
    assert_int_equal(vmbus_channel_close(f->c), -ENOTCONN);
}

static void close_of_what_was_never_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    assert_int_equal(vmbus_channel_close(f->c), -ENOTCONN);
}

static void close_while_opening(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void close_twice_at_once(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

/* The pages are leaked, not freed: the host may still write them. */
static void close_without_an_answer_leaks(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6);
    assert_true(hosted_logged(f->s, "6 pages of a ring are leaked"));
    f->leaked = 6;
    f->p->rules[11].answer = PEER_ANSWER;
    fixture_open(f);
}

/* Past the cap the bus stops: nothing new is opened. */
static void leaks_past_the_cap_stop_the_bus(void **state)
{
    struct fixture *f = *state;
    uint64_t pfn = 1;
    struct vmbus_pages p = {.pfns = &pfn, .count = 1, .bytes = 4096};
    struct vmbus_guid g = {{1}};
    uint32_t handle;

    f->config.leak_limit = 11;
    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    fixture_open(f);
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENOSPC);
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -ENOSPC);
    assert_int_equal(vmbus_tl_connect(f->bus, &g, &g, NULL), -ENOSPC);
    assert_true(hosted_logged(f->s, "vmbus: stopped"));
    f->leaked = 12;
}

static void rescind_while_open(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_true(vmbus_channel_is_open(f->c));
    assert_int_equal(f->p->seen[13], 0);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    nothing_is_left(f);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    /* CLOSE, TEARDOWN, RELEASED, in this order. [linux channel.c] */
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
}

static void rescind_while_closing(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    nothing_is_left(f);
}

static void unload_while_open(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_true(vmbus_channel_rescinded(f->c));
    assert_int_equal(f->s->counts.pages, 6);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(f->p->seen[7], 0);
    assert_int_equal(f->p->seen[11], 0);
}

static void unload_while_closing(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->s->counts.pages, 0);
}

static void close_during_unload(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_open(f);
    f->p->rules[16].delay = 30 * SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(f->p->seen[7], 0);
}

static void unload_unanswered_while_open(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6 + 3);
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6 + 3);
    f->leaked = 9;
}

/* Sub-channels first, then the primary. */
static void subchannels_close_first(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *sub;
    struct vmbus_open o;

    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x55, 1);
    peer_offer(f->p, 7, 0x77, 1); /* somebody else's */
    fixture_connect(f);
    f->c = vmbus_bus_find(f->bus, NULL, NULL, 0);
    vmbus_channel_claim(f->c);
    fixture_open(f);
    sub = vmbus_bus_find(f->bus, NULL, &vmbus_channel_offer(f->c)->instance, 1);
    assert_int_equal(vmbus_channel_claim(sub), 0);
    o = f->open;
    assert_int_equal(vmbus_channel_open(sub, &o), 0);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    assert_int_equal(vmbus_channel_close(sub), 0);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    vmbus_channel_unclaim(sub);
}

/* Many channels open at once, answered in reverse. */
static void opens_in_flight_together(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[8];
    struct outcome o[8] = {0};

    for (uint32_t i = 0; i < 8; i++)
        peer_offer(f->p, i + 1, (uint8_t)i, 0);
    fixture_connect(f);
    f->p->rules[5].answer = PEER_SILENT;
    for (int i = 0; i < 8; i++) {
        c[i] = vmbus_bus_find(f->bus, NULL, NULL, 0);
        vmbus_channel_claim(c[i]);
        vmbus_channel_open_start(c[i], &f->open, outcome_done, &o[i]);
    }
    hosted_run(f->s);
    assert_int_equal(f->p->seen[5], 8);
    for (uint32_t i = 8; i-- > 0;) {
        const uint8_t *m = peer_got(f->p, 5, i)->bytes;

        peer_send_dwords(f->p, 6, 3, peer_u32(m, 8), peer_u32(m, 12),
                         i % 2 ? 0 : 0xC0000001);
    }
    hosted_run(f->s);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(o[i].calls, 1);
        assert_int_equal(o[i].status, i % 2 ? 0 : -EIO);
        vmbus_channel_close(c[i]);
        vmbus_channel_unclaim(c[i]);
    }
}

/* The whole life, again and again: nothing grows. */
static void a_thousand_cycles(void **state)
{
    struct fixture *f = *state;
    uint64_t blocks, pages;

    fixture_open(f);
    vmbus_channel_close(f->c);
    blocks = f->s->counts.blocks;
    pages = f->s->counts.pages;
    for (int i = 0; i < 1000; i++) {
        f->p->in_count = 0;
        assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
        assert_int_equal(vmbus_channel_close(f->c), 0);
    }
    assert_int_equal(f->s->counts.blocks, blocks);
    assert_int_equal(f->s->counts.pages, pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_bytes),
        TEST(open_at_6_0_carries_signal_parameters),
        TEST(open_at_6_0_without_the_feature_is_short),
        TEST(user_data_goes_along),
        TEST(rings_are_fresh_and_shared),
        TEST(rings_work_without_double_mapping),
        TEST(largest_rings),
        TEST(parameters_that_cannot_be),
        TEST(hv_sock_rings_below_5_0),
        TEST(hv_sock_rings_from_5_0_on),
        TEST(open_twice),
        TEST(channels_are_spread_over_processors),
        TEST(old_hosts_signal_the_contact_processor),
        TEST(gpadl_refused),
        TEST(open_refused),
        TEST(gpadl_silent),
        TEST(open_silent),
        TEST(open_silent_and_undo_silent),
        TEST(gpadl_silent_and_undo_silent),
        TEST(open_has_its_own_time),
        TEST(late_success_is_closed_again),
        TEST(late_refusal_needs_no_second_close),
        TEST(result_twice),
        TEST(results_of_other_opens),
        TEST(result_before_the_request_went_out),
        TEST(rescind_at_gpadl),
        TEST(rescind_at_open),
        TEST(rescind_between_request_and_result),
        TEST(rescind_right_behind_the_result),
        TEST(rescind_while_the_undo_runs),
        TEST(unload_while_opening),
        TEST(unload_while_sharing),
        TEST(close_in_order),
        TEST(close_of_what_was_never_open),
        TEST(close_while_opening),
        TEST(close_twice_at_once),
        TEST(close_without_an_answer_leaks),
        TEST(leaks_past_the_cap_stop_the_bus),
        TEST(rescind_while_open),
        TEST(rescind_while_closing),
        TEST(unload_while_open),
        TEST(unload_while_closing),
        TEST(close_during_unload),
        TEST(unload_unanswered_while_open),
        TEST(subchannels_close_first),
        TEST(opens_in_flight_together),
        TEST(a_thousand_cycles),
    };

    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
