/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk as blocks: the contract of drivers/storage/. Opens the first disk at
 * target 0 of the first SCSI controller, then reads, writes and flushes, many
 * requests at once, with data by MDL or by page frames. On KMCL alone
 * (vstor.h).
 *
 * Every failure leaves a text in `problem`: expected, found, what to do. All
 * PASSIVE.
 */
#ifndef DRIVERS_STORAGE_H
#define DRIVERS_STORAGE_H

#include "drivers/scsi.h"
#include "drivers/vstor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Requests that block_transfer keeps under way. */
#define BLOCK_AT_ONCE 64u

/* One request of at most vstor.max_transfer bytes; memory as vstor_request. */
struct block_io {
    bool is_write;
    bool is_long; /* READ(16), WRITE(16) even where (10) would do */
    uint64_t lba;
    uint32_t count; /* blocks */
    /* Where the blocks are; the length is filled in. */
    struct vstor_data data;

    struct vstor_request request; /* with its results */
    const char *name;             /* of the command */
};

/* Zero before block_open. */
struct block_device {
    struct vstor vstor;
    struct scsi_identity identity;
    uint64_t blocks;
    uint32_t block_size; /* bytes */
    uint32_t piece_max;  /* bytes; may be lowered, to whole pages */
    uint8_t lun;         /* which of the controller's units it is */
    char problem[320];   /* of the last failure */

    /* block.c's own */
    void *page; /* for small answers */
    PMDL page_mdl;
    struct block_io small;
    struct block_io batch[BLOCK_AT_ONCE];
};

/**
 * Opens the disk, for the first time or again after block_close or after the
 * host took it away.
 *
 * @d  zero, or closed
 *
 *   STATUS_SUCCESS                identity, blocks, block_size are known
 *   STATUS_OBJECT_NAME_NOT_FOUND  no SCSI controller within 5 s
 *   STATUS_NOT_SUPPORTED          no agreement with it, or no disk there
 *   others                        KMCL's, or those of block_wait
 */
NTSTATUS block_open(struct block_device *d);

/**
 * Closes; requests end with STATUS_DEVICE_REMOVED.
 *
 * @d  open, or what block_open() left after a failure
 */
void block_close(struct block_device *d);

/**
 * Closes and gives all memory back.
 *
 * @d  as with block_close()
 */
void block_free(struct block_device *d);

/**
 * Starts one request. Statuses: those of vstor_submit.
 *
 * @d       open
 * @io      stays with the device until block_wait() returns
 * @return  those of vstor_submit()
 */
NTSTATUS block_start(struct block_device *d, struct block_io *io);

/**
 * Waits for a started request. Statuses: those of vstor_request, and
 *
 * @d   open
 * @io  as it was given to block_start()
 *
 *   STATUS_DATA_ERROR  also: fewer bytes moved than asked for
 *   STATUS_IO_TIMEOUT  no answer in time; the channel was closed, so that the
 *                      memory is the caller's again
 */
NTSTATUS block_wait(struct block_device *d, struct block_io *io);

/**
 * Reads or writes any number of blocks: splits at piece_max and between the
 * MDLs of a chain, keeps many pieces under way, returns when all have ended,
 * with the first failure. Of `whole` only the first five fields are read.
 *
 * @d  open
 *
 *   STATUS_INVALID_PARAMETER  the memory is shorter, or a piece of it holds
 *                             no whole blocks
 */
NTSTATUS block_transfer(struct block_device *d, const struct block_io *whole);

/**
 * Asks whether the disk is ready for commands; repeated while the disk reports
 * an event first (unit attention). Statuses: those of block_wait. PASSIVE.
 *
 * @d       open
 * @return  STATUS_SUCCESS: ready; else those of block_wait()
 */
NTSTATUS block_ready(struct block_device *d);

/**
 * Returns when the disk has written everything that it was given to the medium.
 * Otherwise as block_ready.
 *
 * @d       open
 * @return  STATUS_SUCCESS: written; else those of block_wait()
 */
NTSTATUS block_flush(struct block_device *d);

#ifdef __cplusplus
}
#endif

#endif
