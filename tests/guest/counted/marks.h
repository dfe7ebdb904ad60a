/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks for the plugin that counts instructions (tests/bench/image/counter.c),
 * and the phases that tests/bench/image/bench.py knows by these numbers.
 */
#ifndef TESTS_GUEST_MARKS_H
#define TESTS_GUEST_MARKS_H

/* What is executed from now on belongs to phase `number` (a constant, 1 to 15),
 * or with 0 to none. An instruction that does nothing. */
#define MARK(number)                              \
    __asm__ volatile("nopl %c0(%%rax)"            \
                     :                            \
                     : "i"(0x76620000 + (number)) \
                     : "memory")

enum phase {
    PHASE_NONE,
    PHASE_ROUNDS, /* the scenario happens again and again */
    PHASE_AWAITS, /* nothing is under way: the next interrupt is counted */
    PHASE_TO_CALLBACK,
    PHASE_CALLBACK,
    PHASE_TO_RETURN,
    PHASE_BOOT,
};

#endif
