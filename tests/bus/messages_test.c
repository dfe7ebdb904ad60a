/* The table of messages and GUIDs. */
#include "fixture.h"
#include "messages.h"

/* The protocol's table once more, by hand: number, direction, size, since,
 * feature. */
static const struct expected {
    uint32_t type;
    char direction;
    uint32_t smallest;
    uint32_t version;
    uint32_t feature;
} table[] = {
    {1, 'H', 196, 0, 0},
    {2, 'H', 12, 0, 0},
    {3, 'G', 8, 0, 0},
    {4, 'H', 8, 0, 0},
    {5, 'G', 156, 0, 0},
    {6, 'H', 20, 0, 0},
    {7, 'G', 12, 0, 0},
    {8, 'G', 20, 0, 0},
    {9, 'G', 16, 0, 0},
    {10, 'H', 20, 0, 0},
    {11, 'G', 16, 0, 0},
    {12, 'H', 12, 0, 0},
    {13, 'G', 12, 0, 0},
    {14, 'G', 40, 0, 0},
    {15, 'H', 10, 0, 0},
    {16, 'G', 8, 0, 0},
    {17, 'H', 8, 0, 0},
    {18, 'G', 28, 0, 0},
    {19, 'G', 20, 0, 0},
    {20, 'H', 12, 0, 0},
    {21, 'G', 56, 0x00040000, 0},
    {22, 'G', 16, 0x00040001, 0},
    {23, 'H', 44, 0x00040001, 0},
    {24, 'H', 16, 0x00050003, 0},
    {25, 'G', 24, 0x00060000, 0x04},
    {26, 'H', 9, 0x00060000, 0x04},
    {27, 'G', 8, 0x00060000, 0x20},
    {28, 'H', 8, 0x00060000, 0x20},
    {29, 'G', 8, 0x00060000, 0x20},
};
#define MESSAGES (sizeof(table) / sizeof(table[0]))

static enum vmbus_direction direction(const struct expected *e)
{
    return e->direction == 'H' ? VMBUS_TO_GUEST : VMBUS_TO_HOST;
}

static enum vmbus_verdict check(uint32_t type, uint32_t size,
                                enum vmbus_direction d, uint32_t version,
                                uint32_t features)
{
    uint8_t bytes[256] = {(uint8_t)type, (uint8_t)(type >> 8)};
    const struct vmbus_message_info *info;

    return vmbus_message_check(bytes, size, d, version, features, &info);
}

static void all_messages_are_in_the_table(void **state)
{
    (void)state;
    assert_int_equal(MESSAGES, 29);
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct vmbus_message_info *m = vmbus_message_info(table[i].type);

        assert_int_equal(m->type, table[i].type);
        assert_int_equal(m->direction, direction(&table[i]));
        assert_int_equal(m->version, table[i].version);
        assert_int_equal(m->feature, table[i].feature);
        assert_true(m->full >= table[i].smallest);
        assert_int_equal(vmbus_message_size(m, 0x00060000, 0xFF),
                         table[i].smallest);
    }
    assert_null(vmbus_message_info(0));
    assert_null(vmbus_message_info(30));
    assert_string_equal(vmbus_message_name(5), "OPENCHANNEL");
    assert_string_equal(vmbus_message_name(99), "unknown");
}

/* At its size it is taken, one byte less not, more is normal. */
static void sizes_at_their_boundary(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct expected *e = &table[i];
        enum vmbus_direction d = direction(e);

        assert_int_equal(check(e->type, e->smallest, d, 0x00060000, 0xFF),
                         VMBUS_MESSAGE_OK);
        assert_int_equal(check(e->type, 240, d, 0x00060000, 0xFF),
                         VMBUS_MESSAGE_OK);
        assert_int_equal(check(e->type, e->smallest - 1, d, 0x00060000, 0xFF),
                         e->smallest == 8 ? VMBUS_MESSAGE_TRUNCATED
                                          : VMBUS_MESSAGE_SHORT);
    }
}

/* The version that brings a message knows it, the one before does not. */
static void versions_at_their_boundary(void **state)
{
    static const uint32_t before[][2] = {
        {0x00040000, 0x00030000},
        {0x00040001, 0x00040000},
        {0x00050003, 0x00050002},
        {0x00060000, 0x00050003},
    };

    (void)state;
    for (size_t i = 0; i < MESSAGES; i++)
        for (size_t j = 0; j < 4; j++) {
            const struct expected *e = &table[i];

            if (e->version != before[j][0])
                continue;
            assert_int_equal(
                check(e->type, 240, direction(e), before[j][0], 0xFF),
                VMBUS_MESSAGE_OK);
            assert_int_equal(
                check(e->type, 240, direction(e), before[j][1], 0xFF),
                VMBUS_MESSAGE_VERSION);
        }
}

static void features_decide_about_messages(void **state)
{
    (void)state;
    assert_int_equal(check(26, 240, VMBUS_TO_GUEST, 0x00060000, 0x04),
                     VMBUS_MESSAGE_OK);
    assert_int_equal(check(26, 240, VMBUS_TO_GUEST, 0x00060000, 0x20),
                     VMBUS_MESSAGE_VERSION);
    assert_int_equal(check(28, 240, VMBUS_TO_GUEST, 0x00060000, 0x04),
                     VMBUS_MESSAGE_VERSION);
}

static void sizes_that_depend_on_the_version(void **state)
{
    (void)state;
    assert_int_equal(check(1, 190, VMBUS_TO_GUEST, 0x0D, 0), VMBUS_MESSAGE_OK);
    assert_int_equal(check(1, 189, VMBUS_TO_GUEST, 0x0D, 0),
                     VMBUS_MESSAGE_SHORT);
    assert_int_equal(check(1, 195, VMBUS_TO_GUEST, 0x00010001, 0),
                     VMBUS_MESSAGE_SHORT);
    assert_int_equal(check(5, 148, VMBUS_TO_HOST, 0x00060000, 0x04),
                     VMBUS_MESSAGE_OK);
    assert_int_equal(check(5, 148, VMBUS_TO_HOST, 0x00060000, 0x01),
                     VMBUS_MESSAGE_SHORT);
    assert_int_equal(check(5, 155, VMBUS_TO_HOST, 0x00060000, 0x02),
                     VMBUS_MESSAGE_SHORT);
    assert_int_equal(check(21, 40, VMBUS_TO_HOST, 0x00050001, 0),
                     VMBUS_MESSAGE_OK);
    assert_int_equal(check(21, 55, VMBUS_TO_HOST, 0x00050002, 0),
                     VMBUS_MESSAGE_SHORT);
}

static void what_is_no_message(void **state)
{
    (void)state;
    assert_int_equal(check(4, 7, VMBUS_TO_GUEST, 0x00060000, 0),
                     VMBUS_MESSAGE_TRUNCATED);
    assert_int_equal(check(4, 0, VMBUS_TO_GUEST, 0x00060000, 0),
                     VMBUS_MESSAGE_TRUNCATED);
    assert_int_equal(check(4, 241, VMBUS_TO_GUEST, 0x00060000, 0),
                     VMBUS_MESSAGE_TRUNCATED);
    assert_int_equal(check(0, 8, VMBUS_TO_GUEST, 0x00060000, 0),
                     VMBUS_MESSAGE_UNKNOWN);
    assert_int_equal(check(30, 8, VMBUS_TO_GUEST, 0x00060000, 0xFF),
                     VMBUS_MESSAGE_UNKNOWN);
    assert_int_equal(check(3, 8, VMBUS_TO_GUEST, 0x00060000, 0),
                     VMBUS_MESSAGE_DIRECTION);
    assert_string_equal(vmbus_verdict_text(VMBUS_MESSAGE_SHORT), "too short");
}

/* Before a version is negotiated only what leads there is known. */
static void before_the_contact(void **state)
{
    (void)state;
    for (uint32_t type = 1; type <= 29; type++) {
        bool known = type >= 14 && type <= 17;

        assert_int_equal(vmbus_message_known(vmbus_message_info(type), 0, 0),
                         known);
    }
}

/* Every type with every size from 0 to 250 at a connected bus: refused or
 * without effect, never a crash. */
static void every_type_and_size_at_a_connected_bus(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[256];

    fixture_open(f);
    for (uint32_t type = 0; type < 34; type++)
        for (uint32_t size = 0; size <= 250; size++) {
            if (type == 1 && size >= 196)
                continue; /* would be an offer of relid 0xFFFFFFFF: below */
            memset(bytes, 0xFF, sizeof(bytes));
            memset(bytes, 0, 8);
            bytes[0] = (uint8_t)type;
            peer_send(f->p, bytes, size, 0);
        }
    hosted_run(f->s);
    assert_true(vmbus_channel_is_open(f->c));
    assert_true(fixture_refused(f) > 5000);
    assert_int_equal(vmbus_channel_close(f->c), 0);
}

/* Ten lines of one kind, then one in a thousand. */
static void complaints_are_limited(void **state)
{
    struct fixture *f = *state;
    uint32_t lines;

    fixture_connect(f);
    lines = f->s->log_lines;
    for (int i = 0; i < 3000; i++)
        peer_send_hex(f->p, "63 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3000);
    assert_int_equal(f->s->log_lines - lines, 10 + 3);
}

/* ---- GUIDs --------------------------------------------------------------- */

/* Both forms by hand. [linux hyperv.h], [openvmm] */
static const struct {
    const char *name;
    const char *text;
    uint8_t bytes[16];
} classes[] = {
    {"network",
     "f8615163-df3e-46c5-913f-f2d2f965ed0e",
     {0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46, 0x91, 0x3f, 0xf2, 0xd2,
      0xf9, 0x65, 0xed, 0x0e}},
    {"scsi",
     "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f",
     {0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d, 0xb6, 0x05, 0x72, 0xe2,
      0xff, 0xb1, 0xdc, 0x7f}},
    {"ide",
     "32412632-86cb-44a2-9b5c-50d1417354f5",
     {0x32, 0x26, 0x41, 0x32, 0xcb, 0x86, 0xa2, 0x44, 0x9b, 0x5c, 0x50, 0xd1,
      0x41, 0x73, 0x54, 0xf5}},
    {"fibre-channel",
     "2f9bcc4a-0069-4af3-b76b-6fd0be528cda",
     {0x4a, 0xcc, 0x9b, 0x2f, 0x69, 0x00, 0xf3, 0x4a, 0xb7, 0x6b, 0x6f, 0xd0,
      0xbe, 0x52, 0x8c, 0xda}},
    {"keyboard",
     "f912ad6d-2b17-48ea-bd65-f927a61c7684",
     {0x6d, 0xad, 0x12, 0xf9, 0x17, 0x2b, 0xea, 0x48, 0xbd, 0x65, 0xf9, 0x27,
      0xa6, 0x1c, 0x76, 0x84}},
    {"mouse",
     "cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a",
     {0x9e, 0xb6, 0xa8, 0xcf, 0x4a, 0x5b, 0xc0, 0x4c, 0xb9, 0x8b, 0x8b, 0xa1,
      0xa1, 0xf3, 0xf9, 0x5a}},
    {"video",
     "da0a7802-e377-4aac-8e77-0558eb1073f8",
     {0x02, 0x78, 0x0a, 0xda, 0x77, 0xe3, 0xac, 0x4a, 0x8e, 0x77, 0x05, 0x58,
      0xeb, 0x10, 0x73, 0xf8}},
    {"heartbeat",
     "57164f39-9115-4e78-ab55-382f3bd5422d",
     {0x39, 0x4f, 0x16, 0x57, 0x15, 0x91, 0x78, 0x4e, 0xab, 0x55, 0x38, 0x2f,
      0x3b, 0xd5, 0x42, 0x2d}},
    {"shutdown",
     "0e0b6031-5213-4934-818b-38d90ced39db",
     {0x31, 0x60, 0x0b, 0x0e, 0x13, 0x52, 0x34, 0x49, 0x81, 0x8b, 0x38, 0xd9,
      0x0c, 0xed, 0x39, 0xdb}},
    {"timesync",
     "9527e630-d0ae-497b-adce-e80ab0175caf",
     {0x30, 0xe6, 0x27, 0x95, 0xae, 0xd0, 0x7b, 0x49, 0xad, 0xce, 0xe8, 0x0a,
      0xb0, 0x17, 0x5c, 0xaf}},
    {"kvp",
     "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6",
     {0xe7, 0xf4, 0xa0, 0xa9, 0x45, 0x5a, 0x96, 0x4d, 0xb8, 0x27, 0x8a, 0x84,
      0x1e, 0x8c, 0x03, 0xe6}},
    {"backup",
     "35fa2e29-ea23-4236-96ae-3a6ebacba440",
     {0x29, 0x2e, 0xfa, 0x35, 0x23, 0xea, 0x36, 0x42, 0x96, 0xae, 0x3a, 0x6e,
      0xba, 0xcb, 0xa4, 0x40}},
    {"file-copy",
     "34d14be3-dee4-41c8-9ae7-6b174977c192",
     {0xe3, 0x4b, 0xd1, 0x34, 0xe4, 0xde, 0xc8, 0x41, 0x9a, 0xe7, 0x6b, 0x17,
      0x49, 0x77, 0xc1, 0x92}},
    {"remote-desktop",
     "276aacf4-ac15-426c-98dd-7521ad3f01fe",
     {0xf4, 0xac, 0x6a, 0x27, 0x15, 0xac, 0x6c, 0x42, 0x98, 0xdd, 0x75, 0x21,
      0xad, 0x3f, 0x01, 0xfe}},
    {"dynamic-memory",
     "525074dc-8985-46e2-8057-a307dc18a502",
     {0xdc, 0x74, 0x50, 0x52, 0x85, 0x89, 0xe2, 0x46, 0x80, 0x57, 0xa3, 0x07,
      0xdc, 0x18, 0xa5, 0x02}},
    {"vpci",
     "44c4f61d-4444-4400-9d52-802e27ede19f",
     {0x1d, 0xf6, 0xc4, 0x44, 0x44, 0x44, 0x00, 0x44, 0x9d, 0x52, 0x80, 0x2e,
      0x27, 0xed, 0xe1, 0x9f}},
    {"network-direct",
     "8c2eaf3d-32a7-4b09-ab99-bd1f1c86b501",
     {0x3d, 0xaf, 0x2e, 0x8c, 0xa7, 0x32, 0x09, 0x4b, 0xab, 0x99, 0xbd, 0x1f,
      0x1c, 0x86, 0xb5, 0x01}},
    {"activation",
     "f8e65716-3cb3-4a06-9a60-1889c5cccab5",
     {0x16, 0x57, 0xe6, 0xf8, 0xb3, 0x3c, 0x06, 0x4a, 0x9a, 0x60, 0x18, 0x89,
      0xc5, 0xcc, 0xca, 0xb5}},
    {"activation-2",
     "3375baf4-9e15-4b30-b765-67acb10d607b",
     {0xf4, 0xba, 0x75, 0x33, 0x15, 0x9e, 0x30, 0x4b, 0xb7, 0x65, 0x67, 0xac,
      0xb1, 0x0d, 0x60, 0x7b}},
    {"imc",
     "c376c1c3-d276-48d2-90a9-c04748072c60",
     {0xc3, 0xc1, 0x76, 0xc3, 0x76, 0xd2, 0xd2, 0x48, 0x90, 0xa9, 0xc0, 0x47,
      0x48, 0x07, 0x2c, 0x60}},
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static void every_class_in_both_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLASSES; i++) {
        const struct vmbus_guid *g = vmbus_guid_of_class(classes[i].name);
        struct vmbus_guid parsed;
        char text[VMBUS_GUID_TEXT];

        assert_non_null(g);
        assert_memory_equal(g->bytes, classes[i].bytes, 16);
        assert_string_equal(vmbus_guid_format(g, text), classes[i].text);
        assert_true(vmbus_guid_parse(classes[i].text, &parsed));
        assert_true(vmbus_guid_equal(g, &parsed));
        assert_string_equal(vmbus_guid_class(g), classes[i].name);
    }
    assert_null(vmbus_guid_of_class("floppy"));
    assert_null(vmbus_guid_of_class(""));
    assert_null(vmbus_guid_of_class("networks"));
}

/* Port 0x1234. */
static void hv_sock_services_are_a_class(void **state)
{
    static const struct vmbus_guid service = {
        {0x34, 0x12, 0x00, 0x00, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00,
         0x6a, 0x79, 0x86, 0xd3}};
    static const struct vmbus_guid other = {{1}};

    (void)state;
    assert_string_equal(vmbus_guid_class(&service), "hv_sock");
    assert_string_equal(vmbus_guid_class(&other), "unknown");
    assert_false(vmbus_guid_is_zero(&other));
}

static void texts_that_are_no_guid(void **state)
{
    static const char *const bad[] = {
        "",
        "f8615163-df3e-46c5-913f-f2d2f965ed0",
        "f8615163-df3e-46c5-913f-f2d2f965ed0e0",
        "f8615163+df3e-46c5-913f-f2d2f965ed0e",
        "f8615163-df3e-46c5-913f-f2d2f965ed0g",
        "{f8615163-df3e-46c5-913f-f2d2f965ed0e}",
        "f86151 3-df3e-46c5-913f-f2d2f965ed0e",
    };
    struct vmbus_guid g = {{7}}, upper;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(vmbus_guid_parse(bad[i], &g));
        assert_int_equal(g.bytes[0], 7);
    }
    assert_true(
        vmbus_guid_parse("F8615163-DF3E-46C5-913F-F2D2F965ED0E", &upper));
    assert_memory_equal(upper.bytes, classes[0].bytes, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_messages_are_in_the_table),
        cmocka_unit_test(sizes_at_their_boundary),
        cmocka_unit_test(versions_at_their_boundary),
        cmocka_unit_test(features_decide_about_messages),
        cmocka_unit_test(sizes_that_depend_on_the_version),
        cmocka_unit_test(what_is_no_message),
        cmocka_unit_test(before_the_contact),
        TEST(every_type_and_size_at_a_connected_bus),
        TEST(complaints_are_limited),
        cmocka_unit_test(every_class_in_both_forms),
        cmocka_unit_test(hv_sock_services_are_a_class),
        cmocka_unit_test(texts_that_are_no_guid),
    };

    return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
