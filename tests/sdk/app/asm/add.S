/* SPDX-License-Identifier: BSD-2-Clause */
#if OF_ALL != 11
#error "CPPFLAGS are for assembly, too"
#endif
    .text
    .globl add
    .hidden add
add:
    lea (%rdi,%rsi), %eax
    ret

    .section .note.GNU-stack, "", @progbits
