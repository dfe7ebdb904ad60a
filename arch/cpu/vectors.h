/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vectors.S offers to C: the entries of all 256 interrupt vectors, and
 * the places where the stack is changed, which C cannot express.
 */
#ifndef ARCH_VECTORS_H
#define ARCH_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu/frame.h"

/* The entries lie in groups of 32. */
#define VECTORS_ENTRY_BYTES 4
#define VECTORS_GROUP       32u
#define VECTORS_GROUP_BYTES 144
extern const uint8_t vectors_entries[];

/** Where the entry of a vector lies. */
static inline uint64_t vectors_entry(unsigned vector)
{
    return (uint64_t)(uintptr_t)vectors_entries +
           vector / VECTORS_GROUP * VECTORS_GROUP_BYTES +
           vector % VECTORS_GROUP * VECTORS_ENTRY_BYTES;
}

/* The C function that every entry calls, with interrupts off, on the stack
 * that the processor chose; what it changes in the frame is what the
 * interrupted code goes on with. In vectors.S, NULL until it is set. */
extern void (*vectors_dispatch)(struct cpu_frame *frame);

/** Register that function (arch/interrupts), before the table is loaded. */
static inline void vectors_set_dispatch(void (*dispatch)(struct cpu_frame *))
{
    vectors_dispatch = dispatch;
}

/**
 * Call function(arg) on another stack and come back.
 *
 * @stack_top  end of the stack's memory, a multiple of 16
 *
 * The chain of frame pointers goes on across the two stacks.
 */
void vectors_call_on_stack(void (*function)(void *), void *arg,
                           uint64_t stack_top);

/**
 * Call function(arg) on another stack for good: @function must not return.
 *
 * @stack_top  end of the stack's memory, a multiple of 16
 */
_Noreturn void vectors_enter_stack(void (*function)(void *), void *arg,
                                   uint64_t stack_top);

/* Where vectors_try goes on after a fault; vectors.S knows the layout. */
struct vectors_recovery {
    uint64_t rsp;
    uint64_t rip;
};

/**
 * Call probe(arg) after filling @recovery.
 *
 * @return  true when the probe returned; false when somebody (the handler of
 *          a fault) sent the processor to recovery->rip with recovery->rsp
 */
bool vectors_try(void (*probe)(void *), void *arg,
                 struct vectors_recovery *recovery);

#endif
