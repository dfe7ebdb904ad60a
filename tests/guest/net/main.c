/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens the network, serves, closes it, as often as `rounds=` says. With
 * heap=check it prints after each round what the heap holds: nothing of a
 * network may be left.
 */
#include <stdio.h>
#include <stdlib.h>

#include "arch/heapcheck/heapcheck.h"
#include "drivers/ip.h"
#include "net.h"
#include "vmbare.h"
#include "vmbare_events.h"

static VMBARE_OPTION rounds_option = {
    .group = "test-net",
    .name = "rounds",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = 1000,
    .otherwise = "1",
    .help = "how often the network is opened and closed",
};

static VMBARE_OPTION wait_option = {
    .group = "test-net",
    .name = "wait",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = 600,
    .otherwise = "120",
    .help = "seconds for an address; without one the problem is printed",
};

static VMBARE_OPTION leak_option = {
    .group = "test-net",
    .name = "leak",
    .type = VMBARE_FLAG,
    .help = "forget 64 bytes in each round, so that the suite fails",
};

static VMBARE_OPTION figure_option = {
    .group = "test-net",
    .name = "figure",
    .type = VMBARE_FLAG,
    .help = "end with the time that the first address took",
};

/* With heap=check; else nothing is counted. */
static void say_memory(unsigned round)
{
    struct heapcheck_leaks kept;

    heapcheck_leaks(&kept);
    printf("net: round %u: %u blocks of %u bytes on the heap\n", round,
           (unsigned)kept.blocks, (unsigned)kept.bytes);
}

/* A block that nobody gives back, which the suite must find. */
static void *volatile forgotten;

static void forget(void)
{
    forgotten = malloc(64);
}

static bool with_network(void)
{
    struct ip_facts facts;
    bool good;

    if (ip_wait(vmbare_after((double)vmbare_option_number(&wait_option)))) {
        ip_facts(&facts);
        printf("net: no address: %s\n", facts.problem);
        return false;
    }
    ip_facts(&facts);
    printf("net: address %s/%u\n", facts.address, facts.prefix);
    good = serve_until_end();
    ip_facts(&facts);
    printf("net: frames in %u, out %u, lost %u\n", (unsigned)facts.frames_in,
           (unsigned)facts.frames_out, (unsigned)facts.frames_lost);
    return good;
}

/* From the image's entry, without what the firmware did; `began`: main. */
static bool say_figure(uint64_t began)
{
    struct vmbare_facts facts;
    uint64_t us;

    vmbare_facts(&facts);
    if (!facts.tsc_hz || ip_wait(vmbare_after(60)))
        return false;
    us =
        (vmbare_now() - began) / 10 +
        (facts.boot_ticks - facts.boot_firmware_ticks) * 1000000 / facts.tsc_hz;
    printf("net: an address after %u us\n", (unsigned)us);
    return true;
}

int main(void)
{
    const uint64_t began = vmbare_now();
    unsigned rounds = (unsigned)vmbare_option_number(&rounds_option);
    char problem[IP_PROBLEM_MAX];

    say_memory(0);
    for (unsigned i = 1; i <= rounds; i++) {
        bool good;

        if (ip_open(problem)) {
            printf("net: not opened: %s\n", problem);
            return VMBARE_FAILED;
        }
        good = vmbare_option_flag(&figure_option) ? say_figure(began)
                                                  : with_network();
        ip_close();
        if (vmbare_option_flag(&leak_option))
            forget();
        say_memory(i);
        if (!good)
            return VMBARE_FAILED;
    }
    return VMBARE_PASSED;
}
