/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's hv_sock, as far as it knows nothing of minihv: the framing of the
 * port to the outside, and one stream. All bytes were written by hand from the
 * table in frame.h.
 */
#include "unit.h"

#include <string.h>

#include "frame.h"
#include "stream.h"

/* ---- frames -------------------------------------------------------------- */

#define HELLO "\x01\x00\x08\x00sock"
#define WORD  "12345678"

static struct frame_reader reader;
static struct frame frame;
static const uint8_t *from;
static uint32_t left;

static enum frame_result read_more(const char *bytes, uint32_t size)
{
    from = (const uint8_t *)bytes;
    left = size;
    return frame_take(&reader, &from, &left, &frame);
}
#define READ(text) read_more((text), sizeof(text) - 1)

static int get_in_step(void **state)
{
    (void)state;
    reader = (struct frame_reader){0};
    assert_int_equal(READ(HELLO WORD), FRAME_WHOLE);
    return 0;
}

static void a_hello_is_found_behind_anything(void **state)
{
    (void)state;
    reader = (struct frame_reader){0};
    assert_int_equal(READ("\x05\x00\x03\x00\x07\x00\x00\x00"
                          "abc\x01\x00\x08\x00so" HELLO WORD "\x06"),
                     FRAME_WHOLE);
    assert_int_equal(frame.type, FRAME_HELLO);
    assert_int_equal(frame.stream, FRAME_MARK);
    assert_int_equal(frame.size, 8);
    assert_memory_equal(frame.data, WORD, 8);
    assert_int_equal(left, 1);
}

static void nothing_counts_before_a_hello(void **state)
{
    (void)state;
    reader = (struct frame_reader){0};
    assert_int_equal(READ("\x06\x00\x00\x00\x07\x00\x00\x00"), FRAME_MORE);
    assert_int_equal(READ("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), FRAME_MORE);
    assert_false(reader.in_step);
}

static void frames_come_in_any_pieces(void **state)
{
    static const char bytes[] = "\x05\x00\x03\x00\x07\x00\x00\x80"
                                "abc\x06\x00\x00\x00\x09\x00\x00\x00";

    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(read_more(bytes + i, 1), FRAME_MORE);
    assert_int_equal(read_more(bytes + 10, sizeof bytes - 11), FRAME_WHOLE);
    assert_int_equal(frame.type, FRAME_DATA);
    assert_int_equal(frame.stream, 0x80000007);
    assert_int_equal(frame.size, 3);
    assert_memory_equal(frame.data, "abc", 3);
    assert_int_equal(frame_take(&reader, &from, &left, &frame), FRAME_WHOLE);
    assert_int_equal(frame.type, FRAME_END);
    assert_int_equal(frame.stream, 9);
    assert_int_equal(frame.size, 0);
    assert_int_equal(left, 0);
}

static void bad(const char header[8])
{
    get_in_step(NULL);
    assert_int_equal(read_more(header, 8), FRAME_BAD);
    assert_false(reader.in_step);
}

static void a_frame_that_is_none_is_found(void **state)
{
    (void)state;
    bad("\x00\x00\x00\x00\x07\x00\x00\x00"); /* no such type */
    bad("\x09\x00\x00\x00\x07\x00\x00\x00");
    bad("\x06\x01\x00\x00\x07\x00\x00\x00"); /* not zero */
    bad("\x05\x00\x00\x00\x07\x00\x00\x00"); /* data without data */
    bad("\x05\x00\x01\x40\x07\x00\x00\x00"); /* 16385 bytes */
    bad("\x06\x00\x01\x00\x07\x00\x00\x00"); /* an end with a byte */
    bad("\x02\x00\x0F\x00\x07\x00\x00\x00"); /* 15 bytes of a service */
    bad("\x08\x00\x03\x00\x07\x00\x00\x00"); /* 3 bytes of credit */
    bad("\x01\x00\x08\x00\x07\x00\x00\x00"); /* a hello of a stream */
    bad("\x06\x00\x00\x00sock");             /* an end of the hello's */
}

static void the_largest_frame_is_whole(void **state)
{
    static char bytes[8 + 16384] = "\x05\x00\x00\x40\x07";

    (void)state;
    bytes[8 + 16383] = 'z';
    assert_int_equal(read_more(bytes, sizeof bytes), FRAME_WHOLE);
    assert_int_equal(frame.size, 16384);
    assert_int_equal(frame.data[16383], 'z');
}

static void a_header_is_written(void **state)
{
    uint8_t out[FRAME_HEADER];

    (void)state;
    assert_int_equal(frame_header(out, FRAME_DATA, 0x80000102, 0x3FFF), 8);
    assert_memory_equal(out, "\x05\x00\xFF\x3F\x02\x01\x00\x80", 8);
}

/* ---- streams ------------------------------------------------------------- */

static struct stream stream;
static uint8_t window[STREAM_WINDOW], out[STREAM_WINDOW + FRAME_SMALL];
static enum stream_deed deed;
static const uint8_t service[16] = "service and more";

static const char *take(enum frame_type type, const void *data, uint32_t size)
{
    const struct frame f = {type, stream.id, size, data};

    return stream_take(&stream, &f, &deed);
}

static void frame_is(const char *bytes, uint32_t size)
{
    assert_int_equal(stream_frame(&stream, true, out), size);
    assert_memory_equal(out, bytes, size);
}
#define FRAME_IS(text) frame_is((text), sizeof(text) - 1)
#define NO_FRAME()     assert_int_equal(stream_frame(&stream, true, out), 0)

static void by_guest(void)
{
    stream_ask(&stream, 7, service, window);
    FRAME_IS("\x02\x00\x10\x00\x07\x00\x00\x00service and more");
    NO_FRAME();
}

static int open_stream(void **state)
{
    (void)state;
    by_guest();
    assert_null(take(FRAME_OPEN, NULL, 0));
    assert_int_equal(deed, STREAM_OFFER);
    stream_opened(&stream);
    assert_int_equal(stream.state, STREAM_OPEN);
    NO_FRAME();
    return 0;
}

static int answer_stream(void **state)
{
    (void)state;
    stream_answer(&stream, 0x80000007, window);
    return 0;
}

static void the_outside_refuses_the_guest(void **state)
{
    (void)state;
    by_guest();
    assert_null(take(FRAME_REFUSED, NULL, 0));
    assert_int_equal(deed, STREAM_REFUSE);
    stream_leave(&stream, false);
    NO_FRAME();
}

static void an_answer_comes_once(void **state)
{
    (void)state;
    assert_non_null(take(FRAME_OPEN, NULL, 0));
    assert_non_null(take(FRAME_REFUSED, NULL, 0));
    stream_ask(&stream, 8, service, window);
    assert_non_null(take(FRAME_OPEN, NULL, 0)); /* before the question */
    assert_int_equal(stream.state, STREAM_ASKS);
}

static void the_guest_accepts_the_outside(void **state)
{
    (void)state;
    assert_non_null(take(FRAME_DATA, "x", 1)); /* it may not send yet */
    NO_FRAME();
    stream_opened(&stream);
    assert_int_equal(stream_may_send(&stream, 10), 0); /* first the answer */
    FRAME_IS("\x03\x00\x00\x00\x07\x00\x00\x80");
    assert_int_equal(stream_may_send(&stream, 10), 10);
    assert_null(take(FRAME_DATA, "x", 1));
}

static void the_guest_refuses_the_outside(void **state)
{
    (void)state;
    stream_leave(&stream, true);
    FRAME_IS("\x04\x00\x00\x00\x07\x00\x00\x80");
    NO_FRAME();
    stream_opened(&stream);
    assert_int_equal(stream.state, STREAM_LEAVES);
}

static void a_stream_that_goes_is_reset(void **state)
{
    (void)state;
    stream_leave(&stream, true);
    stream_leave(&stream, true);
    FRAME_IS("\x07\x00\x00\x00\x07\x00\x00\x00");
    NO_FRAME();
    assert_null(take(FRAME_DATA, "x", 1)); /* it did not know */
    assert_int_equal(deed, STREAM_NOTHING);
    assert_int_equal(stream_packet(&stream, out, 10), 0);
}

static void a_question_that_was_not_asked_is_not_reset(void **state)
{
    (void)state;
    stream_ask(&stream, 8, service, window);
    stream_leave(&stream, true);
    NO_FRAME();
}

static void bytes_go_to_the_guest_and_are_paid_back(void **state)
{
    static uint8_t data[16384];

    (void)state;
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    /* Round the end of the window some times. */
    for (uint32_t i = 0; i < 7; i++) {
        assert_null(take(FRAME_DATA, data, 10000));
        assert_int_equal(stream_packet(&stream, out, 4096), 4096);
        assert_int_equal(stream_packet(&stream, out + 4096, 9999), 5904);
        assert_memory_equal(out, data, 10000);
        NO_FRAME();
        stream_arrived(&stream, 4096);
        stream_arrived(&stream, 5904);
        FRAME_IS("\x08\x00\x04\x00\x07\x00\x00\x00\x10\x27\x00\x00");
    }
    assert_int_equal(stream_packet(&stream, out, 10), 0);
}

static void no_more_comes_than_is_permitted(void **state)
{
    static uint8_t data[16384];

    (void)state;
    assert_null(take(FRAME_DATA, data, 16384));
    assert_null(take(FRAME_DATA, data, 16384));
    assert_non_null(take(FRAME_DATA, data, 1));
    assert_int_equal(stream_packet(&stream, out, 16384), 16384);
    assert_non_null(take(FRAME_DATA, data, 1)); /* on its way */
    stream_arrived(&stream, 16384);
    assert_non_null(take(FRAME_DATA, data, 1)); /* not paid back */
    assert_int_not_equal(stream_frame(&stream, true, out), 0);
    assert_null(take(FRAME_DATA, data, 16384));
}

static void the_outside_ends_behind_its_data(void **state)
{
    (void)state;
    assert_null(take(FRAME_DATA, "abc", 3));
    assert_null(take(FRAME_END, NULL, 0));
    assert_non_null(take(FRAME_DATA, "d", 1));
    assert_non_null(take(FRAME_END, NULL, 0));
    assert_false(stream_end_packet(&stream));
    assert_int_equal(stream_packet(&stream, out, 10), 3);
    assert_true(stream_end_packet(&stream));
    assert_false(stream_end_packet(&stream));
    stream_arrived(&stream, 3);
    NO_FRAME(); /* nothing is paid back behind an end */
    assert_false(stream_is_over(&stream));
    /* The guest's direction is still open. */
    assert_null(stream_sent(&stream, 5));
    assert_int_equal(stream_may_send(&stream, 5), 5);
}

static void the_guest_ends_behind_its_data(void **state)
{
    (void)state;
    assert_null(stream_sent(&stream, 5));
    assert_null(stream_sent(&stream, 0));
    assert_int_equal(stream_frame(&stream, false, out), 0);
    FRAME_IS("\x06\x00\x00\x00\x07\x00\x00\x00");
    NO_FRAME();
    assert_non_null(stream_sent(&stream, 5));
    assert_non_null(stream_sent(&stream, 0));
    assert_null(take(FRAME_DATA, "abc", 3)); /* the other direction */
    assert_null(take(FRAME_END, NULL, 0));
    assert_int_equal(stream_packet(&stream, out, 10), 3);
    assert_true(stream_end_packet(&stream));
    assert_false(stream_is_over(&stream)); /* on its way */
    stream_arrived(&stream, 3);
    assert_true(stream_is_over(&stream));
    stream_leave(&stream, true);
    NO_FRAME(); /* both sides know */
}

static void the_guest_sends_what_the_outside_permits(void **state)
{
    (void)state;
    assert_int_equal(stream_may_send(&stream, 30000), 30000);
    assert_int_equal(stream_may_send(&stream, 30000), 2768);
    assert_int_equal(stream_may_send(&stream, 30000), 0);
    assert_null(take(FRAME_CREDIT, "\x0A\x00\x00\x00", 4));
    assert_int_equal(stream_may_send(&stream, 30000), 10);
    assert_null(take(FRAME_CREDIT, "\x00\x80\x00\x00", 4));
    assert_non_null(take(FRAME_CREDIT, "\x01\x00\x00\x00", 4));
    assert_non_null(take(FRAME_CREDIT, "\xFF\xFF\xFF\xFF", 4));
}

static void hostile_sizes_of_the_guest_are_refused(void **state)
{
    (void)state;
    assert_null(stream_sent(&stream, 16384));
    assert_non_null(stream_sent(&stream, 16385));
    assert_non_null(stream_sent(&stream, UINT32_MAX));
}

static void the_outside_dies(void **state)
{
    (void)state;
    assert_null(take(FRAME_RESET, NULL, 0));
    assert_int_equal(deed, STREAM_END);
    assert_non_null(take(FRAME_HELLO, WORD, 8));
    assert_non_null(take(FRAME_CONNECT, service, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_is_found_behind_anything),
        cmocka_unit_test(nothing_counts_before_a_hello),
        cmocka_unit_test_setup(frames_come_in_any_pieces, get_in_step),
        cmocka_unit_test(a_frame_that_is_none_is_found),
        cmocka_unit_test_setup(the_largest_frame_is_whole, get_in_step),
        cmocka_unit_test(a_header_is_written),
        cmocka_unit_test(the_outside_refuses_the_guest),
        cmocka_unit_test_setup(an_answer_comes_once, open_stream),
        cmocka_unit_test_setup(the_guest_accepts_the_outside, answer_stream),
        cmocka_unit_test_setup(the_guest_refuses_the_outside, answer_stream),
        cmocka_unit_test_setup(a_stream_that_goes_is_reset, open_stream),
        cmocka_unit_test(a_question_that_was_not_asked_is_not_reset),
        cmocka_unit_test_setup(bytes_go_to_the_guest_and_are_paid_back,
                               open_stream),
        cmocka_unit_test_setup(no_more_comes_than_is_permitted, open_stream),
        cmocka_unit_test_setup(the_outside_ends_behind_its_data, open_stream),
        cmocka_unit_test_setup(the_guest_ends_behind_its_data, open_stream),
        cmocka_unit_test_setup(the_guest_sends_what_the_outside_permits,
                               open_stream),
        cmocka_unit_test_setup(hostile_sizes_of_the_guest_are_refused,
                               open_stream),
        cmocka_unit_test_setup(the_outside_dies, open_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
