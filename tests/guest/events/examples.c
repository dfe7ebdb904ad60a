/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of docs/events.md, which quotes them as they are. Each is run,
 * and says whether it ended as the page tells. */
#include <stdio.h>

#include "events.h"

#include "tests/guest/tap.h"
#include "vmbare.h"

static struct vmbare_event answered;
static struct vmbare_timer impatience;

/* 1 = answered, 0 = the timer came first. */
static unsigned wait_for_an_answer(void)
{
    struct vmbare_source *what[] = {&answered.source, &impatience.source};
    unsigned which;

    vmbare_event_init(&answered, "the answer", VMBARE_ONE_WAIT);
    vmbare_timer_init(&impatience, "impatience", VMBARE_PASSIVE, NULL, NULL);
    vmbare_timer_set(&impatience, vmbare_after(0.05), 0);

    if (vmbare_wait(what, 2, vmbare_after(10), &which) != VMBARE_OK)
        return 2; /* neither within ten seconds */
    return which == 0;
}

static void on_time(void *context)
{
    (void)vmbare_event_set(context);
}

/* Calls on_time() every 2 ms, and waits for the third call. */
static enum vmbare_cancelled beat(void)
{
    struct vmbare_timer timer;
    struct vmbare_event event;

    vmbare_event_init(&event, "a beat", VMBARE_ONE_WAIT);
    vmbare_timer_init(&timer, "beat", VMBARE_DISPATCH, on_time, &event);
    vmbare_timer_set(&timer, vmbare_now(), 20000);
    for (int i = 0; i < 3; i++)
        if (vmbare_wait_for(&event.source, vmbare_after(10)) != VMBARE_OK)
            break;
    /* Both objects are in this frame: wait for a call that is under way. */
    return vmbare_timer_cancel(&timer, vmbare_after(10));
}

struct reading {
    uint32_t sensor, value;
};

static struct reading room[16];
static struct vmbare_messages readings;

/* A callback at DISPATCH: it passes on what it got and returns. */
static void take_reading(void *context)
{
    struct reading reading = {.sensor = 3, .value = 42};

    (void)context;
    if (vmbare_messages_post(&readings, &reading) == VMBARE_BUSY) {
        /* 16 readings wait already: this one is left out. */
    }
}

/* The value of the first reading; 0: there was none in time. */
static uint32_t first_reading(struct vmbare_timer *sensor)
{
    struct reading reading;

    vmbare_messages_init(&readings, "readings", room, sizeof(room[0]), 16);
    vmbare_timer_init(sensor, "sensor", VMBARE_DISPATCH, take_reading, NULL);
    vmbare_timer_set(sensor, vmbare_after(0.01), 0);
    if (vmbare_wait_for(&readings.source, vmbare_after(10)) != VMBARE_OK ||
        vmbare_messages_take(&readings, &reading) != VMBARE_OK)
        return 0;
    return reading.value;
}

struct part {
    struct vmbare_work work;
    uint64_t from, to;
};

static uint64_t add_up(void *context)
{
    const struct part *part = context;
    uint64_t sum = 0;

    for (uint64_t n = part->from; n < part->to; n++)
        sum += n;
    return sum;
}

/* The sum of 0 to 999,999, a part on each processor. */
static uint64_t sum_on_all(void)
{
    static struct part parts[256];
    unsigned count = vmbare_processors();
    uint64_t sum = 0, result;

    for (unsigned i = 0; i < count; i++) {
        parts[i].from = UINT64_C(1000000) * i / count;
        parts[i].to = UINT64_C(1000000) * (i + 1) / count;
        vmbare_work_init(&parts[i].work, "a part", add_up, &parts[i]);
        vmbare_work_queue(&parts[i].work, i);
    }
    for (unsigned i = 0; i < count; i++) {
        if (vmbare_work_result(&parts[i].work, vmbare_after(60), &result) !=
            VMBARE_OK)
            return 0;
        sum += result;
    }
    return sum;
}

static struct vmbare_lock lock;
static uint64_t packets; /* under the lock */

/* From callbacks and from work, on any processor. */
static void count_packet(void)
{
    vmbare_lock_take(&lock);
    packets++;
    vmbare_lock_give(&lock);
}

/* Asks, and waits for a key; -1: nobody has typed one. */
static int ask(const char *question, double seconds)
{
    printf("%s\n", question);
    if (vmbare_wait_for(&vmbare_key_source, vmbare_after(seconds)) != VMBARE_OK)
        return -1;
    return vmbare_key();
}

void test_examples(void)
{
    struct vmbare_timer sensor;

    tap_ok(wait_for_an_answer() == 0, "example: the timer ends the wait");
    tap_ok(beat() == VMBARE_CANCELLED, "example: a periodic timer");
    tap_ok(first_reading(&sensor) == 42, "example: a message of a callback");
    (void)vmbare_timer_cancel(&sensor, hang());
    tap_ok(sum_on_all() == UINT64_C(499999500000), "example: all processors");
    count_packet();
    tap_ok(packets == 1, "example: a lock");
    tap_ok(ask("does somebody type?", 0.05) == -1, "example: a key");
}
