/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a disk, and the commands that carry no blocks (storage.h).
 *
 * Opening asks four things of the device, in the order that Linux does: who are
 * you (INQUIRY), are you ready (TEST UNIT READY), and how large are you, in the
 * short form and in the long one (READ CAPACITY). Each answer is parsed by
 * scsi.c, which believes nothing that it cannot check.
 */
#include "drivers/storage/private.h"

#include <stdio.h>
#include <string.h>

#include "drivers/sense.h"
#include "vmbare.h"

/*
 * How long the wait for the host's offer lasts: it is there at once or not at
 * all. Opening the channel and agreeing on a protocol come afterwards, and each
 * of their answers has a deadline of its own; OPEN_SECONDS is beyond the sum.
 * docs/timeouts.md
 */
#define OFFER_SECONDS 5
#define OPEN_SECONDS  3600
#define STEP_SECONDS  0.001
#define SECOND        UINT64_C(10000000) /* of vmbare_now */

/*
 * A disk that was just reset, or whose capacity changed, refuses one command
 * for each such event with "unit attention". The command is repeated this
 * often.
 */
#define ATTENTIONS 4

/* Logical units that a controller of Hyper-V may have at target 0. */
#define UNITS 64

/* ---- commands with a small answer ---------------------------------------- */

/*
 * Sends one command whose answer fits a page, and waits for it. The channel has
 * one such command under way at a time, in d->small; its page is cleared first,
 * so that a short answer never shows bytes of the answer before.
 */
static NTSTATUS command_once(struct block_device *d,
                             const struct scsi_command *command,
                             uint32_t answer_size)
{
    struct block_io *io = &d->small;
    struct vstor_request *r = &io->request;
    NTSTATUS status;

    memset(io, 0, sizeof(*io));
    memset(d->page, 0, answer_size);
    io->name = command->name;
    memcpy(r->cdb, command->bytes, sizeof(r->cdb));
    r->cdb_length = command->length;
    r->lun = d->lun;
    r->direction = answer_size ? VSTOR_FROM_DEVICE : VSTOR_NO_DATA;
    r->data.mdl = answer_size ? d->page_mdl : NULL;
    r->data.length = answer_size;
    status = vstor_submit(&d->vstor, r);
    if (NT_SUCCESS(status))
        return block_wait(d, io);
    snprintf(d->problem, sizeof(d->problem),
             "%s: expected to send it, found status 0x%08x: open the disk",
             command->name, (unsigned)status);
    return status;
}

/* True: the disk refused the command only to report an event first. */
static bool wants_attention(const struct vstor_request *r)
{
    struct sense sense;

    return sense_decode(r->sense, r->sense_length, &sense) &&
           sense.key == SENSE_UNIT_ATTENTION;
}

/* Sends a command until the disk has reported all its events. */
static NTSTATUS command(struct block_device *d, struct scsi_command c,
                        uint32_t answer_size)
{
    NTSTATUS status = STATUS_UNSUCCESSFUL;

    for (int i = 0; i < ATTENTIONS; i++) {
        status = command_once(d, &c, answer_size);
        if (!wants_attention(&d->small.request))
            break;
    }
    return status;
}

/* TEST UNIT READY moves no data; its status is the answer. */
NTSTATUS block_ready(struct block_device *d)
{
    return command(d, scsi_test_unit_ready(), 0);
}

/* SYNCHRONIZE CACHE returns when everything written before is on the medium. */
NTSTATUS block_flush(struct block_device *d)
{
    return command(d, scsi_synchronize_cache(), 0);
}

/* ---- what disk it is ----------------------------------------------------- */

/* Refuses a device that answered, but is nothing that this driver can use. */
static NTSTATUS not_usable(struct block_device *d, const char *asked,
                           const char *found)
{
    snprintf(d->problem, sizeof(d->problem),
             "%s: expected a disk at target 0, LUN %u, found %s: look at the "
             "VM's settings",
             asked, d->lun, found);
    return STATUS_NOT_SUPPORTED;
}

/*
 * INQUIRY: is there a disk at all at this target and LUN, and what is it
 * called.
 */
static NTSTATUS identify_unit(struct block_device *d)
{
    NTSTATUS status =
        command(d, scsi_inquiry(SCSI_INQUIRY_SIZE), SCSI_INQUIRY_SIZE);
    const char *wrong;

    if (!NT_SUCCESS(status))
        return status;
    wrong =
        scsi_parse_inquiry(d->page, d->small.request.transferred, &d->identity);
    return wrong ? not_usable(d, "INQUIRY", wrong) : STATUS_SUCCESS;
}

/*
 * The first unit need not be a disk: a controller may have a DVD drive there. A
 * unit that says no, or that is no disk, is passed over. Where no unit is a
 * disk, the first one's problem is told.
 */
static NTSTATUS identify(struct block_device *d)
{
    char problem[sizeof(d->problem)];
    NTSTATUS status, first = STATUS_SUCCESS;

    for (d->lun = 0; d->lun < UNITS; d->lun++) {
        status = identify_unit(d);
        if (NT_SUCCESS(status) ||
            (status != STATUS_NOT_SUPPORTED && status != STATUS_UNSUCCESSFUL))
            return status;
        if (d->lun == 0) {
            memcpy(problem, d->problem, sizeof(problem));
            first = status;
        }
    }
    d->lun = 0;
    memcpy(d->problem, problem, sizeof(problem));
    return first;
}

/*
 * READ CAPACITY(16). A device from before SBC-2 does not know this command and
 * refuses it; the caller decides whether that is a fault.
 */
static NTSTATUS measure_long(struct block_device *d, struct scsi_capacity *c)
{
    NTSTATUS status = command(d, scsi_read_capacity_16(SCSI_CAPACITY_16_SIZE),
                              SCSI_CAPACITY_16_SIZE);
    const char *wrong;

    if (!NT_SUCCESS(status))
        return status;
    wrong = scsi_parse_capacity_16(d->page, d->small.request.transferred, c);
    return wrong ? not_usable(d, "READ CAPACITY(16)", wrong) : STATUS_SUCCESS;
}

/*
 * Asks for the size in both forms, and compares them: a host that gives two
 * sizes for one disk is not to be trusted with data. The short form says
 * 0xffffffff for a disk of more than 2^32 blocks; then only the long form
 * counts.
 */
static NTSTATUS measure(struct block_device *d)
{
    struct scsi_capacity brief, c;
    const char *wrong;
    NTSTATUS status =
        command(d, scsi_read_capacity_10(), SCSI_CAPACITY_10_SIZE);

    if (!NT_SUCCESS(status))
        return status;
    wrong =
        scsi_parse_capacity_10(d->page, d->small.request.transferred, &brief);
    if (wrong)
        return not_usable(d, "READ CAPACITY(10)", wrong);
    status = measure_long(d, &c);
    /* An old device refuses the long form; its short answer is complete. */
    if (status == STATUS_UNSUCCESSFUL && !brief.is_more)
        c = brief;
    else if (!NT_SUCCESS(status))
        return status;
    if (c.block_size != brief.block_size ||
        (!brief.is_more && c.blocks != brief.blocks))
        return not_usable(d, "READ CAPACITY(16)",
                          "another size than READ CAPACITY(10) gave");
    d->blocks = c.blocks;
    d->block_size = c.block_size;
    return STATUS_SUCCESS;
}

/* ---- opening ------------------------------------------------------------- */

/*
 * The page for small answers is made once and kept while the device is closed
 * and opened again.
 */
static NTSTATUS make_page(struct block_device *d)
{
    if (d->page)
        return STATUS_SUCCESS;
    d->page = vmbare_pages_alloc(1);
    if (d->page)
        d->page_mdl = IoAllocateMdl(d->page, PAGE_SIZE_4K, FALSE, FALSE, NULL);
    if (!d->page_mdl)
        return STATUS_INSUFFICIENT_RESOURCES;
    MmBuildMdlForNonPagedPool(d->page_mdl);
    return STATUS_SUCCESS;
}

/*
 * Lets other work run until the channel has opened and the driver has agreed
 * with the host. v->problem, where there is one, is the better text: it says
 * what the host refused.
 */
static NTSTATUS wait_ready(struct block_device *d)
{
    struct vstor *v = &d->vstor;
    uint64_t begin = vmbare_now();

    while (v->state == VSTOR_OPENING &&
           vmbare_now() - begin <
               SECOND * (vstor_has_offer(v) ? OPEN_SECONDS : OFFER_SECONDS))
        vmbare_sleep(STEP_SECONDS);
    if (v->state == VSTOR_READY)
        return STATUS_SUCCESS;
    if (v->problem[0]) {
        snprintf(d->problem, sizeof(d->problem), "%s", v->problem);
        return STATUS_NOT_SUPPORTED;
    }
    if (vstor_has_offer(v)) {
        snprintf(d->problem, sizeof(d->problem),
                 "expected the SCSI controller to be ready, found that it was "
                 "not within %u seconds: see the host's log",
                 OPEN_SECONDS);
        return STATUS_IO_TIMEOUT;
    }
    snprintf(d->problem, sizeof(d->problem),
             "expected a SCSI controller among the host's offers, found none "
             "within %u seconds: add one to the VM (make run: DISK=FILE)",
             OFFER_SECONDS);
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/*
 * Every step runs only when the one before succeeded. After a failure the
 * channel is closed again, so the host cannot write any memory of a half-opened
 * disk.
 */
NTSTATUS block_open(struct block_device *d)
{
    NTSTATUS status = make_page(d);

    d->problem[0] = 0;
    if (NT_SUCCESS(status))
        status = d->vstor.channel ? vstor_restart(&d->vstor)
                                  : vstor_start(&d->vstor);
    if (NT_SUCCESS(status))
        status = wait_ready(d);
    if (NT_SUCCESS(status))
        status = identify(d);
    if (NT_SUCCESS(status))
        status = block_ready(d);
    if (NT_SUCCESS(status))
        status = measure(d);
    if (NT_SUCCESS(status))
        d->piece_max = d->vstor.max_transfer;
    else if (d->vstor.channel)
        vstor_pause(&d->vstor);
    return status;
}

void block_close(struct block_device *d)
{
    vstor_pause(&d->vstor);
}

/*
 * In the reverse order of block_open: the channel goes first, because the host
 * may write the page until it has.
 */
void block_free(struct block_device *d)
{
    vstor_stop(&d->vstor);
    if (d->page_mdl)
        IoFreeMdl(d->page_mdl);
    if (d->page)
        vmbare_pages_free(d->page, 1);
    d->page_mdl = NULL;
    d->page = NULL;
}
