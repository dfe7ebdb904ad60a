/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSI commands of a plain disk: their bytes, and what their answers hold.
 * Pure: nothing here sends. [SPC-3], [SBC-2]
 */
#ifndef DRIVERS_SCSI_H
#define DRIVERS_SCSI_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A command descriptor block. */
struct scsi_command {
    const char *name; /* "READ(10)" */
    uint8_t bytes[16];
    uint8_t length;
};

/**
 * Is the device ready for commands? It answers with a status alone.
 *
 * @return  the command, by value
 */
struct scsi_command scsi_test_unit_ready(void);

/**
 * What device it is; the answer has at most `room` bytes, 36 of them fixed.
 *
 * @room    bytes that the answer may have
 * @return  the command, by value
 */
struct scsi_command scsi_inquiry(uint16_t room);

/**
 * The size in blocks, 32 bits; the answer has SCSI_CAPACITY_10_SIZE bytes.
 *
 * @return  the command, by value
 */
struct scsi_command scsi_read_capacity_10(void);

/**
 * The size in blocks, 64 bits; the answer has at most `room` bytes.
 *
 * @room    bytes that the answer may have
 * @return  the command, by value
 */
struct scsi_command scsi_read_capacity_16(uint32_t room);

/**
 * Write everything to the medium, all blocks; no data.
 *
 * @return  the command, by value
 */
struct scsi_command scsi_synchronize_cache(void);

/**
 * READ or WRITE of `count` blocks from `lba` on: the short form where it can
 * say that, unless `is_long`.
 *
 * @is_write  WRITE, else READ
 * @return    the command, by value
 */
struct scsi_command scsi_transfer(bool is_write, bool is_long, uint64_t lba,
                                  uint32_t count);

#define SCSI_INQUIRY_SIZE     36u
#define SCSI_CAPACITY_10_SIZE 8u
#define SCSI_CAPACITY_16_SIZE 32u

/* What a disk calls itself. */
struct scsi_identity {
    char vendor[9], product[17], revision[5]; /* without trailing blanks */
};

/**
 * Reads an INQUIRY answer of `size` bytes into *identity. NULL; otherwise why
 * the answer is of no use, and *identity is undefined.
 *
 * @bytes     the answer
 * @size      its bytes
 * @identity  filled with NULL only
 * @return    NULL, or a constant line that says why the answer is of no use
 */
const char *scsi_parse_inquiry(const uint8_t *bytes, uint32_t size,
                               struct scsi_identity *identity);

/* How large a disk is. */
struct scsi_capacity {
    uint64_t blocks;
    uint32_t block_size; /* bytes: a power of two, 512..4096 */
    bool is_more;        /* the short form cannot tell: ask the long one */
};

/**
 * Reads the short form's answer of `size` bytes. NULL; otherwise why it is of
 * no use, and *capacity is undefined.
 *
 * @bytes     the answer
 * @size      its bytes
 * @capacity  filled with NULL only
 * @return    NULL, or a constant line that says why the answer is of no use
 */
const char *scsi_parse_capacity_10(const uint8_t *bytes, uint32_t size,
                                   struct scsi_capacity *capacity);

/**
 * The same for the long form, of whose answer 12 bytes are needed.
 *
 * @bytes     the answer
 * @size      its bytes
 * @capacity  filled with NULL only
 * @return    NULL, or a constant line that says why the answer is of no use
 */
const char *scsi_parse_capacity_16(const uint8_t *bytes, uint32_t size,
                                   struct scsi_capacity *capacity);

#ifdef __cplusplus
}
#endif

#endif
