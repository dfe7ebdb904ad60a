/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that sends back what it gets, on TCP port 7 (RFC 862): the smallest
 * useful application with a network.
 *
 *     make run HOST=minihv APP=echo PORT=7007:7
 *     nc localhost 7007
 *
 * It serves one connection after the other. Others wait in the backlog
 * meanwhile, and what they send waits in their windows. One that is quiet for
 * five minutes is closed.
 *
 * Without an address it says why, and listens all the same: one may come later.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/ip.h"
#include "drivers/sockets.h"
#include "vmbare.h"
#include "vmbare_events.h"

/* Who says nothing for so long gives its place to the next one. */
#define QUIET_SECONDS 300

static VMBARE_OPTION connections = {
    .group = "echo",
    .name = "connections",
    .type = VMBARE_NUMBER,
    .most = 1000000,
    .otherwise = "0",
    .help = "end after so many; 0: serve for ever",
};

/* Until the other end sends no more, or takes no more. */
static void serve(int s)
{
    static char bytes[65536];
    ssize_t size;

    while ((size = net_recv(s, bytes, sizeof(bytes))) > 0)
        if (net_send(s, bytes, (size_t)size) != size)
            break;
    net_close(s);
}

/* Returns a socket that listens on port 7; -1: a line has said why not. */
static int listen_here(void)
{
    const struct net_address here = {.family = NET_IPV6, .port = 7};
    int s = net_socket(NET_IPV6, NET_STREAM);

    if (s < 0 || net_bind(s, &here) || net_listen(s, 16)) {
        printf("echo: port 7: %s\n", strerror(errno));
        net_close(s);
        return -1;
    }
    printf("echo: listening on port 7\n");
    return s;
}

/* Serves as many as the option says. False: no more connections come. */
static bool serve_all(int listener)
{
    uint64_t left = vmbare_option_number(&connections);
    struct net_address peer;
    char text[NET_TEXT_MAX];

    do {
        int s = net_accept(listener, &peer);

        if (s < 0) {
            printf("echo: the next connection: %s\n", strerror(errno));
            return false;
        }
        printf("echo: %s\n", net_text(&peer, text));
        (void)net_timeout(s, QUIET_SECONDS);
        serve(s);
    } while (left == 0 || --left > 0);
    return true;
}

int main(void)
{
    char problem[IP_PROBLEM_MAX];
    struct ip_facts facts;
    bool good = false;
    int listener;

    if (ip_open(problem)) {
        printf("%s\n", problem);
        return VMBARE_FAILED;
    }
    (void)ip_wait(vmbare_after(60));
    ip_facts(&facts);
    printf("%s\n", facts.origin ? facts.address : facts.problem);
    listener = listen_here();
    if (listener >= 0) {
        good = serve_all(listener);
        net_close(listener);
    }
    ip_close();
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}
