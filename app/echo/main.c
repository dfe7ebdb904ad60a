/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that sends back what it gets, on TCP port 7 (RFC 862): the smallest
 * useful application with a network.
 *
 *     make run HOST=minihv APP=echo PORT=7007:7
 *     nc localhost 7007
 *
 * It serves one connection after the other. Others wait in the backlog
 * meanwhile, and what they send waits in their windows.
 *
 * Without an address it says why, and listens all the same: one may come later.
 */
#include <stdio.h>

#include "drivers/ip.h"
#include "drivers/sockets.h"
#include "vmbare.h"
#include "vmbare_events.h"

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

int main(void)
{
    const struct net_address here = {.family = NET_IPV6, .port = 7};
    uint64_t left = vmbare_option_number(&connections);
    struct net_address peer;
    struct ip_facts facts;
    char text[NET_TEXT_MAX], problem[IP_PROBLEM_MAX];
    int listener, s;

    if (ip_open(problem)) {
        printf("%s\n", problem);
        return VMBARE_FAILED;
    }
    (void)ip_wait(vmbare_after(60));
    ip_facts(&facts);
    printf("%s\n", facts.origin ? facts.address : facts.problem);
    listener = net_socket(NET_IPV6, NET_STREAM);
    if (net_bind(listener, &here) || net_listen(listener, 16))
        return VMBARE_FAILED;
    printf("echo: listening on port 7\n");
    while ((s = net_accept(listener, &peer)) >= 0) {
        printf("echo: %s\n", net_text(&peer, text));
        serve(s);
        if (left && --left == 0)
            break;
    }
    net_close(listener);
    ip_close();
    return VMBARE_PASSED;
}
