/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSI commands and their answers, byte for byte (scsi.h). [SPC-3] [SBC-2]
 *
 * Every number in a command or an answer is big-endian, the opposite of
 * everything else on VMBus, so all fields go through put() and get().
 */
#include "drivers/scsi.h"

#include <stddef.h>

/* Operation codes. [SPC-3] */
enum {
    TEST_UNIT_READY = 0x00,
    INQUIRY = 0x12,
    READ_CAPACITY_10 = 0x25,
    READ_10 = 0x28,
    WRITE_10 = 0x2a,
    SYNCHRONIZE_CACHE_10 = 0x35,
    READ_16 = 0x88,
    WRITE_16 = 0x8a,
    SERVICE_ACTION_IN_16 = 0x9e,
    READ_CAPACITY_16 = 0x10, /* the service action */
};

/*
 * The first byte of an INQUIRY answer: three bits that say whether there is a
 * device, five bits of device type. 0x7f: neither.
 */
enum { NO_DEVICE = 0x7f, DISK = 0x00 };

/* Writes `value` as `bytes` bytes, most significant first. */
static void put(uint8_t *at, unsigned bytes, uint64_t value)
{
    while (bytes--) {
        at[bytes] = (uint8_t)value;
        value >>= 8;
    }
}

/* Reads `bytes` bytes, most significant first. */
static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;

    while (bytes--)
        value = value << 8 | *at++;
    return value;
}

/* ---- commands ----------------------------------------------------------- */

struct scsi_command scsi_test_unit_ready(void)
{
    return (struct scsi_command){"TEST UNIT READY", {TEST_UNIT_READY}, 6};
}

/* Bytes 3 and 4: how many bytes of answer there is room for. */
struct scsi_command scsi_inquiry(uint16_t room)
{
    struct scsi_command c = {"INQUIRY", {INQUIRY}, 6};

    put(c.bytes + 3, 2, room);
    return c;
}

struct scsi_command scsi_read_capacity_10(void)
{
    return (struct scsi_command){"READ CAPACITY(10)", {READ_CAPACITY_10}, 10};
}

/*
 * The 16-byte form is a service action of another command; bytes 10 to 13 say
 * how many bytes of answer there is room for.
 */
struct scsi_command scsi_read_capacity_16(uint32_t room)
{
    struct scsi_command c = {
        "READ CAPACITY(16)", {SERVICE_ACTION_IN_16, READ_CAPACITY_16}, 16};

    put(c.bytes + 10, 4, room);
    return c;
}

struct scsi_command scsi_synchronize_cache(void)
{
    return (struct scsi_command){
        "SYNCHRONIZE CACHE(10)", {SYNCHRONIZE_CACHE_10}, 10};
}

/* Bytes 2 to 9 are the first block, bytes 10 to 13 the number of blocks. */
static struct scsi_command transfer_16(bool is_write, uint64_t lba,
                                       uint32_t count)
{
    struct scsi_command c = {is_write ? "WRITE(16)" : "READ(16)",
                             {is_write ? WRITE_16 : READ_16},
                             16};

    put(c.bytes + 2, 8, lba);
    put(c.bytes + 10, 4, count);
    return c;
}

/*
 * The 10-byte form has 32 bits for the first block (bytes 2 to 5) and 16 bits
 * for the number of blocks (bytes 7 and 8). Where these do not suffice, and
 * where the caller wants it, the 16-byte form is used.
 */
struct scsi_command scsi_transfer(bool is_write, bool is_long, uint64_t lba,
                                  uint32_t count)
{
    struct scsi_command c = {is_write ? "WRITE(10)" : "READ(10)",
                             {is_write ? WRITE_10 : READ_10},
                             10};

    if (is_long || lba > UINT32_MAX || count > UINT16_MAX)
        return transfer_16(is_write, lba, count);
    put(c.bytes + 2, 4, lba);
    put(c.bytes + 7, 2, count);
    return c;
}

/* ---- answers ------------------------------------------------------------ */

/*
 * Copies text of a fixed width and ends it after the last character that is not
 * blank. Bytes outside of printable ASCII become '?', because the text comes
 * from the host and goes to a terminal.
 */
static void take_text(char *to, const uint8_t *from, unsigned width)
{
    unsigned end = 0;

    for (unsigned i = 0; i < width; i++) {
        to[i] = (char)(from[i] >= ' ' && from[i] <= '~' ? from[i] : '?');
        if (to[i] != ' ')
            end = i + 1;
    }
    to[end] = 0;
}

/*
 * Standard INQUIRY data: device type in byte 0, then three texts. [SPC-3 6.4.2]
 */
const char *scsi_parse_inquiry(const uint8_t *bytes, uint32_t size,
                               struct scsi_identity *identity)
{
    if (size < SCSI_INQUIRY_SIZE)
        return "fewer than 36 bytes";
    if (bytes[0] == NO_DEVICE)
        return "no device at this target and LUN";
    if (bytes[0] != DISK)
        return "a device that is no disk";
    take_text(identity->vendor, bytes + 8, 8);
    take_text(identity->product, bytes + 16, 16);
    take_text(identity->revision, bytes + 32, 4);
    return NULL;
}

/*
 * Larger blocks than a page, or odd sizes, would break the arithmetic of
 * pieces.
 */
static const char *check_block_size(uint32_t size)
{
    if (size < 512 || size > 4096 || (size & (size - 1)))
        return "a block size that is none of 512 to 4096";
    return NULL;
}

/*
 * The answer names the last block, not the number of blocks. 0xffffffff means
 * that the short form cannot say it. [SBC-2 5.10]
 */
const char *scsi_parse_capacity_10(const uint8_t *bytes, uint32_t size,
                                   struct scsi_capacity *capacity)
{
    if (size < SCSI_CAPACITY_10_SIZE)
        return "fewer than 8 bytes";
    capacity->blocks = get(bytes, 4) + 1;
    capacity->block_size = (uint32_t)get(bytes + 4, 4);
    capacity->is_more = capacity->blocks > UINT32_MAX;
    return check_block_size(capacity->block_size);
}

/* The first 12 of 32 bytes are used. [SBC-2 5.11] */
const char *scsi_parse_capacity_16(const uint8_t *bytes, uint32_t size,
                                   struct scsi_capacity *capacity)
{
    if (size < 12)
        return "fewer than 12 bytes";
    capacity->blocks = get(bytes, 8) + 1;
    capacity->block_size = (uint32_t)get(bytes + 8, 4);
    capacity->is_more = false;
    /* The last block 2^64 - 1 would make the number of blocks 0, and any count
     * whose bytes exceed 64 bits cannot be real either. */
    if (!capacity->blocks || capacity->blocks > UINT64_MAX / 4096)
        return "more blocks than there can be";
    return check_block_size(capacity->block_size);
}
