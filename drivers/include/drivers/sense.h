/* SPDX-License-Identifier: BSD-2-Clause */
/* What a SCSI device says when it refuses: sense data. [SPC-3 4.5] */
#ifndef DRIVERS_SENSE_H
#define DRIVERS_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of failure. [SPC-3] */
enum sense_key {
    SENSE_NONE = 0,
    SENSE_NOT_READY = 2,
    SENSE_ILLEGAL_REQUEST = 5,
    SENSE_UNIT_ATTENTION = 6,
};

/* Why a command failed, in the device's words. [SPC-3] */
struct sense {
    uint8_t key;         /* enum sense_key, 0..15 */
    uint8_t asc, ascq;   /* additional sense code and qualifier */
    bool is_of_the_past; /* about a command before this one */
};

#define SENSE_ASC_LBA_OUT_OF_RANGE 0x21u

/* Reads `length` bytes in fixed or descriptor format. False: too short, or of
 * no known format; *sense is then empty. */
bool sense_decode(const uint8_t *bytes, size_t length, struct sense *sense);

/**
 * "illegal request, logical block address out of range (5/21/00): ask inside
 * the disk"
 *
 * @sense  as sense_decode() filled it
 * @text   receives the line, zero-terminated, cut where need be
 * @size   bytes of `text`
 */
void sense_text(const struct sense *sense, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
