/* SPDX-License-Identifier: BSD-2-Clause */
/* The pump's accesses, with another processor coming in between at random. */
#ifndef TESTS_LIVENESS_PUMP_ACCESS_H
#define TESTS_LIVENESS_PUMP_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

void platform_preempt(void);

static inline bool pump_access_exchange(uint32_t *word, uint32_t *old,
                                        uint32_t value)
{
    platform_preempt();
    if (*word != *old) {
        *old = *word;
        return false;
    }
    *word = value;
    return true;
}

#define PUMP_LOAD(word) (*(word))
#define PUMP_EXCHANGE(word, old, value) \
    pump_access_exchange((word), (old), (value))

#endif
