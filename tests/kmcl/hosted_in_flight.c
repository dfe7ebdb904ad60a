/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many requests without their answers: each answer ends its own request, and
 * closing ends the others in the order of sending, whatever room there is for
 * the table that finds them.
 */
#include "raw.h"

#define MANY   600u
#define STRIDE 233u /* prime to MANY: all are answered, in a mixed order */

static VMBPACKET packets[MANY];
static uint64_t transactions[MANY];
static uint32_t ended[MANY]; /* the place in the order of ending, 1.. */
static uint32_t ends;

static VOID note(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    uint64_t i = (uint64_t)(uintptr_t)VmbPacketGetPointer(packet);

    (void)status, (void)buffer, (void)size;
    CHECK(!ended[i]);
    ended[i] = ++ends;
}

static VMBPACKET made_here(VMBCHANNEL ch, uint32_t i)
{
    static uint64_t memory[MANY][640];

    CHECK(VmbChannelSizeofPacket(ch) <= sizeof(memory[i]));
    CHECK_STATUS(VmbPacketInitialize(ch, (VMBPACKET)(void *)memory[i],
                                     sizeof(memory[i])),
                 STATUS_SUCCESS);
    return (VMBPACKET)(void *)memory[i];
}

/* Makes each packet and sends it: a channel that is to keep its table small
 * gets no memory for a larger one. */
static void send_many(struct world *w, struct raw_host *h, bool own, bool small)
{
    struct raw_packet got;

    ends = 0;
    memset(ended, 0, sizeof(ended));
    for (uint32_t i = 0; i < MANY; i++) {
        if (small && !own)
            world_fail_allocation(w, i < 127 ? 0 : 1);
        packets[i] =
            own ? made_here(w->client.ch, i) : VmbPacketAllocate(w->client.ch);
        world_fail_allocation(w, 0);
        CHECK(packets[i]);
        VmbPacketSetCompletionRoutine(packets[i], note);
        VmbPacketSetPointer(packets[i], (PVOID)(uintptr_t)i);
        CHECK_STATUS(VmbPacketSend(packets[i], NULL, 0, NULL, 1),
                     STATUS_SUCCESS);
        CHECK(raw_host_read(h, &got));
        transactions[i] = got.transaction;
    }
}

/* Half of them are answered; then the channel closes. */
static void end_all(struct world *w, struct raw_host *h, bool own)
{
    uint32_t at = 0, last = 0;

    for (uint32_t i = 1; i <= MANY / 2; i++) {
        at = (at + STRIDE) % MANY;
        raw_host_complete(h, transactions[at], NULL, 0);
        world_run(w);
        CHECK_EQ(ended[at], i);
    }
    VmbChannelDisable(w->client.ch);
    CHECK_EQ(ends, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        if (ended[i] > MANY / 2) {
            CHECK(ended[i] > last);
            last = ended[i];
        }
        if (!own)
            VmbPacketFree(packets[i]);
    }
}

static void of_the_channel(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    send_many(w, h, false, false);
    end_all(w, h, false);
    raw_end(w, h);
}

static void of_the_driver(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    uint64_t before = world_blocks(w);

    send_many(w, h, true, false);
    CHECK(world_blocks(w) > before); /* the table has grown */
    end_all(w, h, true);
    raw_end(w, h);
}

/* The allocation that fails is the table's: it comes before the packet's. */
static void without_memory(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    send_many(w, h, false, true);
    end_all(w, h, false);
    raw_end(w, h);
}

const struct test kmcl_tests_in_flight[] = {
    {75, "600 requests: each answer ends its own, closing the rest in order",
     of_the_channel},
    {75, "the same with packets in the driver's memory", of_the_driver},
    {75, "the same without memory for a larger table", without_memory},
    {0, NULL, NULL},
};
