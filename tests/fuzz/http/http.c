/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the HTTP server without its sockets: bytes of a client, and how they
 * are cut. The first byte of an input chooses the size of the pieces, both
 * ways.
 *
 * Whatever comes, each answer begins with a status line, has the size that its
 * head says, and nothing is left when the client goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void page(void *context, struct http_text *text)
{
    http_print(text, "a page %s\n", (const char *)context);
    http_html(text, "<a b=\"1\" c='2'>&\x01\n");
    http_string(text, "\"\\\n\x01");
}

static void sick(void *context, struct http_text *text)
{
    (void)context;
    text->status = 503;
}

static void wide(void *context, struct http_text *text)
{
    (void)context;
    http_print(text, "%1100s", "");
}

static void endless(void *context, struct http_text *text)
{
    (void)context;
    while (!text->failed)
        http_print(text, "%1000s", "");
}

static const struct http_page pages[] = {
    {"/", "text/plain", page},
    {"/s", "text/plain", sick},
    {"/e", "text/plain", endless},
    {"/w", "text/plain", wide},
};
static const struct http_site site = {pages, sizeof(pages) / sizeof(*pages), 80,
                                      "x"};

static void must(int good)
{
    if (!good)
        abort();
}

/* The head of an answer that begins here, and how much follows it. */
static void check_head(const struct http_connection *c)
{
    const char *size = strstr(c->head, "Content-Length: ");

    must(strncmp(c->head, "HTTP/1.1 ", 9) == 0 && size != NULL);
    must(strtoul(size + 16, NULL, 10) == c->text.size);
    must(strcmp(c->head + c->head_size - 4, "\r\n\r\n") == 0);
    must(strstr(c->head, "Unknown") == NULL);
}

static void drain(struct http_connection *c, size_t piece)
{
    const char *bytes;
    size_t size, sent = 0;
    size_t whole =
        c->head_size + (http_request_is_head(&c->request) ? 0 : c->text.size);

    while ((size = http_connection_next(c, &bytes)) > 0) {
        size = size < piece ? size : piece;
        must(bytes[0] >= 0 && bytes[size - 1] >= 0); /* reads both ends */
        sent += size;
        http_connection_sent(c, size);
    }
    must(sent == whole && !c->answers && c->text.bytes == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_connection c;
    size_t piece, at = 1;

    if (size < 2)
        return 0;
    piece = data[0] ? data[0] : SIZE_MAX;
    http_connection_begin(&c, &site);
    while (at < size) {
        size_t some = size - at < piece ? size - at : piece;
        size_t taken = http_connection_take(&c, (const char *)data + at, some);

        must(taken <= some && (taken > 0 || c.answers));
        must(c.answers || taken == some);
        at += taken;
        if (!c.answers)
            continue;
        check_head(&c);
        drain(&c, piece < 4096 ? 1 + piece : piece);
        if (c.last)
            break;
    }
    http_connection_end(&c);
    return 0;
}
