/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams between guest and host, each way, in the order in which
 * tests/hvsock/hvsock_suite.py expects them; and the memory before and after.
 */
#include "hvsock.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "vmbare.h"

#define PART 65536u

static VMBARE_OPTION size = {
    .group = "hvsock",
    .name = "size",
    .type = VMBARE_NUMBER,
    .most = UINT32_MAX,
    .otherwise = "1048576",
    .help = "bytes of the large transfers",
};

static VMBARE_OPTION rounds = {
    .group = "hvsock",
    .name = "rounds",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = 1000,
    .otherwise = "1",
    .help = "how often it connects to everything",
};

static VMBARE_OPTION leak = {
    .group = "hvsock",
    .name = "leak",
    .type = VMBARE_FLAG,
    .help = "forgets memory in each round, so that the suite fails",
};

static uint8_t bytes[PART];

uint64_t wanted_bytes(void)
{
    return vmbare_option_number(&size);
}

/* ---- transfers ----------------------------------------------------------- */

void send_bytes(const char *name, int s, uint64_t left)
{
    uint64_t sent = 0;
    uint32_t crc = 0, number = 1;

    while (sent < left) {
        size_t part = left - sent < PART ? (size_t)(left - sent) : PART;

        for (size_t i = 0; i < part; i += 4) {
            number = number * 1664525u + 1013904223u;
            memcpy(bytes + i, &number, 4);
        }
        if (net_send(s, bytes, part) != (ssize_t)part)
            break;
        crc = vmbare_crc32(crc, bytes, part);
        sent += part;
    }
    printf("# %s: %llu %08x\n", name, (unsigned long long)sent, (unsigned)crc);
}

void receive_bytes(const char *name, int s, uint64_t answer_at)
{
    uint64_t got = 0;
    uint32_t crc = 0;
    ssize_t n;

    while ((n = net_recv(s, bytes, PART)) > 0) {
        crc = vmbare_crc32(crc, bytes, (size_t)n);
        got += (uint64_t)n;
        if (got == answer_at)
            (void)net_send(s, "x", 1);
    }
    printf("# %s: %llu %08x %s\n", name, (unsigned long long)got, (unsigned)crc,
           n ? strerror(errno) : "end");
}

/* ---- the run ------------------------------------------------------------- */

/* What the first round leaves, the heap's own growth, is there in the next
 * ones. */
static void tell_memory(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    printf("# memory: %llu pages free, %llx bytes used\n",
           (unsigned long long)facts.memory_free_pages,
           (unsigned long long)mallinfo().uordblks);
}

/* Starts and stops around it. False: a line says why not. */
static bool with_streams(void (*work)(void))
{
    char problem[HVSOCK_PROBLEM_MAX];

    if (hvsock_start(problem)) {
        printf("# start: %s\n", problem);
        return false;
    }
    work();
    hvsock_stop();
    return true;
}

/* Until the programs of the host are there. */
static void await_host(void)
{
    const struct net_address to = {.family = NET_VSOCK, .port = 5009};
    bool there;

    do {
        int s = net_socket(NET_VSOCK, NET_STREAM);

        there = net_connect(s, &to) == 0;
        net_close(s);
        vmbare_sleep(0.1);
    } while (!there);
}

/* Connects in each round, and is connected to after the first one. */
int main(void)
{
    if (!with_streams(await_host))
        return VMBARE_UNSUPPORTED;
    for (uint64_t i = 0; i < vmbare_option_number(&rounds); i++) {
        (void)with_streams(connects);
        if (vmbare_option_flag(&leak))
            (void)vmbare_pages_alloc(64);
        tell_memory();
        if (!i)
            (void)with_streams(accepts);
    }
    printf("# stopped: %d", net_socket(NET_VSOCK, NET_STREAM));
    printf(" %s\n", strerror(errno));
    return VMBARE_PASSED;
}
