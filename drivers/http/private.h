/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/http/ share with each other alone. */
#ifndef DRIVERS_HTTP_PRIVATE_H
#define DRIVERS_HTTP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/http.h"
#include <llhttp.h>

/* ---- request.c: the bytes of one request --------------------------------- */

/* A request that is being read. Pure. */
struct http_request {
    llhttp_t parser;
    char target[HTTP_TARGET_MAX]; /* without what follows a ? */
    size_t target_size;
    uint32_t all_bytes, body_bytes; /* that have come; of the body */
    char name[5];                   /* the first letters of a field's name */
    uint32_t name_size;
    uint32_t hosts; /* fields with the name Host */
    int status;     /* 0: not known yet; 200: it is whole; else refused */
    bool query;     /* what comes of the target follows a ? */
    bool keep;      /* another one may follow */
};

/**
 * Begin with a new request.
 *
 * @request  any contents
 */
void http_request_begin(struct http_request *request);

/**
 * Read on.
 *
 * @request  whose status is 0
 * @bytes    `size` of them, 1 or more
 * @return   how many of them belong to this request; all of them as long as
 *           its status is 0
 */
size_t http_request_read(struct http_request *request, const char *bytes,
                         size_t size);

/**
 * Does it ask for the head of an answer only?
 *
 * @request  with any status
 * @return   true: HEAD
 */
bool http_request_is_head(const struct http_request *request);

/* ---- connection.c: requests and answers, one after the other --------------
 */

/* Pure but for the memory of the answer. */
struct http_connection {
    const struct http_site *site;
    struct http_request request;
    char head[512];
    size_t head_size, sent;
    struct http_text text; /* not sent for HEAD */
    bool answers;          /* an answer is to be sent, or is being sent */
    bool last;             /* nothing follows this answer */
};

/**
 * Begin with a new connection.
 *
 * @c     any contents
 * @site  what it shows
 */
void http_connection_begin(struct http_connection *c,
                           const struct http_site *site);

/**
 * Take bytes of the client, up to the end of a request.
 *
 * @c       one that has no answer to send
 * @bytes   `size` of them, 1 or more
 * @return  how many were taken: fewer than `size` when there is an answer now
 */
size_t http_connection_take(struct http_connection *c, const char *bytes,
                            size_t size);

/**
 * What is to be sent next.
 *
 * @c      a connection
 * @bytes  receives where it is
 * @return  how many bytes; 0: nothing, the answer is complete or there is none
 */
size_t http_connection_next(const struct http_connection *c,
                            const char **bytes);

/**
 * Some of it was sent.
 *
 * @c     a connection
 * @size  as much, of what http_connection_next() said. With the last byte the
 *        answer's memory comes back, and `answers` becomes false.
 */
void http_connection_sent(struct http_connection *c, size_t size);

/**
 * Give its memory back. Twice is as good as once.
 *
 * @c  a connection
 */
void http_connection_end(struct http_connection *c);

/* ---- reply.c ------------------------------------------------------------- */

/**
 * Make the answer to the connection's request, whose status is not 0.
 *
 * @c  receives the head and the text
 */
void http_reply(struct http_connection *c);

#endif
