/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of frames: see frames_arena.h. */
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "frames_arena.h"

static char *arena; /* memory of frame 0 and the following, as far as used */

uint64_t *reach(uint64_t frame)
{
    assert_in_range(frame, 1, ARENA_FRAMES - 1);
    return (uint64_t *)(void *)(arena + frame * 4096);
}

/* Old contents of memory must not count: it is full of ones. */
struct frames *make_arena(void)
{
    if (arena)
        munmap(arena, ARENA_FRAMES * 4096);
    arena = mmap(NULL, ARENA_FRAMES * 4096, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(arena, MAP_FAILED);
    return calloc(1, sizeof(struct frames));
}
