/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sense data in their two formats, and in words (sense.h). [SPC-3 4.5]
 *
 *     fixed (70h, 71h)         descriptor (72h, 73h)
 *     byte 2   sense key       byte 1   sense key
 *     byte 12  ASC             byte 2   ASC
 *     byte 13  ASCQ            byte 3   ASCQ
 *
 * The odd code of each pair says that the data are about an earlier command.
 */
#include "drivers/sense.h"

#include <stdio.h>

/* Bytes that reach to the additional sense code and its qualifier. */
#define FIXED_LENGTH      14
#define DESCRIPTOR_LENGTH 4

/* By sense key: its name, and what to do about it. */
static const struct {
    const char *name, *advice;
    /* By sense key: its name, and what the reader can do about it. */
} keys[16] = {
    {"no sense", "nothing is wrong"},
    {"recovered error", "the data is good, the disk is not"},
    {"not ready", "wait, then ask again"},
    {"medium error", "the blocks are lost: look at the host's file"},
    {"hardware error", "look at the host's log"},
    {"illegal request", "send what the disk can do, inside its blocks"},
    {"unit attention", "something changed: read the capacity, ask again"},
    {"data protect", "the disk is for reading only: see the VM's settings"},
    {"blank check", "nothing is written there"},
    {"vendor specific", "ask who made the disk"},
    {"copy aborted", "ask again"},
    {"aborted command", "ask again"},
    {"reserved key 12", "look at the host's log"},
    {"volume overflow", "read the rest"},
    {"miscompare", "source and disk differ"},
    {"reserved key 15", "look at the host's log"},
};

static const struct {
    uint8_t asc, ascq;
    const char *name;
    /*
     * The additional codes that a virtual disk really sends. All others are
     * printed as numbers, which the SCSI tables explain.
     */
} codes[] = {
    {0x04, 0x01, "becoming ready"},
    {0x11, 0x00, "unrecovered read error"},
    {0x20, 0x00, "no such command"},
    {0x21, 0x00, "logical block address out of range"},
    {0x24, 0x00, "a field of the command is wrong"},
    {0x25, 0x00, "no such logical unit"},
    {0x27, 0x00, "write protected"},
    {0x29, 0x00, "power on or reset"},
    {0x2a, 0x09, "the capacity has changed"},
    {0x3a, 0x00, "no medium"},
    {0x3f, 0x0e, "the list of logical units has changed"},
};

/*
 * Bit 7 of byte 0 says whether other fields are valid; it does not belong to
 * the format.
 */
bool sense_decode(const uint8_t *bytes, size_t length, struct sense *sense)
{
    uint8_t format = length ? bytes[0] & 0x7f : 0;
    bool is_fixed = format == 0x70 || format == 0x71;
    bool is_descriptor = format == 0x72 || format == 0x73;

    *sense = (struct sense){0};
    if (is_fixed && length >= FIXED_LENGTH)
        *sense = (struct sense){bytes[2] & 0x0f, bytes[12], bytes[13],
                                format == 0x71};
    else if (is_descriptor && length >= DESCRIPTOR_LENGTH)
        *sense =
            (struct sense){bytes[1] & 0x0f, bytes[2], bytes[3], format == 0x73};
    else
        return false;
    return true;
}

/* The pair of codes in words. */
static const char *code_name(const struct sense *sense)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].asc == sense->asc && codes[i].ascq == sense->ascq)
            return codes[i].name;
    }
    return "a code for the SCSI tables";
}

void sense_text(const struct sense *sense, char *text, size_t size)
{
    snprintf(text, size, "%s%s, %s (%x/%02x/%02x): %s",
             sense->is_of_the_past ? "of an earlier command: " : "",
             keys[sense->key].name, code_name(sense), sense->key, sense->asc,
             sense->ascq, keys[sense->key].advice);
}
