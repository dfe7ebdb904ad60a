/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two entries of an image that is started without firmware. Each sets every
 * register that the C code behind it needs, and relies on nothing but its
 * protocol:
 *
 *   direct_entry      64-bit Linux boot protocol [linux boot.rst]: long mode,
 *                     the image mapped at its own address, RSI = zero page
 *   direct_pvh_entry  PVH [xen pvh.pandoc]: 32-bit, flat segments, no paging,
 *                     EBX = start info
 *
 * Nothing is written before our own tables are loaded: the loader's lie in
 * memory that somebody else describes, and may map less than they should.
 */

        .set    CR0_VALUE, 0x80010033   /* PG, WP, NE, ET, MP, PE */
        .set    CR4_VALUE, 0x620        /* PAE, OSFXSR, OSXMMEXCPT */
        .set    CR4_LA57, 0x1000        /* five levels of tables */
        .set    EFER, 0xc0000080
        .set    EFER_LME, 0x100
        .set    PRESENT_WRITE, 0x3
        .set    LARGE, 0x80             /* 2 MiB at once */
        .set    SELECTOR_CODE, 8
        .set    SELECTOR_DATA, 16
        .set    LINUX, 0                /* enum direct_protocol */
        .set    PVH, 1
        .set    COM1, 0x3f8
        .set    PORT_DEBUG, 0xe9
        .set    PORT_VERDICT, 0xf4
        .set    UNSUPPORTED, 0x13       /* enum exit_status */

/* ELF note XEN_ELFNOTE_PHYS32_ENTRY: where a PVH loader jumps to. */
        .section .note.pvh, "a", @note
        .balign 4
        .long   4, 8, 18
        .asciz  "Xen"
        .quad   direct_pvh_entry

        .section .text.direct, "ax"
        .code64
        .globl  direct_entry
        .hidden direct_entry
direct_entry:
        cli
        movq    %rsi, %rbp
        movl    $LINUX, %r12d
        /* CR4 first: shadow stacks or SMEP could fault below. The number of
         * levels cannot change here, so the root is chosen by it. */
        movq    %cr4, %rbx
        andl    $CR4_LA57, %ebx
        leal    CR4_VALUE(%rbx), %eax
        movq    %rax, %cr4
        movl    $pml4, %eax
        movl    $pml5, %ecx
        testl   %ebx, %ebx
        cmovnzl %ecx, %eax
        movq    %rax, %cr3
        movl    $CR0_VALUE, %eax
        movq    %rax, %cr0
        movl    $stack_top, %esp
        lgdt    gdtr
        pushq   $SELECTOR_CODE
        pushq   $common
        lretq

        .code32
        .globl  direct_pvh_entry
        .hidden direct_pvh_entry
direct_pvh_entry:
        cli
        movl    %ebx, %ebp
        /* Paging off, for LME and CR4 cannot change while it is on. */
        movl    $0x11, %eax
        movl    %eax, %cr0
        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      no_long_mode
        movl    $0x80000001, %eax
        cpuid
        btl     $29, %edx
        jnc     no_long_mode
        movl    $CR4_VALUE, %eax
        movl    %eax, %cr4
        movl    $pml4, %eax
        movl    %eax, %cr3
        movl    $EFER, %ecx
        movl    $EFER_LME, %eax
        xorl    %edx, %edx
        wrmsr
        movl    $CR0_VALUE, %eax
        movl    %eax, %cr0
        movl    $stack_top, %esp
        lgdt    gdtr
        ljmp    $SELECTOR_CODE, $from_pvh

/* No 64 bits: the only refusal that C cannot tell. */
no_long_mode:
        movl    $no_long_mode_text, %esi
1:      movb    (%esi), %al
        testb   %al, %al
        jz      3f
        outb    %al, $PORT_DEBUG
        movl    $100000, %ecx
        movw    $(COM1 + 5), %dx
        movb    %al, %ah
2:      inb     %dx, %al
        testb   $0x20, %al              /* room for a character? */
        loopz   2b
        movb    %ah, %al
        movw    $COM1, %dx
        outb    %al, %dx
        incl    %esi
        jmp     1b
3:      movl    $UNSUPPORTED, %eax
        outl    %eax, $PORT_VERDICT
4:      hlt
        jmp     4b

        .code64
from_pvh:
        movl    $PVH, %r12d
        movl    %ebp, %ebp              /* the upper half is not defined */

/* In 64-bit mode, on our tables; RBP and R12 are the arguments. */
common:
        movl    $SELECTOR_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        lldt    %ax
        /* No flag is on, above all direction, trap, alignment and nesting. */
        pushq   $2
        popfq
        movl    $0x400, %eax
        movq    %rax, %dr7
        fninit
        ldmxcsr mxcsr
        /* A loader need not have cleared what the file does not hold. The
         * stack lies there too, and is empty now. */
        movl    $direct_bss_start, %edi
        movl    $direct_bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        rep stosb
        movq    %rbp, %rdi
        movl    %r12d, %esi
        xorl    %ebp, %ebp
        call    direct_main
        ud2

        .section .rodata.direct, "a"
mxcsr:
        .long   0x1f80                  /* all masked, round to nearest */
no_long_mode_text:
        .asciz  "vmbare: this processor has no 64-bit mode; cannot start\r\n"

        .section .data.direct, "aw"
        .balign 8
gdt:
        .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdtr:
        .word   gdtr - gdt - 1
        .quad   gdt

/* The low 4 GiB at their own address, in pages of 2 MiB. */
        .balign 4096
pml5:
        .quad   pml4 + PRESENT_WRITE
        .fill   511, 8, 0
pml4:
        .quad   pdpt + PRESENT_WRITE
        .fill   511, 8, 0
pdpt:
        .set    n, 0
        .rept   4
        .quad   pd + PRESENT_WRITE + n * 4096
        .set    n, n + 1
        .endr
        .fill   508, 8, 0
pd:
        .set    n, 0
        .rept   4 * 512
        .quad   (n << 21) + LARGE + PRESENT_WRITE
        .set    n, n + 1
        .endr

        .section .bss.direct, "aw", @nobits
        .balign 16
        .zero   16384
stack_top:

        .section .note.GNU-stack, "", @progbits
