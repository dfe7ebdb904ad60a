/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of answers to commands: false ones, and rare ones that are allowed. */
#include "disk_world.h"
#include "drivers/sense.h"
#include "vmbare.h"

#define PAGES 4

/* Reads 8 blocks from block 0 while the host answers with the lie. */
static struct vstor_request read_with(struct bench *b, struct lie lie,
                                      NTSTATUS expected)
{
    uint8_t *pages = vmbare_pages_alloc(PAGES);
    PMDL mdl = IoAllocateMdl(pages, PAGES * 4096, FALSE, FALSE, NULL);
    struct block_io io = {.count = 8, .data = {.mdl = mdl}};

    MmBuildMdlForNonPagedPool(mdl);
    lie.operation = OP_SRB;
    lie.command = CDB_READ_10;
    lie.times = 1;
    host_lie(b->host, lie);
    CHECK_STATUS(block_start(b->disk, &io), 0);
    CHECK_STATUS(block_wait(b->disk, &io), expected);
    IoFreeMdl(mdl);
    vmbare_pages_free(pages, PAGES);
    CHECK_EQ(b->disk->vstor.under_way, 0);
    return io.request;
}

/* The driver must count the lie, report it, and serve later requests. */
static void is_a_lie(struct bench *b, struct lie lie, const char *says)
{
    struct vstor_request r;
    uint64_t lies;

    must_open(b);
    lies = b->disk->vstor.lies;
    r = read_with(b, lie, STATUS_DATA_ERROR);
    must_say(b->disk, says);
    CHECK(r.lie);
    CHECK_EQ(r.transferred, 0);
    CHECK_EQ(r.sense_length, 0);
    CHECK_EQ(b->disk->vstor.lies, lies + 1);
    read_with(b, (struct lie){0}, STATUS_SUCCESS);
    block_close(b->disk);
}

static void sizes(struct bench *b)
{
    static const uint32_t short_ones[] = {0, 8, 48, 56};

    for (int i = 0; i < 4; i++)
        is_a_lie(b, (struct lie){.kind = LIE_SIZE, .value = short_ones[i]},
                 "the answer is shorter than a packet");
    must_open(b);
    read_with(b, (struct lie){.kind = LIE_SIZE, .value = 72}, STATUS_SUCCESS);
}

static void old_sizes(struct bench *b)
{
    b->host->newest = 0x0402;
    is_a_lie(b, (struct lie){.kind = LIE_SIZE, .value = 40},
             "the answer is shorter than a packet");
    must_open(b);
    read_with(b, (struct lie){.kind = LIE_SIZE, .value = 48}, STATUS_SUCCESS);
    read_with(b, (struct lie){.kind = LIE_SIZE, .value = 64}, STATUS_SUCCESS);
}

static void operations(struct bench *b)
{
    static const uint32_t others[] = {0, 2, 3, 11, 0xffffffff};

    for (int i = 0; i < 5; i++)
        is_a_lie(
            b, (struct lie){.kind = LIE_ANSWER, .width = 4, .value = others[i]},
            "the answer is no completion");
}

static void too_much_data(struct bench *b)
{
    static const uint32_t lengths[] = {4097, 8192, 0x80000000, 0xffffffff};

    for (int i = 0; i < 4; i++)
        is_a_lie(
            b,
            (struct lie){
                .kind = LIE_ANSWER, .at = 24, .width = 4, .value = lengths[i]},
            "more data is said to have moved than was asked for");
}

static void too_little_data(struct bench *b)
{
    static const uint32_t lengths[] = {0, 1, 4095};

    must_open(b);
    for (int i = 0; i < 3; i++) {
        read_with(
            b,
            (struct lie){
                .kind = LIE_ANSWER, .at = 24, .width = 4, .value = lengths[i]},
            STATUS_DATA_ERROR);
        must_say(b->disk, "expected 4096 bytes to move, found ");
    }
}

/* A command can fail in SRB status, SCSI status or host status. */
static void failures(struct bench *b)
{
    struct vstor_request r;

    must_open(b);
    r = read_with(
        b,
        (struct lie){.kind = LIE_ANSWER, .at = 14, .width = 1, .value = 0x20},
        STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.srb_status, 0x20);
    must_say(b->disk, "SRB status 0x20");
    r = read_with(
        b, (struct lie){.kind = LIE_ANSWER, .at = 15, .width = 1, .value = 8},
        STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.scsi_status, 8);
    r = read_with(
        b,
        (struct lie){
            .kind = LIE_ANSWER, .at = 8, .width = 4, .value = 0xc0000001},
        STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.host_status, 0xc0000001);
    must_say(b->disk, "host status 0xc0000001");
    CHECK_EQ(b->disk->vstor.lies, 0);
}

/* What hosts were seen to say when a disk is removed under load. */
static void a_removed_disk(struct bench *b)
{
    /* Bytes 8 to 15: host status, two of the length, SRB and SCSI status. */
    const struct lie lie = {.kind = LIE_ANSWER,
                            .at = 8,
                            .width = 8,
                            .value = UINT64_C(0x02200034c00000c0)};

    must_open(b);
    read_with(b, lie, STATUS_UNSUCCESSFUL);
    must_say(b->disk,
             "READ(10): expected success, found that the disk is gone: SRB "
             "status 0x20 (no such logical unit), SCSI status 0x02 (check "
             "condition), host status 0xc00000c0 (the device does not exist): "
             "give the VM the disk again, then open it again");
}

/* One status of each party, with the advice that goes with it. */
static void refusals_in_words(struct bench *b)
{
    static const struct {
        uint32_t at, width;
        uint64_t value;
        const char *says;
    } refusals[] = {
        {14, 1, 0x05, "cannot answer now: SRB status 0x05 (busy): ask again"},
        {14, 1, 0x30, "(internal error): see the host's log"},
        {14, 1, 0x06, "(invalid request): send what the disk can do"},
        {14, 1, 0x3f, "SRB status 0x3f (no name for it here): see the host"},
        {15, 1, 0x18, "SCSI status 0x18 (reserved by another machine)"},
        {8, 4, 0xc00000a2, "(write protected): send what the disk can do"},
        {8, 4, 0xc0ffee00, "host status 0xc0ffee00 (no name for it here)"},
    };

    must_open(b);
    for (unsigned i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        read_with(b,
                  (struct lie){.kind = LIE_ANSWER,
                               .at = refusals[i].at,
                               .width = refusals[i].width,
                               .value = refusals[i].value},
                  STATUS_UNSUCCESSFUL);
        must_say(b->disk, refusals[i].says);
    }
}

/* Bits 6 and 7 of the SRB status are flags. */
static void status_bits(struct bench *b)
{
    must_open(b);
    read_with(
        b,
        (struct lie){.kind = LIE_ANSWER, .at = 14, .width = 1, .value = 0x41},
        STATUS_SUCCESS);
}

static void sense_in_words(struct bench *b)
{
    struct vstor_request r;

    must_open(b);
    r = read_with(b, (struct lie){.kind = LIE_SENSE, .value = 0x072700},
                  STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.sense_length, 18);
    must_say(b->disk, "READ(10): expected success, found data protect, write "
                      "protected (7/27/00)");
}

/* The answer claims 255 bytes of sense data. A packet holds 20, an old one 18.
 */
static void sense_too_long(struct bench *b)
{
    /* Bytes 14 to 21: SRB status with its valid bit, SCSI status, lengths. */
    const struct lie lie = {.kind = LIE_ANSWER,
                            .at = 14,
                            .width = 8,
                            .value = UINT64_C(0xff00000000000284)};
    struct vstor_request r;

    must_open(b);
    r = read_with(b, lie, STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.sense_length, 20);
    block_close(b->disk);
    b->host->newest = 0x0200;
    must_open(b);
    r = read_with(b, lie, STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.sense_length, 18);
}

/* Without the valid bit the sense bytes have no meaning. */
static void sense_not_valid(struct bench *b)
{
    struct vstor_request r;

    must_open(b);
    r = read_with(b,
                  (struct lie){.kind = LIE_ANSWER,
                               .at = 14,
                               .width = 8,
                               .value = UINT64_C(0x1200000000000204)},
                  STATUS_UNSUCCESSFUL);
    CHECK_EQ(r.sense_length, 0);
    must_say(b->disk, "SRB status 0x04 (error), SCSI status 0x02");
}

/* ---- requests that are refused ------------------------------------------ */

static void refused_submissions(struct bench *b)
{
    uint8_t *pages = vmbare_pages_alloc(PAGES);
    PMDL mdl = IoAllocateMdl(pages, 4096, FALSE, FALSE, NULL);
    PFN_NUMBER pfns[PAGES] = {0};
    struct vstor *v = &b->disk->vstor;
    struct vstor_request r;
    const struct vstor_request wrong[] = {
        {.direction = 1, .data = {.mdl = mdl, .pfns = pfns, .length = 512}},
        {.direction = 1, .data = {.mdl = mdl}},
        {.direction = 1, .data = {.length = 512}},
        {.direction = 2, .data = {.mdl = mdl, .length = 512}},
        {.direction = 1},
        {.direction = 1, .data = {.pfns = pfns, .length = 262145}},
        {.direction = 1, .data = {.mdl = mdl, .offset = 1, .length = 4096}},
        {.direction = 1, .data = {.mdl = mdl, .offset = 4096, .length = 1}},
        {.direction = 1,
         .data = {.mdl = mdl, .offset = 0xffffffff, .length = 2}},
    };

    MmBuildMdlForNonPagedPool(mdl);
    must_open(b);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        r = wrong[i];
        CHECK_STATUS(vstor_submit(v, &r), STATUS_INVALID_PARAMETER);
    }
    block_close(b->disk);
    r = (struct vstor_request){.direction = 2};
    CHECK_STATUS(vstor_submit(v, &r), STATUS_DEVICE_REMOVED);
    CHECK_EQ(v->under_way, 0);
    IoFreeMdl(mdl);
    vmbare_pages_free(pages, PAGES);
}

/* Requests without memory for a packet are refused; the others complete. */
static void no_memory_for_packets(struct bench *b)
{
    static struct vstor_request r[256];
    uint32_t refused = 0;

    must_open(b);
    for (int i = 0; i < 256; i++) {
        NTSTATUS status;

        r[i].direction = VSTOR_NO_DATA;
        r[i].cdb_length = 6;
        world_fail_allocation(b->w, 1);
        status = vstor_submit(&b->disk->vstor, &r[i]);
        refused += status == STATUS_INSUFFICIENT_RESOURCES;
        r[i].over = !NT_SUCCESS(status);
    }
    world_fail_allocation(b->w, 0);
    CHECK(refused > 0);
    let_pass(b, 10);
    for (int i = 0; i < 256; i++)
        CHECK(vstor_over(&r[i]));
}

/* Of two packets one is kept and one is freed; the end of the world asserts
 * that both were given back. */
static void kept_packet(struct bench *b)
{
    struct vstor *v = &b->disk->vstor;
    struct vstor_request r[64];

    must_open(b);
    CHECK(v->spare);
    for (int i = 0; i < 64; i++) {
        r[i] =
            (struct vstor_request){.direction = VSTOR_NO_DATA, .cdb_length = 6};
        CHECK_STATUS(vstor_submit(v, &r[i]), STATUS_SUCCESS);
    }
    let_pass(b, 10);
    for (int i = 0; i < 64; i++)
        CHECK(vstor_over(&r[i]));
    CHECK(v->spare);
}

/* KMCL refuses a range past the end of its page, which `forced` lets through.
 * The end of the world asserts that the packet was returned. */
static void refused_by_kmcl(struct bench *b)
{
    uint8_t *pages = vmbare_pages_alloc(PAGES);
    PMDL mdl = IoAllocateMdl(pages, 1, FALSE, FALSE, NULL);
    struct block_io io = {.count = 9, .data = {.mdl = mdl, .forced = true}};

    MmBuildMdlForNonPagedPool(mdl);
    must_open(b);
    CHECK_STATUS(block_start(b->disk, &io), STATUS_INVALID_PARAMETER_6);
    CHECK(b->disk->vstor.spare);
    must_say(b->disk, "found status 0xc00000f4");
    CHECK_EQ(b->disk->vstor.under_way, 0);
    IoFreeMdl(mdl);
    vmbare_pages_free(pages, PAGES);
}

const struct disk_test answer_tests[] = {
    {"an answer shorter than a packet is refused", sizes},
    {"an answer of 48 bytes is right for an old protocol only", old_sizes},
    {"an answer that is no completion is refused", operations},
    {"an answer that claims more data than asked for is refused",
     too_much_data},
    {"an answer with less data than asked for fails the request",
     too_little_data},
    {"an error in SRB, SCSI or host status fails the request", failures},
    {"a disk removed under load is said to be gone, in words", a_removed_disk},
    {"a status of each party comes in words, with what to do",
     refusals_in_words},
    {"the queue-frozen bit of the SRB status is no failure", status_bits},
    {"sense data is reported in words", sense_in_words},
    {"sense data longer than the packet is cut", sense_too_long},
    {"sense data without its valid bit is ignored", sense_not_valid},
    {"impossible requests are refused before they are sent",
     refused_submissions},
    {"requests without memory for a packet are refused", no_memory_for_packets},
    {"one packet is kept for the next request", kept_packet},
    {"a request that KMCL refuses leaks nothing", refused_by_kmcl},
    {0},
};
