/* SPDX-License-Identifier: BSD-2-Clause */
/* The APIC timer as the timer device, where the hypervisor offers none. */
#ifndef ARCH_APIC_TIMER_H
#define ARCH_APIC_TIMER_H

#include <stdint.h>

/**
 * Register the APIC timer as the device.
 *
 * @hz       the APIC's clock as the hypervisor gives it; 0: it is measured
 *           against the monotonic clock (10 ms) when the first timer is set
 * @longest  the longest single sleep in 100 ns units; 0: what the counter
 *           allows
 */
void apic_timer_setup(uint64_t hz, uint64_t longest);

#endif
