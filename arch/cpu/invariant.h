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

/*
 * Reports a failure; must not return. The texts are constants: `reason` is
 * "assertion failed" or "smashed stack"; `function` says where, NULL: the
 * backtrace does; `expression` is what does not hold, NULL: no assertion;
 * `hint` is a sentence for the reader; the backtrace begins at `rbp`.
 */
typedef void invariant_report(const char *reason, const char *function,
                              const char *expression, const char *hint,
                              uint64_t rbp);

/**
 * Register who reports a failure: arch/crash, at start.
 *
 * @report  called on the processor that found the failure, at any IRQL, with
 *          interrupts on or off
 *
 * Until somebody is registered, a failure stops the processor silently.
 */
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

/**
 * Assert in the first function of C after assembler that the stack is aligned:
 * the compiler uses aligned SSE stores on it. Our code keeps frame pointers, so
 * the frame begins 16 bytes below where the caller aligned the stack.
 */
#define ASSERT_STACK_ALIGNED()                                     \
    ASSERT((uintptr_t)__builtin_frame_address(0) % 16 == 0,        \
           "assembler calls C with a stack pointer that is not a " \
           "multiple of 16")

/* The stack protector's guard value, one for the whole image. arch/start.c
 * sets it from the time stamp counter, in a function without protector. */
extern uintptr_t __stack_chk_guard;

#endif
