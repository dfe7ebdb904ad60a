/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the hosted seam share. */
#ifndef TESTS_HOSTED_PRIVATE_H
#define TESTS_HOSTED_PRIVATE_H

#include "hosted.h"

_Noreturn void hosted_fail(struct seam *s, const char *why);
void hosted_memory_create(struct seam *s);
void hosted_memory_destroy(struct seam *s);
void hosted_memory_abandon(struct seam *s);

#endif
