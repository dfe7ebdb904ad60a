/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole IP stack against a network of the input's bytes: drivers/ip,
 * drivers/sockets and lwIP with the guest's lwipopts.h. The world of tests/ip
 * has the clock; numbers that are random in the guest follow each other here,
 * so an input does the same each time. After an input the stack must have
 * given back all memory.
 *
 * The first byte: 1 asks DHCP, 4 closes halves.
 * Then steps: `F`, `f` SIZE BYTES a frame whose sums are right, or not known;
 * `T` N quarters of a second; `L` the link; `W` the adapter's room, `R` tells
 * of it; `C` calls port 80, `Q` ends that; `N`, `M` a name by DNS, by mDNS.
 */
#include <lwip/dns.h>
#include <lwip/memp.h>
#include <lwip/stats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ip.h"
#include "drivers/sockets.h"
#include "tests/ip/world.h"

#define CONNECTIONS 4u
#define FIRST       0x1000u /* of each connection's numbers; frames.py */

static const uint8_t *input;
static size_t left;
static uint32_t random_state;

/* ---- what drivers/ip/random.c is in the guest ---------------------------- */

void ip_random_seed(const void *own, size_t size);
uint32_t ip_first_sequence(const ip_addr_t *local, uint16_t local_port,
                           const ip_addr_t *remote, uint16_t remote_port);

void ip_random_seed(const void *own, size_t size)
{
    (void)own;
    (void)size;
    random_state = 0;
}

uint32_t ip_random(void)
{
    return random_state++ * 40503u;
}

uint32_t ip_first_sequence(const ip_addr_t *local, uint16_t local_port,
                           const ip_addr_t *remote, uint16_t remote_port)
{
    (void)local;
    (void)local_port;
    (void)remote;
    (void)remote_port;
    return FIRST;
}

/* ---- the application ----------------------------------------------------- */

static int listener, datagrams, caller, connections[CONNECTIONS];

static void open_servers(void)
{
    const struct net_address here = {.family = NET_IPV6, .port = 7};

    listener = net_socket(NET_IPV6, NET_STREAM);
    datagrams = net_socket(NET_IPV6, NET_DATAGRAM);
    caller = -1;
    if (net_timeout(listener, 0) || net_bind(listener, &here) ||
        net_listen(listener, 2) || net_timeout(datagrams, 0) ||
        net_bind(datagrams, &here))
        abort();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connections[i] = -1;
}

static void close_all(void)
{
    for (unsigned i = 0; i < CONNECTIONS; i++)
        (void)net_close(connections[i]);
    (void)net_close(caller);
    (void)net_close(datagrams);
    (void)net_close(listener);
}

/* An echo on one connection: as far as it goes now. */
static void serve(int *s, bool halves)
{
    uint8_t bytes[1024];
    ssize_t size;

    if (*s < 0) {
        *s = net_accept(listener, NULL);
        (void)net_timeout(*s, 0);
    }
    while (*s >= 0 && (size = net_recv(*s, bytes, sizeof(bytes))) >= 0) {
        if (size && net_send(*s, bytes, (size_t)size) >= 0)
            continue;
        if (halves)
            (void)net_shutdown(*s, NET_NO_SEND);
        (void)net_close(*s);
        *s = -1;
    }
}

static void application(bool halves)
{
    struct net_address from;
    uint8_t bytes[512];
    ssize_t size;

    for (unsigned i = 0; i < CONNECTIONS; i++)
        serve(&connections[i], halves);
    while ((size = net_recvfrom(datagrams, bytes, sizeof(bytes), &from)) >= 0)
        (void)net_sendto(datagrams, bytes, (size_t)size, &from);
}

static void call(void)
{
    const struct net_address to = {
        .family = NET_IPV4, .port = 80, .ipv4 = {10, 0, 0, 7}};

    if (caller < 0)
        caller = net_socket(NET_IPV4, NET_STREAM);
    (void)net_timeout(caller, 0);
    if (net_connect(caller, &to) == 0)
        (void)net_send(caller, "call", 4);
}

static void found(const char *name, const ip_addr_t *address, void *context)
{
    (void)name;
    (void)address;
    (void)context;
}

static void ask(const char *name)
{
    ip_addr_t address;

    ip_enter();
    (void)dns_gethostbyname(name, &address, found, NULL);
    ip_leave();
}

/* ---- a run --------------------------------------------------------------- */

static uint32_t take(unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes && left; i++, left--)
        value |= (uint32_t)*input++ << 8 * i;
    return value;
}

/* What the stack sends must be a frame of the adapter's. */
static void sent(struct end *end, const uint8_t *frame, uint32_t size)
{
    (void)end;
    if (size < 14 || size > 1514 ||
        memcmp(frame + 6, "\0\x15\x5d\0\xab\1", 6) != 0)
        abort();
}

static void give_frame(bool verified)
{
    uint32_t size = take(2);

    if (size > left)
        size = (uint32_t)left;
    ip_link_frame(input, size, verified);
    input += size;
    left -= size;
}

static void step(struct end *adapter, bool *up)
{
    uint32_t what = take(1);

    if (what == 'F' || what == 'f') {
        give_frame(what == 'F');
    } else if (what == 'T') {
        world_pass(take(1) / 4.0);
    } else if (what == 'L') {
        *up = !*up;
        ip_link_state(*up);
    } else if (what == 'W') {
        adapter->full = !adapter->full;
    } else if (what == 'R') {
        ip_link_room();
    } else if (what == 'C') {
        call();
    } else if (what == 'Q') {
        (void)net_close(caller);
        caller = -1;
    } else if (what == 'N' || what == 'M') {
        ask(what == 'N' ? "fuzz.test" : "fuzz.local");
    }
}

struct memory {
    size_t heap, elements;
};

/* But for timers: those of a question that nobody has answered may still run.
 */
static struct memory memory_now(void)
{
    struct memory m = {.heap = lwip_stats.mem.used};

    for (unsigned i = 0; i < MEMP_MAX; i++)
        if (i != MEMP_SYS_TIMEOUT)
            m.elements += lwip_stats.memp[i]->used;
    return m;
}

static void start(struct end *adapter, uint32_t flags)
{
    struct ip_settings settings = {
        .dhcp = flags & 1,
        .address = {10, 0, 0, 1},
        .prefix = 24,
        .ipv6 = true,
        .dns = {"10.0.0.7"},
    };
    struct ip_link link = world_link(adapter, 1);

    if (ip_start(&link, &settings))
        abort();
}

/* Fragments and frames that wait for an answer have their time, too. */
static void run(uint32_t flags)
{
    struct end adapter = {0}, network = {.take = sent};
    bool up = true;

    world_begin(1, NULL);
    world_wire(&adapter, &network);
    start(&adapter, flags);
    open_servers();
    while (left) {
        step(&adapter, &up);
        application(flags & 4);
        world_pass(0.001);
    }
    adapter.full = false;
    close_all();
    world_pass(70);
    ip_stop();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct memory before;
    static bool warm;
    struct memory after;

    if (!warm) {
        left = 0;
        run(1);
        before = memory_now();
        warm = true;
    }
    input = bytes;
    left = size;
    run(take(1));
    after = memory_now();
    if (after.heap != before.heap || after.elements != before.elements) {
        fprintf(stderr, "heap: %zu bytes, expected %zu; pools: %zu, %zu\n",
                after.heap, before.heap, after.elements, before.elements);
        abort();
    }
    return 0;
}
