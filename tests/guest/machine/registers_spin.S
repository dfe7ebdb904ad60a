/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void registers_spin(in, out, counter, target)
 *
 * struct registers: 15 general registers in the order below, flags, xmm0-15.
 * The loop needs rax (copied flags), rcx (counter) and rdx (target): these
 * three are put into `out` as they stand in `in`.
 */
        .text
        .globl  registers_spin
        .hidden registers_spin
registers_spin:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rsi                    /* out */
        pushq   %rdi                    /* in */
        xchgq   %rdx, %rcx              /* rcx: counter, rdx: target */

        .set    i, 0
        .irp    x, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        movups  128 + 16 * i(%rdi), %xmm\x
        .set    i, i + 1
        .endr
        movq    3 * 8(%rdi), %rbx
        movq    4 * 8(%rdi), %rsi
        movq    5 * 8(%rdi), %rbp
        movq    7 * 8(%rdi), %r8
        movq    8 * 8(%rdi), %r9
        movq    9 * 8(%rdi), %r10
        movq    10 * 8(%rdi), %r11
        movq    11 * 8(%rdi), %r12
        movq    12 * 8(%rdi), %r13
        movq    13 * 8(%rdi), %r14
        movq    14 * 8(%rdi), %r15
        pushq   15 * 8(%rdi)            /* flags, DF and IF set */
        movq    6 * 8(%rdi), %rdi
        popfq

        /* Neither instruction changes flags: lea and jrcxz. The counter is
         * looked at through a difference that jrcxz tests. */
1:      pause
        movq    %rcx, %rax
        movq    (%rcx), %rcx
        notq    %rcx                    /* not changes no flags */
        leaq    1(%rcx, %rdx), %rcx     /* target - count */
        jrcxz   2f
        movq    %rax, %rcx
        jmp     1b

2:      pushfq
        cld
        popq    %rax
        movq    %rdi, %rcx
        movq    8(%rsp), %rdi           /* out */
        movq    %rax, 15 * 8(%rdi)
        movq    %rcx, 6 * 8(%rdi)
        movq    %rbx, 3 * 8(%rdi)
        movq    %rsi, 4 * 8(%rdi)
        movq    %rbp, 5 * 8(%rdi)
        movq    %r8, 7 * 8(%rdi)
        movq    %r9, 8 * 8(%rdi)
        movq    %r10, 9 * 8(%rdi)
        movq    %r11, 10 * 8(%rdi)
        movq    %r12, 11 * 8(%rdi)
        movq    %r13, 12 * 8(%rdi)
        movq    %r14, 13 * 8(%rdi)
        movq    %r15, 14 * 8(%rdi)
        .set    i, 0
        .irp    x, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        movups  %xmm\x, 128 + 16 * i(%rdi)
        .set    i, i + 1
        .endr
        movq    (%rsp), %rsi            /* in: the loop's own three */
        .irp    x, 0,1,2
        movq    8 * \x(%rsi), %rax
        movq    %rax, 8 * \x(%rdi)
        .endr
        addq    $16, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

        .section .note.GNU-stack, "", @progbits
