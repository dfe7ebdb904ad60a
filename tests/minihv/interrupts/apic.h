/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's local APIC: the page of xAPIC mode, the MSRs of Hyper-V and of
 * x2APIC mode, and IA32_APIC_BASE, which says which of them there are. minihv.h
 * includes this file.
 */
#ifndef MINIHV_APIC_H
#define MINIHV_APIC_H

#include <stdbool.h>
#include <stdint.h>

struct vp;

#define APIC_ADDRESS UINT64_C(0xFEE00000)
/* QEMU takes a write of a processor anywhere behind the APIC's registers for a
 * message of a device. */
#define APIC_MESSAGES_END UINT64_C(0xFEF00000)

/* Offsets in the APIC's page; the MSR of x2APIC mode is 0x800 + offset / 16. */
enum apic_register {
    APIC_ID = 0x20,
    APIC_TPR = 0x80,
    APIC_EOI = 0xB0,
    APIC_LDR = 0xD0,
    APIC_DFR = 0xE0,
    APIC_SPURIOUS = 0xF0,
    APIC_ERROR = 0x280,
    APIC_ISR = 0x100,
    APIC_IRR = 0x200,
    APIC_ICR_LOW = 0x300,
    APIC_ICR_HIGH = 0x310,
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_ERROR = 0x370,
    APIC_TIMER_COUNT = 0x380,
    APIC_TIMER_DIVIDE = 0x3E0,
};

enum {
    APIC_BASE_BOOT = 1 << 8,
    APIC_BASE_EXTD = 1 << 10,
    APIC_BASE_EN = 1 << 11,
    APIC_ICR_ASSERT = 1 << 14,
};

/* ---- apic.c ------------------------------------------------------------ */

/* Read or write a register of this processor's own APIC. */
uint32_t apic_read(uint32_t offset);
void apic_write(uint32_t offset, uint32_t value);

/* Sends a command, the low half of an ICR without shorthand and destination, to
 * the processor of `vp`, from any. The ICR's high half is kept: the guest may
 * be between its own two writes. */
void apic_send(const struct vp *vp, uint32_t command);
/* Sends `vector` in the same way, and counts it. */
void apic_interrupt(const struct vp *vp, uint8_t vector);

/* The MSRs of Hyper-V, HV_EOI to HV_VP_ASSIST. Returns false: #GP. */
bool apic_msr_read(struct vp *vp, uint32_t number, uint64_t *value);
bool apic_msr_write(struct vp *vp, uint32_t number, uint64_t value);

/* A write of `vp` to its APIC's page that faulted, by `vp` itself. */
void apic_guest_write(struct vp *vp, uint32_t offset, uint32_t value);
void apic_guest_eoi(struct vp *vp);

/* An interrupt above the task's priority is requested at this processor. */
bool apic_interrupt_waits(void);
/* Returns true if the processor that calls it handles this interrupt. */
bool apic_in_service(uint8_t vector);

/* Sets what `vp`, which calls it, finds at the APIC's page: the APIC, where
 * only minihv can write after the boot services; all ones outside of xAPIC
 * mode. */
void apic_update_watch(struct vp *vp);
void apic_recheck(void);
/* The page on which a watched write of `vp` runs. */
void *apic_shadow(const struct vp *vp);

/* ---- icr.c ------------------------------------------------------------- */

/* A command of `by` by its ICR. It reaches processors of the guest only.
 * `destination` has 32 bits in x2APIC mode, else 8. */
void apic_guest_icr(struct vp *by, uint32_t low, uint32_t destination);

/* ---- nmi.c ------------------------------------------------------------- */

/* Makes `vp` exit soon, even with interrupts off. Any processor calls it, `vp`
 * itself too. */
void vp_kick(struct vp *vp);
/* From vp_hold_kicks to vp_let_kicks nobody sends `vp` a kick, and an earlier
 * one is forgotten: around the start of a processor. */
void vp_hold_kicks(struct vp *vp);
void vp_let_kicks(struct vp *vp);
/* An NMI for the guest's processor `vp`, from any. */
void nmi_send(struct vp *vp);
/* Injects the NMI that waits, if any; `vp` calls it at the end of an exit. */
void nmi_deliver(struct vp *vp);
/* No NMI waits and none is handled: as after a reset. */
void nmi_forget(struct vp *vp);
void exit_nmi(struct vp *vp);
void exit_iret(struct vp *vp);

/* ---- autoeoi.c --------------------------------------------------------- */

/* An interrupt of `vp` that needs no EOI, from any processor. */
void autoeoi_raise(struct vp *vp, uint8_t vector);
/* Injects one that waits, or makes the guest exit when it takes interrupts;
 * `vp` calls it at the end of an exit. */
void autoeoi_deliver(struct vp *vp);
/* One waits that `vp`, which calls it, would take with its interrupts on. */
bool autoeoi_waits(struct vp *vp);
void autoeoi_forget(struct vp *vp); /* as after a reset */

/* ---- x2apic.c ---------------------------------------------------------- */

/* Sets IA32_APIC_BASE of `vp` as after a reset: xAPIC mode. */
void x2apic_prepare(struct vp *vp);
bool x2apic_is_on(const struct vp *vp); /* x2APIC mode */
bool xapic_is_on(const struct vp *vp);  /* xAPIC mode */

/* IA32_APIC_BASE and MSRs 0x800 to 0x8FF. Returns false: #GP. [SDM] 3A 11.12 */
bool x2apic_msr_read(struct vp *vp, uint32_t number, uint64_t *value);
bool x2apic_msr_write(struct vp *vp, uint32_t number, uint64_t value);

#endif
