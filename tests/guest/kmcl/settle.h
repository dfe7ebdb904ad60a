/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits until no processor has work left, however slow the machine is. A test
 * that checks what another processor did must not depend on time.
 */
#ifndef TEST_KMCL_SETTLE_H
#define TEST_KMCL_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/* Returns false if a processor did not do its work within 120 s. The caller is
 * at PASSIVE. */
bool settle(void);

/* Waits until each processor has run its timers that were due by `until`, in
 * 100 ns of the guest's clock. Returns and is called as settle. */
bool settle_timers(uint64_t until);

#endif
