/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies around a block, and in a block that is freed: bytes of a known
 * value, which must still be there when somebody looks. A write of the very
 * same value is not seen; the values are rare ones for that reason.
 */
#include "arch/heapcheck/private.h"

#include <string.h>

/* The two zones have the same value: who finds it in a dump knows what it is.
 */
void zones_fill(const struct heapcheck_block *block)
{
    memset(block->address - HEAPCHECK_ZONE, HEAPCHECK_FILL_ZONE,
           HEAPCHECK_ZONE);
    memset(block->address + block->size, HEAPCHECK_FILL_ZONE, HEAPCHECK_ZONE);
}

/* The offsets from `from` to `to` count from the block. False: a byte is not
 * as it should be, and `fault` says which. */
static bool is_filled(const struct heapcheck_block *block, ptrdiff_t from,
                      ptrdiff_t to, uint8_t expected,
                      struct heapcheck_fault *fault)
{
    for (ptrdiff_t i = from; i < to; i++) {
        /* Read once: another processor may be the one that writes there. */
        uint8_t found = ((const volatile uint8_t *)block->address)[i];

        if (found == expected)
            continue;
        fault->offset = i;
        fault->expected = expected;
        fault->found = found;
        return false;
    }
    return true;
}

/* A write that runs over several parts is named by the part that it entered
 * first, as most of them go upwards. */
static enum heapcheck_kind kind_of(const struct heapcheck_block *block,
                                   struct heapcheck_fault *fault)
{
    ptrdiff_t size = (ptrdiff_t)block->size, zone = HEAPCHECK_ZONE;

    if (block->freed.name &&
        !is_filled(block, 0, size, HEAPCHECK_FILL_FREED, fault))
        return HEAPCHECK_USED_FREED;
    if (!is_filled(block, size, size + zone, HEAPCHECK_FILL_ZONE, fault))
        return HEAPCHECK_BEHIND;
    if (!is_filled(block, -zone, 0, HEAPCHECK_FILL_ZONE, fault))
        return HEAPCHECK_BEFORE;
    return HEAPCHECK_FINE;
}

/* The bytes were put into `fault` where they were found wrong. */
enum heapcheck_kind zones_check(const struct heapcheck_block *block,
                                struct heapcheck_fault *fault)
{
    enum heapcheck_kind kind = kind_of(block, fault);

    if (kind == HEAPCHECK_FINE)
        return kind;
    fault->kind = kind;
    fault->has_block = true;
    fault->block = *block;
    return kind;
}
