/* The APIC timer as timer device, where the hypervisor offers none. */
#ifndef ARCH_APIC_TIMER_H
#define ARCH_APIC_TIMER_H

#include <stdint.h>

/*
 * Registers it. `hz` is the APIC's clock as the hypervisor tells it; 0: it is
 * measured against the monotonic clock (10 ms) when the first timer is set.
 * `longest` bounds a single sleep in 100 ns units; 0: as the counter allows.
 */
void apic_timer_setup(uint64_t hz, uint64_t longest);

#endif
