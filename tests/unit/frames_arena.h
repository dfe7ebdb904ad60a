/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of frames, for the tests of the frame allocator: bitmaps and the table
 * of regions lie in it. */
#ifndef FRAMES_ARENA_H
#define FRAMES_ARENA_H

#include <stdint.h>

#include "arch/memory/frames.h"

#define ARENA_FRAMES (UINT64_C(1) << 22)

/* The memory of a frame, from frame 1 on. */
uint64_t *reach(uint64_t frame);

/* Makes all frames' memory anew, and an allocator without frames. */
struct frames *make_arena(void);

#endif
