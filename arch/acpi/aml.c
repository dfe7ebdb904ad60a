/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * \_S5 in AML bytecode: see acpi.h. [ACPI 6.5, 20.2]
 *
 * This is no interpreter: it looks for the bytes of one definition, which every
 * compiler writes in the same form.
 */
#include <errno.h>
#include <string.h>

#include "arch/acpi/acpi.h"

#define AML_ZERO    0x00
#define AML_ONE     0x01
#define AML_NAME    0x08
#define AML_BYTE    0x0A
#define AML_WORD    0x0B
#define AML_DWORD   0x0C
#define AML_PACKAGE 0x12
#define AML_ROOT    '\\'

#define SLEEP_TYPE_MAX 7u /* three bits of the control register */

/* A place in AML that cannot pass its end: reading there fails for good. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

/* Once a read has failed, the answer of the whole walk is a failure. */
static uint8_t take_byte(struct reader *reader)
{
    if (reader->at == reader->end) {
        reader->failed = true;
        return 0;
    }
    return *reader->at++;
}

/* At most 4 bytes. */
static uint32_t take_little_endian(struct reader *reader, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint32_t)take_byte(reader) << (8 * i);
    return value;
}

/* Reads PkgLength [20.2.4] and cuts the reader to the package that it begins.
 * The two high bits of the first byte say how many bytes follow. */
static void enter_package(struct reader *reader)
{
    const uint8_t *start = reader->at;
    uint8_t lead = take_byte(reader);
    /* One byte: six bits of length. More bytes: four bits, and eight of each
     * byte. */
    unsigned more = lead >> 6;
    size_t length = more == 0 ? lead & 0x3Fu : lead & 0x0Fu;

    for (unsigned i = 0; i < more; i++)
        length |= (size_t)take_byte(reader) << (4 + 8 * i);
    /* The length counts its own bytes. */
    if (length < (size_t)(reader->at - start) ||
        length > (size_t)(reader->end - start))
        reader->failed = true;
    else
        reader->end = start + length;
}

/* Only constants: a package may hold names, whose values would need an
 * interpreter. */
static uint32_t take_constant(struct reader *reader)
{
    switch (take_byte(reader)) {
    /* Small constants have opcodes of their own. */
    case AML_ZERO:
        return 0;
    case AML_ONE:
        return 1;
    case AML_BYTE:
        return take_little_endian(reader, 1);
    case AML_WORD:
        return take_little_endian(reader, 2);
    case AML_DWORD:
        return take_little_endian(reader, 4);
    default:
        reader->failed = true;
        return 0;
    }
}

/* Reads what follows the name. The first two elements are the sleep types
 * of PM1a and PM1b. [7.4.2] */
static int read_sleep_package(struct reader reader, uint8_t *s5_a,
                              uint8_t *s5_b)
{
    uint32_t a, b;

    if (take_byte(&reader) != AML_PACKAGE)
        return -EINVAL;
    enter_package(&reader);
    if (take_byte(&reader) < 2) /* NumElements */
        return -EINVAL;
    a = take_constant(&reader);
    b = take_constant(&reader);
    if (reader.failed || a > SLEEP_TYPE_MAX || b > SLEEP_TYPE_MAX)
        return -EINVAL;
    *s5_a = (uint8_t)a;
    *s5_b = (uint8_t)b;
    return 0;
}

/* Goes on after a match that is no package: the same bytes may be data. */
int acpi_aml_find_s5(const uint8_t *aml, size_t length, uint8_t *s5_a,
                     uint8_t *s5_b)
{
    static const uint8_t name[4] = {'_', 'S', '5', '_'};
    int status = -ENOENT;

    /* From 1 on, because an opcode must stand before the name. */
    for (size_t at = 1; length >= sizeof(name) && at <= length - sizeof(name);
         at++) {
        struct reader reader = {aml + at + sizeof(name), aml + length, false};
        bool named;

        if (memcmp(aml + at, name, sizeof(name)) != 0)
            continue;
        /* These bytes alone are no definition: NameOp must stand before them,
         * or NameOp and the root's mark. */
        named = aml[at - 1] == AML_NAME ||
                (at >= 2 && aml[at - 1] == AML_ROOT && aml[at - 2] == AML_NAME);
        if (!named)
            continue;
        if (read_sleep_package(reader, s5_a, s5_b) == 0)
            return 0;
        status = -EINVAL;
    }
    return status;
}
