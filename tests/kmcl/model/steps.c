/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random steps: what an application may do, what it may not, and what the
 * platform does to it.
 */
#include "model.h"

#include <stdlib.h>

static struct side *any_side(struct model *m)
{
    return model_random(m, 2) ? &m->client : &m->server;
}

static void run(struct model *m)
{
    world_run(m->w);
}

static void let_time_pass(struct model *m)
{
    world_advance(m->w, model_random(m, 30));
}

static void send_some(struct model *m)
{
    struct side *s = any_side(m);

    for (uint32_t n = 1 + model_random(m, 6); n; n--)
        side_send(s, 8 + model_random(m, 1017), model_random(m, 2));
}

static void complete_one(struct model *m)
{
    struct side *s = any_side(m);

    if (s->held_count)
        side_complete(s, model_random(m, s->held_count));
}

static void change_hold(struct model *m)
{
    struct side *s = any_side(m);

    s->hold = !s->hold;
}

static void change_quota(struct model *m)
{
    VmbChannelSetTransactionQuota(any_side(m)->e.ch, 1 + model_random(m, 20));
}

static void change_level(struct model *m)
{
    VmbChannelSetIncomingProcessingAtPassive(any_side(m)->e.ch,
                                             (BOOLEAN)model_random(m, 2));
}

static void enable(struct model *m)
{
    struct side *s = any_side(m);
    NTSTATUS status = VmbChannelEnable(s->e.ch);

    if (status == STATUS_INSUFFICIENT_RESOURCES)
        return; /* no_memory() was here */
    CHECK_STATUS(status, s->enabled ? STATUS_INVALID_DEVICE_STATE : 0);
    if (s->enabled)
        return;
    s->enabled = true;
    s->lost = false;
    s->active = !s->is_server;
}

static void disable(struct model *m)
{
    struct side *s = any_side(m);

    if (model_random(m, 3))
        return; /* not too often */
    VmbChannelDisable(s->e.ch);
    CHECK(s->last == 0 || s->last == 'C' || s->last == 'F');
    CHECK_EQ(s->held_count, 0);
    s->enabled = s->lost = false;
}

static void start(struct model *m)
{
    struct side *s = any_side(m);

    if (!s->enabled && !s->lost) {
        CHECK_ASSERTS(m->w, "between VmbChannelEnable",
                      VmbChannelStart(s->e.ch));
        return;
    }
    VmbChannelStart(s->e.ch);
    s->active = s->enabled;
}

static void pause_one(struct model *m)
{
    struct side *s = any_side(m);

    if (!s->enabled)
        return;
    VmbChannelPause(s->e.ch);
    CHECK_EQ(s->held_count, 0);
    CHECK(s->last != 'P' && s->last != 'S');
    s->active = false;
}

static void request(struct model *m)
{
    LARGE_INTEGER limit = {.QuadPart = -(int64_t)model_random(m, 20) * 10000};
    struct side *s = &m->client;
    struct record *r;
    uint64_t bytes;
    NTSTATUS status;

    if (s->sent_count == MODEL_PACKETS)
        return;
    r = &s->sent[s->sent_count++];
    *r = (struct record){.serial = s->sent_count, .closes = UINT32_MAX};
    bytes = r->serial;
    status = VmbChannelSendSynchronousRequest(
        s->e.ch, &bytes, sizeof(bytes), NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, NULL, NULL, &limit);
    r->ended = 1;
    CHECK(status || r->received);
    CHECK(!status || status == STATUS_CANCELLED ||
          status == STATUS_DEVICE_REMOVED || status == STATUS_BUFFER_OVERFLOW ||
          status == STATUS_INVALID_DEVICE_STATE ||
          status == STATUS_INSUFFICIENT_RESOURCES);
}

/* What an application must not do gets its status and changes nothing. */
static void misuse(struct model *m)
{
    static uint8_t bytes[2000];
    struct side *s = any_side(m);
    VMBPACKET p = VmbPacketAllocate(s->e.ch);

    if (!p)
        return;
    CHECK_STATUS(VmbPacketSend(p, bytes, 1025, NULL, 0),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketSend(p, bytes, 8, NULL, 0x10),
                 STATUS_INVALID_PARAMETER_5);
    VmbPacketFree(p);
    if (s->enabled)
        CHECK_STATUS(VmbChannelInitSetFlags(s->e.ch, 0),
                     STATUS_INVALID_PARAMETER_1);
    for (uint32_t i = s->sent_count; i; i--) {
        p = s->sent[i - 1].packet;
        if (!p)
            continue;
        CHECK_STATUS(VmbPacketSend(p, bytes, 8, NULL, 0),
                     STATUS_INVALID_PARAMETER_1);
        break;
    }
}

static void share(struct model *m)
{
    UINT32 handle;
    NTSTATUS status = VmbChannelCreateGpadlFromBuffer(m->client.e.ch, 0,
                                                      m->page, 4096, &handle);

    if (NT_SUCCESS(status))
        VmbChannelDeleteGpadl(m->client.e.ch, handle);
}

static void no_memory(struct model *m)
{
    world_fail_allocation(m->w, 1 + model_random(m, 3));
}

/* The server's process ends and another one takes over. */
static void save_and_restore(struct model *m)
{
    static uint8_t state[1 << 22];
    struct side *s = &m->server;
    ULONG filled, required;
    uint32_t closes;

    world_fail_allocation(m->w, 0);
    if (s->enabled)
        VmbChannelPause(s->e.ch);
    if (VmbChannelSaveBegin(s->e.ch) != STATUS_SUCCESS)
        return;
    CHECK_STATUS(VmbChannelSaveContinue(s->e.ch, state, sizeof(state), &filled,
                                        &required),
                 STATUS_SUCCESS);
    VmbChannelSaveEnd(s->e.ch);
    closes = s->sent_count;
    side_end(s);
    CHECK_EQ(s->sent_count >= closes, 1);
    side_make(m, s, true);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(s->e.ch, state, filled),
                 STATUS_SUCCESS);
    m->counted.saves++;
}

static const struct {
    void (*step)(struct model *m);
    uint32_t weight;
} steps[] = {
    {run, 30},         {let_time_pass, 10},
    {send_some, 40},   {complete_one, 15},
    {change_hold, 3},  {change_quota, 3},
    {change_level, 3}, {enable, 12},
    {disable, 6},      {start, 10},
    {pause_one, 5},    {request, 6},
    {misuse, 4},       {share, 3},
    {no_memory, 3},    {save_and_restore, 2},
};

void model_step(struct model *m)
{
    uint32_t sum = 0, pick;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        sum += steps[i].weight;
    pick = model_random(m, sum);
    for (size_t i = 0;; i++) {
        if (pick < steps[i].weight) {
            steps[i].step(m);
            return;
        }
        pick -= steps[i].weight;
    }
}

/* ---- at rest ------------------------------------------------------------ */

static void check_side(struct side *s)
{
    for (uint32_t i = 0; i < s->sent_count; i++) {
        struct record *r = &s->sent[i];

        /* If its peer was that of before the restore, only a close ends it. */
        if (r->restored && !r->ended)
            continue;
        CHECK_EQ(r->ended, 1);
        /* Lost is only what was on its way when the channel closed. */
        if (r->closes == s->m->closes) {
            CHECK(r->received);
            CHECK_STATUS(r->status, STATUS_SUCCESS);
        }
    }
}

void model_quiesce(struct model *m)
{
    struct side *sides[] = {&m->server, &m->client};

    world_fail_allocation(m->w, 0);
    for (int i = 0; i < 2; i++) {
        struct side *s = sides[i];

        s->hold = false;
        VmbChannelSetTransactionQuota(s->e.ch, 4096);
        side_complete_all(s);
        world_run(m->w);
    }
    for (int i = 0; i < 2; i++) {
        struct side *s = sides[i];

        if (!s->enabled)
            CHECK_EQ(VmbChannelEnable(s->e.ch), 0);
        s->enabled = true;
        VmbChannelStart(s->e.ch);
        s->active = true;
        world_run(m->w);
    }
    world_advance(m->w, 100);
    for (int i = 0; i < 2; i++)
        side_complete_all(sides[i]);
    world_advance(m->w, 100);
    if (m->client.last != 'P' || m->server.last != 'P')
        return; /* a failed opening; the next round tries again */
    check_side(&m->client);
    check_side(&m->server);
    side_forget_ended(&m->client);
    side_forget_ended(&m->server);
}
