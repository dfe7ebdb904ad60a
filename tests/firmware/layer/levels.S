/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void layer_five_levels(uint64_t top): switches to five-level page tables
 * whose top is at `top`. CR4.LA57 cannot change while paging is on, so this
 * goes through 32-bit code without paging: the image must lie below 4 GiB.
 */
        .text
        .globl  layer_five_levels
        .hidden layer_five_levels
layer_five_levels:
        movq    %rsp, stack(%rip)
        movq    %rbx, saved(%rip)
        movq    %rbp, saved+8(%rip)
        movl    %edi, %ebx
        leaq    2f(%rip), %rsi
        leaq    table(%rip), %rax
        movq    %rax, table_register+2(%rip)
        lgdt    table_register(%rip)
        pushq   $0x18
        leaq    1f(%rip), %rax
        pushq   %rax
        lretq
        .code32
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %ss
        movl    %cr0, %eax
        andl    $0x7fffffff, %eax
        movl    %eax, %cr0
        movl    %cr4, %eax
        orl     $0x1000, %eax           /* LA57 */
        movl    %eax, %cr4
        movl    %ebx, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        pushl   $0x08
        pushl   %esi
        lretl
        .code64
2:      movq    stack(%rip), %rsp
        movq    saved(%rip), %rbx
        movq    saved+8(%rip), %rbp
        ret

        .data
        .balign 8
table:
        .quad   0
        .quad   0x00af9b000000ffff      /* 64-bit code */
        .quad   0x00cf93000000ffff      /* data */
        .quad   0x00cf9b000000ffff      /* 32-bit code */
table_register:
        .word   31
        .quad   0
        .balign 8
stack:  .quad   0
saved:  .quad   0, 0

        .section .note.GNU-stack, "", @progbits
