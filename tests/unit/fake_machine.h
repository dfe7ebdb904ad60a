/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One processor for hosted tests of what runs on it. This file is included
 * before everything else (-include): struct cpu is the real one, and what needs
 * a privilege is the test's.
 */
#ifndef TESTS_FAKE_MACHINE_H
#define TESTS_FAKE_MACHINE_H

#define this_cpu           real_this_cpu
#define interrupts_off     real_interrupts_off
#define interrupts_disable real_interrupts_disable
#define interrupts_on      real_interrupts_on
#define interrupts_restore real_interrupts_restore
#define interrupts_await   real_interrupts_await
#include "arch/cpu/cpu.h"
#undef this_cpu
#undef interrupts_off
#undef interrupts_disable
#undef interrupts_on
#undef interrupts_restore
#undef interrupts_await

/* Of the test: the processor, and whether its interrupts are on. */
extern struct cpu fake_cpu;
extern bool fake_interrupts;

/* Sleeping: the test lets time pass until something happens. */
void fake_await(void);

static inline struct cpu *this_cpu(void)
{
    return &fake_cpu;
}

static inline void interrupts_on(void)
{
    fake_interrupts = true;
}

static inline uint64_t interrupts_off(void)
{
    bool were_on = fake_interrupts;

    fake_interrupts = false;
    return were_on ? RFLAGS_IF : 0;
}

static inline void interrupts_disable(void)
{
    fake_interrupts = false;
}

static inline void interrupts_restore(uint64_t flags)
{
    fake_interrupts |= (flags & RFLAGS_IF) != 0;
}

static inline void interrupts_await(void)
{
    fake_interrupts = true;
    fake_await();
}

#endif
