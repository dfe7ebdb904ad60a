/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of an interrupted processor, as the interrupt entry code leaves
 * them on the stack: r15 at the lowest address, ss at the highest. */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct cpu_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector; /* pushed by the entry stub */
    uint64_t error;  /* pushed by the processor, or 0 by the entry stub */
    uint64_t rip, cs, rflags, rsp, ss; /* pushed by the processor */
};

/* The entry code counts on these. */
_Static_assert(sizeof(struct cpu_frame) == 22 * 8, "cpu_frame size");
_Static_assert(offsetof(struct cpu_frame, rbp) == 64, "cpu_frame.rbp");
_Static_assert(offsetof(struct cpu_frame, vector) == 120, "cpu_frame.vector");
_Static_assert(offsetof(struct cpu_frame, rip) == 136, "cpu_frame.rip");

#endif
