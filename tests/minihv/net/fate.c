/* SPDX-License-Identifier: BSD-2-Clause */
/* What the switch does to one frame: by a seed, so that a run can be repeated.
 */
#include "switch.h"

/* Returns true for so many of a thousand, by a xorshift generator. */
static bool chance(uint64_t *random, uint32_t share)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (*random >> 16) % 1000 < share;
}

struct switch_fate switch_decide(const struct switch_faults *f,
                                 uint64_t *random)
{
    struct switch_fate fate = {.copies = 1, .delay_us = f->delay_us};
    bool lost = chance(random, f->loss), twice = chance(random, f->twice);

    if (chance(random, f->late))
        fate.delay_us += f->late_us;
    if (lost)
        fate.copies = 0;
    else if (twice)
        fate.copies = 2;
    return fate;
}
