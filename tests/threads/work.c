/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam's work items: pushed by any thread, run by one. */
#include "private.h"

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **head =
        &threads.cpu[w->level == SEAM_PASSIVE ? THREADS_MAX : cpu].pushed;

    if (w->level != SEAM_PASSIVE && cpu >= s->cpus)
        looped_fail("work for a processor that does not exist");
    if (__atomic_exchange_n(&w->queued, true, __ATOMIC_ACQ_REL))
        return;
    w->next = __atomic_load_n(head, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(head, &w->next, w, false,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/* Moves what was pushed behind what is queued already, in its order. */
static void collect(struct processor *c)
{
    struct seam_work *newest =
        __atomic_exchange_n(&c->pushed, NULL, __ATOMIC_ACQUIRE);
    struct seam_work *oldest = NULL, **end = &c->queue;

    while (newest) {
        struct seam_work *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (*end)
        end = &(*end)->next;
    *end = oldest;
}

bool threads_run_work(struct processor *c)
{
    struct seam_work *w;

    if (__atomic_load_n(&c->pushed, __ATOMIC_RELAXED))
        collect(c);
    w = c->queue;
    if (!w)
        return false;
    c->queue = w->next;
    __atomic_store_n(&w->queued, false, __ATOMIC_RELEASE);
    w->run(w->arg);
    return true;
}
