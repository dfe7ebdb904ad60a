/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what one more channel costs on a bus that has many: an offer while
 * 900 are there, and an open while 300 clients of KMCL's are open. Guest half
 * and host half speak over the loopback; callgrind's file gets a part for each
 * scenario, and count.py adds up what each half spent in it.
 */
#include <valgrind/callgrind.h>

#include "tests/kmcl/raw.h"
#include "tests/kmcl/runner.h"

#define OFFERS 900u
#define OPEN   300u
/* As often each scenario happens; count.py divides by it. */
#define MORE 20u

static struct raw_host *hosts[OFFERS + MORE];
static struct endpoint clients[OPEN + MORE];

static GUID instance_of(uint32_t i)
{
    return (GUID){i + 1, 2, 2, {2}};
}

static void offer(struct world *w, uint32_t i)
{
    const GUID instance = instance_of(i);

    hosts[i] = raw_host_offer(w, &instance);
    world_run(w);
}

static void count_offers(struct world *w)
{
    for (uint32_t i = 0; i < OFFERS; i++)
        offer(w, i);
    CALLGRIND_ZERO_STATS;
    for (uint32_t i = 0; i < MORE; i++)
        offer(w, OFFERS + i);
    CALLGRIND_DUMP_STATS_AT("offer.900");
}

/* Makes a client of the i-th offer, with two pages of ring each way. */
static void make(struct world *w, uint32_t i)
{
    const GUID instance = instance_of(i);
    struct endpoint *e = &clients[i];

    client_make(w, e);
    CHECK_EQ(
        VmbClientChannelInitSetTargetPnp(e->ch, &test_type, &instance, NULL),
        0);
    CHECK_EQ(VmbClientChannelInitSetRingBufferPageCount(e->ch, 1, 1), 0);
}

static void count_opens(struct world *w)
{
    for (uint32_t i = 0; i < OPEN + MORE; i++)
        make(w, i);
    for (uint32_t i = 0; i < OPEN; i++)
        endpoint_enable(&clients[i]);
    CALLGRIND_ZERO_STATS;
    for (uint32_t i = OPEN; i < OPEN + MORE; i++)
        endpoint_enable(&clients[i]);
    CALLGRIND_DUMP_STATS_AT("open.300");
    for (uint32_t i = 0; i < OPEN + MORE; i++)
        CHECK(raw_host_is_open(hosts[i]));
}

int main(void)
{
    struct world *w = world_create();

    count_offers(w);
    count_opens(w);
    for (uint32_t i = 0; i < OPEN + MORE; i++)
        endpoint_end(&clients[i]);
    for (uint32_t i = 0; i < OFFERS + MORE; i++)
        raw_host_withdraw(hosts[i]);
    world_destroy(w);
    return 0;
}
