/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests malloc and printf used by application and deferred work at once. */
#include "machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/time/clock.h"
#include "tests/guest/tap.h"
#include "arch/time/timer.h"

#define SLOTS  64
#define PERIOD 2000 /* 200 us */

/* Each user makes this many turns, however slow the machine is. */
#define TURNS    100
#define DEADLINE (300 * CLOCK_UNITS_PER_S) /* for a guest that hangs */

struct user {
    uint8_t *block[SLOTS];
    uint16_t size[SLOTS];
    uint8_t mark;
    uint32_t random;
    unsigned turns, wrong;
};

static struct user low = {.mark = 0x11, .random = 1};
static struct user high = {.mark = 0x22, .random = 2};
static struct timer beat;
static int stop;

static uint32_t next(struct user *u)
{
    u->random = u->random * 1664525 + 1013904223;
    return u->random >> 8;
}

/* A block must still hold what its owner wrote, whoever allocated since. */
static void turn(struct user *u)
{
    unsigned i = next(u) % SLOTS;
    char text[64];

    for (unsigned n = 0; u->block[i] && n < u->size[i]; n++)
        u->wrong += u->block[i][n] != (uint8_t)(u->mark + i);
    free(u->block[i]);
    u->size[i] = (uint16_t)(1 + next(u) % 2000);
    u->block[i] = malloc(u->size[i]);
    if (u->block[i])
        memset(u->block[i], (uint8_t)(u->mark + i), u->size[i]);
    else
        u->wrong++;
    snprintf(text, sizeof(text), "%u %.3f %s", u->turns, (double)i / 8, "x");
    u->wrong += strtod(strchr(text, ' '), NULL) != (double)i / 8;
    u->turns++;
}

static void tick(void *arg)
{
    (void)arg;
    for (int i = 0; i < 4; i++)
        turn(&high);
    if (!stop)
        timer_set(&beat, clock_now() + PERIOD);
}

static void give_back(struct user *u)
{
    for (unsigned i = 0; i < SLOTS; i++)
        free(u->block[i]);
}

static bool enough(void)
{
    return low.turns > TURNS &&
           __atomic_load_n(&high.turns, __ATOMIC_RELAXED) > TURNS;
}

void test_hammer(void)
{
    double seconds = seconds_or(2);
    uint64_t from = clock_now();
    uint64_t end = from + (uint64_t)(seconds * CLOCK_UNITS_PER_S);

    beat = (struct timer){.run = tick};
    timer_set(&beat, clock_now() + PERIOD);
    while (clock_now() < end || (!enough() && clock_now() < from + DEADLINE))
        turn(&low);
    stop = 1;
    timer_cancel(&beat);
    tap_note("%u turns at PASSIVE, %u at DISPATCH", low.turns, high.turns);
    tap_ok(enough() && !low.wrong && !high.wrong,
           "malloc and printf work when PASSIVE and DISPATCH code use them at "
           "once");
    give_back(&low);
    give_back(&high);
}
