/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Until nothing is left to do on any processor, however slow the machine is:
 * a test that looks at what happened elsewhere must not depend on time.
 */
#ifndef TEST_KMCL_SETTLE_H
#define TEST_KMCL_SETTLE_H

#include <stdbool.h>

/* False: some processor did not get to its work within 30 s. PASSIVE. */
bool settle(void);

#endif
