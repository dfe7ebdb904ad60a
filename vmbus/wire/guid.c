/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GUIDs: comparing, the text form, and the names of device classes.
 *
 *   text   f8615163-df3e-46c5-913f-f2d2f965ed0e
 *          a        b    c    d
 *   bytes  63 51 61 f8  3e df  c5 46  91 3f f2 d2 f9 65 ed 0e
 *          a            b      c      d
 *
 * a, b and c are little-endian numbers; d is a row of bytes.
 */
#include "vmbus/guid.h"

#include "vmbus/wire/memory.h"

bool vmbus_guid_equal(const struct vmbus_guid *a, const struct vmbus_guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool vmbus_guid_is_zero(const struct vmbus_guid *g)
{
    static const struct vmbus_guid zero;

    return vmbus_guid_equal(g, &zero);
}

/* Which byte of the byte form each pair of digits of the text shows. */
static const uint8_t order[16] = {3, 2, 1,  0,  5,  4,  7,  6,
                                  8, 9, 10, 11, 12, 13, 14, 15};

/* The text has a dash before b, c, and the first and third byte of d. */
static bool dash_before(unsigned pair)
{
    return pair == 4 || pair == 6 || pair == 8 || pair == 10;
}

char *vmbus_guid_format(const struct vmbus_guid *g, char text[VMBUS_GUID_TEXT])
{
    static const char digit[] = "0123456789abcdef";
    char *out = text;

    for (unsigned pair = 0; pair < 16; pair++) {
        uint8_t byte = g->bytes[order[pair]];

        if (dash_before(pair))
            *out++ = '-';
        *out++ = digit[byte >> 4];
        *out++ = digit[byte & 15];
    }
    *out = '\0';
    return text;
}

/* ---- device classes ------------------------------------------------------ */

/* The interface type of an offer, and a short name for logs and reports. */
struct guid_class {
    const char *name;
    struct vmbus_guid type;
};

#define CLASS(name, ...)                   \
    {                                      \
        name, VMBUS_GUID_INIT(__VA_ARGS__) \
    }

/* [linux hyperv.h], [openvmm] */
static const struct guid_class classes[] = {
    /* Network and storage. */
    CLASS("network", 0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, 0xd2, 0xf9,
          0x65, 0xed, 0x0e),
    CLASS("scsi", 0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff,
          0xb1, 0xdc, 0x7f),
    CLASS("ide", 0x32412632, 0x86cb, 0x44a2, 0x9b, 0x5c, 0x50, 0xd1, 0x41, 0x73,
          0x54, 0xf5),
    CLASS("fibre-channel", 0x2f9bcc4a, 0x0069, 0x4af3, 0xb7, 0x6b, 0x6f, 0xd0,
          0xbe, 0x52, 0x8c, 0xda),
    /* The console. */
    CLASS("keyboard", 0xf912ad6d, 0x2b17, 0x48ea, 0xbd, 0x65, 0xf9, 0x27, 0xa6,
          0x1c, 0x76, 0x84),
    CLASS("mouse", 0xcfa8b69e, 0x5b4a, 0x4cc0, 0xb9, 0x8b, 0x8b, 0xa1, 0xa1,
          0xf3, 0xf9, 0x5a),
    CLASS("video", 0xda0a7802, 0xe377, 0x4aac, 0x8e, 0x77, 0x05, 0x58, 0xeb,
          0x10, 0x73, 0xf8),
    /* Integration services. */
    CLASS("heartbeat", 0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b,
          0xd5, 0x42, 0x2d),
    CLASS("shutdown", 0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9, 0x0c,
          0xed, 0x39, 0xdb),
    CLASS("timesync", 0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a, 0xb0,
          0x17, 0x5c, 0xaf),
    CLASS("kvp", 0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84, 0x1e, 0x8c,
          0x03, 0xe6),
    CLASS("backup", 0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e, 0xba,
          0xcb, 0xa4, 0x40),
    CLASS("file-copy", 0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7, 0x6b, 0x17, 0x49,
          0x77, 0xc1, 0x92),
    CLASS("remote-desktop", 0x276aacf4, 0xac15, 0x426c, 0x98, 0xdd, 0x75, 0x21,
          0xad, 0x3f, 0x01, 0xfe),
    /* Memory, PCI pass-through, remote memory access. */
    CLASS("dynamic-memory", 0x525074dc, 0x8985, 0x46e2, 0x80, 0x57, 0xa3, 0x07,
          0xdc, 0x18, 0xa5, 0x02),
    CLASS("vpci", 0x44c4f61d, 0x4444, 0x4400, 0x9d, 0x52, 0x80, 0x2e, 0x27,
          0xed, 0xe1, 0x9f),
    CLASS("network-direct", 0x8c2eaf3d, 0x32a7, 0x4b09, 0xab, 0x99, 0xbd, 0x1f,
          0x1c, 0x86, 0xb5, 0x01),
    /* Activation of Windows guests, initial machine configuration. */
    CLASS("activation", 0xf8e65716, 0x3cb3, 0x4a06, 0x9a, 0x60, 0x18, 0x89,
          0xc5, 0xcc, 0xca, 0xb5),
    CLASS("activation-2", 0x3375baf4, 0x9e15, 0x4b30, 0xb7, 0x65, 0x67, 0xac,
          0xb1, 0x0d, 0x60, 0x7b),
    CLASS("imc", 0xc376c1c3, 0xd276, 0x48d2, 0x90, 0xa9, 0xc0, 0x47, 0x48, 0x07,
          0x2c, 0x60),
    /* The device of minihv, the Hyper-V of this project's tests. */
    CLASS("minihv-echo", 0x6d9a1f34, 0x52c1, 0x4a0e, 0x9d, 0x3b, 0x0e, 0x1f,
          0x5e, 0xc4, 0x0e, 0x00),
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

/* The template of hv_sock services: the first four bytes are the port, the
 * others are the same for every port. [linux hyperv_transport] */
static const struct vmbus_guid hv_sock = VMBUS_GUID_INIT(
    0, 0xfacb, 0x11e6, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3);

const char *vmbus_guid_class(const struct vmbus_guid *type)
{
    for (size_t i = 0; i < CLASSES; i++)
        if (vmbus_guid_equal(type, &classes[i].type))
            return classes[i].name;
    if (memcmp(&type->bytes[4], &hv_sock.bytes[4], 12) == 0)
        return "hv_sock";
    return "unknown";
}
