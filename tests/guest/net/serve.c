/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line for each connection to port 9 (net.h):
 *
 *     echo                  what comes is sent back
 *     sink                  what comes is added up
 *     source SIZE SEED      so many bytes
 *     datagrams COUNT       so many to UDP port 7 are sent back
 *     name NAME FAMILY      4, 6, or 0: whatever there is
 *     time                  of SNTP
 *     facts                 of the interface
 *     call ADDRESS PORT     a connection to there
 *     busy                  computes until port 77 is told to stop
 *     end                   the network is closed
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "vmbare.h"

#define LINE_MOST 256u /* the formats of sscanf have 255 */
#define PORT      9u
/* A client that says nothing for so long hangs. */
#define SILENT_SECONDS 300

bool serve_send(int s, const void *bytes, size_t size)
{
    return net_send(s, bytes, size) == (ssize_t)size;
}

/* Byte by byte: what follows the line belongs to what it asks for. */
static bool read_line(int s, char line[LINE_MOST])
{
    for (unsigned i = 0; i < LINE_MOST; i++) {
        if (net_recv(s, line + i, 1) != 1)
            return false;
        if (line[i] == '\n') {
            line[i] = 0;
            return true;
        }
    }
    return false;
}

static void serve_busy(int s)
{
    uint64_t computed = busy_until_stop(s);
    char text[40];

    snprintf(text, sizeof(text), "computed %u\n", (unsigned)(computed >> 32));
    (void)serve_send(s, text, strlen(text));
}

static void serve_unknown(int s, const char *line)
{
    char text[LINE_MOST + 20];

    snprintf(text, sizeof(text), "unknown: %s\n", line);
    (void)serve_send(s, text, strlen(text));
}

/* Returns false for `end`. */
static bool serve_line(int s, const char *line)
{
    char word[LINE_MOST];
    unsigned long size, number;

    if (strcmp(line, "end") == 0)
        return false;
    if (strcmp(line, "echo") == 0)
        data_echo(s);
    else if (strcmp(line, "sink") == 0)
        data_sink(s);
    else if (sscanf(line, "source %lu %lu", &size, &number) == 2)
        data_source(s, size, (uint32_t)number);
    else if (sscanf(line, "datagrams %lu", &number) == 1)
        data_datagrams(s, (unsigned)number);
    else if (sscanf(line, "name %255s %lu", word, &number) == 2)
        ask_name(s, word, number == 4 ? NET_IPV4 : number == 6 ? NET_IPV6 : 0);
    else if (strcmp(line, "time") == 0)
        ask_time(s);
    else if (strcmp(line, "facts") == 0)
        ask_facts(s);
    else if (sscanf(line, "call %255s %lu", word, &number) == 2)
        ask_call(s, word, (uint32_t)number);
    else if (strcmp(line, "busy") == 0)
        serve_busy(s);
    else
        serve_unknown(s, line);
    return true;
}

static int listen_here(void)
{
    const struct net_address here = {.family = NET_IPV6, .port = PORT};
    int s = net_socket(NET_IPV6, NET_STREAM);

    if (s >= 0 && !net_bind(s, &here) && !net_listen(s, 16))
        return s;
    printf("net: port %u: %s\n", PORT, strerror(errno));
    (void)net_close(s);
    return -1;
}

bool serve_until_end(void)
{
    int listener = listen_here();
    char line[LINE_MOST];
    bool more = listener >= 0;

    if (!more)
        return false;
    printf("net: serving\n");
    while (more) {
        int s = net_accept(listener, NULL);

        if (s < 0) {
            printf("net: the next connection: %s\n", strerror(errno));
            break;
        }
        (void)net_timeout(s, SILENT_SECONDS);
        if (read_line(s, line))
            more = serve_line(s, line);
        (void)net_close(s);
    }
    (void)net_close(listener);
    return !more;
}
