/* Where a channel's signals go: as it was opened, or modified. */
#include "script.h"

#include <errno.h>

static void target_vp_exists(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages;
    struct bytes b = open_message(1, 1, RING_GPADL, 4, 2);

    begin_offered(s, &v, 0x00040000);
    pages = share_rings(s, 1, RING_GPADL);
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
    void *pages;

    begin_offered(s, &v, 0x00010001);
    pages = share_rings(s, 1, RING_GPADL);
    say_open(s, 1, 1, RING_GPADL, 77, 2);
    hear_result(s, 1, 1, 0);
    assert_int_equal(v.open.target_vp, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* ---- 6.0 features ------------------------------------------------------- */

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
    const struct vmbus_host_config config = {.vp_count = 4, .features = 0x01};
    struct script *s = *state;
    struct server v = {0};
    void *pages;
    struct bytes b = long_open(1, 0x5005, 99, 1);

    begin_featured(s, &v, &config);
    pages = share_rings(s, 1, 1);
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
    const struct vmbus_host_config config = {.vp_count = 4, .features = 0x01};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    void *pages, *others;
    struct bytes b = long_open(2, 0x7007, 7, 0);

    begin_featured(s, &v, &config);
    publish(s, &w, 1, 2, 0);
    hear_offer(s);
    pages = share_rings(s, 1, 1);
    others = share_rings(s, 2, 2);
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
    const struct vmbus_host_config config = {.vp_count = 4, .features = 0x02};
    struct script *s = *state;
    struct server v = {0};
    void *pages;
    struct bytes b = long_open(1, 0, 0, 1);

    begin_featured(s, &v, &config);
    pages = share_rings(s, 1, 1);
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
/* Whoever asks waits for the answer, whatever it asked about. */
static void modify_of_an_unknown_relid_is_answered(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00050003);
    say_modify(s, 77, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    hear_hex(s, "18 00 00 00 00 00 00 00 4d 00 00 00 0d 00 00 c0");
    connect_at(s, 0x00050002);
    say_modify(s, 77, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    hear_nothing(s);
}

static void modify_to_no_interrupt(void **state)
{
    static const struct vmbus_host_config config;
    struct script *s = *state;
    struct server v = {0};
    void *pages;

    configure(s, &config);
    pages = begin_open(s, &v, 0x00040001);
    say_modify(s, 1, 0xFFFFFFFF);
    broke(s, VMBUS_HOST_RULE_MODIFY_TARGET);
    assert_int_equal(info_of(&v).target_vp, 0);
    say_modify(s, 1, 77);
    assert_int_equal(info_of(&v).target_vp, 77);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void modify_cannot_switch_interrupts_on(void **state)
{
    static const struct vmbus_host_config config;
    struct script *s = *state;
    struct server v = {0};
    void *pages;

    configure(s, &config);
    begin_offered(s, &v, 0x00040001);
    pages = share_rings(s, 1, RING_GPADL);
    say_open(s, 1, 2, RING_GPADL, 0xFFFFFFFF, 2);
    hear_result(s, 1, 2, 0);
    say_modify(s, 1, 0);
    broke(s, VMBUS_HOST_RULE_MODIFY_TARGET);
    assert_int_equal(info_of(&v).target_vp, 0xFFFFFFFF);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_second_modify_before_the_answer_is_counted(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(target_vp_exists),
        TEST(target_vp_is_0_below_2_4),
        TEST(guest_chooses_its_signals),
        TEST(guests_signals_are_checked),
        TEST(interrupts_are_redirected),
        TEST(modify_without_answer),
        TEST(modify_is_answered_from_5_3),
        TEST(modify_of_an_unknown_relid_is_answered),
        TEST(modify_to_no_interrupt),
        TEST(modify_cannot_switch_interrupts_on),
        TEST(a_second_modify_before_the_answer_is_counted),
    };

    return cmocka_run_group_tests_name("hosthalf.channel_target", tests, NULL,
                                       NULL);
}
