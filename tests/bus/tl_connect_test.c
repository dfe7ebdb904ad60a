/* SPDX-License-Identifier: BSD-2-Clause */
/* TL_CONNECT (21, 23): asking for an hv_sock channel. */
#include "fixture.h"

static const struct vmbus_guid endpoint = {{0xE1, 0xE2}};
static const struct vmbus_guid service = {{0x51, 0x52}};
static const struct vmbus_guid silo = {{0x71, 0x72}};

static void an_hv_sock_request_at_5_2_carries_the_silo(void **state)
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

static void an_hv_sock_request_below_5_2_is_short(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00050001);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, &silo), 0);
    assert_int_equal(peer_got(f->p, 21, 0)->size, 40);
}

static void an_hv_sock_request_is_sent_from_4_0_on(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL), 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ENOTCONN);
}

static void an_hv_sock_request_below_4_0_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00030000);
    fixture_connect(f);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ENOTSUP);
    assert_int_equal(f->p->seen[21], 0);
}

static void
an_hv_sock_request_that_the_host_refuses_returns_its_status(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_refuse(f->p, 21, 0xC0000236);
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECONNREFUSED);
    assert_int_equal(f->outcome.host_status, 0xC0000236);
}

static void an_hv_sock_request_without_an_offer_times_out(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ETIMEDOUT);
}

static void an_hv_sock_result_of_success_awaits_the_offer(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_refuse(f->p, 21, 0);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL),
                     -ETIMEDOUT);
}

static void a_second_hv_sock_request_for_the_same_pair_is_refused(void **state)
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
static void several_hv_sock_requests_can_be_pending(void **state)
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
    hosted_advance(f->s, 61 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
}

/* More than the index has buckets; the host refuses every third one, and the
 * end of the connection cancels the others. */
static void many_hv_sock_requests_are_told_apart(void **state)
{
    enum { MANY = 200 };
    struct fixture *f = *state;
    static struct outcome outcomes[MANY];
    struct vmbus_guid one = {{0}};
    uint8_t result[44] = {23};

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    memset(outcomes, 0, sizeof(outcomes));
    for (int i = 0; i < MANY; i++) {
        one.bytes[5] = (uint8_t)i;
        assert_int_equal(vmbus_tl_connect_start(f->bus, &one, &service, NULL,
                                                outcome_done, &outcomes[i]),
                         0);
    }
    memcpy(result + 24, service.bytes, 16);
    result[40] = 1;
    for (int i = MANY - 2; i >= 0; i -= 3) {
        result[8 + 5] = (uint8_t)i;
        peer_send(f->p, result, 44, 0);
    }
    hosted_run(f->s);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(outcomes[i].calls, i % 3 == 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    hosted_run(f->s);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(outcomes[i].status,
                         i % 3 ? -ECANCELED : -ECONNREFUSED);
}

static void hv_sock_requests_may_end_in_any_order(void **state)
{
    struct fixture *f = *state;
    struct outcome other = {0};
    uint8_t result[44] = {23};

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &endpoint, &endpoint, NULL, outcome_done,
                           &f->outcome);
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &other);
    memcpy(result + 8, endpoint.bytes, 16);
    memcpy(result + 24, endpoint.bytes, 16);
    result[40] = 1;
    peer_send(f->p, result, 44, 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECONNREFUSED);
    assert_int_equal(other.calls, 0);
    hosted_advance(f->s, 61 * SEAM_S);
    assert_int_equal(other.status, -ETIMEDOUT);
}

/* An offer of the same GUIDs that is no hv_sock channel is not the answer. */
static void
an_offer_of_another_kind_does_not_grant_an_hv_sock_request(void **state)
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
    hosted_advance(f->s, 61 * SEAM_S);
}

static void an_unload_ends_pending_hv_sock_requests(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &endpoint, &service, NULL, outcome_done,
                           &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
}

static void an_hv_sock_request_that_cannot_be_posted_fails(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_tl_connect(f->bus, &endpoint, &service, NULL), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_hv_sock_request_at_5_2_carries_the_silo),
        TEST(an_hv_sock_request_below_5_2_is_short),
        TEST(an_hv_sock_request_is_sent_from_4_0_on),
        TEST(an_hv_sock_request_below_4_0_is_refused),
        TEST(an_hv_sock_request_that_the_host_refuses_returns_its_status),
        TEST(an_hv_sock_request_without_an_offer_times_out),
        TEST(an_hv_sock_result_of_success_awaits_the_offer),
        TEST(a_second_hv_sock_request_for_the_same_pair_is_refused),
        TEST(several_hv_sock_requests_can_be_pending),
        TEST(many_hv_sock_requests_are_told_apart),
        TEST(hv_sock_requests_may_end_in_any_order),
        TEST(an_offer_of_another_kind_does_not_grant_an_hv_sock_request),
        TEST(an_unload_ends_pending_hv_sock_requests),
        TEST(an_hv_sock_request_that_cannot_be_posted_fails),
    };

    return cmocka_run_group_tests_name("tl_connect", tests, NULL, NULL);
}
