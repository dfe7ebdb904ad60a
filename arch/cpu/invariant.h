/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Assertions: what must hold unless our own code is wrong. They stay in the
 * image, because there is one build only, and a failed one ends in the crash
 * report. Input from outside (host, firmware, network) is refused with an
 * error and never asserted.
 *
 * The compiler's stack protector ends in the same way.
 */
#ifndef ARCH_INVARIANT_H
#define ARCH_INVARIANT_H

#include <stdint.h>

/**
 * Register who reports a failure: arch/crash, at start.
 *
 * @report  called on the processor that found the failure, at any IRQL, with
 *          interrupts on or off; must not return. Its texts are constants:
 *          `reason` "assertion failed" or "smashed stack"; `function` where,
 *          NULL for the backtrace to say; `expression` what does not hold,
 *          NULL unless it is an assertion; `hint` a sentence for the reader;
 *          `rbp` the frame pointer that the backtrace begins with
 *
 * Until somebody is registered, a failure stops the processor silently.
 */
typedef void invariant_report(const char *reason, const char *function,
                              const char *expression, const char *hint,
                              uint64_t rbp);
void invariant_set_report(invariant_report *report);

/**
 * End the machine because an invariant does not hold.
 *
 * @function    name of the function that checked
 * @expression  text of the condition that is false
 * @hint        what the condition means; printed after the two
 *
 * IRQL: any.
 */
_Noreturn void invariant_failed(const char *function, const char *expression,
                                const char *hint);

#define ASSERT(expression, hint)                             \
    do {                                                     \
        if (__builtin_expect(!(expression), 0))              \
            invariant_failed(__func__, #expression, (hint)); \
    } while (0)

/* The stack protector's guard value, one for the whole image. arch/start.c
 * sets it from the time stamp counter, in a function without protector. */
extern uintptr_t __stack_chk_guard;

#endif
