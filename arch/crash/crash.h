/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crash report: what a fault or a failed assertion prints before the
 * machine stops, resets, or ends the test's host.
 *
 *     CRASH: page fault, processor 0
 *     ... registers, address, backtrace (as offsets into the image, which
 *     tools/symbolize turns into source lines), the last lines of the log
 */
#ifndef ARCH_CRASH_H
#define ARCH_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu/frame.h"

struct codes_shown; /* arch/codes/codes.h */

/* What happened. A text that is unknown is NULL. */
struct crash_info {
    const char *reason;            /* "page fault", "assertion failed", ... */
    const char *detail;            /* one more line: expression, access, hint */
    const struct cpu_frame *frame; /* NULL: no registers (assertion) */
    uint64_t rbp;     /* where the backtrace begins when frame is NULL */
    uint64_t address; /* faulting address (CR2), when has_address */
    bool has_address;
    uint32_t cpu;
};

enum crash_action { CRASH_HALT, CRASH_RESET, CRASH_DEBUG_EXIT };

struct crash_config {
    enum crash_action action; /* CRASH_HALT is the default */
    uint64_t image_base;      /* addresses are printed relative to it */
    uint64_t image_size;
};

/**
 * Set what the report knows and how it ends. At start only.
 *
 * @config  copied
 */
void crash_configure(const struct crash_config *config);

/**
 * Register who reports to the hypervisor (hv/: the crash MSRs).
 *
 * @report  called once, with interrupts off, after the report was printed.
 *          `message` is the report's text, @length bytes without a terminating
 *          zero, valid during the call.
 */
void crash_set_reporter(void (*report)(const struct crash_info *info,
                                       const char *message, size_t length));

/**
 * Register who takes the machine's memory back from the host (the bus's
 * UNLOAD).
 *
 * @release  called once, with interrupts off, after the reporter and before the
 *           end. It takes no lock and waits for a bounded time.
 */
void crash_set_release(void (*release)(void));

/**
 * Tell the hypervisor why a machine ends that has refused its host, in the way
 * of a crash: it keeps the text for whoever looks after the machine. Without a
 * reporter nothing happens.
 *
 * @why  one line, without newline
 *
 * IRQL: any. Once.
 */
void crash_tell_refusal(const char *why);

/**
 * How a report is shown as QR codes: the functions of arch/codes/codes.h, which
 * have their contracts there.
 */
struct crash_codes {
    void (*begin)(void);
    bool (*end)(void);
    void (*show)(uint32_t page, struct codes_shown *shown);
};

/**
 * Register the QR codes, in an image that has them: a machine that stands still
 * after a crash then shows them. At start only.
 *
 * @shown_by  stays in use
 */
void crash_set_codes(const struct crash_codes *shown_by);

/**
 * Give the report a stack of its own, so that the stacks of faults need not
 * have room for it. At start only.
 *
 * @top  end of the stack's memory, a multiple of 16; 0: it has none, and runs
 *       where the crash was found
 */
void crash_set_stack(uint64_t top);

/**
 * Print the report and end as configured. The first caller reports. If it
 * faults again while doing so, it goes on with the step after the one that
 * faulted. Other processors that crash meanwhile halt.
 *
 * IRQL: any, on any processor, with interrupts on or off.
 */
_Noreturn void crash_report(const struct crash_info *info);

/** The name of an exception vector (0..31): "page fault". */
const char *crash_vector_name(uint64_t vector);

#endif
