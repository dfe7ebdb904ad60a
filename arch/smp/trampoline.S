/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a started processor begins: copied to a page below 1 MiB. It goes
 * straight from real mode into long mode; smp.c patches what depends on the
 * page.
 */
        .section .rodata, "a", @progbits
        .globl  trampoline, trampoline_end
        .globl  trampoline_gdtr, trampoline_gdt, trampoline_far
        .globl  trampoline_long, trampoline_root, trampoline_entry
        .globl  trampoline_cpu, trampoline_stack, trampoline_cr4
        .hidden trampoline, trampoline_end
        .hidden trampoline_gdtr, trampoline_gdt, trampoline_far
        .hidden trampoline_long, trampoline_root, trampoline_entry
        .hidden trampoline_cpu, trampoline_stack, trampoline_cr4

        .balign 16
        .code16
trampoline:
        cli
        cld
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   (trampoline_gdtr - trampoline)
        movl    (trampoline_root - trampoline), %eax
        movl    %eax, %cr3
        movl    (trampoline_cr4 - trampoline), %eax
        movl    %eax, %cr4
        movl    $0xc0000080, %ecx       /* EFER: LME, NXE */
        rdmsr
        orl     $0x900, %eax
        wrmsr
        movl    $0x80010033, %eax       /* PG, WP, NE, ET, MP, PE */
        movl    %eax, %cr0
        ljmpl   *(trampoline_far - trampoline)

        .code64
trampoline_long:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movq    trampoline_stack(%rip), %rsp
        movq    trampoline_cpu(%rip), %rdi
        xorl    %ebp, %ebp
        call    *trampoline_entry(%rip)
        ud2

        .balign 8
trampoline_gdt:
        .quad   0
        .quad   0x00af9b000000ffff      /* 64-bit code */
        .quad   0x00cf93000000ffff      /* data */
trampoline_gdtr:
        .word   23
        .long   0                       /* patched: linear address */
trampoline_far:
        .long   0                       /* patched: trampoline_long */
        .word   8
        .balign 8
trampoline_root:
        .quad   0                       /* below 4 GiB */
trampoline_cr4:
        .quad   0
trampoline_entry:
        .quad   0
trampoline_cpu:
        .quad   0
trampoline_stack:
        .quad   0
trampoline_end:

        .section .note.GNU-stack, "", @progbits
