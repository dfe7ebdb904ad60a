/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of arch/smp/ share. */
#ifndef ARCH_SMP_PRIVATE_H
#define ARCH_SMP_PRIVATE_H

#include "arch/cpu/cpu.h"

/* What each started processor calls before it takes work. */
extern void (*smp_each_cpu)(struct cpu *cpu);

/* The pieces of memory of a processor. Number 0 has the others from the
 * image and from arch/start.c. */
enum smp_piece {
    PIECE_DEFERRED,
    PIECE_FAULTS, /* one for each fault that must not trust its stack */
    PIECE_START = PIECE_FAULTS + IST_SLOTS,
    PIECE_CPU,
    PIECES,
};
#define PIECES_FIRST PIECE_START /* processor 0 has those before it */

/**
 * Allocate the first @count pieces of a processor's memory, in one go.
 *
 * @at      receives where they are
 * @return  false: no memory
 */
bool smp_take_pieces(uint32_t count, uint64_t at[PIECES]);

/** The top of the stack that @piece is. */
uint64_t smp_stack(enum smp_piece piece, const uint64_t at[PIECES]);

/**
 * Give a processor its stack for deferred work, those for faults, and newlib's
 * states.
 *
 * @at      from smp_take_pieces()
 * @return  0; -ENOMEM
 */
int smp_give_stacks_to(struct cpu *cpu, const uint64_t at[PIECES]);

/**
 * Decide whether a processor that was asked to start has begun or is given up.
 * Whoever of the two comes first decides.
 *
 * @return  true: it was the caller
 */
bool smp_settle(struct cpu *cpu, enum cpu_start what);

#endif
