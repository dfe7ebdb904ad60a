/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The common part of the small guests. They leave the boot services at once,
 * keep the firmware's tables, and print their results on the debug console.
 */
#ifndef MINIHV_GUEST_H
#define MINIHV_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/minihv/hyperv.h"
#include "tests/minihv/machine.h"
#include "vmbus/wire/memory.h"

enum { VERDICT_PASSED = 0x10, VERDICT_TEST_FAILED = 0x11 };

/* The part that each guest defines. It runs after ExitBootServices with
 * interrupts off. `words` is the command line. */
void guest_main(const char *words);

bool has_word(const char *words, const char *word);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void check(const char *what, bool ok);
_Noreturn void end_guest(uint8_t verdict);
_Noreturn void end_checks(void); /* passes if every check was ok */

/* Sets an interrupt handler (made with INTERRUPT) in the firmware's IDT. */
void set_gate(uint8_t vector, void *handler);
#define INTERRUPT(name)                                                       \
    __attribute__((interrupt, target("general-regs-only"))) static void name( \
        void *frame)

/* Writes or reads an MSR. Returns false if that raised #GP. */
bool msr_try_read(uint32_t number, uint64_t *value);
bool msr_try_write(uint32_t number, uint64_t value);

bool store_try(void *address, uint32_t value);

/* Returns the first page of the largest range that the firmware reserved. */
uint64_t reserved_memory(void);
uint64_t reserved_middle(void); /* a page in its middle */

/* Makes a hypercall through the page that hypercall_on() enabled. */
void hypercall_on(void);
uint64_t hypercall(uint64_t control, uint64_t rdx, uint64_t r8);

/* Enables interrupts for a moment. */
void let_in(void);

/* The reference time, in 100 ns, at which a wait for something that must come
 * has hung. It only ends a hang: a busy build machine may stand still for
 * seconds. */
uint64_t hang(void);

/* Lets interrupts in for a tenth of a second, for what must not come. */
void wait_a_moment(void);

#endif
