/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's copy of any size.
 */
#include "vmbus/ring/copy.h"

void ring_copy(void *to, const void *from, uint32_t size)
{
    uint32_t units = size & ~7u;
    uint8_t *t = to;
    const uint8_t *f = from;

    ring_copy_units(to, from, units);
    for (; units < size; units++)
        t[units] = f[units];
}
