/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What writer and reader share: attaching to a ring, and naming its faults.
 */
#include "vmbus/ring/internal.h"

/* For one line of log; the numbers that were compared are in the fault. */
static const char *const fault_texts[] = {
    [RING_FAULT_NONE] = "no fault",
    [RING_FAULT_READ_INDEX_RANGE] = "read index not below the ring's size",
    [RING_FAULT_READ_INDEX_UNIT] = "read index is no multiple of 8",
    [RING_FAULT_READ_INDEX_PASSED] = "read index beyond what was written",
    [RING_FAULT_WRITE_INDEX_RANGE] = "write index not below the ring's size",
    [RING_FAULT_WRITE_INDEX_UNIT] = "write index is no multiple of 8",
    [RING_FAULT_WRITE_INDEX_BACK] = "write index went back",
    [RING_FAULT_SHORT] = "less than a descriptor and a trailer was written",
    [RING_FAULT_OFFSET] = "payload offset inside the descriptor",
    [RING_FAULT_LENGTH] = "packet length below its payload offset",
    [RING_FAULT_OVERRUN] = "packet longer than what was written",
};

const char *ring_fault_text(enum ring_fault_kind kind)
{
    if ((size_t)kind >= sizeof(fault_texts) / sizeof(fault_texts[0]))
        return "unknown fault";
    return fault_texts[kind];
}

int ring_break(struct ring_fault *fault, enum ring_fault_kind kind,
               uint32_t found, uint32_t limit)
{
    *fault = (struct ring_fault){kind, found, limit};
    return -EPROTO;
}

/* Our own caller's mistakes: -EINVAL, and no fault of the other side. */
int ring_area_check(const struct ring_area *area)
{
    if (area->control == NULL || area->data == NULL)
        return -EINVAL;
    if (area->size == 0 || area->size % 4096 != 0 ||
        area->size > RING_SIZE_LIMIT)
        return -EINVAL;
    return 0;
}

int ring_indices(const struct ring_area *area, struct ring_fault *fault,
                 uint32_t *write_index, uint32_t *read_index)
{
    /* Load each index once, and use only these copies. */
    uint32_t in = RING_LOAD_ACQUIRE(&area->control->write_index);
    uint32_t out = RING_LOAD_ACQUIRE(&area->control->read_index);

    /* Refuse an index outside of the data area, or between two units. */
    if (in >= area->size)
        return ring_break(fault, RING_FAULT_WRITE_INDEX_RANGE, in, area->size);
    if (in % RING_UNIT != 0)
        return ring_break(fault, RING_FAULT_WRITE_INDEX_UNIT, in, RING_UNIT);
    if (out >= area->size)
        return ring_break(fault, RING_FAULT_READ_INDEX_RANGE, out, area->size);
    if (out % RING_UNIT != 0)
        return ring_break(fault, RING_FAULT_READ_INDEX_UNIT, out, RING_UNIT);
    *write_index = in;
    *read_index = out;
    return 0;
}
