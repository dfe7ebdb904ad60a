/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of functions without a host: commands, sense data and pattern. */
#include "app/disk/buffer.h"
#include "disk_world.h"
#include "drivers/sense.h"

static void must_be(struct scsi_command c, const char *name, uint8_t length,
                    const char *bytes)
{
    CHECK_TEXT(c.name, name);
    CHECK_EQ(c.length, length);
    CHECK(!memcmp(c.bytes, bytes, length));
    for (int i = length; i < 16; i++)
        CHECK_EQ(c.bytes[i], 0);
}

static void commands(struct bench *b)
{
    (void)b;
    must_be(scsi_test_unit_ready(), "TEST UNIT READY", 6, "\0\0\0\0\0\0");
    must_be(scsi_inquiry(0x1234), "INQUIRY", 6, "\x12\0\0\x12\x34\0");
    must_be(scsi_read_capacity_10(), "READ CAPACITY(10)", 10,
            "\x25\0\0\0\0\0\0\0\0\0");
    must_be(scsi_read_capacity_16(32), "READ CAPACITY(16)", 16,
            "\x9e\x10\0\0\0\0\0\0\0\0\0\0\0\x20\0\0");
    must_be(scsi_synchronize_cache(), "SYNCHRONIZE CACHE(10)", 10,
            "\x35\0\0\0\0\0\0\0\0\0");
    must_be(scsi_transfer(false, false, 0x12345678, 0xabcd), "READ(10)", 10,
            "\x28\0\x12\x34\x56\x78\0\xab\xcd\0");
    must_be(scsi_transfer(true, false, UINT32_MAX, 1), "WRITE(10)", 10,
            "\x2a\0\xff\xff\xff\xff\0\0\1\0");
}

static void long_commands(struct bench *b)
{
    (void)b;
    must_be(scsi_transfer(false, true, 1, 2), "READ(16)", 16,
            "\x88\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0");
    must_be(scsi_transfer(true, true, 1, 2), "WRITE(16)", 16,
            "\x8a\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0");
    must_be(scsi_transfer(false, false, UINT64_C(0x100000000), 2), "READ(16)",
            16, "\x88\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0");
    must_be(scsi_transfer(false, false, 1, 0x10000), "READ(16)", 16,
            "\x88\0\0\0\0\0\0\0\0\1\0\1\0\0\0\0");
}

static void sense_formats(struct bench *b)
{
    uint8_t fixed[18] = {0xf0, 0, 0x65, [12] = 0x21, [13] = 0x07};
    uint8_t descriptor[18] = {0x72, 0xf6, 0x29, 0x02};
    struct sense s;

    (void)b;
    CHECK(sense_decode(fixed, 18, &s));
    CHECK(s.key == 5 && s.asc == 0x21 && s.ascq == 7 && !s.is_of_the_past);
    CHECK(sense_decode(fixed, 14, &s));
    CHECK(!sense_decode(fixed, 13, &s));
    CHECK(!s.key && !s.asc);
    fixed[0] = 0x71;
    CHECK(sense_decode(fixed, 18, &s) && s.is_of_the_past);
    CHECK(sense_decode(descriptor, 8, &s));
    CHECK(s.key == 6 && s.asc == 0x29 && s.ascq == 2 && !s.is_of_the_past);
    CHECK(sense_decode(descriptor, 18, &s));
    CHECK(s.key == 6 && s.asc == 0x29);
    CHECK(sense_decode(descriptor, 4, &s));
    CHECK(!sense_decode(descriptor, 3, &s));
    descriptor[0] = 0x73;
    CHECK(sense_decode(descriptor, 4, &s) && s.is_of_the_past);
    descriptor[0] = 0x7f;
    CHECK(!sense_decode(descriptor, 8, &s));
    CHECK(!sense_decode(fixed, 0, &s));
}

static void sense_words(struct bench *b)
{
    struct sense s = {.key = 5, .asc = 0x24};
    char text[160], tiny[8];

    (void)b;
    sense_text(&s, text, sizeof(text));
    CHECK(strstr(text, "illegal request, a field of the command is wrong "
                       "(5/24/00): send what"));
    s = (struct sense){.key = 15, .asc = 0xff, .is_of_the_past = true};
    sense_text(&s, text, sizeof(text));
    CHECK(strstr(text, "of an earlier command: reserved key 15, a code for"));
    s = (struct sense){.key = 2, .asc = 0x04};
    sense_text(&s, text, sizeof(text));
    CHECK(strstr(text, "not ready, a code for the SCSI tables (2/04/00)"));
    sense_text(&s, tiny, sizeof(tiny));
    CHECK_EQ(strlen(tiny), 7);
}

static void pattern(struct bench *b)
{
    /* (0 + 1) and (512 / 8 + 0) times 0x9e3779b97f4a7c15 */
    static const uint8_t first[8] = {0x15, 0x7c, 0x4a, 0x7f,
                                     0xb9, 0x79, 0x37, 0x9e};
    static const uint8_t later[8] = {0x40, 0x05, 0x9f, 0xd2,
                                     0x5f, 0x6e, 0xde, 0x8d};
    uint8_t bytes[16];

    (void)b;
    buffer_pattern(bytes, 16, 0, 1);
    CHECK(!memcmp(bytes, first, 8));
    buffer_pattern(bytes, 16, 512, 0);
    CHECK(!memcmp(bytes, later, 8));
}

const struct disk_test pure_tests[] = {
    {"short SCSI commands have the expected bytes", commands},
    {"long SCSI commands have the expected bytes", long_commands},
    {"sense data is decoded in both formats", sense_formats},
    {"sense data is described in words", sense_words},
    {"the test pattern has the expected bytes", pattern},
    {0},
};
