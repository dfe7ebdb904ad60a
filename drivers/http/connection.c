/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection without its socket: bytes of the client go in, bytes of the
 * answer come out. One request is read and answered before the next one is
 * looked at, so a client that sends many at once holds one answer's memory.
 *
 * Tests and the fuzzer drive this file as the server does, without a socket or
 * a clock, so all that a client can send is tried where sanitizers watch.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/http/private.h"

/* Nothing is allocated until there is an answer: a client that only connects
 * costs its place alone. */
void http_connection_begin(struct http_connection *c,
                           const struct http_site *site)
{
    memset(c, 0, sizeof(*c));
    c->site = site;
    http_request_begin(&c->request);
}

size_t http_connection_take(struct http_connection *c, const char *bytes,
                            size_t size)
{
    size_t taken = http_request_read(&c->request, bytes, size);

    if (c->request.status)
        http_reply(c);
    return taken;
}

/* The text follows the head, but for HEAD, whose head names its size alone. */
static size_t answer_size(const struct http_connection *c)
{
    return c->head_size +
           (http_request_is_head(&c->request) ? 0 : c->text.size);
}

size_t http_connection_next(const struct http_connection *c, const char **bytes)
{
    if (!c->answers)
        return 0;
    if (c->sent < c->head_size) {
        *bytes = c->head + c->sent;
        return c->head_size - c->sent;
    }
    *bytes = c->text.bytes + (c->sent - c->head_size);
    return answer_size(c) - c->sent;
}

/* After the last byte of an answer, or when the client has gone before it. */
static void forget_text(struct http_connection *c)
{
    free(c->text.bytes);
    memset(&c->text, 0, sizeof(c->text));
}

/* The next request begins from nothing, so nothing of one gets into another. */
void http_connection_sent(struct http_connection *c, size_t size)
{
    c->sent += size;
    if (c->sent < answer_size(c))
        return;
    forget_text(c);
    c->answers = false;
    if (!c->last)
        http_request_begin(&c->request);
}

void http_connection_end(struct http_connection *c)
{
    forget_text(c);
    c->answers = false;
}
