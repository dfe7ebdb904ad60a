/* SPDX-License-Identifier: BSD-2-Clause */
/* Data both ways, with its CRC-32 (net.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "vmbare.h"

#define BLOCK 65536u
#define ECHO  7u

static uint8_t block[BLOCK];

void data_echo(int s)
{
    ssize_t size;

    while ((size = net_recv(s, block, BLOCK)) > 0)
        if (!serve_send(s, block, (size_t)size))
            return;
    (void)net_shutdown(s, NET_NO_SEND);
}

void data_sink(int s)
{
    uint64_t total = 0;
    uint32_t sum = 0;
    char text[60];
    ssize_t size;

    while ((size = net_recv(s, block, BLOCK)) > 0) {
        sum = vmbare_crc32(sum, block, (size_t)size);
        total += (uint64_t)size;
    }
    snprintf(text, sizeof(text), "%lu %08x%s\n", (unsigned long)total,
             (unsigned)sum, size < 0 ? " failed" : "");
    (void)serve_send(s, text, strlen(text));
}

/* A generator of 64 bits (Knuth's constants): no two blocks are alike. */
static void fill(uint64_t *state)
{
    for (size_t i = 0; i < BLOCK; i += 8) {
        *state = *state * UINT64_C(6364136223846793005) +
                 UINT64_C(1442695040888963407);
        memcpy(block + i, state, 8);
    }
}

void data_source(int s, uint64_t size, uint32_t seed)
{
    uint64_t state = seed;
    uint8_t end[4];
    uint32_t sum = 0;

    while (size) {
        size_t part = size < BLOCK ? (size_t)size : BLOCK;

        fill(&state);
        sum = vmbare_crc32(sum, block, part);
        if (!serve_send(s, block, part))
            return;
        size -= part;
    }
    memcpy(end, &sum, sizeof(end));
    (void)serve_send(s, end, sizeof(end));
}

/* The client waits for the line before it sends. */
void data_datagrams(int s, unsigned count)
{
    const struct net_address here = {.family = NET_IPV6, .port = ECHO};
    int u = net_socket(NET_IPV6, NET_DATAGRAM);
    struct net_address from;

    if (u < 0 || net_bind(u, &here)) {
        (void)serve_send(s, "failed\n", 7);
        (void)net_close(u);
        return;
    }
    (void)net_timeout(u, 60);
    (void)serve_send(s, "ready\n", 6);
    while (count--) {
        ssize_t size = net_recvfrom(u, block, BLOCK, &from);

        if (size < 0 || net_sendto(u, block, (size_t)size, &from) != size)
            break;
    }
    (void)net_close(u);
}
