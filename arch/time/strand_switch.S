/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void strand_exchange(uint64_t *save, uint64_t load): puts what a function
 * must keep on the stack, stores the stack pointer in *save and goes on with
 * the stack at `load`, which was left the same way. [SysV ABI] 3.2.1
 *
 * What strand.c builds for a new strand has the same layout.
 */
        .text
        .balign 16
        .globl  strand_exchange
        .hidden strand_exchange
strand_exchange:
        pushq   %r15
        pushq   %r14
        pushq   %r13
        pushq   %r12
        pushq   %rbx
        pushq   %rbp
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %rbp
        popq    %rbx
        popq    %r12
        popq    %r13
        popq    %r14
        popq    %r15
        ret

        .section .note.GNU-stack, "", @progbits
