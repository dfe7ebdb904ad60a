/* Coming and going: contact, versions, features, pause, unload, reset. */
#include "script.h"

#include <errno.h>
#include <string.h>

static const uint32_t versions[] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

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

/* Says a contact and checks the answer's two bytes. */
static struct bytes contact_gives(struct script *s, const struct bytes *b,
                                  uint8_t supported, uint8_t connection_state)
{
    struct bytes answer;

    say(s, b);
    answer = hear(s);
    assert_int_equal(get32(&answer, 0), 15);
    assert_int_equal(answer.at[8], supported);
    assert_int_equal(answer.at[9], connection_state);
    assert_int_equal(status_of(s).connected,
                     supported == 1 && connection_state == 0);
    return answer;
}

/* N.1 of the protocol notes: 5.2, VP 0, SINT 2, no monitor pages. */
static void contact_bytes_by_hand(void **state)
{
    struct script *s = *state;

    s->connection = 4;
    say_hex(s, "0e 00 00 00 00 00 00 00 02 00 05 00 00 00 00 00"
               "02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
               "00 00 00 00 00 00 00 00");
    hear_hex(s, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    assert_int_equal(status_of(s).version, 0x00050002);
    broke_nothing(s);
}

static void every_version_is_accepted(void **state)
{
    struct script *s = *state;

    for (unsigned i = 0; i < VERSIONS; i++) {
        struct bytes b = contact(versions[i], 3), answer;
        uint64_t pfn;
        void *page = seam_pages_alloc(s->seam, 1, &pfn);

        if (versions[i] < 0x00050000)
            put64(&b, 16, pfn << 12);
        s->connection = versions[i] >= 0x00050000 ? 4 : 1;
        answer = contact_gives(s, &b, 1, 0);
        assert_int_equal(answer.size, versions[i] == 0x00060000 ? 20 : 16);
        assert_int_equal(get32(&answer, 12),
                         versions[i] < 0x00050000 ? versions[i] : 4);
        assert_int_equal(status_of(s).version, versions[i]);
        /* The target VP counts from 3.0 on. */
        assert_int_equal(s->heard[s->heard_first ? s->heard_first - 1 : 0].vp,
                         versions[i] < 0x00030000 ? 0 : 3);
        broke_nothing(s);
        vmbus_host_reset(s->host);
        seam_pages_free(s->seam, page, 1);
    }
}

static void each_newest_version_is_a_limit(void **state)
{
    struct script *s = *state;

    for (unsigned max = 0; max < VERSIONS; max++) {
        const struct vmbus_host_config config = {.max_version = versions[max]};

        vmbus_host_destroy(s->host);
        s->host = script_another(s, &config);
        s->connection = 1;
        for (unsigned i = max + 1; i < VERSIONS; i++) {
            const struct bytes b = contact(versions[i], 0);

            contact_gives(s, &b, 0, 0);
        }
        connect_at(s, versions[max]);
    }
}

static void oldest_version_is_a_limit(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.min_version = 0x00040000};
    struct bytes b = contact(0x00030000, 0);

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    contact_gives(s, &b, 0, 0);
    connect_at(s, 0x00040000);
}

static void versions_between_do_not_exist(void **state)
{
    static const uint32_t none[] = {0,          0x0000000C, 0x00010000,
                                    0x00020003, 0x00030001, 0x00050004,
                                    0x00060001, 0xFFFFFFFF};
    struct script *s = *state;

    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        const struct bytes b = contact(none[i], 0);
        const struct bytes answer = contact_gives(s, &b, 0, 0);

        assert_int_equal(answer.size, 16);
    }
    broke_nothing(s);
}

static void refused_guest_is_not_connected(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00070000, 0);

    connect_at(s, 0x00040000);
    contact_gives(s, &b, 0, 0);
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
    hear_nothing(s);
}

static void features_are_intersected(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x25};
    struct bytes b = contact(0x00060000, 0), answer;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    put32(&b, 20, 0xFFFFFFF7);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(get32(&answer, 16), 0x25);
    put32(&b, 20, 0x80000081);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(get32(&answer, 16), 0x01);
    assert_int_equal(status_of(s).features, 0x01);
}

static void features_come_with_6_0(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x01};
    struct bytes b = contact(0x00050003, 0), answer;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    put32(&b, 20, 0x01);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(answer.size, 16);
    assert_int_equal(status_of(s).features, 0);
}

static void client_id_is_kept(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x08};
    struct bytes b = contact(0x00060000, 0);

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    put32(&b, 20, 0x08);
    b.size = 56;
    memset(&b.at[40], 0xC1, 16);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(status_of(s).client_id.bytes[0], 0xC1);
    assert_int_equal(status_of(s).client_id.bytes[15], 0xC1);
    /* Asked for and not there. */
    b.size = 55;
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

static void server_gives_monitor_pages(void **state)
{
    struct script *s = *state;
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    const struct vmbus_host_config config = {
        .features = 0x44,
        .monitor_gpa = {pfns[0] << 12, pfns[1] << 12},
    };
    struct bytes b = contact(0x00060000, 0), answer;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    put32(&b, 20, 0x44);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(answer.size, 40);
    assert_true(get64(&answer, 24) == pfns[0] << 12);
    assert_true(get64(&answer, 32) == pfns[1] << 12);

    /* They are not the guest's to change. */
    b = message(25, 24);
    s->connection = 4;
    say(s, &b);
    answer = hear_type(s, 26, 9);
    assert_int_equal(answer.at[8], 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    vmbus_host_reset(s->host);
    seam_pages_free(s->seam, pages, 2);
}

static void monitor_pages_come_in_pairs(void **state)
{
    struct script *s = *state;
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = contact(0x00040000, 0);

    put64(&b, 24, pfns[0] << 12);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 32, (pfns[1] << 12) + 8);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 32, pfns[1] << 12);
    contact_gives(s, &b, 1, 0);
    broke_nothing(s);
    vmbus_host_reset(s->host);
    seam_pages_free(s->seam, pages, 2);
}

static void old_guests_read_no_connection_state(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00010001, 0);
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);

    put64(&b, 16, pfn << 12);
    put64(&b, 24, pfn << 12);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    seam_pages_free(s->seam, page, 1);
}

static void unmappable_pages_are_low_resources(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00040000, 0);

    put64(&b, 24, 0x5000);
    put64(&b, 32, 0x6000);
    contact_gives(s, &b, 1, 1);
    broke_nothing(s);
    assert_true(hosted_logged(s->seam, "cannot be mapped"));
    b = contact(0x0000000D, 0);
    put64(&b, 16, 0x5000);
    contact_gives(s, &b, 0, 1);
}

static void interrupt_page_is_needed_below_2_4(void **state)
{
    struct script *s = *state;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    struct bytes b = contact(0x00010001, 0);

    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    put64(&b, 16, 0x5008);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    /* A refused guest's monitor pages are not kept. */
    put64(&b, 24, pfn << 12);
    put64(&b, 32, pfn << 12);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    assert_int_equal(s->seam->counts.mappings, 0);
    seam_pages_free(s->seam, page, 1);
    /* From 2.4 on nobody looks at it. */
    b = contact(0x00020004, 0);
    put64(&b, 16, 0x5008);
    contact_gives(s, &b, 1, 0);
    broke_nothing(s);
}

static void message_sint_is_honoured(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00050000, 0);

    put8(&b, 16, 5);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[0].sint, 5);
    /* Firmware leaves it 0 and posts on id 1. */
    put8(&b, 16, 0);
    s->connection = 1;
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[1].sint, 2);
    broke_nothing(s);
    put8(&b, 16, 16);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

static void trust_level_0_only(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00050001, 0);

    put8(&b, 17, 1);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

static void contact_vp_exists(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00040000, 4);

    contact_gives(s, &b, 1, 2);
    assert_int_equal(s->heard[0].vp, 0);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
    put32(&b, 12, 2);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[1].vp, 2);
    /* Below 3.0 the field is not looked at. */
    put32(&b, 8, 0x00020004);
    put32(&b, 12, 99);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[2].vp, 0);
    broke_nothing(s);
}

static void connection_ids_of_messages(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_version = 0x00040001};
    const struct bytes b = contact(0x00040000, 0);

    assert_true(vmbus_host_serves(s->host, 1));
    assert_true(vmbus_host_serves(s->host, 4));
    assert_false(vmbus_host_serves(s->host, 2));
    assert_int_equal(vmbus_host_message(s->host, 3, b.at, b.size), -ENOENT);
    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    assert_int_equal(vmbus_host_message(s->host, 4, b.at, b.size), -ENOENT);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), 0);
    hear(s);
}

static void later_messages_go_to_the_given_id(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00050000);
    s->connection = 1;
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_WRONG_CONNECTION);
    hear_type(s, 4, 8); /* served all the same */
    connect_at(s, 0x00040000);
    s->connection = 4;
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_WRONG_CONNECTION);
    hear_type(s, 4, 8);
}

static void oversized_is_not_a_message(void **state)
{
    struct script *s = *state;
    const uint8_t payload[241] = {14};

    assert_int_equal(vmbus_host_message(s->host, 1, payload, 241), -EMSGSIZE);
    broke_nothing(s);
}

/* Every message a guest may send, one byte short, changes nothing. */
static void short_messages_are_refused(void **state)
{
    static const struct {
        uint32_t type, size;
    } least[] = {
        {3, 8},   {5, 148}, {7, 12}, {8, 20},  {9, 16},  {11, 16},
        {13, 12}, {14, 40}, {16, 8}, {18, 28}, {19, 20}, {21, 56},
        {22, 16}, {25, 24}, {27, 8}, {29, 8},
    };
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x24};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    connect_with(s, 0x24);
    for (unsigned i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
        struct bytes b = message(least[i].type, least[i].size - 1);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    }
    for (uint32_t size = 0; size < 8; size++) {
        struct bytes b = message(3, size);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    }
    assert_int_equal(vmbus_host_message(s->host, 4, NULL, 0), 0);
    broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    hear_nothing(s);
    assert_true(status_of(s).connected);
}

static void open_is_longer_with_signal_features(void **state)
{
    static const struct {
        uint32_t features, size;
    } cases[] = {{0, 148}, {0x04, 148}, {0x01, 156}, {0x02, 156}, {3, 156}};
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x07};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes b = message(5, cases[i].size - 1);

        connect_with(s, cases[i].features);
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
        b.size++;
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    }
}

static void unknown_types_are_refused(void **state)
{
    static const uint32_t types[] = {0, 30, 31, 0x80000001, 0xFFFFFFFF};
    struct script *s = *state;

    connect_at(s, 0x00050003);
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct bytes b = message(types[i], 240);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_MESSAGE);
    }
    hear_nothing(s);
}

static void a_hosts_messages_are_refused(void **state)
{
    static const uint32_t types[] = {1,  2,  4,  6,  10, 12, 15,
                                     17, 20, 23, 24, 26, 28};
    struct script *s = *state;

    connect_at(s, 0x00050003);
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct bytes b = message(types[i], 240);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_WRONG_DIRECTION);
    }
    hear_nothing(s);
}

static void not_negotiated(struct script *s, uint32_t type)
{
    const struct bytes b = message(type, 240);

    say(s, &b);
    broke(s, VMBUS_HOST_RULE_NOT_NEGOTIATED);
    hear_nothing(s);
}

static void messages_wait_for_their_version(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0xEF & ~0x40};

    connect_at(s, 0x00030000);
    not_negotiated(s, 21); /* TL_CONNECT from 4.0 */
    connect_at(s, 0x00040000);
    not_negotiated(s, 22); /* MODIFYCHANNEL from 4.1 */
    connect_at(s, 0x00050003);
    not_negotiated(s, 25);
    not_negotiated(s, 27);
    not_negotiated(s, 29);
    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    connect_with(s, 0);
    not_negotiated(s, 25);
    not_negotiated(s, 27);
    not_negotiated(s, 29);
    connect_with(s, 0x04);
    not_negotiated(s, 27);
    connect_with(s, 0x20);
    not_negotiated(s, 25);
}

static void nothing_before_contact(void **state)
{
    struct script *s = *state;

    for (uint32_t type = 3; type <= 29; type++) {
        const struct bytes b = message(type, 240);
        static const char guests[30] = {
            [3] = 1,  [5] = 1,  [7] = 1,  [8] = 1,  [9] = 1,
            [11] = 1, [13] = 1, [18] = 1, [19] = 1, [21] = 1,
            [22] = 1, [25] = 1, [27] = 1, [29] = 1};

        if (!guests[type])
            continue;
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
    }
    hear_nothing(s);
}

static void reserved_channels_are_refused(void **state)
{
    struct script *s = *state;
    const struct bytes open = message(18, 28), close = message(19, 20);

    connect_at(s, 0x00050003);
    say(s, &open);
    broke(s, VMBUS_HOST_RULE_RESERVED_CHANNEL);
    say(s, &close);
    broke(s, VMBUS_HOST_RULE_RESERVED_CHANNEL);
    hear_nothing(s);
}

static void second_contact_starts_anew(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    connect_at(s, 0x00050002);
    assert_int_equal(v.closed, 1);
    assert_int_equal(status_of(s).gpadls, 0);
    assert_int_equal(status_of(s).open_channels, 0);
    assert_false(info_of(&v).offered);
    take_offers(s);
    broke_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void contact_waits_for_servers(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = contact(0x00050000, 0);

    say(s, &b);
    hear_nothing(s);
    assert_int_equal(v.closed, 1);
    /* Meanwhile nothing else is served, and the newest contact counts. */
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_UNLOADING);
    b = contact(0x00030000, 1);
    s->connection = 1;
    say(s, &b);
    hear_nothing(s);
    vmbus_host_close_answer(v.channel);
    hear_hex(s, "0f 00 00 00 00 00 00 00 01 00 00 00 00 00 03 00");
    assert_int_equal(s->heard[s->heard_first - 1].vp, 1);
    assert_int_equal(v.closed, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void unload_is_answered_to_anybody(void **state)
{
    struct script *s = *state;

    say_header(s, 16);
    hear_hex(s, "11 00 00 00 00 00 00 00");
    connect_at(s, 0x00040000);
    say_header(s, 16);
    hear_hex(s, "11 00 00 00 00 00 00 00");
    assert_false(status_of(s).connected);
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
}

static void unload_goes_to_the_contact_vp(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00030000, 2);

    contact_gives(s, &b, 1, 0);
    say_header(s, 16);
    hear(s);
    assert_int_equal(s->heard[1].vp, 2);
}

static void unload_waits_for_servers(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true, .holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    void *pages = begin_open(s, &v, 0x00040000);

    say_gpadl(s, 1, 7, &pfn, 1);
    hear_created(s, 1, 7, 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 7, &mapped), 0);
    say_header(s, 16);
    assert_int_equal(v.closed, 1);
    assert_int_equal(v.torn, 1);
    hear_nothing(s);
    say_header(s, 16); /* a second one changes nothing */
    vmbus_host_close_answer(v.channel);
    hear_nothing(s);
    assert_int_equal(v.torn, 1);
    vmbus_host_gpadl_unmap(v.channel, 7);
    hear_type(s, 17, 8);
    hear_nothing(s);
    broke_nothing(s);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
    seam_pages_free(s->seam, pages, 4);
}

/* A server that answers an open when the guest has left already. */
static void open_answered_while_leaving(void **state)
{
    struct script *s = *state;
    struct server late = {.holds_open = true}, v = {.other = &late};
    uint64_t pfns[4];
    void *pages, *others = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = open_message(2, 1, 9, 0, 2);

    pages = begin_open(s, &v, 0x00040000);
    publish(s, &late, 1, 1, 0);
    hear_type(s, 1, 196);
    say_gpadl(s, 2, 9, pfns, 4);
    hear_created(s, 2, 9, 0);
    say(s, &b);
    say_header(s, 16);
    assert_int_equal(v.closed, 1);
    assert_int_equal(late.closed, 1);
    hear_type(s, 17, 8); /* and no OPENCHANNEL_RESULT */
    hear_nothing(s);
    withdraw(&late);
    withdraw(&v);
    seam_pages_free(s->seam, others, 4);
    seam_pages_free(s->seam, pages, 4);
}

static void contact_replaces_an_unload(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    const struct bytes b = contact(0x00040000, 0);

    say_header(s, 16);
    say(s, &b);
    vmbus_host_close_answer(v.channel);
    hear_type(s, 15, 16);
    hear_nothing(s);
    assert_true(status_of(s).connected);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void server_leaves_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.withdraws = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_header(s, 16);
    hear_type(s, 17, 8);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void reset_tells_servers_only(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_reset(s->host);
    vmbus_host_close_answer(v.channel);
    hear_nothing(s);
    assert_false(status_of(s).connected);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void undelivered_is_dropped_by_contact(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00040000);
    s->room = 0;
    say_header(s, 3);
    assert_int_equal(status_of(s).undelivered, 0); /* a flag, no message */
    say_header(s, 16);
    assert_int_equal(status_of(s).undelivered, 1);
    s->room = UINT32_MAX;
    connect_at(s, 0x00040000);
    hear_nothing(s);
}

static void pause_holds_everything(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    connect_with(s, 0x20);
    take_offers(s);
    say_header(s, 29);
    broke(s, VMBUS_HOST_RULE_NOT_PAUSED);
    say_header(s, 27);
    hear_hex(s, "1c 00 00 00 00 00 00 00");
    publish(s, &v, 1, 1, 0);
    hear_nothing(s);
    say_header(s, 27);
    broke(s, VMBUS_HOST_RULE_PAUSED);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_PAUSED);
    say_header(s, 29);
    hear_type(s, 1, 196);
    hear_nothing(s);
    withdraw(&v);
}

static void pause_is_answered_after_what_waited(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    publish(s, &v, 1, 1, 0);
    connect_with(s, 0x20);
    take_offers(s);
    s->room = 0;
    withdraw(&v);
    say_header(s, 27);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_type(s, 2, 12);
    hear_type(s, 28, 8);
    hear_nothing(s);
    /* A new contact ends it as well. */
    connect_with(s, 0);
}

static void modify_connection_changes_pages(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x04};
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = message(25, 24);

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    connect_with(s, 0x04);
    put64(&b, 8, pfns[0] << 12);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 02");
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 16, 0x7000);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 01");
    put64(&b, 16, pfns[1] << 12);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 00");
    assert_int_equal(s->seam->counts.mappings, 1);
    b = message(25, 24); /* none: takes them away */
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 00");
    assert_int_equal(s->seam->counts.mappings, 0);
    broke_nothing(s);
    seam_pages_free(s->seam, pages, 2);
}

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
    connect_at(s, 0x00050002);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    b = tl_connect(56);
    say(s, &b);
    hear_type(s, 23, 44);
    assert_int_equal(s->connect.silo.bytes[15], 0x51);
    assert_int_equal(s->connects, 3);
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

static void config_is_checked(void **state)
{
    static const struct {
        struct vmbus_host_config config;
        int status;
    } cases[] = {
        {{.features = 0x10}, -ENOTSUP},
        {{.features = 0x100}, -ENOTSUP},
        {{.max_version = 0x00050004}, -EINVAL},
        {{.min_version = 0x00020000}, -EINVAL},
        {{.min_version = 0x00050000, .max_version = 0x00040000}, -EINVAL},
        {{.max_channels = 2048}, -EINVAL},
        {{.features = 0x40}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0x2008}}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0x1000}}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0}}, -EINVAL},
        {{.monitor_gpa = {0x1000, 0x2000}}, -EINVAL},
        {{.monitor_gpa = {0, 0x2000}}, -EINVAL},
    };
    static const struct vmbus_host_ops none;
    struct vmbus_host_ops some = {0};
    struct script *s = *state;
    struct vmbus_host *h;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            vmbus_host_create(s->seam, &none, s, &cases[i].config, &h),
            cases[i].status);
    assert_true(hosted_logged(s->seam, "0x10: confidential channels"));
    assert_int_equal(vmbus_host_create(s->seam, &none, s, &any_guest, &h),
                     -EINVAL);
    some.post = ops_of_script.post;
    assert_int_equal(vmbus_host_create(s->seam, &some, s, &any_guest, &h),
                     -EINVAL);
    s->seam->fail_at = s->seam->counts.allocations + 1;
    assert_int_equal(
        vmbus_host_create(s->seam, &ops_of_script, s, &any_guest, &h), -ENOMEM);
}

static void no_memory_means_try_again(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    s->seam->fail_at = s->seam->counts.allocations + 1;
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), -EAGAIN);
    hear_nothing(s);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), 0);
    hear_type(s, 15, 16);
}

static void lost_messages_are_logged(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    s->post_status = -EIO;
    say(s, &b);
    assert_true(hosted_logged(s->seam, "VERSION_RESPONSE to VP 0 is lost"));
    assert_int_equal(status_of(s).undelivered, 0);
}

static void rules_have_texts_and_counters(void **state)
{
    struct script *s = *state;

    for (unsigned r = 0; r < VMBUS_HOST_RULE_COUNT; r++)
        assert_true(strlen(vmbus_host_rule_text(r)) > 10);
    assert_string_equal(vmbus_host_rule_text(VMBUS_HOST_RULE_COUNT),
                        "no such rule");
    for (unsigned i = 0; i < 5; i++)
        say_header(s, 3);
    assert_int_equal(
        vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_NOT_CONNECTED), 5);
    assert_int_equal(vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_OPEN_RING),
                     0);
    assert_int_equal(vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_COUNT), 0);
    /* One line at counts 1, 2 and 4, not at 3 and 5. */
    assert_int_equal(s->seam->log_lines, 3);
    assert_true(hosted_logged(s->seam, "seen 4 times"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(contact_bytes_by_hand),
        T(every_version_is_accepted),
        T(each_newest_version_is_a_limit),
        T(oldest_version_is_a_limit),
        T(versions_between_do_not_exist),
        T(refused_guest_is_not_connected),
        T(features_are_intersected),
        T(features_come_with_6_0),
        T(client_id_is_kept),
        T(server_gives_monitor_pages),
        T(monitor_pages_come_in_pairs),
        T(old_guests_read_no_connection_state),
        T(unmappable_pages_are_low_resources),
        T(interrupt_page_is_needed_below_2_4),
        T(message_sint_is_honoured),
        T(trust_level_0_only),
        T(contact_vp_exists),
        T(connection_ids_of_messages),
        T(later_messages_go_to_the_given_id),
        T(oversized_is_not_a_message),
        T(short_messages_are_refused),
        T(open_is_longer_with_signal_features),
        T(unknown_types_are_refused),
        T(a_hosts_messages_are_refused),
        T(messages_wait_for_their_version),
        T(nothing_before_contact),
        T(reserved_channels_are_refused),
        T(second_contact_starts_anew),
        T(contact_waits_for_servers),
        T(unload_is_answered_to_anybody),
        T(unload_goes_to_the_contact_vp),
        T(unload_waits_for_servers),
        T(open_answered_while_leaving),
        T(contact_replaces_an_unload),
        T(server_leaves_while_closing),
        T(reset_tells_servers_only),
        T(undelivered_is_dropped_by_contact),
        T(pause_holds_everything),
        T(pause_is_answered_after_what_waited),
        T(modify_connection_changes_pages),
        T(hv_sock_requests_are_refused),
        T(hv_sock_request_is_taken),
        T(config_is_checked),
        T(no_memory_means_try_again),
        T(lost_messages_are_logged),
        T(rules_have_texts_and_counters),
    };

    return cmocka_run_group_tests_name("hosthalf.contact", tests, NULL, NULL);
}
