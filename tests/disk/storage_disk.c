/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk in memory of the storage host, always honest: see storage_job.h. */
#include "storage_job.h"

static uint64_t big_endian(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    while (bytes--)
        v = v << 8 | *p++;
    return v;
}

void job_put(uint8_t *p, unsigned bytes, uint64_t v)
{
    while (bytes--) {
        p[bytes] = (uint8_t)v;
        v >>= 8;
    }
}

/* ---- the honest disk ----------------------------------------------------- */

void job_refuse(struct job *j, uint8_t key, uint8_t asc, uint8_t ascq)
{
    struct vstor_srb *s = &j->p.srb;

    memset(s->sense, 0, VSTOR_SENSE_MAX);
    s->sense[0] = 0x70;
    s->sense[2] = key;
    s->sense[12] = asc;
    s->sense[13] = ascq;
    s->sense_length = 18;
    s->scsi_status = 2;
    s->srb_status = SRB_ERROR | SRB_SENSE_VALID;
    s->transfer_length = 0;
}

/* Answers with data of the disk's own, at most as much as was asked for. */
static void answer(struct job *j, const uint8_t *bytes, uint32_t size)
{
    if (size > j->p.srb.transfer_length)
        size = j->p.srb.transfer_length;
    CHECK(j->data);
    memcpy(j->data, bytes, size);
    j->p.srb.transfer_length = size;
}

/* Device types. [SPC-3 6.4.2] */
#define DVD       0x05
#define NO_DEVICE 0x7f

static void inquiry(struct job *j)
{
    uint8_t page[36] = {j->p.srb.lun < j->h->lun   ? DVD
                        : j->p.srb.lun > j->h->lun ? NO_DEVICE
                                                   : 0,
                        0, 5, 2, 31};

    memcpy(page + 8, "MODEL   SCRIPTED        0.1 ", 28);
    answer(j, page, sizeof(page));
}

static void capacity(struct job *j, bool is_long)
{
    uint8_t page[32] = {0};

    job_put(page, is_long ? 8 : 4, j->h->blocks - 1);
    job_put(page + (is_long ? 8 : 4), 4, HOST_BLOCK_SIZE);
    answer(j, page, is_long ? 32 : 8);
}

static void transfer(struct job *j, uint64_t lba, uint64_t count, bool is_write)
{
    uint8_t *blocks = j->h->disk + lba * HOST_BLOCK_SIZE;

    if (lba > j->h->blocks || count > j->h->blocks - lba) {
        job_refuse(j, 5, 0x21, 0);
        return;
    }
    CHECK_EQ(j->p.srb.transfer_length, count * HOST_BLOCK_SIZE);
    if (j->lie && j->lie->kind == LIE_FORGET)
        return;
    if (is_write)
        memcpy(blocks, j->data, count * HOST_BLOCK_SIZE);
    else
        memcpy(j->data, blocks, count * HOST_BLOCK_SIZE);
}

void job_execute(struct job *j)
{
    const uint8_t *cdb = j->cdb;

    j->p.srb.srb_status = SRB_SUCCESS;
    j->p.srb.sense_length = 0;
    if (j->p.srb.lun != j->h->lun && cdb[0] != CDB_INQUIRY) {
        j->p.srb.srb_status = SRB_INVALID_LUN;
        return;
    }
    switch (cdb[0]) {
    case CDB_READY:
    case CDB_SYNC:
        break;
    case CDB_INQUIRY:
        inquiry(j);
        break;
    case CDB_CAPACITY_10:
    case CDB_CAPACITY_16:
        capacity(j, cdb[0] == CDB_CAPACITY_16);
        break;
    case CDB_READ_10:
    case CDB_WRITE_10:
        transfer(j, big_endian(cdb + 2, 4), big_endian(cdb + 7, 2),
                 cdb[0] == CDB_WRITE_10);
        break;
    case CDB_READ_16:
    case CDB_WRITE_16:
        transfer(j, big_endian(cdb + 2, 8), big_endian(cdb + 10, 4),
                 cdb[0] == CDB_WRITE_16);
        break;
    default:
        CHECK(!"a command that app/disk never sends");
    }
}
