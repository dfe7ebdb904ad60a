/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the guest that get lost on their way to the host.
 */
#ifndef TESTS_KMCL_HOSTED_LOST_H
#define TESTS_KMCL_HOSTED_LOST_H

#include "harness.h"

/* From now on the host gets no GPADL_HEADER and no GPADL_TEARDOWN. */
void lose_gpadl_messages(struct world *w);
/* ... no GPADL_TEARDOWN and no UNLOAD: it confirms no end. */
void lose_ends(struct world *w);
/* ... everything again. */
void lose_nothing(struct world *w);

#endif
