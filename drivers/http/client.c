/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client (client.h). None of its calls waits: the socket's time limit is 0.
 *
 *     waits -> asks -> is answered -> waits ...
 *                           |
 *                           v the last one
 *                        leaves
 *
 * Each of these has a deadline of its own, from its beginning: a client that
 * sends a byte now and then gets no more time for it.
 *
 * After the last answer the socket is closed for sending only. What the client
 * has still sent is read and dropped for a while, because closing a socket with
 * bytes that nobody has read resets the connection, and the answer with it.
 */
#include "drivers/http/client.h"

#include <errno.h>
#include <string.h>

#include "drivers/sockets.h"
#include "vmbare.h"
#include "vmbare_events.h"

/* docs/timeouts.md */
#define REQUEST_SECONDS 10
#define ANSWER_SECONDS  30
#define QUIET_SECONDS   15
#define LEAVE_SECONDS   2

/* How much is done for one client before the others have their turn. */
#define TURNS 16u

static void set_deadline(struct http_client *client, double seconds)
{
    client->since = vmbare_now();
    client->deadline = vmbare_after(seconds);
}

void http_client_begin(struct http_client *client, int socket,
                       const struct http_site *site)
{
    memset(client, 0, sizeof(*client));
    client->socket = socket;
    (void)net_timeout(socket, 0);
    http_connection_begin(&client->connection, site);
    set_deadline(client, REQUEST_SECONDS);
}

/* ---- the two directions ---------------------------------------------------
 */

/* A call on the socket: bytes, 0 for not yet, -1 for an end. */
static ssize_t moved(ssize_t result)
{
    if (result < 0 && errno == ETIMEDOUT)
        return 0;
    return result > 0 ? result : -1;
}

/* Fills the empty buffer. */
static ssize_t receive(struct http_client *client)
{
    ssize_t size =
        moved(net_recv(client->socket, client->in, sizeof(client->in)));

    client->in_at = 0;
    client->in_end = size > 0 ? (size_t)size : 0;
    return size;
}

/* Reads on in the request; with its end there is an answer. */
static void take(struct http_client *client, struct http_counts *counts)
{
    struct http_connection *c = &client->connection;
    bool begins = c->request.all_bytes == 0;

    client->in_at += http_connection_take(c, client->in + client->in_at,
                                          client->in_end - client->in_at);
    if (c->answers) {
        counts->requests++;
        counts->refused += c->text.status >= 400;
        set_deadline(client, ANSWER_SECONDS);
    } else if (begins) {
        set_deadline(client, REQUEST_SECONDS);
    }
}

/* Sends what the socket takes; with the last byte the client may ask again. */
static ssize_t answer(struct http_client *client)
{
    struct http_connection *c = &client->connection;
    const char *bytes = NULL;
    size_t size = http_connection_next(c, &bytes);
    ssize_t sent = moved(net_send(client->socket, bytes, size));

    if (sent <= 0)
        return sent;
    http_connection_sent(c, (size_t)sent);
    if (c->answers)
        return sent;
    /* From here on it has had what it asked for: others may take its place. */
    client->served = true;
    client->leaves = c->last;
    set_deadline(client, client->leaves ? LEAVE_SECONDS : QUIET_SECONDS);
    if (client->leaves)
        (void)net_shutdown(client->socket, NET_NO_SEND);
    return sent;
}

/* One thing at a time; the result is that of moved(). */
static ssize_t turn(struct http_client *client, struct http_counts *counts)
{
    if (client->leaves)
        return receive(client);
    /* What the client sends meanwhile waits in its window, not in our memory.
     */
    if (client->connection.answers)
        return answer(client);
    if (client->in_at == client->in_end)
        return receive(client);
    take(client, counts);
    return 1;
}

/* ---- for the server -------------------------------------------------------
 */

enum http_fate http_client_step(struct http_client *client,
                                struct http_counts *counts)
{
    for (unsigned i = 0; i < TURNS; i++) {
        ssize_t result = turn(client, counts);

        if (result < 0)
            return HTTP_OVER;
        if (result == 0)
            break;
    }
    return HTTP_GOES_ON;
}

uint32_t http_client_wants(const struct http_client *client)
{
    return client->connection.answers ? NET_WRITABLE : NET_READABLE;
}

bool http_client_is_quiet(const struct http_client *client)
{
    return client->leaves || (client->served && !client->connection.answers &&
                              client->connection.request.all_bytes == 0);
}

void http_client_end(struct http_client *client)
{
    http_connection_end(&client->connection);
    (void)net_close(client->socket);
}
