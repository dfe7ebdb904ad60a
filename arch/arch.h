/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch/: the x86-64 machine below Hyper-V.
 *
 * The contract is spread over headers by role; this one has the way in and
 * includes those that every layer above needs.
 *
 *   cpu.h         instructions, struct cpu        irql.h      levels, locks
 *   pages.h       memory in whole pages           heap.h      what malloc grows
 *   interrupts.h  vectors and handlers            deferred.h  deferred work
 *   timer.h       one-shot timers                 wait.h      blocking, idling
 *   clock.h       monotonic and wall time         log.h       the log
 *   smp.h         the other processors            power.h     off and reset
 *   crash.h       the crash report                acpi.h      tables
 *   serial.h, screen.h  consoles                  cmdline.h   options
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "arch/boot_info.h"

/*
 * Called by boot/ right after ExitBootServices, on the firmware's stack and
 * tables: takes processor, stack, interrupts and memory, then calls
 * system_main on a stack of our own.
 */
_Noreturn void arch_start(struct boot_info *info);

/*
 * The composition root (app/system/root/start.c): called once, at PASSIVE on
 * processor 0, with memory, faults, log and interrupts working.
 */
_Noreturn void system_main(const struct boot_info *info);

#endif
