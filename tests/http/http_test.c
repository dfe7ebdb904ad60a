/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of drivers/http without its sockets: bytes of a client go in, written
 * here by hand, and the answer's bytes come out. Each request is also given in
 * pieces of one byte, which must change nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "drivers/http/private.h"

static char answer[HTTP_TEXT_MOST + 4096];
static size_t answer_size, taken;
static struct http_connection c;

static void page(void *context, struct http_text *text)
{
    http_print(text, "page of %s\n", (const char *)context);
}

static void sick(void *context, struct http_text *text)
{
    (void)context;
    text->status = 503;
    http_print(text, "stuck\n");
}

/* Longer than an answer may be. */
static void endless(void *context, struct http_text *text)
{
    (void)context;
    for (unsigned i = 0; i < 2 * HTTP_TEXT_MOST / 64; i++)
        http_print(text, "%63u\n", i);
}

static const struct http_page pages[] = {
    {"/", "text/plain", page},
    {"/sick", "text/plain", sick},
    {"/endless", "text/plain", endless},
};
static const struct http_site site = {pages, COUNT(pages), 80, "mine"};

/* All that is to be sent, in pieces of `piece` bytes at most. */
static void drain(size_t piece)
{
    const char *bytes;
    size_t size;

    while ((size = http_connection_next(&c, &bytes)) > 0) {
        if (size > piece)
            size = piece;
        memcpy(answer + answer_size, bytes, size);
        answer_size += size;
        http_connection_sent(&c, size);
    }
    answer[answer_size] = '\0';
}

/* What comes of these bytes on one connection; false: it wants no more. */
static bool give(const char *bytes, size_t size, size_t piece)
{
    size_t at = 0;

    while (at < size) {
        size_t some = size - at < piece ? size - at : piece;

        at += http_connection_take(&c, bytes + at, some);
        if (!c.answers)
            continue;
        drain(piece);
        if (c.last)
            break;
    }
    taken = at;
    return !c.last;
}

static bool asked(const char *bytes, size_t size, size_t piece)
{
    bool more;

    answer_size = 0;
    answer[0] = '\0';
    http_connection_begin(&c, &site);
    more = give(bytes, size, piece);
    http_connection_end(&c);
    return more;
}

/* The answers to a request, which are the same byte by byte. */
static bool ask(const char *request)
{
    static char whole[sizeof(answer)];
    size_t size = strlen(request);
    bool more = asked(request, size, SIZE_MAX);

    memcpy(whole, answer, answer_size + 1);
    assert_int_equal(asked(request, size, 1), more);
    assert_string_equal(answer, whole);
    return more;
}

static unsigned count(const char *words)
{
    unsigned found = 0;

    for (const char *at = answer; (at = strstr(at, words)) != NULL; at++)
        found++;
    return found;
}

/* This status, and the connection ends or not. */
static void gets(const char *request, int status, bool stays)
{
    char line[32];

    snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    assert_int_equal(ask(request), stays);
    assert_memory_equal(answer, line, strlen(line));
    assert_int_equal(count("HTTP/1.1 "), 1);
    assert_int_equal(
        count(stays ? "Connection: keep-alive\r\n" : "Connection: close\r\n"),
        1);
}

#define HOST "Host: a\r\n"
#define END  "\r\n"

static void get_has_the_page_and_its_size(void **state)
{
    (void)state;
    gets("GET / HTTP/1.1\r\n" HOST END, 200, true);
    assert_non_null(strstr(answer, "Content-Length: 13\r\n"));
    assert_non_null(strstr(answer, "Content-Type: text/plain\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\npage of mine\n");
}

static void head_has_the_size_and_nothing_behind_the_head(void **state)
{
    (void)state;
    gets("HEAD / HTTP/1.1\r\n" HOST END, 200, true);
    assert_non_null(strstr(answer, "Content-Length: 13\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void what_follows_a_question_mark_is_left_out(void **state)
{
    (void)state;
    gets("GET /?a=/nowhere?b HTTP/1.1\r\n" HOST END, 200, true);
    gets("GET /sick?x HTTP/1.1\r\n" HOST END, 503, true);
}

static void a_page_that_is_not_there_is_404(void **state)
{
    (void)state;
    gets("GET /nowhere HTTP/1.1\r\n" HOST END, 404, true);
    gets("GET /../ HTTP/1.1\r\n" HOST END, 404, true);
    gets("GET //sick HTTP/1.1\r\n" HOST END, 404, true);
}

static void other_methods_are_405_and_say_which_ones_there_are(void **state)
{
    (void)state;
    gets("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 405, true);
    assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
    gets("DELETE / HTTP/1.1\r\n" HOST END, 405, true);
    gets("OPTIONS * HTTP/1.1\r\n" HOST END, 405, true);
    gets("CONNECT a:1 HTTP/1.1\r\n" HOST END, 405, false);
    gets("NONSENSE / HTTP/1.1\r\n" HOST END, 501, false);
}

static void a_body_that_is_too_large_is_413(void **state)
{
    char request[HTTP_BODY_MOST + 256];
    int size;

    (void)state;
    size = snprintf(request, sizeof(request),
                    "POST / HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n",
                    HTTP_BODY_MOST);
    memset(request + size, 'x', HTTP_BODY_MOST);
    request[(size_t)size + HTTP_BODY_MOST] = '\0';
    gets(request, 405, true);
    snprintf(request, sizeof(request),
             "POST / HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n",
             HTTP_BODY_MOST + 1);
    gets(request, 413, false);
    gets("POST / HTTP/1.1\r\n" HOST
         "Content-Length: 18446744073709551615\r\n" END,
         413, false);
    gets("POST / HTTP/1.1\r\n" HOST
         "Content-Length: 18446744073709551616\r\n" END,
         400, false);
}

static void a_body_in_chunks_is_counted(void **state)
{
    char request[2 * HTTP_BODY_MOST];
    int size;

    (void)state;
    gets("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n0\r\n\r\n",
         405, true);
    size = snprintf(request, sizeof(request),
                    "POST / HTTP/1.1\r\n" HOST
                    "Transfer-Encoding: chunked\r\n\r\n%x\r\n",
                    HTTP_BODY_MOST + 1);
    memset(request + size, 'x', HTTP_BODY_MOST + 1);
    request[(size_t)size + HTTP_BODY_MOST + 1] = '\0';
    gets(request, 413, false);
}

static void a_long_target_is_414(void **state)
{
    char request[2 * HTTP_TARGET_MAX];

    (void)state;
    snprintf(request, sizeof(request), "GET /%0*d HTTP/1.1\r\n" HOST END,
             (int)HTTP_TARGET_MAX - 2, 0);
    gets(request, 404, true);
    snprintf(request, sizeof(request), "GET /%0*d HTTP/1.1\r\n" HOST END,
             (int)HTTP_TARGET_MAX - 1, 0);
    gets(request, 414, false);
}

static void a_head_without_end_is_431(void **state)
{
    static char request[2 * HTTP_HEAD_MOST];
    size_t size;

    (void)state;
    size = (size_t)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\n");
    while (size < HTTP_HEAD_MOST + 16) {
        memcpy(request + size, "A: b\r\n", 7);
        size += 6;
    }
    assert_false(asked(request, size, 1));
    assert_memory_equal(answer, "HTTP/1.1 431 ", 13);
}

static void exactly_one_host_is_asked_for(void **state)
{
    (void)state;
    gets("GET / HTTP/1.1\r\n" END, 400, false);
    gets("GET / HTTP/1.1\r\n" HOST HOST END, 400, false);
    gets("GET / HTTP/1.1\r\nHosts: a\r\n" END, 400, false);
    gets("GET / HTTP/1.1\r\nHOST: a\r\n" END, 200, true);
    gets("GET / HTTP/1.0\r\n" END, 200, false);
    gets("GET / HTTP/1.0\r\nConnection: keep-alive\r\n" END, 200, true);
}

static void the_client_may_end_the_connection(void **state)
{
    (void)state;
    gets("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n" END, 200, false);
}

static void other_versions_are_505(void **state)
{
    (void)state;
    gets("GET / HTTP/3.0\r\n" HOST END, 505, false);
    gets("GET / HTTP/2.0\r\n" HOST END, 505, false);
}

static void nonsense_is_400(void **state)
{
    (void)state;
    gets("GET / HTTP/1.1\r\n" HOST "a b: c\r\n" END, 400, false);
    gets("GET / HTTP/1.1\r\n" HOST "Content-Length: x\r\n" END, 400, false);
    gets("GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
         "Transfer-Encoding: chunked\r\n" END,
         400, false);
}

static void several_requests_at_once_are_answered_in_order(void **state)
{
    (void)state;
    assert_true(ask("GET / HTTP/1.1\r\n" HOST END
                    "HEAD /sick HTTP/1.1\r\n" HOST END
                    "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
                    "GET /nowhere HTTP/1.1\r\n" HOST END));
    assert_int_equal(count("HTTP/1.1 "), 4);
    assert_true(strstr(answer, "1.1 200") < strstr(answer, "1.1 503"));
    assert_true(strstr(answer, "1.1 503") < strstr(answer, "1.1 405"));
    assert_true(strstr(answer, "1.1 405") < strstr(answer, "1.1 404"));
}

static void nothing_is_taken_behind_the_last_request(void **state)
{
    static const char first[] =
        "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n" END;
    char both[2 * sizeof(first)];

    (void)state;
    snprintf(both, sizeof(both), "%s%s", first, first);
    assert_false(asked(both, strlen(both), SIZE_MAX));
    assert_int_equal(count("HTTP/1.1 "), 1);
    assert_int_equal(taken, sizeof(first) - 1);
}

static void an_answer_that_is_too_long_is_500(void **state)
{
    (void)state;
    gets("GET /endless HTTP/1.1\r\n" HOST END, 500, true);
}

static void a_client_that_goes_leaves_no_memory(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\n" HOST END;

    (void)state;
    http_connection_begin(&c, &site);
    http_connection_take(&c, request, sizeof(request) - 1);
    assert_true(c.answers);
    http_connection_sent(&c, 10);
    http_connection_end(&c);
    http_connection_end(&c);
}

static void words_of_others_end_nothing(void **state)
{
    struct http_text text = {0};

    (void)state;
    http_html(&text, "<b a=\"1\" c='2'>&\x01\xff");
    http_add(&text, "|", 1);
    http_string(&text, "a\"b\\c\nd\x01\xff");
    http_add(&text, "", 1);
    assert_string_equal(text.bytes, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;"
                                    "&amp;??|a\\\"b\\\\c\\nd??");
    free(text.bytes);
}

static void a_line_that_is_too_long_fails_the_text(void **state)
{
    struct http_text text = {0};

    (void)state;
    http_print(&text, "%1023s", "");
    assert_false(text.failed);
    http_print(&text, "%1024s", "");
    assert_true(text.failed);
    assert_int_equal(text.size, 1023);
    http_add(&text, "x", 1);
    assert_int_equal(text.size, 1023);
    free(text.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_has_the_page_and_its_size),
        cmocka_unit_test(head_has_the_size_and_nothing_behind_the_head),
        cmocka_unit_test(what_follows_a_question_mark_is_left_out),
        cmocka_unit_test(a_page_that_is_not_there_is_404),
        cmocka_unit_test(other_methods_are_405_and_say_which_ones_there_are),
        cmocka_unit_test(a_body_that_is_too_large_is_413),
        cmocka_unit_test(a_body_in_chunks_is_counted),
        cmocka_unit_test(a_long_target_is_414),
        cmocka_unit_test(a_head_without_end_is_431),
        cmocka_unit_test(exactly_one_host_is_asked_for),
        cmocka_unit_test(the_client_may_end_the_connection),
        cmocka_unit_test(other_versions_are_505),
        cmocka_unit_test(nonsense_is_400),
        cmocka_unit_test(several_requests_at_once_are_answered_in_order),
        cmocka_unit_test(nothing_is_taken_behind_the_last_request),
        cmocka_unit_test(an_answer_that_is_too_long_is_500),
        cmocka_unit_test(a_client_that_goes_leaves_no_memory),
        cmocka_unit_test(words_of_others_end_nothing),
        cmocka_unit_test(a_line_that_is_too_long_fails_the_text),
    };

    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
