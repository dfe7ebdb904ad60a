/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a disk, and the commands that carry no blocks: see block.h. */
#include "drivers/storage/private.h"

#include <stdio.h>
#include <string.h>

#include "drivers/sense.h"
#include "vmbare.h"

/* An offer is there at once, or not at all; agreeing has its own deadlines,
 * and this one is not looked at meanwhile. */
#define OPEN_TIME    (UINT64_C(5) * 10000000) /* of vmbare_now */
#define STEP_SECONDS 0.001

/* A disk that was just reset says so, once for each thing that happened. */
#define ATTENTIONS 4

/* ---- commands with a small answer ---------------------------------------- */

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

static bool wants_attention(const struct vstor_request *r)
{
    struct sense sense;

    return sense_decode(r->sense, r->sense_length, &sense) &&
           sense.key == SENSE_UNIT_ATTENTION;
}

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

NTSTATUS block_ready(struct block_device *d)
{
    return command(d, scsi_test_unit_ready(), 0);
}

NTSTATUS block_flush(struct block_device *d)
{
    return command(d, scsi_synchronize_cache(), 0);
}

/* ---- what disk it is ------------------------------------------------------
 */

static NTSTATUS not_usable(struct block_device *d, const char *asked,
                           const char *found)
{
    snprintf(d->problem, sizeof(d->problem),
             "%s: expected a disk at target 0, LUN 0, found %s: look at the "
             "VM's settings",
             asked, found);
    return STATUS_NOT_SUPPORTED;
}

static NTSTATUS identify(struct block_device *d)
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

/* The long form, which old devices do not know. */
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

/* ---- opening ---------------------------------------------------------------
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

static NTSTATUS wait_ready(struct block_device *d)
{
    struct vstor *v = &d->vstor;
    uint64_t begin = vmbare_now();

    while (v->state == VSTOR_OPENING && vmbare_now() - begin < OPEN_TIME)
        vmbare_sleep(STEP_SECONDS);
    if (v->state == VSTOR_READY)
        return STATUS_SUCCESS;
    snprintf(d->problem, sizeof(d->problem), "%s",
             v->problem[0] ? v->problem
                           : "expected a SCSI controller among the host's "
                             "offers, found none within 5 seconds: add one "
                             "to the VM (make run: DISK=FILE)");
    return v->problem[0] ? STATUS_NOT_SUPPORTED : STATUS_OBJECT_NAME_NOT_FOUND;
}

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
