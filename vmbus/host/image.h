/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The saved state of a host half: bytes in memory, little-endian.
 *
 *     @0   8  "vmbhost\n"
 *     @8   4  format version, HOST_IMAGE_VERSION
 *     @12  4  vmbus_crc32 of the body
 *     @16  8  size of the body
 *     @24     body: since format 2 the version of vmbare that saved it
 *             (4 bytes, 0x00MMmmpp), for people to read; then connection,
 *             channels, GPADLs, undelivered messages, in the order and with
 *             the fields of layout.c
 *
 * Format 1 (vmbare 0.1) is restored as well.
 *
 * One function per field works in both directions, so that layout.c says
 * only once what there is. Writing past the end counts on, to learn the size;
 * reading past the end, or a value that cannot be, sets `status`.
 */
#ifndef VMBUS_HOST_IMAGE_H
#define VMBUS_HOST_IMAGE_H

#include "vmbus/host/private.h"

#define HOST_IMAGE_VERSION 2u
#define HOST_IMAGE_OLDEST  1u
#define HOST_IMAGE_WRITER  2u /* the first format that names its writer */
#define HOST_IMAGE_HEADER  24u

struct host_image {
    uint8_t *to;         /* writing; NULL: only counting */
    const uint8_t *from; /* reading */
    size_t size;
    size_t at;
    bool reading;
    int status; /* the first error; later values are zero */
};

/* ---- image.c */

/* `size` bytes as they are. Past the end: counted when writing; an error, and
 * zeroes, when reading. All of these <= DISPATCH; they touch only *i. */
void vmbus_host_image_bytes(struct host_image *i, void *bytes, size_t size);
/* A number of 8 bits, little-endian. */
void vmbus_host_image_u8(struct host_image *i, uint8_t *value);
/* A number of 16 bits, little-endian. */
void vmbus_host_image_u16(struct host_image *i, uint16_t *value);
/* A number of 32 bits, little-endian. */
void vmbus_host_image_u32(struct host_image *i, uint32_t *value);
/* A number of 64 bits, little-endian. */
void vmbus_host_image_u64(struct host_image *i, uint64_t *value);
/* The 16 bytes of a GUID. */
void vmbus_host_image_guid(struct host_image *i, struct vmbus_guid *guid);

/* Read: other values than 0 and 1 are an error. */
void vmbus_host_image_bool(struct host_image *i, bool *value);

/* Keeps the first error; false if there is one. */
bool vmbus_host_image_check(struct host_image *i, bool fits, int status);

/* ---- layout.c */

/* Writes the body from `h`, or reads it into `h`, which is new. Checked so
 * far: sizes, limits of the config, what one field alone or the order can
 * tell. */
void vmbus_host_layout(struct host_image *i, struct vmbus_host *h);

/* ---- layout_gpadl.c */

/* Writes all GPADLs; in a drain there are none to save. */
void vmbus_host_layout_write_gpadls(struct host_image *i, struct vmbus_host *h);
/* Reads them into `h`, whose channels are there; an error is in i->status. */
void vmbus_host_layout_read_gpadls(struct host_image *i, struct vmbus_host *h);

/* ---- check.c */

/*
 * Do the connection's fields fit together and into the config? i->status:
 * -EBADMSG: they contradict each other; -ENOTSUP: this host half allows less.
 */
void vmbus_host_check_connection(struct host_image *i,
                                 const struct vmbus_host *h);
/* The same for a channel that was read and is not linked yet. */
void vmbus_host_check_channel(struct host_image *i, struct vmbus_host *h,
                              const struct vmbus_host_channel *ch);
/* The same for the rings of all open channels, when the GPADLs are there. */
void vmbus_host_check_rings(struct host_image *i, struct vmbus_host *h);

#endif
