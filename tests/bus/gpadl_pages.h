/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs of invented frames: 0x12345, 0x12346 ... */
#ifndef TESTS_BUS_GPADL_PAGES_H
#define TESTS_BUS_GPADL_PAGES_H

#include "fixture.h"

/* `count` frames, whole pages; valid until the next call. */
struct vmbus_pages gpadl_pages(uint32_t count);

/* Shows so many to the host through f->c; vmbus_gpadl_create's status. */
int gpadl_create(struct fixture *f, uint32_t count, uint32_t *handle);

/* The same, not waited for; it ends in f->outcome. */
void gpadl_start(struct fixture *f, uint32_t count, uint32_t *handle);

/* Makes f->c and a GPADL of three pages; its handle. */
uint32_t gpadl_of_three(struct fixture *f);

#endif
