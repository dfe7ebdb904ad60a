/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers that find no room (item 109), by the thousand: how many a peer can
 * make us keep.
 */
#include "raw.h"

#include "vmbus/ring_wire.h"

/* All that a driver may hold by its own quota may wait for room. */
static void many_answers(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint64_t sent;

    VmbChannelSetTransactionQuota(w->client.ch, 20000);
    for (sent = 0; sent < 18000; sent++) {
        raw_host_give(h, RING_FLAG_COMPLETION_REQUESTED, sent);
        world_run(w);
    }
    while (sent && raw_host_read(h, &got)) {
        world_run(w);
        sent--;
    }
    CHECK_EQ(sent, 0);
    CHECK_TEXT(w->client.trace, "OSP");
    raw_end(w, h);
}

/* A host that asks for answers and reads none: a client must read on, for its
 * own answers, but does not keep what it cannot send for ever. */
static void endless_answers(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    uint64_t sent;

    w->client.hold = true;
    for (sent = 0; sent < 2; sent++)
        raw_host_give(h, RING_FLAG_COMPLETION_REQUESTED, sent);
    world_run(w);
    w->client.hold = false;
    while (sent < 20000 && !strcmp(w->client.trace, "OSP")) {
        raw_host_give(h, RING_FLAG_COMPLETION_REQUESTED, sent++);
        world_run(w);
    }
    CHECK(sent > 16384 && sent < 20000);
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK(world_logged(w, "reads none of our answers"));
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    raw_end(w, h);
}

const struct test kmcl_tests_answers[] = {
    {109, "as many answers may wait for room as the quota lets packets through",
     many_answers},
    {109, "a channel whose peer reads no answers is closed at the limit",
     endless_answers},
    {0, NULL, NULL},
};
