/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items E, first half (61..70): packet objects.
 */
#include "harness.h"

#include <stdlib.h>

static void item_61(struct world *w)
{
    VMBPACKET p;

    pair_make(w);
    p = VmbPacketAllocate(w->client.ch);
    CHECK(p);
    CHECK(VmbPacketGetChannel(p) == w->client.ch);
    world_fail_allocation(w, 1);
    CHECK(!VmbPacketAllocate(w->client.ch));
    world_fail_allocation(w, 0);
    CHECK(!VmbPacketAllocate(NULL));
    VmbPacketFree(p);
    pair_end(w);
}

/* Memory that is no packet, whatever it holds. */
static void use_foreign(struct world *w, int fill)
{
    static uint64_t memory[64];
    VMBPACKET p = (VMBPACKET)(void *)memory;

    memset(memory, fill, sizeof(memory));
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL, 0), STATUS_INVALID_PARAMETER_1);
    CHECK_ASSERTS(w, "not a packet", (void)VmbPacketGetChannel(p));
}

static void item_61_foreign(struct world *w)
{
    for (int fill = 0; fill < 8; fill++)
        use_foreign(w, fill);
    CHECK_ASSERTS(w, "not a packet", (void)VmbPacketGetChannel(NULL));
}

static void item_62(struct world *w)
{
    VMBPACKET p;

    pair_run(w);
    p = VmbPacketAllocate(w->client.ch);
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL, 0), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    CHECK_ASSERTS(w, "not a packet", VmbPacketFree(p)); /* it is free */
    p = VmbPacketAllocate(w->client.ch);
    CHECK_STATUS(VmbPacketSend(p, "y", 1, NULL, WAIT), STATUS_SUCCESS);
    world_run(w);
    CHECK_ASSERTS(w, "not a packet", VmbPacketFree(p));
    pair_end(w); /* cleanup asserts that none is out */
}

static void item_63(struct world *w)
{
    VMBPACKET p;

    pair_make(w);
    p = VmbPacketAllocate(w->client.ch);
    VmbPacketFree(p);
    CHECK_ASSERTS(w, "not a packet", VmbPacketFree(p));
    pair_end(w);
}

static void item_64(struct world *w)
{
    struct sent s;

    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK(VmbPacketGetChannel(s.packet) == w->client.ch); /* still ours */
    sent_free(&s);
    sent_make(&w->client, &s);
    s.free_inside = true;
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_ASSERTS(w, "not a packet", VmbPacketFree(s.packet));
    pair_end(w);
}

static void item_65(struct world *w)
{
    struct sent s;
    uint64_t before;

    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    world_run(w);
    before = world_allocations(w);
    for (uint32_t i = 2; i <= 20; i++) {
        CHECK_STATUS(sent_send(&s, "y", 1, true), STATUS_SUCCESS);
        world_run(w);
        CHECK_EQ(s.ended, i);
    }
    CHECK_EQ(world_allocations(w), before);
    sent_free(&s);
    pair_end(w);
}

static void item_66(struct world *w)
{
    uint64_t memory[1024];
    VMBPACKET p = (VMBPACKET)(void *)memory;

    pair_make(w);
    CHECK_STATUS(VmbPacketInitialize(w->client.ch, p, 1024 + sizeof(void *)),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketInitialize(w->client.ch, NULL, sizeof(memory)),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbPacketInitialize(NULL, p, sizeof(memory)),
                 STATUS_INVALID_PARAMETER_1);
    pair_end(w);
}

static void item_67(struct world *w)
{
    VMBPACKET p;

    pair_run(w);
    p = packet_own(w->client.ch);
    CHECK_STATUS(VmbPacketInitialize(w->client.ch, p,
                                     VmbChannelSizeofPacket(w->client.ch) - 1),
                 STATUS_INVALID_PARAMETER_3);
    VmbPacketSetCompletionRoutine(p, sent_ignore);
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL, 0), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    CHECK_ASSERTS(w, "caller's own memory", VmbPacketFree(p));
    free(p);
    pair_end(w);
}

static void item_68(struct world *w)
{
    UINT32 size, last = 0;

    client_make(w, &w->client);
    for (UINT32 maximum = 1; maximum < 300000; maximum = maximum * 3 + 8) {
        CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, maximum),
                     0);
        size = VmbChannelSizeofPacket(w->client.ch);
        CHECK(size > maximum + sizeof(void *));
        CHECK(size > last);
        last = size;
    }
    pair_end(w);
}

static void item_69(struct world *w)
{
    VMBPACKET p;

    pair_run(w);
    p = packet_own(w->client.ch);
    CHECK_ASSERTS(w, "no completion routine",
                  (void)VmbPacketSend(p, "x", 1, NULL, 0));
    CHECK_ASSERTS(w, "pass a function", VmbPacketSetCompletionRoutine(p, NULL));
    world_run(w);
    CHECK_EQ(w->server.packets, 0);
    free(p);
    pair_end(w);
}

static void *seen_pointer;

static VOID look_at_pointer(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                            UINT32 size)
{
    (void)status;
    (void)buffer;
    (void)size;
    seen_pointer = VmbPacketGetPointer(packet);
}

static void item_70(struct world *w)
{
    VMBPACKET p;

    pair_run(w);
    p = VmbPacketAllocate(w->client.ch);
    CHECK(!VmbPacketGetPointer(p));
    VmbPacketSetPointer(p, w);
    CHECK(VmbPacketGetPointer(p) == w);
    VmbPacketSetCompletionRoutine(p, look_at_pointer);
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL, 0), STATUS_SUCCESS);
    world_run(w);
    CHECK(seen_pointer == w);
    VmbPacketSetPointer(p, NULL);
    CHECK(!VmbPacketGetPointer(p));
    VmbPacketFree(p);
    pair_end(w);
}

const struct test kmcl_tests_packet[] = {
    {61, "VmbPacketAllocate returns a packet of its channel, or NULL", item_61},
    {61, "memory that is no packet is asserted or refused", item_61_foreign},
    {62, "a packet with the default routine frees itself", item_62},
    {63, "VmbPacketFree frees a packet that was never sent", item_63},
    {64, "a packet with a routine of its own is freed by its owner", item_64},
    {65, "a completed packet can be sent again without an allocation", item_65},
    {66, "VmbPacketInitialize refuses the maximum size plus a pointer",
     item_66},
    {67, "VmbPacketInitialize takes VmbChannelSizeofPacket bytes, not one less",
     item_67},
    {68, "VmbChannelSizeofPacket grows with the maximum packet size", item_68},
    {69, "a send without a completion routine is asserted", item_69},
    {70, "VmbPacketGetPointer works inside the completion routine as well",
     item_70},
    {0, NULL, NULL},
};
