/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the input of the fuzzer byte by byte: see hostmsg.h.
 */
#include "hostmsg.h"

uint8_t take(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

uint32_t take_number(struct input *in)
{
    static const uint32_t special[] = {
        0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0xFFFF, 2047,   2048,
        4095,       4096,       4097,       8192,   0x2001, 0x10001,
        65528,      65520,      0x100000,   240,
    };
    uint8_t byte = take(in);

    return byte < 0xF0 ? byte : special[byte - 0xF0];
}

uint32_t version_of(uint8_t byte)
{
    static const uint32_t versions[16] = {
        0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
        0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000, 0x00060000,
        0x00050003, 0x00000000, 0x00070000, 0x00050004};

    return versions[byte & 15];
}
