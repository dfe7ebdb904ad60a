/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dynamic memory of the guest, which the control port drives. Each of the
 * three functions in the middle ends the command that has called it, now or
 * when the guest has answered.
 */
#ifndef MINIHV_MEMORY_DYNAMIC_H
#define MINIHV_MEMORY_DYNAMIC_H

#include <stdint.h>

enum { DYNAMIC_MIB_MAX = 512 }; /* DYNMEM_RANGES blocks of 2 MiB */

/* Creates the device. */
void dynamic_prepare(void);

/* Says what the guest has reported, and what it has given. */
void dynamic_say(void);

/* Asks the guest for 1 to DYNAMIC_MIB_MAX MiB more. */
void dynamic_take(uint32_t mib);

/* Gives the guest all of its memory back. */
void dynamic_give(void);

/* Prints what has passed, at the end of a run. */
void dynamic_say_counts(void);

#endif
