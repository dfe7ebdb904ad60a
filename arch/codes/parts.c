/* SPDX-License-Identifier: BSD-2-Clause */
/* Dividing a report into parts: see parts.h. */
#include "arch/codes/parts.h"

#include "arch/console/format.h"

/* Bit by bit: a table of 1 KB would be for a few thousand bytes. */
uint32_t parts_crc32(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    uint32_t crc = UINT32_MAX;

    for (; size > 0; size--) {
        crc ^= *byte++;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

/* Parts of the same size make codes of the same size, which fill the panel
 * evenly and are equally easy to read. */
void parts_divide(struct code_parts *parts, size_t characters)
{
    /* Whole pairs of bytes, of three characters each. */
    size_t most = (characters - PART_HEAD_MAX) / 3 * 2;

    if (parts->size > most * PARTS_MAX)
        parts->size = most * PARTS_MAX;
    parts->count = (uint32_t)((parts->size + most - 1) / most);
    /* An empty report is one part, so that there is something to find. */
    if (parts->count == 0)
        parts->count = 1;
    /* Rounded up to an even number, so that no part but the last one has a
     * byte left over; `most` is even, so it is not exceeded. */
    parts->each = (parts->size + parts->count - 1) / parts->count;
    parts->each += parts->each % 2;
}

/* The head is in letters and digits that alphanumeric mode has; a blank ends
 * each field, since Base45 itself comes last and may hold blanks. */
size_t parts_text(const struct code_parts *parts, uint32_t index, char *out)
{
    size_t from = index * parts->each;
    size_t size = from < parts->size ? parts->size - from : 0;
    size_t length;

    if (size > parts->each)
        size = parts->each;
    length = format_print(out, PART_HEAD_MAX + 1, "VMBARE1 %08X %u/%u %08X ",
                          parts->report, index + 1, parts->count,
                          parts_crc32(parts->data + from, size));
    length += base45_encode(out + length, parts->data + from, size);
    out[length] = '\0';
    return length;
}
