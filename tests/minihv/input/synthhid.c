/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of the synthetic mouse: see synthhid.h. */
#include "synthhid.h"

#include <stddef.h>
#include <string.h>

struct __attribute__((packed)) header {
    uint32_t type, size; /* of what follows */
};
_Static_assert(sizeof(struct header) == SYNTHHID_HEADER, "[linux]");

struct __attribute__((packed)) response {
    struct header header;
    uint32_t version;
    uint8_t approved;
};
_Static_assert(sizeof(struct response) == 13, "[linux]");

/* Buttons, then an absolute place, then a wheel: 7 bytes a report. Byte 14 has
 * the number of buttons; Linux mends it where an old host wrote 37. */
static const uint8_t report_descriptor[] = {
    0x05, 0x01,       /* usage page: generic desktop */
    0x09, 0x02,       /* usage: mouse */
    0xA1, 0x01,       /* collection: application */
    0x09, 0x01,       /* usage: pointer */
    0xA1, 0x00,       /* collection: physical */
    0x05, 0x09,       /* usage page: buttons */
    0x19, 0x01,       /* from 1 */
    0x29, 0x05,       /* to 5 */
    0x15, 0x00,       /* values from 0 */
    0x25, 0x01,       /* to 1 */
    0x75, 0x01,       /* of 1 bit */
    0x95, 0x05,       /* five of them */
    0x81, 0x02,       /* input: data, variable, absolute */
    0x75, 0x03,       /* 3 bits */
    0x95, 0x01,       /* once */
    0x81, 0x03,       /* input: constant */
    0x05, 0x01,       /* usage page: generic desktop */
    0x09, 0x30,       /* usage: X */
    0x09, 0x31,       /* usage: Y */
    0x26, 0xFF, 0x7F, /* values to 32767 */
    0x75, 0x10,       /* of 16 bits */
    0x95, 0x02,       /* two of them */
    0x81, 0x02,       /* input: data, variable, absolute */
    0x09, 0x38,       /* usage: wheel */
    0x16, 0x01, 0x80, /* values from -32767 */
    0x95, 0x01,       /* one of 16 bits */
    0x81, 0x06,       /* input: data, variable, relative */
    0xC0, 0xC0,       /* ends of both collections */
};

struct __attribute__((packed)) device_info {
    struct header header;
    uint32_t info_size;
    uint16_t vendor, product, version;
    uint8_t reserved[22];
    /* The HID descriptor. */
    uint8_t length, kind;
    uint16_t hid_version;
    uint8_t country, descriptors, report_kind;
    uint16_t report_length;
    uint8_t report[sizeof report_descriptor];
};
enum { INFO_SIZE = 32, HID_LENGTH = 9, KIND_HID = 0x21, KIND_REPORT = 0x22 };
_Static_assert(offsetof(struct device_info, length) ==
                   SYNTHHID_HEADER + INFO_SIZE,
               "[linux]");
_Static_assert(offsetof(struct device_info, report) ==
                   SYNTHHID_HEADER + INFO_SIZE + HID_LENGTH,
               "[HID 1.11]");
_Static_assert(sizeof(struct device_info) <= SYNTHHID_MAX, "its buffer");

struct __attribute__((packed)) report {
    struct header header;
    uint8_t buttons;
    uint16_t x, y;
    int16_t wheel;
};
_Static_assert(sizeof(struct report) == SYNTHHID_HEADER + 7, "[openvmm]");

/* ---- from the guest ------------------------------------------------------ */

static const char *take_request(struct synthhid *h, const uint8_t *body,
                                uint32_t size, enum synthhid_reply *reply)
{
    uint32_t version;

    if (size < sizeof version)
        return "a version request without a version";
    if (h->state != SYNTHHID_NEW)
        return "a version request after one was approved";
    memcpy(&version, body, sizeof version);
    *reply = version == SYNTHHID_VERSION ? SYNTHHID_WELCOME : SYNTHHID_REFUSAL;
    if (*reply == SYNTHHID_WELCOME)
        h->state = SYNTHHID_DESCRIBED;
    return NULL;
}

static const char *take_ack(struct synthhid *h, uint32_t size)
{
    if (!size)
        return "an acknowledgement without its byte";
    if (h->state != SYNTHHID_DESCRIBED)
        return "an acknowledgement of nothing";
    h->state = SYNTHHID_READY;
    return NULL;
}

const char *synthhid_take(struct synthhid *h, const void *data, uint32_t size,
                          enum synthhid_reply *reply)
{
    struct header m;

    *reply = SYNTHHID_NOTHING;
    if (size < sizeof m)
        return "shorter than its header";
    memcpy(&m, data, sizeof m);
    if (m.size > size - sizeof m)
        return "longer than its packet";
    if (m.type == SYNTHHID_REQUEST)
        return take_request(h, (const uint8_t *)data + sizeof m, m.size, reply);
    if (m.type == SYNTHHID_INFO_ACK)
        return take_ack(h, m.size);
    return "a type that no guest sends";
}

/* ---- to the guest -------------------------------------------------------- */

uint32_t synthhid_response(bool approved, uint8_t out[SYNTHHID_MAX])
{
    struct response m = {
        .header = {SYNTHHID_RESPONSE, sizeof m - SYNTHHID_HEADER},
        .version = SYNTHHID_VERSION,
        .approved = approved,
    };

    memcpy(out, &m, sizeof m);
    return sizeof m;
}

uint32_t synthhid_device_info(uint8_t out[SYNTHHID_MAX])
{
    struct device_info m = {
        .header = {SYNTHHID_DEVICE_INFO, sizeof m - SYNTHHID_HEADER},
        .info_size = INFO_SIZE,
        .vendor = 0x045E,
        .product = 0x0621,
        .version = 1,
        .length = HID_LENGTH,
        .kind = KIND_HID,
        .hid_version = 0x0101,
        .descriptors = 1,
        .report_kind = KIND_REPORT,
        .report_length = sizeof report_descriptor,
    };

    memcpy(m.report, report_descriptor, sizeof report_descriptor);
    memcpy(out, &m, sizeof m);
    return sizeof m;
}

uint32_t synthhid_report(const struct pointer *p, uint8_t out[SYNTHHID_MAX])
{
    struct report m = {
        .header = {SYNTHHID_REPORT, sizeof m - SYNTHHID_HEADER},
        .buttons = p->buttons,
        .x = p->x,
        .y = p->y,
        .wheel = p->wheel,
    };

    memcpy(out, &m, sizeof m);
    return sizeof m;
}
