/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The code that a processor runs after INIT and SIPI from minihv. It is copied
 * to a page below 1 MB and starts in 16 bits; at trampoline_64 it continues in
 * 64 bits in the copy. processors.c fills the fields at its end. Offsets count
 * from the start of the page.
 */
        .section .note.GNU-stack, "", @progbits
        .text

        .globl trampoline_start, trampoline_end, trampoline_fields
        .code16
trampoline_start:
        cli
        mov     %cs, %ax
        mov     %ax, %ds
        lgdtl   (2f - trampoline_start)
        mov     $0x620, %eax            /* OSFXSR, OSXMMEXCPT, PAE */
        mov     %eax, %cr4
        mov     (1f - trampoline_start), %eax
        mov     %eax, %cr3
        mov     $0xC0000080, %ecx
        rdmsr
        or      $0x1900, %eax           /* LME, NXE, SVME */
        wrmsr
        mov     $0x80010033, %eax       /* PG, WP, NE, ET, MP, PE */
        mov     %eax, %cr0
        ljmpl   *(3f - trampoline_start)
        .p2align 3
trampoline_fields:
1:      .long   0                       /* CR3 */
2:      .word   0                       /* GDT limit, base */
        .long   0
        .word   0
3:      .long   0                       /* trampoline_64 */
        .word   8
        .word   0
trampoline_end:

        .code64
        .globl trampoline_64
trampoline_64:
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     processor_stack(%rip), %rsp
        xor     %ebp, %ebp
        call    processor_main
        ud2
