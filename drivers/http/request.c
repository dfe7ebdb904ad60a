/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request, by llhttp. A client may send anything, in pieces of any size:
 * what is kept of it is a target of bounded length, and counts.
 *
 * The parser stops behind the last byte of a request, so that a second one,
 * which a client may have sent with it, is left for later. A body is read and
 * thrown away up to HTTP_BODY_MOST, because the next request stands behind it.
 */
#include <string.h>

#include "drivers/http/private.h"

static struct http_request *request_of(llhttp_t *parser)
{
    return parser->data;
}

/* Ends the parsing with a status for the client. */
static int refuse(struct http_request *r, int status)
{
    r->status = status;
    return HPE_USER;
}

/* ---- what the parser finds ------------------------------------------------
 */

/* The part before the first ? is kept. [RFC 9110 4.1] */
static int on_target(llhttp_t *parser, const char *bytes, size_t size)
{
    struct http_request *r = request_of(parser);

    for (size_t i = 0; i < size && !r->query; i++) {
        r->query = bytes[i] == '?';
        if (r->query)
            break;
        if (r->target_size == sizeof(r->target) - 1)
            return refuse(r, 414);
        r->target[r->target_size++] = bytes[i];
    }
    return 0;
}

static int on_name(llhttp_t *parser, const char *bytes, size_t size)
{
    struct http_request *r = request_of(parser);

    for (size_t i = 0; i < size && r->name_size < sizeof(r->name); i++)
        r->name[r->name_size++] = (char)(bytes[i] | 0x20);
    return 0;
}

static int on_name_complete(llhttp_t *parser)
{
    struct http_request *r = request_of(parser);

    r->hosts += r->name_size == 4 && memcmp(r->name, "host", 4) == 0;
    r->name_size = 0;
    return 0;
}

/* Refuse what a server must refuse before it looks at the target. */
static int on_head(llhttp_t *parser)
{
    struct http_request *r = request_of(parser);
    bool old = parser->http_major == 1 && parser->http_minor == 0;

    /* HTTP/0.9 and 2.0 look different on the wire. */
    if (parser->http_major != 1)
        return refuse(r, 505);
    /* A request without one Host, or with two, is wrong. [RFC 9112 3.2] */
    if (r->hosts > 1 || (r->hosts == 0 && !old))
        return refuse(r, 400);
    if ((parser->flags & F_CONTENT_LENGTH) &&
        parser->content_length > HTTP_BODY_MOST)
        return refuse(r, 413);
    return 0;
}

/* A body in chunks does not say its size before. */
static int on_body(llhttp_t *parser, const char *bytes, size_t size)
{
    struct http_request *r = request_of(parser);

    (void)bytes;
    if (size > HTTP_BODY_MOST - r->body_bytes)
        return refuse(r, 413);
    r->body_bytes += (uint32_t)size;
    return 0;
}

static int on_end(llhttp_t *parser)
{
    struct http_request *r = request_of(parser);

    r->keep = llhttp_should_keep_alive(parser) && !parser->upgrade;
    r->status =
        parser->method == HTTP_GET || parser->method == HTTP_HEAD ? 200 : 405;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_field_complete = on_name_complete,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_end,
};

/* One that was refused has no method that counts: its answer is whole. */
bool http_request_is_head(const struct http_request *request)
{
    return request->status == 200 && request->parser.method == HTTP_HEAD;
}

/* ---- reading --------------------------------------------------------------
 */

void http_request_begin(struct http_request *request)
{
    memset(request, 0, sizeof(*request));
    llhttp_init(&request->parser, HTTP_REQUEST, &settings);
    request->parser.data = request;
}

/* What the parser itself does not like. */
static int status_of(llhttp_errno_t error)
{
    switch (error) {
    case HPE_INVALID_METHOD:
        return 501;
    case HPE_INVALID_VERSION:
        return 505;
    default:
        return 400;
    }
}

size_t http_request_read(struct http_request *r, const char *bytes, size_t size)
{
    llhttp_errno_t error;

    r->all_bytes += (uint32_t)size;
    /* A callback of ours that refuses has set the status before this returns;
     * any other error is the parser's own. */
    error = llhttp_execute(&r->parser, bytes, size);
    /* An upgrade is not done: the request is answered as if it had not been
     * asked for, and nothing follows it. [RFC 9110 7.8] */
    if (error == HPE_OK || error == HPE_PAUSED || error == HPE_PAUSED_UPGRADE) {
        /* Bytes without end that are neither target nor body. */
        if (r->status == 0 && r->all_bytes - r->body_bytes > HTTP_HEAD_MOST)
            r->status = 431;
    } else if (r->status == 0) {
        r->status = status_of(error);
    }
    if (r->status == 200 || r->status == 405)
        return error == HPE_OK
                   ? size
                   : (size_t)(llhttp_get_error_pos(&r->parser) - bytes);
    r->keep = false;
    return size;
}
