/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that sends back what it gets, on a stream from the host: the
 * smallest useful application without a network.
 *
 *     make run HOST=minihv APP=vsock SOCK=/tmp/vm.sock
 *     tests/minihv/sockproxy.py --socket /tmp/vm.sock --forward 7007=7
 *     nc localhost 7007
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/hvsock.h"
#include "vmbare.h"

static VMBARE_OPTION service = {
    .group = "vsock",
    .name = "listen",
    .type = VMBARE_TEXT,
    .otherwise = "7",
    .help = "its port, or the GUID of its service",
};

static VMBARE_OPTION connections = {
    .group = "vsock",
    .name = "connections",
    .type = VMBARE_NUMBER,
    .otherwise = "0",
    .most = 1000000,
    .help = "how many it serves before it ends; 0: all that come",
};

/* Until the other end sends no more, or takes no more. */
static void serve(int s)
{
    static uint8_t part[16384];
    ssize_t got, sent;

    do {
        got = net_recv(s, part, sizeof(part));
        sent = got > 0 ? net_send(s, part, (size_t)got) : -1;
    } while (sent >= 0 && sent == got);
    net_close(s);
}

/* Serves as many as the option says. False: a line says why not. */
static bool serve_all(const struct net_address *here)
{
    uint64_t left = vmbare_option_number(&connections);
    int listener = net_socket(NET_VSOCK, NET_STREAM), s;
    char text[NET_TEXT_MAX];

    if (net_bind(listener, here) || net_listen(listener, 16)) {
        printf("vsock: %s: %s\n", net_text(here, text), strerror(errno));
        return false;
    }
    printf("vsock: listening on %s\n", net_text(here, text));
    while ((s = net_accept(listener, NULL)) >= 0) {
        serve(s);
        if (left && !--left)
            break;
    }
    net_close(listener);
    return s >= 0;
}

int main(void)
{
    const char *name = vmbare_option_text(&service);
    char problem[HVSOCK_PROBLEM_MAX];
    struct net_address here;
    bool good;

    if (!hvsock_service(name, &here)) {
        printf("vsock: found listen=%s, expected a port from 1 to %u, or a "
               "GUID\n",
               name, HVSOCK_PORT_MOST);
        return VMBARE_USAGE;
    }
    if (hvsock_start(problem)) {
        printf("vsock: %s\n", problem);
        return VMBARE_UNSUPPORTED;
    }
    good = serve_all(&here);
    hvsock_stop();
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}
