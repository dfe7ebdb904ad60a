/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of the 256 interrupt vectors, and the places where the stack is
 * changed: see vectors.h.
 *
 * An entry is 4 bytes: it pushes its vector, less 128 so that one byte holds
 * it, and jumps to the code that pushes the rest of struct cpu_frame
 * (frame.h). That includes an error code of 0 where the processor has pushed
 * none. So short a jump does not reach far: 32 entries are a group, behind
 * which two longer jumps stand.
 */
        .section .text.vectors, "ax", @progbits

        .altmacro
        .macro  entry vector
        .set    has_code, (\vector == 8) || (\vector >= 10 && \vector <= 14)
        .set    has_code, has_code || (\vector == 17) || (\vector == 21)
        .set    has_code, has_code || (\vector == 29) || (\vector == 30)
        pushq   $(\vector - 128)
        .if     has_code
        jmp     2f
        .else
        jmp     1f
        .endif
        .endm

        /* Never across 64 KiB: interrupts_setup() counts on it. */
        .balign 2048
        .globl  vectors_entries
        .hidden vectors_entries
vectors_entries:
        .set    n, 0
        .rept   8
        .rept   32
        entry   %n
        .set    n, n + 1
        .endr
1:      jmp     without_code
2:      jmp     common
        /* Fails where a group is longer than vectors.h says. */
        .org    vectors_entries + n / 32 * 144, 0xcc
        .endr

/*
 * The frame pushed last is at the lowest address. FXSAVE wants 16-byte
 * alignment, which the processor gave the frame; 512 bytes keep it.
 */
        .balign 16
without_code:
        pushq   (%rsp)
        movq    $0, 8(%rsp)
common:
        cld
        subq    $-128, (%rsp)
        pushq   %rax
        pushq   %rbx
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %rbp
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, %rdi
        movq    %rsp, %rbx
        /* A frame for the backtrace: return address and frame pointer. */
        pushq   136(%rbx)
        pushq   %rbp
        movq    %rsp, %rbp
        subq    $512, %rsp
        andq    $-16, %rsp
        fxsave64 (%rsp)
        call    *vectors_dispatch(%rip)
        fxrstor64 (%rsp)
        movq    %rbx, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rbp
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rbx
        popq    %rax
        addq    $16, %rsp
        iretq

/* void vectors_call_on_stack(function, arg, stack_top) */
        .balign 16
        .globl  vectors_call_on_stack
        .hidden vectors_call_on_stack
vectors_call_on_stack:
        pushq   %rbp
        movq    %rsp, %rbp
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsp
        /* The frame pointer chain goes on across the stacks. */
        call    *%rax
        movq    %rbp, %rsp
        popq    %rbp
        ret

/* _Noreturn void vectors_enter_stack(function, arg, stack_top): no way back. */
        .balign 16
        .globl  vectors_enter_stack
        .hidden vectors_enter_stack
vectors_enter_stack:
        movq    %rdx, %rsp
        xorl    %ebp, %ebp
        movq    %rdi, %rax
        movq    %rsi, %rdi
        call    *%rax
        ud2

/*
 * bool vectors_try(probe, arg, struct vectors_recovery *): saves where to go
 * on when a fault is caught, then calls the probe.
 */
        .balign 16
        .globl  vectors_try
        .hidden vectors_try
vectors_try:
        pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rdx
        movq    %rsp, 0(%rdx)
        leaq    vectors_try_failed(%rip), %rax
        movq    %rax, 8(%rdx)
        movq    %rdi, %rax
        movq    %rsi, %rdi
        call    *%rax
        movl    $1, %eax
        jmp     1f
vectors_try_failed:
        xorl    %eax, %eax
1:      popq    %rdx
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

/* void (*vectors_dispatch)(struct cpu_frame *): set by arch/interrupts. */
        .bss
        .balign 8
        .globl  vectors_dispatch
        .hidden vectors_dispatch
vectors_dispatch:
        .zero   8

        .section .note.GNU-stack, "", @progbits
