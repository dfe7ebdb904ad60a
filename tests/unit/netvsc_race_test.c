/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network driver's channels on real threads, with ThreadSanitizer: senders,
 * a host that completes packets, and sub-channels that come and go meanwhile.
 */
#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "drivers/network/data/data.h"
#include "netvsc_race.h"

#define ROUNDS  300u
#define FRAMES  4000u
#define SENDERS 2u

static struct network n;

/* ---- what the host is told ----------------------------------------------- */

/* The host is told of all when all are open, and then of each change, also of
 * one that comes while it has not read the last. */
static void told_in_order(void **state)
{
    (void)state;
    n.driver = host_begin();
    host_open(2);
    host_work();
    assert_int_equal(host_receives_on(), 1); /* not before the last one */
    host_open(1);
    host_close(2); /* it has read nothing of the change before */
    host_work();
    assert_int_equal(host_receives_on(), 3);
    host_open(2);
    host_close(1);
    host_close(2);
    host_work();
    assert_int_equal(host_receives_on(), 1);
    assert_int_equal(n.driver->spread.state, SPREAD_IDLE);
}

/* Opens and closes one sub-channel, and leaves it open or closed. */
static void *toggle(void *argument)
{
    uint32_t index = (uint32_t)(uintptr_t)argument;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        host_open(index);
        host_close(index);
    }
    if (index == 2)
        host_open(index);
    return NULL;
}

/* Two sub-channels toggle on two threads, while the host completes on a third:
 * what it was told last is what is so. */
static void told_last(void **state)
{
    pthread_t threads[2];

    (void)state;
    n.driver = host_begin();
    host_start();
    /* Both are open once, so that the host is told of each change. */
    host_open(1);
    host_open(2);
    host_close(1);
    host_close(2);
    for (uintptr_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, toggle, (void *)(i + 1));
    for (uint32_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    host_end();
    assert_int_equal(n.driver->spread.state, SPREAD_IDLE);
    assert_int_equal(n.driver->spread.shared, 0);
    assert_int_equal(n.driver->open_queues, 1);
    if (n.driver->spread.is_on)
        assert_int_equal(host_receives_on(), 5);
    else
        assert_int_equal(host_receives_on(), 1);
    assert_int_equal(host_mistakes(), 0);
}

/* ---- frames -------------------------------------------------------------- */

static uint32_t sending; /* threads that do */

/* TCP over IPv4; the source port is the flow. */
static void *send(void *argument)
{
    uint8_t frame[64] = {[12] = 8, [14] = 0x45, [23] = 6};
    const struct network_segment part = {frame, sizeof(frame)};
    const struct network_send_options more = {.more = true};
    uint64_t *sent = argument;

    for (uint32_t i = 0; i < FRAMES; i++) {
        frame[35] = (uint8_t)i;
        if (NT_SUCCESS(network_send(&n, &part, 1, i & 1 ? &more : NULL)))
            ++*sent;
    }
    network_flush(&n);
    __atomic_fetch_sub(&sending, 1, __ATOMIC_RELEASE);
    return NULL;
}

static uint32_t length(const struct send_slot *slot)
{
    uint32_t count = 0;

    for (; slot; slot = slot->next)
        count++;
    return count;
}

/* Nothing goes out on a channel that has closed, and each slot comes back. */
static void come_and_go(void **state)
{
    uint64_t sent[SENDERS] = {0}, beside;
    pthread_t threads[SENDERS];
    uint32_t all;

    (void)state;
    n.driver = host_begin();
    all = length(n.driver->sending.sections);
    sending = SENDERS;
    host_open(1);
    host_open(2);
    host_start();
    for (uint32_t i = 0; i < SENDERS; i++)
        pthread_create(&threads[i], NULL, send, &sent[i]);
    /* As long as anybody sends. */
    for (uint32_t i = 0; __atomic_load_n(&sending, __ATOMIC_ACQUIRE); i++) {
        host_close(1 + i % 2);
        host_open(1 + i % 2);
    }
    for (uint32_t i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    host_end();
    assert_int_equal(host_mistakes(), 0);
    assert_true(host_completed(&beside) > beside);
    assert_true(beside > 0);
    assert_int_equal(n.driver->sending.under_way, 0);
    assert_int_equal(length(n.driver->sending.sections), all);
    assert_int_equal(n.driver->statistics.frames_sent, sent[0] + sent[1]);
}

#define TITLED(title, test)           \
    {                                 \
        title, test, NULL, NULL, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("the host is told when all are open, and of each change",
               told_in_order),
        TITLED("what the host is told last is so, whoever changed it",
               told_last),
        TITLED("nothing is sent on a channel that has closed", come_and_go),
    };

    return cmocka_run_group_tests_name("channels on threads", tests, NULL,
                                       NULL);
}
