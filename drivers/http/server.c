/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server (http.h): work on processor 0 that waits for listening sockets and
 * clients together, and goes on with those that are ready. Everything is in
 * this one work, so nothing here needs a lock.
 *
 * A family that nothing carries yet, or no more, is tried again each second:
 * the network may come, go, and come back. The same look ends clients whose
 * time is over.
 *
 * When all places are taken and nobody is quiet, listening sockets are not
 * waited for: they would end each wait at once. Clients in the backlog have
 * their turn when a place is free, which the deadlines of the others promise.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/client.h"
#include "drivers/sockets.h"
#include "vmbare.h"
#include "vmbare_events.h"

#define LOOK_SECONDS 1  /* docs/timeouts.md */
#define STOP_SECONDS 60 /* the same */
#define BACKLOG      64

/* Streams without a network come by the same port. */
static const int families[] = {NET_IPV6, NET_VSOCK};

#define LISTENERS (sizeof(families) / sizeof(*families))

_Static_assert(LISTENERS + HTTP_CONNECTIONS <= NET_POLL_MOST,
               "one poll is for all sockets");

static struct {
    const struct http_site *site; /* NULL: it does not run */
    bool stops, pauses; /* pauses: no memory for one more, so wait a moment */
    int listener[LISTENERS]; /* -1: none */
    struct http_client *client[HTTP_CONNECTIONS];
    struct http_counts counts;
    struct vmbare_work work;
} server;

/* ---- listening ------------------------------------------------------------
 */

/* Returns a socket that listens; -1: not now. */
static int listen_on(int family)
{
    const struct net_address here = {.family = (uint32_t)family,
                                     .port = server.site->port};
    int s = net_socket(family, NET_STREAM);

    if (s < 0)
        return -1;
    (void)net_timeout(s, 0);
    /* A port that somebody else has is tried again, too. */
    if (net_bind(s, &here) == 0 && net_listen(s, BACKLOG) == 0)
        return s;
    (void)net_close(s);
    return -1;
}

/* Where nothing carries a family net_socket() fails at once, which is cheap. */
static void open_listeners(void)
{
    for (size_t i = 0; i < LISTENERS; i++)
        if (server.listener[i] < 0)
            server.listener[i] = listen_on(families[i]);
}

/* It is opened again with the next look, unless the server stops. */
static void close_listener(size_t i)
{
    if (server.listener[i] >= 0)
        (void)net_close(server.listener[i]);
    server.listener[i] = -1;
}

/* ---- places ---------------------------------------------------------------
 */

/* The place is free for the next one from here on. */
static void end_client(unsigned i)
{
    http_client_end(server.client[i]);
    free(server.client[i]);
    server.client[i] = NULL;
    server.counts.open--;
}

/* -1: all are taken. */
static int free_place(void)
{
    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++)
        if (!server.client[i])
            return (int)i;
    return -1;
}

/* Frees the place of who has been quiet for longest. -1: nobody is. */
static int make_place(void)
{
    int found = -1;

    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++)
        if (http_client_is_quiet(server.client[i]) &&
            (found < 0 ||
             server.client[i]->since < server.client[found]->since))
            found = (int)i;
    if (found >= 0) {
        server.counts.crowded++;
        end_client((unsigned)found);
    }
    return found;
}

/* Takes a client from the backlog. False: there is none, or no memory. */
static bool seat(size_t listener, int place)
{
    struct http_client *client = malloc(sizeof(*client));
    int s = client ? net_accept(server.listener[listener], NULL) : -1;

    if (s >= 0) {
        http_client_begin(client, s, server.site);
        server.client[place] = client;
        server.counts.connections++;
        server.counts.open++;
        return true;
    }
    if (!client || errno == EMFILE || errno == ENOMEM)
        server.pauses = true;
    else if (errno != ETIMEDOUT)
        close_listener(listener); /* its network has stopped */
    free(client);
    return false;
}

/* As many as there are places: each is asked for with no wait, so the loop ends
 * where nobody is left in the backlog. */
static void accept_all(size_t listener)
{
    int place;

    do {
        place = free_place();
        if (place < 0)
            place = make_place();
    } while (place >= 0 && seat(listener, place));
}

/* ---- the loop -------------------------------------------------------------
 */

/* Could one more be taken? Who listens without a place for anybody would end
 * each wait at once. */
static bool has_place(void)
{
    if (server.pauses)
        return false;
    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++)
        if (!server.client[i] || http_client_is_quiet(server.client[i]))
            return true;
    return false;
}

/* Fills in what to wait for; returns how many. */
static unsigned gather(struct net_poll *polls)
{
    bool listens = has_place();
    unsigned count = 0;

    server.pauses = false;
    for (size_t i = 0; listens && i < LISTENERS; i++)
        if (server.listener[i] >= 0)
            polls[count++] =
                (struct net_poll){server.listener[i], NET_READABLE, 0};
    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++)
        if (server.client[i])
            polls[count++] =
                (struct net_poll){server.client[i]->socket,
                                  http_client_wants(server.client[i]), 0};
    return count;
}

/* Sockets are few, so a search costs less than a table would. */
static bool is_ready(const struct net_poll *polls, unsigned count, int s)
{
    for (unsigned i = 0; i < count; i++)
        if (polls[i].socket == s)
            return polls[i].ready != 0;
    return false;
}

/* A client that is ready goes on, and one whose time is over ends; a quiet one
 * is not counted as late, for it has had what it wanted. */
static void step_clients(const struct net_poll *polls, unsigned count)
{
    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++) {
        struct http_client *client = server.client[i];

        if (!client)
            continue;
        if (is_ready(polls, count, client->socket) &&
            http_client_step(client, &server.counts) == HTTP_OVER) {
            end_client(i);
        } else if (vmbare_now() >= client->deadline) {
            server.counts.late += !http_client_is_quiet(client);
            end_client(i);
        }
    }
}

/* One wait, and what has come of it. */
static void look(void)
{
    struct net_poll polls[NET_POLL_MOST];
    unsigned count = gather(polls);

    if (count == 0) {
        vmbare_sleep(LOOK_SECONDS);
        return;
    }
    if (net_poll(polls, count, LOOK_SECONDS) < 0)
        return;
    step_clients(polls, count);
    for (size_t i = 0; i < LISTENERS; i++)
        if (server.listener[i] >= 0 &&
            is_ready(polls, count, server.listener[i]))
            accept_all(i);
}

/* All of the server. What it holds is given back here, by the one who has it,
 * so http_stop() has only to wait. */
static uint64_t run(void *context)
{
    (void)context;
    while (!server.stops) {
        open_listeners();
        look();
    }
    for (unsigned i = 0; i < HTTP_CONNECTIONS; i++)
        if (server.client[i])
            end_client(i);
    for (size_t i = 0; i < LISTENERS; i++)
        close_listener(i);
    return 0;
}

/* ---- from the start to the end --------------------------------------------
 */

int http_start(const struct http_site *site)
{
    if (server.site)
        return -EALREADY;
    memset(&server, 0, sizeof(server));
    server.site = site;
    for (size_t i = 0; i < LISTENERS; i++)
        server.listener[i] = -1;
    (void)vmbare_work_init(&server.work, "the HTTP server", run, NULL);
    (void)vmbare_work_queue(&server.work, 0);
    return 0;
}

void http_stop(void)
{
    if (!server.site)
        return;
    server.stops = true;
    (void)vmbare_work_result(&server.work, vmbare_after(STOP_SECONDS), NULL);
    server.site = NULL;
}

void http_counts(struct http_counts *counts)
{
    *counts = server.counts;
}
