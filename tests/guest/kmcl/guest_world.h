/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test that ends before its end, inside the guest.
 */
#ifndef TEST_KMCL_GUEST_WORLD_H
#define TEST_KMCL_GUEST_WORLD_H

/* What the test made stays where it is; levels, assertions and the default
 * KMCL are again as they were before it. */
void guest_world_leave(void);

#endif
