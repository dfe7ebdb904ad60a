/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's shared accesses as operations of the memory model (model.h):
 * the ring's own source is compiled with this instead of plain moves.
 */
#ifndef TESTS_INTERLEAVE_MODEL_ACCESS_H
#define TESTS_INTERLEAVE_MODEL_ACCESS_H

#include "model.h"

#define RING_LOAD(word)             ((uint32_t)model_load((word), false))
#define RING_LOAD_ACQUIRE(word)     ((uint32_t)model_load((word), true))
#define RING_STORE(word, v)         model_store((word), (v), false)
#define RING_STORE_RELEASE(word, v) model_store((word), (v), true)
#define RING_FENCE()                model_fence()

#define RING_LOAD_DATA(unit)     model_load((unit), false)
#define RING_STORE_DATA(unit, v) model_store((unit), (v), false)

#define RING_COPY_TO(data, from, size)  model_copy_to((data), (from), (size))
#define RING_COPY_FROM(to, data, size)  model_copy_from((to), (data), (size))
#define RING_UNITS_TO(data, from, size) model_copy_to((data), (from), (size))
#define RING_UNITS_FROM(to, data, size) model_copy_from((to), (data), (size))
#define RING_BLOCK_TO(data, from)       model_copy_to((data), (from), 64)
#define RING_BLOCK_FROM(to, data)       model_copy_from((to), (data), 64)

#endif
