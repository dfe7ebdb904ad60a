/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two accesses that the pump's state machine makes to its shared word.
 *
 * They have names so that tests/delivery can build the same state.c with its
 * own header: -DPUMP_ACCESS='"file.h"' names it, and each access becomes a
 * point at which the other processor may run.
 */
#ifndef VMBUS_PUMP_ACCESS_H
#define VMBUS_PUMP_ACCESS_H

#ifdef PUMP_ACCESS
#include PUMP_ACCESS
#else

/* A first guess of the word's value; the exchange below checks it. */
#define PUMP_LOAD(word) __atomic_load_n((word), __ATOMIC_RELAXED)

/* Replaces `*old` by `value` if the word still holds `*old`: true. Otherwise
 * puts what it holds into `*old`: false. A full barrier when it succeeds: what
 * was written before is visible to whoever sees the new value, and what is
 * read afterwards is not older than it. */
#define PUMP_EXCHANGE(word, old, value)                        \
    __atomic_compare_exchange_n((word), (old), (value), false, \
                                __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

#endif
#endif
