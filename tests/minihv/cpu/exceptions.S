/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handlers of host exceptions: 32 stubs of 16 bytes. An NMI that host_take_nmi
 * lets in returns at once. Any other exception is a bug of minihv, which
 * host_exception(vector, frame) reports.
 */
        .section .note.GNU-stack, "", @progbits
        .text

        .globl exception_stubs
        .p2align 4
exception_stubs:
        .set    i, 0
        .rept   32
        .p2align 4
        .if     i == 2
        iretq
        .else
        /* Vectors without an error code get a zero in its place. */
        .if     !((0x60227D00 >> i) & 1)
        push    $0
        .endif
        push    $i
        jmp     1f
        .endif
        .set    i, i + 1
        .endr
1:      pop     %rdi
        mov     %rsp, %rsi
        and     $-16, %rsp
        call    host_exception
        ud2

/* void host_take_nmi(void): takes the NMI that is pending, if there is one. The
 * NMI that made the guest exit is, because the intercept does not consume it.
 * IF stays 0. */
        .globl host_take_nmi
host_take_nmi:
        stgi
        nop
        nop
        clgi
        ret
