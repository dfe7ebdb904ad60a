/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way out of a test that fails in the middle, inside the guest.
 */
#ifndef TEST_KMCL_GUEST_WORLD_H
#define TEST_KMCL_GUEST_WORLD_H

/* Leaves the test's objects allocated, and restores the interrupt level, the
 * assertions and the default KMCL of the time before the test. */
void guest_world_leave(void);

#endif
