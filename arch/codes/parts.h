/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compressed report in numbered parts, one for each QR code:
 *
 *     VMBARE1 3F2A91BC 2/3 05D1E2F7 <Base45 of this part's bytes>
 *             |        |   +-- CRC-32 of this part's bytes
 *             |        +------ part 2 of 3
 *             +--------------- CRC-32 of the whole text: the same in all parts
 *                              of a report, and different from another one's
 *
 * tools/qr/decode puts the parts together again.
 */
#ifndef ARCH_CODES_PARTS_H
#define ARCH_CODES_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "arch/codes/base45.h"

/* More parts than this nobody photographs. */
#define PARTS_MAX 99u

/* Characters before the Base45 text, with numbers of two digits. */
#define PART_HEAD_MAX 32u

struct code_parts {
    const uint8_t *data; /* compressed */
    size_t size;         /* bytes */
    uint32_t report;     /* CRC-32 of the text before it was compressed */
    uint32_t count;      /* 1..PARTS_MAX */
    size_t each;         /* bytes of every part but the last, a multiple of 2 */
};

/** CRC-32 as zlib and Ethernet compute it. Pure. */
uint32_t parts_crc32(const void *bytes, size_t size);

/**
 * Divide compressed bytes into the fewest parts of nearly the same size.
 *
 * @parts       its data, size and report are set; count and each are filled in
 * @characters  that a code takes: more than PART_HEAD_MAX + 3
 *
 * What needs more than PARTS_MAX parts is cut at the end; the text then lacks
 * its end, which the decoder says.
 */
void parts_divide(struct code_parts *parts, size_t characters);

/**
 * Make the text of one part.
 *
 * @index   0 to parts->count - 1
 * @out     receives at most the characters that parts_divide() was given, and a
 *          terminating zero
 * @return  the length of the text
 */
size_t parts_text(const struct code_parts *parts, uint32_t index, char *out);

#endif
