/* SPDX-License-Identifier: BSD-2-Clause */
/* The pump's accesses as steps of the exploration. The load is only a guess
 * that the exchange checks, so it needs no step of its own: a stale guess is a
 * failed exchange. */
#ifndef TESTS_DELIVERY_PUMP_ACCESS_H
#define TESTS_DELIVERY_PUMP_ACCESS_H

#include "model.h"

static inline bool pump_access_exchange(uint32_t *word, uint32_t *old,
                                        uint32_t value)
{
    if (*word != *old) {
        *old = *word;
        return false;
    }
    *word = value;
    return true;
}

#define PUMP_LOAD(word) (model_step(), *(word))
#define PUMP_EXCHANGE(word, old, value) \
    pump_access_exchange((word), (old), (value))

#endif
