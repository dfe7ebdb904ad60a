/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the server: a connection with its socket and its time. */
#ifndef DRIVERS_HTTP_CLIENT_H
#define DRIVERS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/http/private.h"

/* What has become of a client. */
enum http_fate {
    HTTP_GOES_ON,
    HTTP_OVER, /* it has gone, or nothing more is to be said to it */
};

struct http_client {
    int socket;
    struct http_connection connection;
    char in[1024]; /* received and not taken yet */
    size_t in_at, in_end;
    uint64_t deadline; /* for what it does now */
    uint64_t since;    /* when that began */
    bool leaves; /* the last answer is sent: what still comes is dropped */
    bool served; /* has had an answer, so it may wait without harm */
};

/**
 * Begin with a client.
 *
 * @client  any contents
 * @socket  from net_accept(); the client's from now on
 * @site    what it is shown
 *
 * IRQL: PASSIVE on processor 0, as for all here.
 */
void http_client_begin(struct http_client *client, int socket,
                       const struct http_site *site);

/**
 * Go on as far as possible without waiting.
 *
 * @client  one that goes on
 * @counts  requests and refusals are added
 * @return  see enum http_fate
 */
enum http_fate http_client_step(struct http_client *client,
                                struct http_counts *counts);

/**
 * What its socket is to be ready for.
 *
 * @client  one that goes on
 * @return  enum net_ready
 */
uint32_t http_client_wants(const struct http_client *client);

/**
 * Is it between two requests, so that it may be closed for another one?
 *
 * @client  one that goes on
 * @return  true: nothing is lost but the connection
 */
bool http_client_is_quiet(const struct http_client *client);

/**
 * Close the socket, and give the memory of an answer back.
 *
 * @client  begun
 */
void http_client_end(struct http_client *client);

#endif
