/* SPDX-License-Identifier: BSD-2-Clause */
/* The explored tests; the names of a channel's parts are KMCL's own. */
#ifndef TESTS_DELIVERY_WORLD_H
#define TESTS_DELIVERY_WORLD_H

#include "model.h"

/* Ended by NULL. */
extern const struct model_test *const world_tests[];

#endif
