/*
 * The crash report: what a fault or a failed assertion prints before the
 * machine stops, resets, or tells the test's host.
 *
 *     CRASH: page fault, cpu 0
 *     ... registers, address, backtrace (as offsets into the image, which
 *     tools/symbolize turns into source lines), the last lines of the log
 */
#ifndef ARCH_CRASH_H
#define ARCH_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu/frame.h"

/* What happened. Text that is unknown is NULL. */
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

/* Start only. *config is copied. */
void crash_configure(const struct crash_config *config);

/*
 * Registers who tells the hypervisor (hv/: the crash MSRs). It is called
 * once, with interrupts off, after the report was printed. `message` is the
 * report's text (length bytes, no terminating zero), valid during the call.
 */
void crash_set_reporter(void (*report)(const struct crash_info *info,
                                       const char *message, size_t length));

/*
 * Registers who takes the machine's memory back from the host (the bus's
 * UNLOAD). It is called once, with interrupts off, after the reporter and
 * before the end; it takes no lock and waits for a bounded time.
 */
void crash_set_release(void (*release)(void));

/*
 * Prints and ends. Any IRQL, any processor, with interrupts on or off. The
 * first caller reports; when it faults again while doing so, it goes on
 * with the step after the one that faulted; other processors that crash
 * meanwhile halt.
 */
_Noreturn void crash_report(const struct crash_info *info);

/* Name of an exception vector (0..31): "page fault". */
const char *crash_vector_name(uint64_t vector);

#endif
