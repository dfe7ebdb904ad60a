/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of the synthetic mouse: a HID device that describes itself, and
 * the messages around its descriptor and its reports. It knows neither channels
 * nor ports. [linux hid-hyperv.c] [openvmm] [HID 1.11]
 */
#ifndef MINIHV_INPUT_SYNTHHID_H
#define MINIHV_INPUT_SYNTHHID_H

#include <stdbool.h>
#include <stdint.h>

#include "pointer.h"

enum synthhid_type {
    SYNTHHID_REQUEST = 0,     /* guest: a version */
    SYNTHHID_RESPONSE = 1,    /* host: is it approved? */
    SYNTHHID_DEVICE_INFO = 2, /* host: descriptors */
    SYNTHHID_INFO_ACK = 3,    /* guest: it has them */
    SYNTHHID_REPORT = 4,      /* host: where the pointer is */
};

enum {
    SYNTHHID_VERSION = 0x00020000, /* 2.0 */
    SYNTHHID_HEADER = 8,           /* type, size of the body */
    SYNTHHID_MAX = 192,            /* bytes of a message of the host */
};

enum synthhid_state { SYNTHHID_NEW, SYNTHHID_DESCRIBED, SYNTHHID_READY };

struct synthhid {
    enum synthhid_state state;
};

enum synthhid_reply {
    SYNTHHID_NOTHING,
    SYNTHHID_REFUSAL, /* synthhid_response(false) */
    SYNTHHID_WELCOME, /* synthhid_response(true), synthhid_device_info() */
};

/* Judges a message of the guest, of `size` bytes behind the pipe header.
 * Returns NULL, or what is wrong with it. A version that the host does not know
 * is no mistake: it is answered, and the guest may ask for another. */
const char *synthhid_take(struct synthhid *h, const void *data, uint32_t size,
                          enum synthhid_reply *reply);

/* Each writes one message of the host, and returns its bytes. */
uint32_t synthhid_response(bool approved, uint8_t out[SYNTHHID_MAX]);
uint32_t synthhid_device_info(uint8_t out[SYNTHHID_MAX]);
uint32_t synthhid_report(const struct pointer *p, uint8_t out[SYNTHHID_MAX]);

#endif
