/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standard input: lines that a person edits on COM1 (arch/console/line.h).
 * COM1 has no interrupt here, so whoever waits for it looks again and again:
 * INPUT_PAUSE apart, and much sooner while somebody types or pastes.
 */
#ifndef ARCH_INPUT_H
#define ARCH_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest time between two looks, in units of the monotonic clock. Whoever
 * waits for input together with other things sleeps no longer than this. */
#define INPUT_PAUSE UINT64_C(200000) /* 20 ms */

/**
 * Edit the line with what has come, and look whether a read would not wait.
 *
 * @return  true: input_read() returns at once
 *
 * IRQL: PASSIVE, processor 0.
 */
bool input_ready(void);

/**
 * Wait for a line and take from it. At another level than PASSIVE, or on
 * another processor than 0, it does not wait.
 *
 * @out     receives bytes of one line, the newline with the last ones
 * @size    room there, above 0
 * @return  how many; 0: end of input (Ctrl-D, or no COM1 to read from);
 * -EAGAIN: there is no line, and the caller may not wait
 */
int input_read(char *out, size_t size);

#endif
