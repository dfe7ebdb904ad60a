/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of the host connect to the guest. Which service it is says what the
 * guest does there; all listen at once.
 */
#include "hvsock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmbare.h"

static const char *const services[] = {
    "6000", "6001", "6002", "6004", "D00D0001-1111-2222-3333-445566778899",
    "6009"};

enum { SUM, SEND, ECHO, DIE, GUID_ECHO, END, SERVICES };

static int listen_at(const char *service)
{
    struct net_address here;
    int s = net_socket(NET_VSOCK, NET_STREAM);

    (void)hvsock_service(service, &here);
    if (net_bind(s, &here) || net_listen(s, 8))
        printf("# listen: %s: %s\n", service, strerror(errno));
    return s;
}

/* Nobody else may have the same service. */
static void listen_twice(void)
{
    struct net_address here = {.family = NET_VSOCK, .port = 6000};
    int s = net_socket(NET_VSOCK, NET_STREAM);

    printf("# twice: %d", net_bind(s, &here));
    printf(" %s\n", strerror(errno));
    net_close(s);
}

static void echo(int s)
{
    static char bytes[65536];
    ssize_t n;

    while ((n = net_recv(s, bytes, sizeof(bytes))) > 0)
        if (net_send(s, bytes, (size_t)n) != n)
            break;
}

static void sum(int s)
{
    receive_bytes("sum", s, 0);
    (void)net_send(s, "taken", 5);
}

/* Bytes that it has not read: the host is to see a reset. */
static void die(int s)
{
    struct net_poll poll = {.socket = s, .wanted = NET_READABLE};

    (void)net_poll(&poll, 1, 60);
}

static void serve(unsigned which, int s)
{
    switch (which) {
    case SUM:
        sum(s);
        break;
    case SEND:
        send_bytes("send", s, wanted_bytes());
        break;
    case ECHO:
    case GUID_ECHO:
        echo(s);
        break;
    case DIE:
        die(s);
        break;
    default:
        break;
    }
    net_close(s);
}

/* The first that is ready. */
static unsigned wait_for_one(const int listeners[SERVICES])
{
    struct net_poll polls[SERVICES];
    unsigned which = 0;

    for (unsigned i = 0; i < SERVICES; i++)
        polls[i] = (struct net_poll){listeners[i], NET_READABLE, 0};
    if (net_poll(polls, SERVICES, 300) <= 0) {
        printf("# accept: nobody came\n");
        return END;
    }
    while (!polls[which].ready)
        which++;
    return which;
}

void accepts(void)
{
    int listeners[SERVICES];
    unsigned which;

    for (unsigned i = 0; i < SERVICES; i++)
        listeners[i] = listen_at(services[i]);
    listen_twice();
    printf("# listening\n");
    do {
        which = wait_for_one(listeners);
        serve(which, net_accept(listeners[which], NULL));
    } while (which != END);
    for (unsigned i = 0; i < SERVICES; i++)
        net_close(listeners[i]);
}
