/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file as constants of the program (vmbare.mk, DATA). DATA_FILE is its path,
 * DATA_NAME and DATA_SIZE are the symbols of its bytes and of their number.
 */
    .section .rodata.DATA_NAME, "a", @progbits
    .balign 16
    .globl DATA_NAME
    .hidden DATA_NAME
DATA_NAME:
    .incbin DATA_FILE
1:
    .byte 0 /* so that a text is a string of C */

    .balign 8
    .globl DATA_SIZE
    .hidden DATA_SIZE
DATA_SIZE:
    .quad 1b - DATA_NAME

    .section .note.GNU-stack, "", @progbits
