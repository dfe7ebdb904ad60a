/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An HTTP/1.1 server that shows pages which the program makes: GET and HEAD,
 * nothing that changes the machine. It stands on sockets (sockets.h), so it
 * serves whatever carries streams: IPv4, IPv6, and NET_VSOCK where an image has
 * it.
 *
 *     static void hello(void *context, struct http_text *text)
 *     {
 *         http_print(text, "Hello from %s\n", (const char *)context);
 *     }
 *
 *     static const struct http_page pages[] = {
 *         {"/", "text/plain; charset=utf-8", hello},
 *     };
 *     static const struct http_site site = {pages, 1, 80, "here"};
 *
 *     http_start(&site);
 *
 * What a client may cost is bounded: HTTP_CONNECTIONS at a time, and for each
 * the bytes of a request, of an answer, and the time for both. When all places
 * are taken, the connection that has been quiet for longest between two
 * requests gives its place to the next one.
 */
#ifndef DRIVERS_HTTP_H
#define DRIVERS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HTTP_CONNECTIONS 30u   /* at a time; others wait */
#define HTTP_TARGET_MAX  256u  /* of a request, the final zero included */
#define HTTP_HEAD_MOST   8192u /* bytes before a request's body */
#define HTTP_BODY_MOST   4096u /* bytes of a request's body: thrown away */
#define HTTP_TEXT_MOST   (256u << 10) /* bytes of an answer */

/* ---- texts --------------------------------------------------------------- */

/* The text of an answer, which grows. */
struct http_text {
    char *bytes; /* NULL: none yet, or no memory */
    size_t size, room;
    int status;  /* 200; a page may set another: 503 */
    bool failed; /* no memory, or over HTTP_TEXT_MOST: the answer is 500 */
};

/**
 * Add to a text, as printf does. Nothing is added to a text that has failed.
 *
 * @text    of an answer
 * @format  as printf takes it; 1,023 characters at most come of it
 *
 * IRQL: PASSIVE.
 */
void http_print(struct http_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Add bytes as they are.
 *
 * @text   of an answer
 * @bytes  `size` of them, copied
 *
 * IRQL: PASSIVE.
 */
void http_add(struct http_text *text, const void *bytes, size_t size);

/**
 * Add words of others to HTML: what means something there is written in
 * another way, and what is no ASCII as a question mark.
 *
 * @text   of an answer
 * @words  zero-terminated
 *
 * IRQL: PASSIVE.
 */
void http_html(struct http_text *text, const char *words);

/**
 * The same for a string of JSON or a label's value of Prometheus, without the
 * quotes around it.
 *
 * @text   of an answer
 * @words  zero-terminated
 *
 * IRQL: PASSIVE.
 */
void http_string(struct http_text *text, const char *words);

/* ---- the site ------------------------------------------------------------ */

/* One page. */
struct http_page {
    const char
        *path; /* "/metrics"; what follows a ? in a request is left out */
    const char *type; /* of its contents */
    /* Makes the answer to one request. PASSIVE on processor 0; it does not
     * wait. */
    void (*make)(void *context, struct http_text *text);
};

/* What a server shows. */
struct http_site {
    const struct http_page *pages;
    unsigned count;
    uint16_t port;
    void *context; /* passed to each page */
};

/* What a server has done since its start. */
struct http_counts {
    uint64_t connections, requests;
    uint64_t refused; /* requests that were answered with 4xx or 5xx */
    uint64_t late;    /* connections that were closed for being slow */
    uint64_t crowded; /* that gave their place to another */
    unsigned open;    /* connections now */
};

/**
 * Start the server, in work of its own on processor 0. It listens as soon as
 * something carries a family, and again when a network stopped and started.
 *
 * @site    used until http_stop() returns
 * @return  0; -EALREADY: it runs
 *
 * IRQL: PASSIVE on processor 0.
 */
int http_start(const struct http_site *site);

/**
 * Stop it: connections are closed, and their memory comes back. Without
 * http_start() nothing happens.
 *
 * IRQL: PASSIVE on processor 0.
 */
void http_stop(void);

/**
 * Say what it has done.
 *
 * @counts  filled in
 *
 * IRQL: PASSIVE on processor 0.
 */
void http_counts(struct http_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
