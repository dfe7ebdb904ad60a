/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several processors around the pump's own source, explored in every
 * interleaving.
 *
 * A process is a function with a stack of its own. Between two calls of
 * model_step() it runs without being disturbed; at each the explorer lets any
 * process go on that may. Whatever the processes share lies in one arena, which
 * the explorer copies aside and brings back, together with the stacks; each
 * state is visited once.
 *
 * Memory is sequentially consistent here. That is enough: the code under test
 * shares its state under locks and by compare-and-exchange, both of which are
 * full barriers; the ring's weaker accesses are explored by tests/interleave.
 */
#ifndef TESTS_DELIVERY_MODEL_H
#define TESTS_DELIVERY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_PROCESSES 6u

/* ---- what a process calls ------------------------------------------------ */

/* Any other process may run now. */
void model_step(void);

/* Waits until ready(arg). It must only look at the arena. */
void model_wait(bool (*ready)(void *arg), void *arg);

/* The explorer takes each of 0..count-1 in turn. */
uint32_t model_choose(uint32_t count);

/* A finding: the exploration stops and shows the way here. */
void model_expect(bool holds, const char *what);

/* The number of the process that runs. */
uint32_t model_self(void);

/* ---- what a test calls --------------------------------------------------- */

struct model_test {
    const char *name;
    void (*prepare)(void); /* allocates and sets up, before processes run */
    void (*run[MODEL_PROCESSES])(void); /* NULL: no more */
    /* Whether process `number` may go on, beside what it waits for: a processor
     * does not run two levels at a time. NULL: always. */
    bool (*may_run)(uint32_t number);
    /* Must hold whenever no process can go on. */
    bool (*done)(void);
};

/* Zeroed memory of the arena, aligned to 16. */
void *model_alloc(size_t size);

struct model_result {
    uint64_t states;
    const char *fault; /* NULL: every interleaving is good */
    char way[8192];    /* the processes' numbers, in order, up to the fault */
};

void model_explore(const struct model_test *test, struct model_result *result);

#endif
