/* SPDX-License-Identifier: BSD-2-Clause */
/* Two stacks on one wire (tests.h). */
#include "tests.h"

#include <string.h>

/* What a stack that was stopped has. */
static struct side_memory before_a, before_b;

/* lwIP keeps some things from its first start on: names and time have
 * connections of their own. They are no loss. */
static void first_time(const struct side *side, struct end *end)
{
    struct ip_settings settings = fixed_settings(9);
    struct ip_link link = world_link(end, 9);

    assert_int_equal(side->start(&link, &settings), 0);
    side->stop();
}

struct ip_settings fixed_settings(uint8_t last)
{
    return (struct ip_settings){
        .address = {10, 0, 0, last},
        .prefix = 24,
        .ipv6 = true,
        .time = "off",
    };
}

void pair_start(struct pair *pair, uint32_t seed, const struct fate *fate)
{
    static bool warm;
    struct ip_settings one = fixed_settings(1), two = fixed_settings(2);
    struct ip_link link_a, link_b;

    memset(pair, 0, sizeof(*pair));
    world_begin(seed, fate);
    pair->a.side = &a_side;
    pair->b.side = &b_side;
    if (!warm) {
        first_time(&a_side, &pair->a);
        first_time(&b_side, &pair->b);
        a_side.memory(&before_a);
        b_side.memory(&before_b);
        warm = true;
    }
    world_wire(&pair->a, &pair->b);
    link_a = world_link(&pair->a, 1);
    link_b = world_link(&pair->b, 2);
    assert_int_equal(a_side.start(&link_a, &one), 0);
    assert_int_equal(b_side.start(&link_b, &two), 0);
}

static void assert_same(const struct side *side,
                        const struct side_memory *before)
{
    struct side_memory after;

    side->memory(&after);
    assert_int_equal(after.heap, before->heap);
    assert_int_equal(after.elements, before->elements);
}

void pair_stop(struct pair *pair)
{
    /* Connections that were closed wait for two minutes. */
    world_pass(300);
    assert_ptr_equal(pair->a.other, &pair->b);
    a_side.stop();
    b_side.stop();
    assert_same(&a_side, &before_a);
    assert_same(&b_side, &before_b);
    assert_int_equal(world_locks(), 0);
}
