/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SCSI commands that Linux and Windows send to a plain disk. Any other
 * command gets CHECK CONDITION with ILLEGAL REQUEST, as from a disk that does
 * not know it.
 */
#include "scsi.h"
#include "minihv.h"

enum {
    BLOCK = 512,
    TEST_UNIT_READY = 0x00,
    REQUEST_SENSE = 0x03,
    INQUIRY = 0x12,
    MODE_SENSE_6 = 0x1A,
    START_STOP = 0x1B,
    READ_CAPACITY_10 = 0x25,
    READ_10 = 0x28,
    WRITE_10 = 0x2A,
    SYNC_10 = 0x35,
    READ_16 = 0x88,
    WRITE_16 = 0x8A,
    SYNC_16 = 0x91,
    SERVICE_IN_16 = 0x9E,
    READ_CAPACITY_16 = 0x10, /* service action */
    REPORT_LUNS = 0xA0,
    GOOD = 0x00,
    CHECK_CONDITION = 0x02,
    ILLEGAL_REQUEST = 5,
    ASC_COMMAND = 0x20,
    ASC_LBA = 0x21,
    ASC_FIELD_IN_CDB = 0x24,
    NO_DEVICE_HERE = 0x7F,
};

/* One command under way. */
struct command {
    struct scsi_disk *disk;
    struct vstor_srb *srb;
    uint8_t cdb[16];
    uint8_t *data;
    uint32_t size;
};

static uint64_t big_endian(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    while (bytes--)
        v = v << 8 | *p++;
    return v;
}

static void put_big_endian(uint8_t *p, unsigned bytes, uint64_t v)
{
    while (bytes--) {
        p[bytes] = (uint8_t)v;
        v >>= 8;
    }
}

static void refuse(struct command *c, uint8_t asc)
{
    struct vstor_srb *s = c->srb;

    memset(s->sense, 0, VSTOR_SENSE_MAX);
    s->sense[0] = 0x70; /* current error, fixed format */
    s->sense[2] = ILLEGAL_REQUEST;
    s->sense[7] = 10;
    s->sense[12] = asc;
    s->sense_length = 18;
    s->scsi_status = CHECK_CONDITION;
    s->srb_status = SRB_ERROR | SRB_SENSE_VALID;
    s->transfer_length = 0;
}

/* Copies `size` bytes to the guest, or as many as it has room for. */
static void answer(struct command *c, const void *bytes, uint32_t size,
                   uint64_t allocation)
{
    if (size > allocation)
        size = (uint32_t)allocation;
    if (size > c->size)
        size = c->size;
    if (size)
        memcpy(c->data, bytes, size);
    c->srb->transfer_length = size;
}

static void inquiry_page(struct command *c, uint64_t allocation)
{
    static const uint8_t pages[] = {0, 0, 0, 3, 0x00, 0x80, 0x83};
    static const uint8_t serial[] = {0,   0x80, 0,   8,   'm', 'i',
                                     'n', 'i',  'h', 'v', '0', '1'};
    static const uint8_t identity[] = {
        0,    0x83, 0,    12,   0x01, 0x03, 0,    8, /* binary, NAA */
        0x60, 0x02, 0x24, 0x80, 0x6D, 0x68, 0x76, 0x01};

    switch (c->cdb[2]) {
    case 0x00:
        answer(c, pages, sizeof pages, allocation);
        break;
    case 0x80:
        answer(c, serial, sizeof serial, allocation);
        break;
    case 0x83:
        answer(c, identity, sizeof identity, allocation);
        break;
    default:
        refuse(c, ASC_FIELD_IN_CDB);
    }
}

static bool is_disk(const struct vstor_srb *srb)
{
    return !srb->path && !srb->target && !srb->lun;
}

static void inquiry(struct command *c)
{
    uint64_t allocation = big_endian(c->cdb + 3, 2);
    uint8_t page[36] = {0, 0, 5, 2, 31}; /* disk, SPC-3 */

    memcpy(page + 8, "VMBARE  MINIHV DISK     1.0 ", 28);
    page[7] = 2; /* command queueing */
    if (!is_disk(c->srb)) {
        page[0] = NO_DEVICE_HERE; /* succeeds, as on Windows' hosts */
        answer(c, page, sizeof page, allocation);
    } else if (c->cdb[1] & 1) {
        inquiry_page(c, allocation);
    } else {
        answer(c, page, sizeof page, allocation);
    }
}

static void read_capacity_10(struct command *c)
{
    uint64_t last = c->disk->blocks - 1;
    uint8_t page[8];

    put_big_endian(page, 4, last > UINT32_MAX ? UINT32_MAX : last);
    put_big_endian(page + 4, 4, BLOCK);
    answer(c, page, sizeof page, sizeof page);
}

static void read_capacity_16(struct command *c)
{
    uint8_t page[32] = {0};

    if ((c->cdb[1] & 0x1F) != READ_CAPACITY_16) {
        refuse(c, ASC_FIELD_IN_CDB);
        return;
    }
    put_big_endian(page, 8, c->disk->blocks - 1);
    put_big_endian(page + 8, 4, BLOCK);
    answer(c, page, sizeof page, big_endian(c->cdb + 10, 4));
}

static void mode_sense(struct command *c)
{
    /* header: 3 more bytes, no descriptor; the caching page: write cache */
    static const uint8_t header[4] = {3};
    uint8_t caching[24] = {23, 0, 0, 0, 8, 18, 4};
    uint8_t page = c->cdb[2] & 0x3F;

    if (page == 0x08 || page == 0x3F)
        answer(c, caching, sizeof caching, c->cdb[4]);
    else if (page == 0x00)
        answer(c, header, sizeof header, c->cdb[4]);
    else
        refuse(c, ASC_FIELD_IN_CDB);
}

/* Lists one LUN, 0, at target 0 of path 0. Any other target lists none. It must
 * not answer an error, because Linux 6.1 then removes the disk of path 0. */
static void report_luns(struct command *c)
{
    bool here = !c->srb->path && !c->srb->target;
    uint8_t list[16] = {0, 0, 0, here ? 8 : 0};

    answer(c, list, here ? 16 : 8, big_endian(c->cdb + 6, 4));
}

static void transfer(struct command *c, uint64_t lba, uint64_t blocks,
                     bool write)
{
    struct scsi_disk *d = c->disk;
    uint64_t bytes = blocks * BLOCK;

    if (lba > d->blocks || blocks > d->blocks - lba) {
        refuse(c, ASC_LBA);
        return;
    }
    if (bytes > c->size) {
        c->srb->srb_status = SRB_DATA_OVERRUN;
        c->srb->transfer_length = 0;
        return;
    }
    if (write)
        memcpy(d->data + lba * BLOCK, c->data, bytes);
    else
        memcpy(c->data, d->data + lba * BLOCK, bytes);
    count(write ? COUNT_DISK_WRITES : COUNT_DISK_READS);
    c->srb->transfer_length = (uint32_t)bytes;
}

static void request_sense(struct command *c)
{
    static const uint8_t nothing[18] = {0x70, 0, 0, 0, 0, 0, 0, 10};

    answer(c, nothing, sizeof nothing, c->cdb[4]);
}

static void execute(struct command *c)
{
    const uint8_t *cdb = c->cdb;

    switch (cdb[0]) {
    case TEST_UNIT_READY:
    case START_STOP:
    case SYNC_10:
    case SYNC_16: /* the disk is memory, so nothing is to be flushed */
        break;
    case REQUEST_SENSE:
        request_sense(c);
        break;
    case MODE_SENSE_6:
        mode_sense(c);
        break;
    case READ_CAPACITY_10:
        read_capacity_10(c);
        break;
    case SERVICE_IN_16:
        read_capacity_16(c);
        break;
    case READ_10:
    case WRITE_10:
        transfer(c, big_endian(cdb + 2, 4), big_endian(cdb + 7, 2),
                 cdb[0] == WRITE_10);
        break;
    case READ_16:
    case WRITE_16:
        transfer(c, big_endian(cdb + 2, 8), big_endian(cdb + 10, 4),
                 cdb[0] == WRITE_16);
        break;
    default:
        refuse(c, ASC_COMMAND);
    }
}

void scsi_execute(struct scsi_disk *disk, struct vstor_srb *srb, uint8_t *data,
                  uint32_t size)
{
    struct command c = {disk, srb, {0}, data, size};

    /* Copy the command first, because the sense data will overwrite it. */
    memcpy(c.cdb, srb->cdb, sizeof c.cdb);
    srb->transfer_length = 0;
    srb->sense_length = 0;
    srb->scsi_status = GOOD;
    srb->srb_status = SRB_SUCCESS;
    if (c.cdb[0] == INQUIRY)
        inquiry(&c);
    else if (c.cdb[0] == REPORT_LUNS)
        report_luns(&c);
    else if (!is_disk(srb))
        srb->srb_status = SRB_INVALID_LUN;
    else
        execute(&c);
}
