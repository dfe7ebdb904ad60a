/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest connects to programs of the host. */
#include "hvsock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmbare.h"

#define STREAMS 8u
#define ECHO    50000u
/* Bytes that come before a program of the host dies. */
#define ORPHANED 300000u

int connect_to(const char *name, uint32_t port)
{
    const struct net_address to = {.family = NET_VSOCK, .port = port};
    int s = net_socket(NET_VSOCK, NET_STREAM);

    if (net_connect(s, &to) == 0)
        return s;
    printf("# %s: %s\n", name, strerror(errno));
    net_close(s);
    return -1;
}

/* ---- one after the other ------------------------------------------------- */

/* One direction ends, and the other goes on. */
static void put(void)
{
    int s = connect_to("put", 5000);

    send_bytes("put", s, wanted_bytes());
    (void)net_shutdown(s, NET_NO_SEND);
    printf("# put after: %d", (int)net_send(s, "x", 1));
    printf(" %s\n", strerror(errno));
    receive_bytes("put answer", s, 0);
    net_close(s);
}

static void get(void)
{
    int s = connect_to("get", 5001);

    receive_bytes("get", s, 0);
    net_close(s);
}

/* Its own end first: the host may withdraw the channel before all was read. */
static void get_late(void)
{
    int s = connect_to("late", 5001);

    (void)net_shutdown(s, NET_NO_SEND);
    vmbare_sleep(2);
    receive_bytes("late", s, 0);
    net_close(s);
}

/* The program of the host dies: what came is there, and then a reset. */
static void orphan(void)
{
    int s = connect_to("orphan", 5004);

    receive_bytes("orphan", s, ORPHANED);
    printf("# orphan sends: %d", (int)net_send(s, "x", 1));
    printf(" %s\n", strerror(errno));
    net_close(s);
}

static void refused(void)
{
    struct net_address to;
    int s = net_socket(NET_VSOCK, NET_STREAM);

    (void)connect_to("nobody", 5003);
    (void)hvsock_service("0badc0de-0000-4000-8000-00000badc0de", &to);
    printf("# no service: %d", net_connect(s, &to));
    printf(" %s\n", strerror(errno));
    net_close(s);
}

static void by_guid(void)
{
    struct net_address to, name;
    char text[NET_TEXT_MAX];
    int s = net_socket(NET_VSOCK, NET_STREAM);

    (void)hvsock_service("D00D0000-1111-2222-3333-445566778899", &to);
    printf("# guid connect: %d\n", net_connect(s, &to));
    (void)net_name(s, true, &name);
    printf("# guid name: %s\n", net_text(&name, text));
    receive_bytes("guid", s, 0);
    net_close(s);
}

static void deadline(void)
{
    int s = connect_to("deadline", 5002);
    char byte;

    (void)net_timeout(s, 0.5);
    printf("# deadline: %d", (int)net_recv(s, &byte, 1));
    printf(" %s\n", strerror(errno));
    net_close(s);
}

/* ---- several at once ----------------------------------------------------- */

/* All send before one of them receives. */
static void echoes(void)
{
    int s[STREAMS];

    for (unsigned i = 0; i < STREAMS; i++)
        s[i] = connect_to("echo", 5002);
    for (unsigned i = 0; i < STREAMS; i++)
        send_bytes("echo sends", s[i], ECHO);
    for (unsigned i = 0; i < STREAMS; i++) {
        (void)net_shutdown(s[i], NET_NO_SEND);
        receive_bytes("echo", s[i], 0);
        net_close(s[i]);
    }
}

void connects(void)
{
    put();
    get();
    get_late();
    orphan();
    refused();
    by_guid();
    deadline();
    echoes();
}
