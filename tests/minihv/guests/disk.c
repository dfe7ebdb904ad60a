/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests the disk as a driver uses it: initialisation in and out of order, then
 * each command, with the protocol that the command line names
 * (2.0, 4.2, 5.1, 6.0 or 6.2). It needs strict=0 and an opt/disk of 128 blocks,
 * byte k of which is k * 7. storage_wire.h has sizes and statuses. With
 * 'broken-ring' (and subchannels=1) it breaks a ring instead.
 */
#include "bus.h"
#include "tests/minihv/devices/storage_wire.h"

enum {
    BLOCK = 512,
    BLOCKS = 128,
    INQUIRY = 0x12,
    READ_CAPACITY = 0x25,
    READ_10 = 0x28,
    WRITE_10 = 0x2A,
    SYNCHRONIZE = 0x35,
    REPORT_LUNS = 0xA0,
    NOT_A_COMMAND = 0xEE,
};

static const struct vmbus_guid scsi_type = VMBUS_GUID_INIT(
    0xBA6163D9, 0x04A1, 0x4D29, 0xB6, 0x05, 0x72, 0xE2, 0xFF, 0xB1, 0xDC, 0x7F);
static struct client client;
static uint64_t body[64];
static uint32_t answer_size;
static uint8_t data[2 * 4096] __attribute__((aligned(4096)));

static uint16_t version_of(const char *words)
{
    static const struct {
        const char *word;
        uint16_t version;
    } versions[] = {{"2.0", VSTOR_WIN6},
                    {"4.2", VSTOR_WIN7},
                    {"5.1", VSTOR_WIN8},
                    {"6.0", VSTOR_WIN81}};

    for (unsigned i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (has_word(words, versions[i].word))
            return versions[i].version;
    return VSTOR_WIN10;
}

static bool receive(struct vstor_packet *p)
{
    struct ring_packet packet;

    bus_send(&client);
    if (!bus_receive(&client, &packet, body, sizeof body))
        return false;
    answer_size = packet.size;
    memset(p, 0, sizeof *p);
    memcpy(p, body, packet.size < sizeof *p ? packet.size : sizeof *p);
    return packet.type == RING_PACKET_COMPLETION &&
           p->operation == VSTOR_COMPLETE_IO;
}

/* Runs one operation of the initialisation. Returns its status, or 1 without an
 * answer. */
static uint32_t step(uint32_t operation, uint16_t version)
{
    struct vstor_packet p = {.operation = operation, .version = version};

    packet_write_in_band(&client.out, &client.at, operation, true, &p,
                         sizeof p);
    return receive(&p) ? p.status : 1;
}

/* Runs one command with `size` bytes of data[]. Returns false without an
 * answer. */
static bool command(const uint8_t *cdb, uint8_t length, uint8_t lun,
                    uint32_t size, struct vstor_srb *srb)
{
    struct vstor_packet p = {
        .operation = VSTOR_EXECUTE_SRB,
        .srb = {.length = 0x34,
                .lun = lun,
                .cdb_length = length,
                .sense_length = VSTOR_SENSE_MAX,
                .direction = size ? VSTOR_FROM_DEVICE : VSTOR_NO_DATA,
                .transfer_length = size}};
    bool good;

    memcpy(p.srb.cdb, cdb, length);
    if (size)
        bus_write_pages(&client, 99, true, data, size, &p, sizeof p);
    else
        packet_write_in_band(&client.out, &client.at, 99, true, &p, sizeof p);
    good = receive(&p);
    *srb = p.srb;
    return good;
}

static void check_init(uint16_t version)
{
    uint32_t wanted = version < VSTOR_WIN8 ? VSTOR_SIZE_V1 : VSTOR_SIZE;

    check("a version query before BEGIN gives status 0xC0000184",
          step(VSTOR_QUERY_VERSION, version) == (uint32_t)VSTOR_INVALID_STATE);
    check("the operation BEGIN succeeds", step(VSTOR_BEGIN_INIT, 0) == 0);
    check("an unknown storage version gives status 0xC0000059",
          step(VSTOR_QUERY_VERSION, 0x0999) ==
              (uint32_t)VSTOR_REVISION_MISMATCH);
    check("the disk accepts the storage version",
          step(VSTOR_QUERY_VERSION, version) == 0);
    check("answers have the packet size of the agreed version",
          answer_size == wanted);
    check("END before the properties gives status 0xC0000184",
          step(VSTOR_END_INIT, 0) == (uint32_t)VSTOR_INVALID_STATE);
    check("the query of the properties succeeds",
          step(VSTOR_QUERY_PROPERTIES, 0) == 0);
    check("the disk refuses sub-channels that it did not offer",
          step(VSTOR_CREATE_SUBCHANNELS, 1) != 0);
    check("the operation END succeeds", step(VSTOR_END_INIT, 0) == 0);
}

static void check_facts(void)
{
    static const uint8_t inquiry[6] = {INQUIRY, 0, 0, 0, 36};
    static const uint8_t capacity[10] = {READ_CAPACITY};
    static const uint8_t luns[12] = {REPORT_LUNS, [9] = 16};
    struct vstor_srb srb;

    check("INQUIRY of LUN 0 gives 36 bytes and the vendor VMBARE",
          command(inquiry, 6, 0, 36, &srb) && srb.srb_status == SRB_SUCCESS &&
              data[0] == 0 && srb.transfer_length == 36 &&
              !memcmp(data + 8, "VMBARE", 6));
    check("INQUIRY of LUN 3 answers that there is no device",
          command(inquiry, 6, 3, 36, &srb) && srb.srb_status == SRB_SUCCESS &&
              data[0] == 0x7F);
    check("READ CAPACITY gives the last block and the block size",
          command(capacity, 10, 0, 8, &srb) && data[3] == BLOCKS - 1 &&
              data[6] == 2);
    check("REPORT LUNS lists exactly one LUN", command(luns, 12, 0, 16, &srb) &&
                                                   data[3] == 8 &&
                                                   srb.transfer_length == 16);
    check("READ CAPACITY of LUN 3 gives SRB status 0x20",
          command(capacity, 10, 3, 8, &srb) &&
              srb.srb_status == SRB_INVALID_LUN);
}

static void check_blocks(void)
{
    static const uint8_t read_1[10] = {READ_10, 0, 0, 0, 0, 1, 0, 0, 2};
    static const uint8_t write_9[10] = {WRITE_10, 0, 0, 0, 0, 9, 0, 0, 1};
    static const uint8_t read_9[10] = {READ_10, 0, 0, 0, 0, 9, 0, 0, 1};
    static const uint8_t read_end[10] = {READ_10,    0, 0, 0, 0,
                                         BLOCKS - 1, 0, 0, 2};
    static const uint8_t sync[10] = {SYNCHRONIZE};
    static const uint8_t unknown[6] = {NOT_A_COMMAND};
    struct vstor_srb srb;
    unsigned right = 0;

    command(read_1, 10, 0, 2 * BLOCK, &srb);
    for (unsigned i = 0; i < 2 * BLOCK; i++)
        right += data[i] == (uint8_t)((BLOCK + i) * 7);
    check("READ returns the contents of two blocks",
          srb.srb_status == SRB_SUCCESS && right == 2 * BLOCK);
    memset(data, 0xA5, BLOCK);
    check("WRITE of one block succeeds", command(write_9, 10, 0, BLOCK, &srb) &&
                                             srb.srb_status == SRB_SUCCESS);
    memset(data, 0, BLOCK);
    command(read_9, 10, 0, BLOCK, &srb);
    right = 0;
    for (unsigned i = 0; i < BLOCK; i++)
        right += data[i] == 0xA5;
    check("READ returns the block that was written", right == BLOCK);
    check("READ past the end gives the sense code LBA out of range",
          command(read_end, 10, 0, 2 * BLOCK, &srb) &&
              srb.srb_status == (SRB_ERROR | SRB_SENSE_VALID) &&
              srb.scsi_status == 2 && srb.sense[2] == 5 &&
              srb.sense[12] == 0x21 && srb.transfer_length == 0);
    check("SYNCHRONIZE CACHE succeeds",
          command(sync, 10, 0, 0, &srb) && srb.srb_status == SRB_SUCCESS);
    check("an unknown SCSI command gives the sense code invalid command",
          command(unknown, 6, 0, 0, &srb) && srb.sense[12] == 0x20);
}

/* Breaks the primary's ring while there is a sub-channel. The host must
 * withdraw both and go on. */
static void check_broken_ring(uint16_t version)
{
    uint64_t end;

    step(VSTOR_BEGIN_INIT, 0);
    step(VSTOR_QUERY_VERSION, version);
    step(VSTOR_QUERY_PROPERTIES, 0);
    check("the disk creates a sub-channel that it offered",
          step(VSTOR_CREATE_SUBCHANNELS, 1) == 0);
    step(VSTOR_END_INIT, 0);
    bus_break_ring(&client);
    for (end = msr_read(HV_TIME_REF) + 2000000; msr_read(HV_TIME_REF) < end;)
        cpu_relax();
}

void guest_main(const char *words)
{
    bus_connect(0x00050003);
    if (!bus_find(&scsi_type, 0, &client.offer)) {
        check("the host offers the disk", false);
        return;
    }
    bus_open(&client);
    if (has_word(words, "broken-ring")) {
        check_broken_ring(version_of(words));
        bus_leave();
        return;
    }
    check_init(version_of(words));
    check_facts();
    check_blocks();
    bus_close(&client);
    bus_leave();
}
