/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing blocks (storage.h): one request, and many at once.
 *
 * A transfer of any length becomes pieces that the host takes (at most
 * vstor.max_transfer bytes, and inside one MDL of a chain). Up to BLOCK_AT_ONCE
 * pieces are under way; they are awaited in the order in which they were
 * started, so the first failure that is reported is the one of the lowest
 * block.
 */
#include <stdio.h>

#include "drivers/storage/private.h"
#include "drivers/sense.h"
#include "vmbare.h"

/*
 * The command itself tells the host to end it within VSTOR_SECONDS. A host that
 * throttles its storage takes longer all the same: docs/timeouts.md.
 */
#define WAIT_SECONDS 180u
#define STEP_SECONDS 0.0002

VMBARE_OPTION block_read_only = {
    .group = "storage",
    .name = "storage.read-only",
    .type = VMBARE_FLAG,
    .help = "refuse every write to the disk, whatever the application asks for",
};

/* ---- one request --------------------------------------------------------- */

/* Whoever starts the machine has the last word about what is on the disk. */
static NTSTATUS refuse_write(struct block_device *d)
{
    snprintf(d->problem, sizeof(d->problem),
             "WRITE: expected a disk that may be written, found the option "
             "storage.read-only: leave it out");
    return STATUS_ACCESS_DENIED;
}

/*
 * Builds READ or WRITE and sends it. The data's length follows from the number
 * of blocks, so a caller cannot ask for another one.
 */
NTSTATUS block_start(struct block_device *d, struct block_io *io)
{
    struct vstor_request *r = &io->request;
    struct scsi_command c =
        scsi_transfer(io->is_write, io->is_long, io->lba, io->count);
    NTSTATUS status;

    if (io->is_write && vmbare_option_flag(&block_read_only))
        return refuse_write(d);
    *r = (struct vstor_request){0};
    io->name = c.name;
    __builtin_memcpy(r->cdb, c.bytes, sizeof(r->cdb));
    r->cdb_length = c.length;
    r->lun = d->lun;
    r->direction = io->is_write ? VSTOR_TO_DEVICE : VSTOR_FROM_DEVICE;
    r->data = io->data;
    r->data.length = io->count * d->block_size;
    status = vstor_submit(&d->vstor, r);
    if (!NT_SUCCESS(status))
        snprintf(d->problem, sizeof(d->problem),
                 "%s: expected to send it, found status 0x%08x: open the disk, "
                 "and let each piece be whole blocks of one MDL",
                 c.name, (unsigned)status);
    return status;
}

/*
 * The device or the host said no. Sense data say most; without them there are
 * the three statuses.
 */
static void explain_refusal(struct block_device *d, const struct block_io *io)
{
    const struct vstor_request *r = &io->request;
    struct sense sense;
    char found[240];

    if (sense_decode(r->sense, r->sense_length, &sense))
        sense_text(&sense, found, sizeof(found));
    else
        vstor_refusal_text(r, found, sizeof(found));
    snprintf(d->problem, sizeof(d->problem), "%s: expected success, found %s",
             io->name, found);
}

/*
 * A refusal, an answer that makes no sense, and a channel that closed are three
 * different problems for the reader, with three different remedies.
 */
void block_explain(struct block_device *d, const struct block_io *io)
{
    const struct vstor_request *r = &io->request;

    if (r->status == STATUS_UNSUCCESSFUL)
        explain_refusal(d, io);
    else if (r->lie)
        snprintf(d->problem, sizeof(d->problem),
                 "%s: expected an honest answer, found that %s: do not trust "
                 "this host's disk",
                 io->name, r->lie);
    else
        snprintf(
            d->problem, sizeof(d->problem),
            "%s: expected an answer, found that the channel closed (status "
            "0x%08x): open the disk again",
            io->name, (unsigned)r->status);
}

/*
 * A READ or WRITE that succeeded must have moved every byte that was asked for.
 * Commands with small answers (io->count is 0) may move fewer.
 */
static NTSTATUS check_length(struct block_device *d, const struct block_io *io)
{
    const struct vstor_request *r = &io->request;

    if (!io->count || r->transferred == r->data.length)
        return STATUS_SUCCESS;
    snprintf(d->problem, sizeof(d->problem),
             "%s: expected %u bytes to move, found %u: do not trust this "
             "host's disk",
             io->name, (unsigned)r->data.length, (unsigned)r->transferred);
    return STATUS_DATA_ERROR;
}

/*
 * Waits for one request. A host that does not answer in time may still write
 * the request's memory later, so only closing the channel makes the memory the
 * caller's again.
 */
NTSTATUS block_wait(struct block_device *d, struct block_io *io)
{
    uint64_t deadline =
        vmbare_now() + WAIT_SECONDS * UINT64_C(10000000); /* 100 ns */

    while (!vstor_over(&io->request) && vmbare_now() < deadline)
        vmbare_sleep(STEP_SECONDS);
    if (!vstor_over(&io->request)) {
        vstor_pause(&d->vstor);
        snprintf(d->problem, sizeof(d->problem),
                 "%s: expected an answer within %u seconds, found none: the "
                 "channel is closed, open the disk again",
                 io->name, WAIT_SECONDS);
        return STATUS_IO_TIMEOUT;
    }
    if (NT_SUCCESS(io->request.status))
        return check_length(d, io);
    block_explain(d, io);
    return io->request.status;
}

/* ---- many ---------------------------------------------------------------- */

/* Bytes from the window's start to the end of the MDL that it starts in. */
static uint32_t room_in_mdl(const struct vstor_data *data)
{
    uint64_t offset = data->offset;

    for (PMDL mdl = data->mdl; mdl; mdl = mdl->Next) {
        if (offset < MmGetMdlByteCount(mdl))
            return (uint32_t)(MmGetMdlByteCount(mdl) - offset);
        offset -= MmGetMdlByteCount(mdl);
    }
    return 0;
}

/* What is to be moved, without the request that moves it. */
static void describe(struct block_io *to, const struct block_io *from)
{
    to->is_write = from->is_write;
    to->is_long = from->is_long;
    to->lba = from->lba;
    to->count = from->count;
    to->data = from->data;
}

/*
 * Cuts the next piece off *rest: as many whole blocks as the host takes at
 * once, and, in an MDL chain, no more than what is left of the MDL in which the
 * piece begins. False: not even one block fits there.
 */
static bool next_piece(const struct block_device *d, struct block_io *rest,
                       struct block_io *piece)
{
    uint32_t bytes = d->piece_max;

    if (rest->data.mdl && !rest->data.forced) {
        uint32_t room = room_in_mdl(&rest->data);

        bytes = room < bytes ? room : bytes;
    }
    describe(piece, rest);
    piece->count = bytes / d->block_size;
    if (piece->count > rest->count)
        piece->count = rest->count;
    bytes = piece->count * d->block_size;
    rest->lba += piece->count;
    rest->count -= piece->count;
    if (rest->data.pfns)
        rest->data.pfns += bytes / PAGE_SIZE_4K;
    else
        rest->data.offset += bytes;
    return piece->count != 0;
}

/*
 * Starts the next piece, or refuses a chain with an MDL of a broken number of
 * blocks.
 */
static NTSTATUS start_piece(struct block_device *d, struct block_io *rest,
                            struct block_io *piece)
{
    if (next_piece(d, rest, piece))
        return block_start(d, piece);
    snprintf(d->problem, sizeof(d->problem),
             "expected whole blocks of %u bytes in each MDL, found fewer bytes "
             "for block %llu: give a longer one",
             (unsigned)d->block_size, (unsigned long long)rest->lba);
    return STATUS_INVALID_PARAMETER;
}

/*
 * Two counters, of pieces begun and of pieces awaited, make the batch a ring: a
 * slot is used again only after its piece was awaited. After a failure no piece
 * is begun any more, and all that are under way are awaited, because the host
 * may write their memory until then.
 */
NTSTATUS block_transfer(struct block_device *d, const struct block_io *whole)
{
    struct block_io rest;
    uint32_t begun = 0, waited = 0;
    NTSTATUS status = STATUS_SUCCESS;

    describe(&rest, whole);
    while (waited < begun || (rest.count && NT_SUCCESS(status))) {
        if (rest.count && NT_SUCCESS(status) &&
            begun - waited < BLOCK_AT_ONCE) {
            status = start_piece(d, &rest, &d->batch[begun % BLOCK_AT_ONCE]);
            begun += NT_SUCCESS(status);
        } else {
            NTSTATUS ended = block_wait(d, &d->batch[waited++ % BLOCK_AT_ONCE]);

            if (NT_SUCCESS(status))
                status = ended;
        }
    }
    return status;
}
