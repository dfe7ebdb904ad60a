/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer to a request: the page that its target names, or a line that says
 * why there is none. Each has its size in the head, so a connection can stay.
 *
 * The head forbids a browser to load anything from elsewhere, to keep a page,
 * and to show it within another one: what is shown is this machine, now.
 *
 * A page that fails half-way, without memory or with a text that is too long,
 * has sent nothing yet. So the client gets a whole 500, and never half of a
 * page that looks like one.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/http/private.h"

static const struct {
    int status;
    const char *words; /* of the status line, and of the answer */
} statuses[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

/* A page may say any status; one that is not in the list is our mistake. */
static const char *words_of(int status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].words;
    return "Unknown";
}

/* By comparing, not by walking: a path cannot lead anywhere else. */
static const struct http_page *page_of(const struct http_site *site,
                                       const char *target)
{
    for (unsigned i = 0; i < site->count; i++)
        if (strcmp(site->pages[i].path, target) == 0)
            return &site->pages[i];
    return NULL;
}

/* An answer of one line. What a page has written before it failed goes. */
static void say_status(struct http_connection *c, int status)
{
    c->text.size = 0;
    c->text.failed = false;
    c->text.status = status;
    http_print(&c->text, "%d %s\n", status, words_of(status));
}

/* The contents of the answer; returns their type. */
static const char *make_text(struct http_connection *c)
{
    const struct http_page *page = NULL;
    int status = c->request.status;

    if (status == 200)
        page = page_of(c->site, c->request.target);
    /* The page sees no part of the request, so it cannot be misled by one. */
    if (page) {
        c->text.status = 200;
        page->make(c->site->context, &c->text);
        if (!c->text.failed)
            return page->type;
        status = 500;
    } else if (status == 200) {
        status = 404;
    }
    say_status(c, status);
    return "text/plain; charset=utf-8";
}

/* Without memory for a line there is still the head. */
static void write_head(struct http_connection *c, const char *type)
{
    int size =
        snprintf(c->head, sizeof(c->head),
                 "HTTP/1.1 %d %s\r\n"
                 "Content-Type: %s\r\n"
                 "Content-Length: %lu\r\n"
                 "%s"
                 "Cache-Control: no-store\r\n"
                 "X-Content-Type-Options: nosniff\r\n"
                 "Content-Security-Policy: default-src 'none'; img-src 'self'; "
                 "style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                 "connect-src 'self'; frame-ancestors 'none'\r\n"
                 "Connection: %s\r\n"
                 "\r\n",
                 c->text.status, words_of(c->text.status), type,
                 (unsigned long)c->text.size,
                 c->text.status == 405 ? "Allow: GET, HEAD\r\n" : "",
                 c->last ? "close" : "keep-alive");

    c->head_size =
        size > 0 && (size_t)size < sizeof(c->head) ? (size_t)size : 0;
}

/* Text first, for the head names its size. */
void http_reply(struct http_connection *c)
{
    const char *type = make_text(c);

    /* Without its memory the text is lost, and the client is told so. */
    if (c->text.failed)
        c->text.status = 500;
    c->last = !c->request.keep;
    write_head(c, type);
    c->sent = 0;
    c->answers = true;
}
