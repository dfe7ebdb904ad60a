/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Enters and leaves the guest. All functions use the System V convention.
 *
 * struct registers is at the start of struct vp (minihv.h): rbx at 0, then
 * rcx, rdx, rsi, rdi, rbp, r8 .. r15; the VMCB's address at 112. RAX, RSP
 * and RIP are in the VMCB.
 */
        .section .note.GNU-stack, "", @progbits
        .text

/* void vp_run(struct vp *vp) never returns: it runs the guest, handles the
 * exit, and repeats. The stack keeps vp; VMRUN saves the host's RSP and RAX. */
        .globl vp_run
vp_run: push    %rdi
1:      mov     (%rsp), %rax
        mov     0(%rax), %rbx
        mov     8(%rax), %rcx
        mov     16(%rax), %rdx
        mov     24(%rax), %rsi
        mov     32(%rax), %rdi
        mov     40(%rax), %rbp
        mov     48(%rax), %r8
        mov     56(%rax), %r9
        mov     64(%rax), %r10
        mov     72(%rax), %r11
        mov     80(%rax), %r12
        mov     88(%rax), %r13
        mov     96(%rax), %r14
        mov     104(%rax), %r15
        mov     112(%rax), %rax
        vmrun
        mov     (%rsp), %rax
        mov     %rbx, 0(%rax)
        mov     %rcx, 8(%rax)
        mov     %rdx, 16(%rax)
        mov     %rsi, 24(%rax)
        mov     %rdi, 32(%rax)
        mov     %rbp, 40(%rax)
        mov     %r8, 48(%rax)
        mov     %r9, 56(%rax)
        mov     %r10, 64(%rax)
        mov     %r11, 72(%rax)
        mov     %r12, 80(%rax)
        mov     %r13, 88(%rax)
        mov     %r14, 96(%rax)
        mov     %r15, 104(%rax)
        mov     %rax, %rdi
        cld
        call    vp_exit
        jmp     1b

/* void launch(run, arg) calls run(arg, rip, rsp) of the copy. The guest that
 * the copy starts continues here, in the original, and returns. */
        .globl launch
launch: pushfq
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rdi, %rax
        mov     %rsi, %rdi
        lea     1f(%rip), %rsi
        mov     %rsp, %rdx
        cli
        call    *%rax
1:      pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        popfq
        ret

/* void run_on_stack(run, arg, stack_top) */
        .globl run_on_stack
run_on_stack:
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsp
        xor     %ebp, %ebp
        call    *%rax
        ud2

/* void load_segments(void): code 0x08 and data 0x10 of the own GDT. */
        .globl load_segments
load_segments:
        pop     %rax
        push    $8
        push    %rax
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        lretq
