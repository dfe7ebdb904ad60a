/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch/: the x86-64 machine below Hyper-V.
 *
 * The contract is spread over headers by role; this one has the way in and
 * includes those that every layer above needs.
 *
 *   cpu/cpu.h                instructions, struct cpu
 *   cpu/irql.h               levels, locks
 *   cpu/invariant.h          assertions
 *   console/log.h            the log; serial.h and screen.h show it
 *   memory/pages.h           memory in whole pages
 *   acpi/acpi.h, power.h     the firmware's tables; off and reset
 *   interrupts/interrupts.h  vectors and handlers
 *   interrupts/deferred.h    deferred work
 *   time/clock.h, timer.h    monotonic and wall time; one-shot timers
 *   time/wait.h              blocking, idling
 *   libc/libc.h              what newlib is given
 *   smp/smp.h                the other processors
 *   crash/crash.h            the crash report
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "arch/boot_info.h"

/**
 * Take the machine: processor, stack, interrupts and memory; then call
 * system_main() on a stack of our own.
 *
 * @info  kept for ever; what it describes is checked by boot/
 *
 * Called by boot/ right after ExitBootServices, on the firmware's stack and in
 * its page tables.
 */
_Noreturn void arch_start(struct boot_info *info);

/**
 * Give the machine its voices: screen, log, crash report, crash MSRs
 * (app/system/root/voices.c). With system_main() this is all of arch/ that
 * points up, by name like a C program's main().
 *
 * @boot  as arch_start() got it
 *
 * Called once, with our own tables and stack just loaded and interrupts off;
 * pages_alloc() works, and nothing else has begun yet.
 */
void system_voices(const struct boot_info *boot);

/**
 * Go on above arch/: the composition root, app/system/root/start.c.
 *
 * Called once, at PASSIVE on processor 0, with memory, faults, log and
 * interrupts working.
 */
_Noreturn void system_main(const struct boot_info *info);

#endif
