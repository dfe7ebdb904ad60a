/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC of the running processor: in x2APIC mode where the processor
 * offers it (APIC ids past 255 need it), else as a page of memory. */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Find out which mode this machine uses, and mask the legacy interrupt
 * controller. Once, on the first processor, after our page tables are loaded.
 */
void apic_setup(void);

/** Enable the APIC of the running processor, with its timer and LINT0 masked.
 * Interrupts must be off; after apic_setup(). */
void apic_enable(void);

/** The APIC id of the running processor. */
uint32_t apic_id(void);

/** Is the APIC used in x2APIC mode? */
bool apic_is_x2(void);

/** Tell the APIC that the interrupt in service is done. */
void apic_eoi(void);

/**
 * Send an interrupt to another processor. What this processor stored before is
 * visible to the handler.
 *
 * @id      APIC id of the target
 * @vector  0x20..0xfe
 *
 * IRQL: any.
 */
void apic_send(uint32_t id, uint8_t vector);

/** Send INIT to another processor: it waits for a STARTUP from then on. The
 * caller makes the delay that must follow. */
void apic_send_init(uint32_t id);

/**
 * Send STARTUP to another processor.
 *
 * @page  where it starts in real mode, in units of 4 KiB below 1 MiB
 *
 * The caller makes the delay that must follow.
 */
void apic_send_startup(uint32_t id, uint8_t page);

/**
 * Ask for one interrupt of the running processor.
 *
 * @ticks   of the APIC's clock divided by 16; 0 stops the timer
 * @vector  of the interrupt; 0: the timer only counts
 */
void apic_timer_start(uint32_t ticks, uint8_t vector);

/** The ticks that are left before the timer's interrupt, for calibration. */
uint32_t apic_timer_left(void);

#endif
