/*
 * The local APIC of the running processor, in x2APIC mode where the
 * processor offers it (APIC ids past 255 need it), else as a memory page.
 */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Finds out which mode; once, on the first processor, after paging. The
 * legacy interrupt controller is masked. */
void apic_setup(void);

/* Enables the APIC of the running processor. */
void apic_enable(void);

uint32_t apic_id(void);
bool apic_is_x2(void);
void apic_eoi(void);

/* Sends a vector to the processor of that APIC id. Any level. */
void apic_send(uint32_t id, uint8_t vector);

/* INIT and STARTUP of another processor; `page` is where it starts, in units
 * of 4 KiB below 1 MiB. The delays between are the caller's. */
void apic_send_init(uint32_t id);
void apic_send_startup(uint32_t id, uint8_t page);

/* One interrupt at `vector` after `ticks` of the APIC's clock divided by 16;
 * 0 stops it. Vector 0: it only counts. apic_timer_left() reads what is left,
 * for calibration. */
void apic_timer_start(uint32_t ticks, uint8_t vector);
uint32_t apic_timer_left(void);

#endif
