/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's keyboard and mouse, as far as they know nothing of minihv: PS/2
 * bytes and the two protocols. All bytes were written by hand from the tables
 * of PS/2, of HID and of the protocols.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pointer.h"
#include "scan.h"
#include "synthhid.h"
#include "synthkbd.h"

/* ---- scan codes ---------------------------------------------------------- */

static struct scan scan;
static struct stroke stroke;

#define WANT(byte, make_, up_, e0_, e1_)                \
    do {                                                \
        assert_true(scan_take(&scan, (byte), &stroke)); \
        assert_int_equal(stroke.make, (make_));         \
        assert_int_equal(stroke.up, (up_));             \
        assert_int_equal(stroke.e0, (e0_));             \
        assert_int_equal(stroke.e1, (e1_));             \
    } while (0)
#define NOTHING(byte) assert_false(scan_take(&scan, (byte), &stroke))

static void a_key_goes_down_and_up(void **state)
{
    (void)state;
    WANT(0x1E, 0x1E, false, false, false);
    WANT(0x9E, 0x1E, true, false, false);
    /* Left shift going up is AA, as is a keyboard's self-test. */
    WANT(0xAA, 0x2A, true, false, false);
}

static void a_prefix_belongs_to_one_code(void **state)
{
    (void)state;
    NOTHING(0xE0);
    WANT(0x4D, 0x4D, false, true, false);
    WANT(0x4D, 0x4D, false, false, false);
    NOTHING(0xE0);
    WANT(0xCD, 0x4D, true, true, false);
}

static void pause_has_the_other_prefix(void **state)
{
    (void)state;
    NOTHING(0xE1);
    WANT(0x1D, 0x1D, false, false, true);
    WANT(0x45, 0x45, false, false, false);
    NOTHING(0xE1);
    WANT(0x9D, 0x1D, true, false, true);
    WANT(0xC5, 0x45, true, false, false);
}

static void lost_codes_are_no_keys_and_end_a_prefix(void **state)
{
    (void)state;
    NOTHING(0xE0);
    NOTHING(0x00);
    WANT(0x1E, 0x1E, false, false, false);
    NOTHING(0xE1);
    NOTHING(0xFF);
    WANT(0x1E, 0x1E, false, false, false);
    NOTHING(0x80); /* going up, but no key */
    NOTHING(0xE1);
    NOTHING(0xE0);
    WANT(0x1D, 0x1D, false, true, false);
}

/* ---- the pointer --------------------------------------------------------- */

static struct pointer pointer;

static bool moves(uint8_t first, uint8_t dx, uint8_t dy, uint8_t wheel)
{
    assert_false(pointer_take(&pointer, first));
    assert_false(pointer_take(&pointer, dx));
    if (!pointer.has_wheel)
        return pointer_take(&pointer, dy);
    assert_false(pointer_take(&pointer, dy));
    return pointer_take(&pointer, wheel);
}

static void movements_add_up_to_a_place(void **state)
{
    (void)state;
    pointer_reset(&pointer, true);
    assert_int_equal(pointer.x, 16384);
    assert_true(moves(0x08, 10, 0, 0));
    assert_int_equal(pointer.x, 16704);
    assert_int_equal(pointer.y, 16384);
    assert_true(moves(0x18, 0xF6, 0, 0)); /* -10 */
    assert_int_equal(pointer.x, 16384);
    assert_true(moves(0x28, 0, 0xFF, 0)); /* down by 1 */
    assert_int_equal(pointer.y, 16416);
    assert_true(moves(0x08, 0, 2, 0)); /* up by 2 */
    assert_int_equal(pointer.y, 16352);
}

static void the_pointer_stays_on_the_screen(void **state)
{
    (void)state;
    pointer_reset(&pointer, true);
    for (int i = 0; i < 10; i++)
        assert_true(moves(0x18, 0x00, 0xFF, 0)); /* left by 256, up by 255 */
    assert_int_equal(pointer.x, 0);
    assert_int_equal(pointer.y, 0);
    for (int i = 0; i < 10; i++)
        assert_true(moves(0x28, 0xFF, 0x00, 0));
    assert_int_equal(pointer.x, 32767);
    assert_int_equal(pointer.y, 32767);
}

static void buttons_and_wheel_are_those_of_the_packet(void **state)
{
    (void)state;
    pointer_reset(&pointer, true);
    assert_true(moves(0x0D, 0, 0, 0xFF)); /* left, middle; away from the user */
    assert_int_equal(pointer.buttons, 5);
    assert_int_equal(pointer.wheel, 1);
    assert_true(moves(0x0A, 0, 0, 0x80));
    assert_int_equal(pointer.buttons, 2);
    assert_int_equal(pointer.wheel, 128);
    assert_true(moves(0x08, 0, 0, 0));
    assert_int_equal(pointer.buttons, 0);
    assert_int_equal(pointer.wheel, 0);
}

static void a_mouse_without_a_wheel_sends_three_bytes(void **state)
{
    (void)state;
    pointer_reset(&pointer, false);
    assert_true(moves(0x09, 1, 0, 0));
    assert_int_equal(pointer.buttons, 1);
    assert_int_equal(pointer.wheel, 0);
    assert_true(moves(0x08, 1, 0, 0));
    assert_int_equal(pointer.x, 16384 + 64);
}

static void a_byte_that_begins_no_packet_is_left_out(void **state)
{
    (void)state;
    pointer_reset(&pointer, true);
    assert_false(pointer_take(&pointer, 0x07));
    assert_false(pointer_take(&pointer, 0x00));
    assert_true(moves(0x08, 1, 0, 0));
    assert_int_equal(pointer.x, 16384 + 32);
}

/* ---- the keyboard's protocol --------------------------------------------- */

static struct synthkbd kbd;
static struct synthkbd_response answer;

/* The message has memory of its own, so the sanitizer sees a read past it. */
static const char *kbd_takes(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size + !size);
    const char *wrong;

    memcpy(copy, bytes, size);
    wrong = synthkbd_take(&kbd, copy, size, &answer);
    free(copy);
    return wrong;
}
#define KBD(...)                              \
    kbd_takes((const uint8_t[]){__VA_ARGS__}, \
              sizeof((const uint8_t[]){__VA_ARGS__}))

static void version_1_0_is_accepted(void **state)
{
    (void)state;
    kbd = (struct synthkbd){0};
    assert_null(KBD(1, 0, 0, 0, 0, 0, 1, 0));
    assert_int_equal(answer.type, 2);
    assert_int_equal(answer.status, 1);
    assert_true(kbd.accepted);
    assert_null(KBD(4, 0, 0, 0, 4, 0, 0, 0));
    assert_int_equal(answer.type, 0);
}

static void another_version_is_refused_and_the_guest_may_ask_again(void **state)
{
    (void)state;
    kbd = (struct synthkbd){0};
    assert_null(KBD(1, 0, 0, 0, 1, 0, 1, 0));
    assert_int_equal(answer.type, 2);
    assert_int_equal(answer.status, 0);
    assert_false(kbd.accepted);
    assert_null(KBD(1, 0, 0, 0, 0, 0, 1, 0, 9, 9));
    assert_int_equal(answer.status, 1);
}

static void wrong_messages_to_the_keyboard_are_named(void **state)
{
    (void)state;
    kbd = (struct synthkbd){0};
    assert_non_null(kbd_takes((const uint8_t[1]){0}, 0));
    assert_non_null(KBD(1, 0, 0));
    assert_non_null(KBD(1, 0, 0, 0, 0, 0, 1));
    assert_non_null(KBD(0, 0, 0, 0, 0, 0, 1, 0));
    assert_non_null(KBD(3, 0, 0, 0, 0x1E, 0, 0, 0, 0, 0, 0, 0));
    assert_non_null(KBD(4, 0, 0, 0, 4, 0, 0, 0)); /* before a version */
    assert_int_equal(answer.type, 0);
    assert_false(kbd.accepted);
    assert_null(KBD(1, 0, 0, 0, 0, 0, 1, 0));
    assert_non_null(KBD(1, 0, 0, 0, 0, 0, 1, 0)); /* twice */
    assert_int_equal(answer.type, 0);
    assert_non_null(KBD(4, 0, 0, 0, 4, 0, 0));
}

static void a_key_becomes_a_message(void **state)
{
    static const uint8_t right[12] = {3, 0, 0, 0, 0x4D, 0, 0, 0, 4, 0, 0, 0},
                         pause[12] = {3, 0, 0, 0, 0x1D, 0, 0, 0, 10, 0, 0, 0};
    struct stroke s = {.make = 0x4D, .e0 = true};
    struct synthkbd_event m = synthkbd_event(&s);

    (void)state;
    assert_memory_equal(&m, right, sizeof right);
    s = (struct stroke){.make = 0x1D, .e1 = true, .up = true};
    m = synthkbd_event(&s);
    assert_memory_equal(&m, pause, sizeof pause);
}

/* ---- the mouse's protocol ------------------------------------------------ */

static struct synthhid hid;
static enum synthhid_reply reply;

static const char *hid_takes(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size + !size);
    const char *wrong;

    memcpy(copy, bytes, size);
    wrong = synthhid_take(&hid, copy, size, &reply);
    free(copy);
    return wrong;
}
#define HID(...)                              \
    hid_takes((const uint8_t[]){__VA_ARGS__}, \
              sizeof((const uint8_t[]){__VA_ARGS__}))
#define HID_REQUEST(minor) HID(0, 0, 0, 0, 4, 0, 0, 0, (minor), 0, 2, 0)
#define HID_ACK            HID(3, 0, 0, 0, 1, 0, 0, 0, 0)

static void version_2_0_is_approved_and_the_device_described(void **state)
{
    (void)state;
    hid = (struct synthhid){0};
    assert_null(HID_REQUEST(0));
    assert_int_equal(reply, SYNTHHID_WELCOME);
    assert_int_equal(hid.state, SYNTHHID_DESCRIBED);
    assert_null(HID_ACK);
    assert_int_equal(reply, SYNTHHID_NOTHING);
    assert_int_equal(hid.state, SYNTHHID_READY);
}

static void another_version_of_hid_is_refused(void **state)
{
    (void)state;
    hid = (struct synthhid){0};
    assert_null(HID_REQUEST(1));
    assert_int_equal(reply, SYNTHHID_REFUSAL);
    assert_null(HID_REQUEST(0));
    assert_int_equal(reply, SYNTHHID_WELCOME);
}

static void wrong_messages_to_the_mouse_are_named(void **state)
{
    (void)state;
    hid = (struct synthhid){0};
    assert_non_null(HID(0, 0, 0, 0, 4, 0, 0));
    assert_non_null(HID(0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 2));
    assert_non_null(HID(0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 2, 0));
    assert_non_null(HID(0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 2, 0));
    assert_non_null(HID(1, 0, 0, 0, 0, 0, 0, 0));
    assert_non_null(HID_ACK); /* of nothing */
    assert_int_equal(hid.state, SYNTHHID_NEW);
    assert_null(HID_REQUEST(0));
    assert_non_null(HID_REQUEST(0)); /* twice */
    assert_int_equal(reply, SYNTHHID_NOTHING);
    assert_non_null(HID(3, 0, 0, 0, 0, 0, 0, 0));
    assert_null(HID_ACK);
    assert_non_null(HID_ACK); /* twice */
}

static void the_answer_to_a_version_has_13_bytes(void **state)
{
    static const uint8_t yes[] = {1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 2, 0, 1},
                         no[] = {1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 2, 0, 0};
    uint8_t m[SYNTHHID_MAX];

    (void)state;
    assert_int_equal(synthhid_response(true, m), sizeof yes);
    assert_memory_equal(m, yes, sizeof yes);
    assert_int_equal(synthhid_response(false, m), sizeof no);
    assert_memory_equal(m, no, sizeof no);
}

static void the_device_describes_itself(void **state)
{
    /* Header; size, vendor, product, version; the HID descriptor. */
    static const uint8_t begin[] = {2, 0, 0, 0,    99,   0,    0,    0, 32,
                                    0, 0, 0, 0x5E, 0x04, 0x21, 0x06, 1, 0},
                         descriptor[] = {9,    0x21, 1,    1,    0,
                                         1,    0x22, 58,   0,    0x05,
                                         0x01, 0x09, 0x02, 0xA1, 0x01};
    uint8_t m[SYNTHHID_MAX];
    uint32_t size = synthhid_device_info(m);

    (void)state;
    assert_int_equal(size, 8 + 32 + 9 + 58);
    assert_memory_equal(m, begin, sizeof begin);
    assert_memory_equal(m + 40, descriptor, sizeof descriptor);
    assert_int_equal(m[49 + 14], 0x29); /* where Linux mends an old host */
    assert_int_equal(m[size - 1], 0xC0);
}

static void a_report_has_7_bytes(void **state)
{
    static const uint8_t wanted[] = {4, 0, 0, 0, 7,    0,    0,   0,
                                     5, 1, 2, 3, 0x7F, 0xFE, 0xFF};
    struct pointer p = {.buttons = 5, .x = 0x0201, .y = 0x7F03, .wheel = -2};
    uint8_t m[SYNTHHID_MAX];

    (void)state;
    assert_int_equal(synthhid_report(&p, m), sizeof wanted);
    assert_memory_equal(m, wanted, sizeof wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_goes_down_and_up),
        cmocka_unit_test(a_prefix_belongs_to_one_code),
        cmocka_unit_test(pause_has_the_other_prefix),
        cmocka_unit_test(lost_codes_are_no_keys_and_end_a_prefix),
        cmocka_unit_test(movements_add_up_to_a_place),
        cmocka_unit_test(the_pointer_stays_on_the_screen),
        cmocka_unit_test(buttons_and_wheel_are_those_of_the_packet),
        cmocka_unit_test(a_mouse_without_a_wheel_sends_three_bytes),
        cmocka_unit_test(a_byte_that_begins_no_packet_is_left_out),
        cmocka_unit_test(version_1_0_is_accepted),
        cmocka_unit_test(
            another_version_is_refused_and_the_guest_may_ask_again),
        cmocka_unit_test(wrong_messages_to_the_keyboard_are_named),
        cmocka_unit_test(a_key_becomes_a_message),
        cmocka_unit_test(version_2_0_is_approved_and_the_device_described),
        cmocka_unit_test(another_version_of_hid_is_refused),
        cmocka_unit_test(wrong_messages_to_the_mouse_are_named),
        cmocka_unit_test(the_answer_to_a_version_has_13_bytes),
        cmocka_unit_test(the_device_describes_itself),
        cmocka_unit_test(a_report_has_7_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
