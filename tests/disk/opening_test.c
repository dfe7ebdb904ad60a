/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of opening a disk: no disk, odd devices, and disks that lie. */
#include "disk_world.h"

static void facts(struct bench *b)
{
    must_open(b);
    CHECK_TEXT(b->disk->identity.vendor, "MODEL");
    CHECK_TEXT(b->disk->identity.product, "SCRIPTED");
    CHECK_TEXT(b->disk->identity.revision, "0.1");
    CHECK_EQ(b->disk->blocks, HOST_BLOCKS);
    CHECK_EQ(b->disk->block_size, 512);
    CHECK_STATUS(block_ready(b->disk), 0);
    CHECK_STATUS(block_flush(b->disk), 0);
    CHECK_EQ(b->host->commands[CDB_SYNC], 1);
}

static void no_controller(struct bench *b)
{
    uint64_t begin = world_now(b->w);

    host_withdraw(b->host);
    let_pass(b, 1);
    must_not_open(b, STATUS_OBJECT_NAME_NOT_FOUND,
                  "expected a SCSI controller among the host's offers");
    CHECK_EQ((world_now(b->w) - begin) / 10000000, 5);
    host_offer(b->host);
    must_open(b);
}

/* The host refuses to open the channel. */
static void not_opened(struct bench *b)
{
    uint64_t begin = world_now(b->w);

    b->host->open_status = STATUS_UNSUCCESSFUL;
    must_not_open(b, STATUS_NOT_SUPPORTED,
                  "expected the SCSI controller's channel to open");
    CHECK(world_now(b->w) - begin <
          10000000); /* reported at once, not after a timeout */
    b->host->open_status = STATUS_SUCCESS;
    must_open(b);
}

/* A controller that is there is waited for longer than one that is not. */
static void slow_to_open(struct bench *b)
{
    uint64_t begin = world_now(b->w);

    b->host->open_ms = 50000;
    must_open(b);
    CHECK((world_now(b->w) - begin) / 10000000 >= 50);
}

/* Each allocation fails once; nothing may leak. */
static void no_memory(struct bench *b)
{
    NTSTATUS status;
    uint32_t n = 0;

    do {
        world_fail_allocation(b->w, ++n);
        status = block_open(b->disk);
        world_fail_allocation(b->w, 0);
        block_free(b->disk);
        let_pass(b, 10);
        CHECK(n < 200);
    } while (status);
    CHECK(n > 4);
}

/* ---- answers with lies -------------------------------------------------- */

static void lie_and_open(struct bench *b, int command, struct lie lie,
                         NTSTATUS status, const char *says)
{
    lie.operation = OP_SRB;
    lie.command = command;
    host_lie(b->host, lie);
    must_not_open(b, status, says);
    host_be_honest(b->host);
    must_open(b);
    block_close(b->disk);
}

static struct lie in_data(uint32_t at, uint32_t width, uint64_t value)
{
    return (struct lie){
        .kind = LIE_DATA, .at = at, .width = width, .value = value};
}

static struct lie moved(uint32_t bytes)
{
    return (struct lie){
        .kind = LIE_ANSWER, .at = 24, .width = 4, .value = bytes};
}

/* Other devices of the controller come before the disk. */
static void later_unit(struct bench *b)
{
    b->host->lun = 2;
    must_open(b);
    CHECK_EQ(b->disk->lun, 2);
    CHECK_EQ(b->disk->blocks, HOST_BLOCKS);
    CHECK_STATUS(block_flush(b->disk), 0);
    block_close(b->disk);
    b->host->lun = 63;
    must_open(b);
    CHECK_EQ(b->disk->lun, 63);
    block_close(b->disk);
    /* A unit that no controller of Hyper-V has. */
    b->host->lun = 64;
    must_not_open(b, STATUS_NOT_SUPPORTED, "a device that is no disk");
    b->host->lun = 0;
    must_open(b);
}

static void odd_devices(struct bench *b)
{
    lie_and_open(b, CDB_INQUIRY, in_data(0, 1, 0x7f), STATUS_NOT_SUPPORTED,
                 "no device at this target and LUN");
    lie_and_open(b, CDB_INQUIRY, in_data(0, 1, 0x05), STATUS_NOT_SUPPORTED,
                 "a device that is no disk");
    lie_and_open(b, CDB_INQUIRY, moved(35), STATUS_NOT_SUPPORTED,
                 "fewer than 36 bytes");
    lie_and_open(b, CDB_INQUIRY,
                 (struct lie){.kind = LIE_SENSE, .value = 0x020401},
                 STATUS_UNSUCCESSFUL, "not ready, becoming ready");
    lie_and_open(b, CDB_READY,
                 (struct lie){.kind = LIE_SENSE, .value = 0x023a00},
                 STATUS_UNSUCCESSFUL,
                 "TEST UNIT READY: expected success, found not ready, no "
                 "medium");
    lie_and_open(b, CDB_CAPACITY_10,
                 (struct lie){.kind = LIE_SENSE, .value = 0x040000},
                 STATUS_UNSUCCESSFUL, "READ CAPACITY(10): expected success");
}

static void odd_names(struct bench *b)
{
    host_lie(b->host, (struct lie){.kind = LIE_DATA,
                                   .operation = OP_SRB,
                                   .command = CDB_INQUIRY,
                                   .at = 8,
                                   .width = 4,
                                   .value = 0x411b7f42});
    must_open(b);
    CHECK_TEXT(b->disk->identity.vendor, "A??BL");
}

static void odd_block_sizes(struct bench *b)
{
    static const uint32_t sizes[] = {0, 1, 256, 513, 1000, 8192, 0x80000000};

    for (int i = 0; i < 7; i++)
        lie_and_open(b, CDB_CAPACITY_10, in_data(4, 4, sizes[i]),
                     STATUS_NOT_SUPPORTED, "a block size that is none of");
    lie_and_open(b, CDB_CAPACITY_16, in_data(8, 4, 0), STATUS_NOT_SUPPORTED,
                 "a block size that is none of");
}

static void odd_capacities(struct bench *b)
{
    lie_and_open(b, CDB_CAPACITY_10, moved(7), STATUS_NOT_SUPPORTED,
                 "fewer than 8 bytes");
    lie_and_open(b, CDB_CAPACITY_16, moved(11), STATUS_NOT_SUPPORTED,
                 "fewer than 12 bytes");
    lie_and_open(b, CDB_CAPACITY_16, in_data(0, 8, UINT64_MAX),
                 STATUS_NOT_SUPPORTED, "more blocks than there can be");
    lie_and_open(b, CDB_CAPACITY_16, in_data(0, 8, UINT64_MAX / 4096),
                 STATUS_NOT_SUPPORTED, "more blocks than there can be");
    lie_and_open(b, CDB_CAPACITY_16, in_data(7, 1, 0x10), STATUS_NOT_SUPPORTED,
                 "another size than READ CAPACITY(10) gave");
    lie_and_open(b, CDB_CAPACITY_16, in_data(8, 4, 4096), STATUS_NOT_SUPPORTED,
                 "another size than READ CAPACITY(10) gave");
}

/* Old devices know only READ CAPACITY(10); a large disk needs the long form. */
static void short_form_only(struct bench *b)
{
    const struct lie unknown = {.kind = LIE_SENSE,
                                .operation = OP_SRB,
                                .command = CDB_CAPACITY_16,
                                .value = 0x052000};
    struct lie large = in_data(0, 4, UINT32_MAX);

    host_lie(b->host, unknown);
    must_open(b);
    CHECK_EQ(b->disk->blocks, HOST_BLOCKS);
    block_close(b->disk);
    large.operation = OP_SRB;
    large.command = CDB_CAPACITY_10;
    host_lie(b->host, large);
    must_not_open(b, STATUS_UNSUCCESSFUL,
                  "READ CAPACITY(16): expected success");
}

static void long_form_decides(struct bench *b)
{
    struct lie brief = in_data(0, 4, UINT32_MAX);
    struct lie whole = in_data(0, 8, UINT64_C(0x123456789a));

    brief.operation = whole.operation = OP_SRB;
    brief.command = CDB_CAPACITY_10;
    whole.command = CDB_CAPACITY_16;
    host_lie(b->host, brief);
    host_lie(b->host, whole);
    must_open(b);
    CHECK_EQ(b->disk->blocks, UINT64_C(0x123456789b));
}

static void attention(struct bench *b)
{
    struct lie lie = {.kind = LIE_SENSE,
                      .operation = OP_SRB,
                      .command = CDB_ANY,
                      .times = 3,
                      .value = 0x062900};

    host_lie(b->host, lie);
    must_open(b);
    CHECK_EQ(b->host->commands[CDB_INQUIRY], 4);
    lie.times = 0;
    host_lie(b->host, lie);
    CHECK_STATUS(block_flush(b->disk), STATUS_UNSUCCESSFUL);
    must_say(b->disk, "unit attention, power on or reset");
    CHECK_EQ(b->host->commands[CDB_SYNC], 4);
    host_be_honest(b->host);
    lie.value = 0x052000;
    host_lie(b->host, lie);
    CHECK_STATUS(block_flush(b->disk), STATUS_UNSUCCESSFUL);
    CHECK_EQ(b->host->commands[CDB_SYNC], 5);
}

static void commands_when_closed(struct bench *b)
{
    must_open(b);
    block_close(b->disk);
    CHECK_STATUS(block_flush(b->disk), STATUS_DEVICE_REMOVED);
    must_say(b->disk, "SYNCHRONIZE CACHE(10): expected to send it");
}

const struct disk_test opening_tests[] = {
    {"an open disk has an identity, a capacity, and can be flushed", facts},
    {"a disk opens as soon as a SCSI controller is offered", no_controller},
    {"a channel that the host does not open is reported at once", not_opened},
    {"a controller whose channel opens slowly is waited for", slow_to_open},
    {"an allocation that fails while opening leaks nothing", no_memory},
    {"a device that is no disk is refused with its reason", odd_devices},
    {"a disk is found behind other devices of its controller", later_unit},
    {"bytes of a name that are no text become question marks", odd_names},
    {"impossible block sizes are refused", odd_block_sizes},
    {"impossible capacities are refused", odd_capacities},
    {"a disk without READ CAPACITY(16) opens with the short form",
     short_form_only},
    {"READ CAPACITY(16) decides the size of a large disk", long_form_decides},
    {"a command after unit attention is repeated, but not forever", attention},
    {"commands to a closed disk are refused", commands_when_closed},
    {0},
};
