/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of the system that only some applications have. Each has a function
 * that the composition root calls when the log has its voices, before anything
 * else can fail, so a part does its work during the start as well.
 *
 * An image contains a part if a function that the application calls refers to
 * its declaration, by SYSTEM_PART_NEEDED. The linker leaves out all others.
 */
#ifndef APP_SYSTEM_PLATFORM_PARTS_H
#define APP_SYSTEM_PLATFORM_PARTS_H

#include "arch/console/log.h"

/* @threshold  what goes to the consoles. IRQL: PASSIVE, interrupts off. */
typedef void system_part(enum log_level threshold);

/* Declares the part `name`, whose function is `start`, in a file of its own
 * or beside what needs it. */
#define SYSTEM_PART(name, start)   \
    static system_part *const name \
        __attribute__((section(".vmbare_parts"), used)) = (start)

/* Stands in each function of the application's interface that needs the part.
 * It costs one instruction; the compiler must not know the value. */
#define SYSTEM_PART_NEEDED(name) __asm__ volatile("" : : "r"(&(name)))

/* The linker puts the parts of this image in a row (linker/vmbare.lds). */
extern system_part *const vmb_parts_start[], *const vmb_parts_end[];

#endif
