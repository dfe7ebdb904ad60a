/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processors, one at a time: hosted_two.h.
 */
#include "hosted_two.h"

#include <pthread.h>
#include <semaphore.h>

#include "tests/peer/hosted.h"
#include "runner.h"

static struct {
    struct world *w;
    pthread_t thread;
    sem_t first, second; /* whose turn it is */
    bool ended;
} two;

/* Lets the other one run; back with what this one had. */
static void change_over(sem_t *other, sem_t *own)
{
    struct seam *s = world_seam(two.w);
    uint8_t irql = s->irql;
    uint32_t cpu = s->cpu;

    sem_post(other);
    sem_wait(own);
    s->irql = irql;
    s->cpu = cpu;
}

static void *second_processor(void *arg)
{
    struct seam *s = world_seam(two.w);

    sem_wait(&two.second);
    s->cpu = 1;
    s->irql = SEAM_DISPATCH;
    world_run(two.w);
    two.ended = true;
    sem_post(&two.first);
    return arg;
}

void two_begin(struct world *w)
{
    two.w = w;
    two.ended = false;
    sem_init(&two.first, 0, 0);
    sem_init(&two.second, 0, 0);
    CHECK(!pthread_create(&two.thread, NULL, second_processor, NULL));
}

void two_run_second(void)
{
    change_over(&two.second, &two.first);
}

void two_stop(void)
{
    change_over(&two.first, &two.second);
}

bool two_ended(void)
{
    return two.ended;
}

void two_end(void)
{
    CHECK(two.ended);
    CHECK(!pthread_join(two.thread, NULL));
}
