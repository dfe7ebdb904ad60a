/* Requests for hv_sock connections. */
#include "script.h"

#include <errno.h>
#include <string.h>

static struct bytes tl_connect(uint32_t size)
{
    struct bytes b = message(21, size);

    memset(&b.at[8], 0xE1, 16);
    memset(&b.at[24], 0x5E, 16);
    memset(&b.at[40], 0x51, 16);
    return b;
}

static void hv_sock_requests_are_refused(void **state)
{
    struct script *s = *state;
    struct bytes b = tl_connect(40);

    connect_at(s, 0x00040000);
    say(s, &b);
    hear_nothing(s); /* 4.0 has no TL_CONNECT_RESULT */
    connect_at(s, 0x00040001);
    say(s, &b);
    hear_hex(s, "17 00 00 00 00 00 00 00"
                "e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1 e1"
                "5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e 5e"
                "36 02 00 c0");
    assert_int_equal(s->connect.silo.bytes[0], 0);
    /* From 5.2 on there is a silo id, which Linux never sends. */
    connect_at(s, 0x00050002);
    say(s, &b);
    hear_type(s, 23, 44);
    assert_int_equal(s->connect.silo.bytes[15], 0);
    b = tl_connect(56);
    say(s, &b);
    hear_type(s, 23, 44);
    assert_int_equal(s->connect.silo.bytes[15], 0x51);
    /* Half of an id is none. */
    b = tl_connect(48);
    say(s, &b);
    hear_type(s, 23, 44);
    assert_int_equal(s->connect.silo.bytes[0], 0);
    assert_int_equal(s->connects, 5);
    broke_nothing(s);
}

static void hv_sock_request_is_taken(void **state)
{
    struct script *s = *state;
    const struct bytes b = tl_connect(56);
    struct vmbus_host_connect request;

    s->connect_status = 0;
    connect_at(s, 0x00050002);
    say(s, &b);
    hear_nothing(s);
    request = s->connect;
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), 0);
    hear_type(s, 23, 44);
    s->seam->fail_at = s->seam->counts.allocations + 1;
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), -ENOMEM);
    connect_at(s, 0x00040000);
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), -ENOTSUP);
    vmbus_host_reset(s->host);
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), -ENOTCONN);
}

/* A guest that takes no answers does not make the host keep ever more. */
static void refusals_wait_for_a_guest_that_reads(void **state)
{
    struct script *s = *state;
    struct vmbus_host_connect request = {.endpoint = {{1}}};

    connect_at(s, 0x00050002);
    s->room = 0;
    for (int i = 0; i < 64; i++)
        assert_int_equal(vmbus_host_connect_refuse(s->host, &request), 0);
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), -EAGAIN);
    s->room = 64;
    vmbus_host_pump(s->host);
    for (int i = 0; i < 64; i++)
        hear_type(s, 23, 44);
    assert_int_equal(vmbus_host_connect_refuse(s->host, &request), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hv_sock_requests_are_refused),
        TEST(hv_sock_request_is_taken),
        TEST(refusals_wait_for_a_guest_that_reads),
    };

    return cmocka_run_group_tests_name("hosthalf.hv_sock", tests, NULL, NULL);
}
