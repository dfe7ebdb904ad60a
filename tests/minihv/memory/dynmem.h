/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of dynamic memory: what the guest may say, and which of its
 * pages the host has. It knows neither channels nor the guest's memory. [qemu
 * dynmem-proto.h] [linux hv_balloon.c]
 */
#ifndef MINIHV_MEMORY_DYNMEM_H
#define MINIHV_MEMORY_DYNMEM_H

#include <stdbool.h>
#include <stdint.h>

enum dynmem_type {
    DYNMEM_VERSION = 1,
    DYNMEM_VERSION_RESPONSE = 2,
    DYNMEM_CAPABILITIES = 3,
    DYNMEM_CAPABILITIES_RESPONSE = 4,
    DYNMEM_REPORT = 5,
    DYNMEM_BALLOON = 6,
    DYNMEM_BALLOON_RESPONSE = 7,
    DYNMEM_UNBALLOON = 8,
    DYNMEM_UNBALLOON_RESPONSE = 9,
};

enum {
    DYNMEM_HEADER = 8, /* type u16, size u16, transaction u32 */
    DYNMEM_ANSWER = 16,
    DYNMEM_RANGES = 256, /* that the host keeps; a guest gives 2 MiB at once */
    DYNMEM_REQUEST_MAX = DYNMEM_HEADER + 8 + 8 * DYNMEM_RANGES,
};

enum dynmem_state {
    DYNMEM_NEW,
    DYNMEM_HAS_VERSION,
    DYNMEM_READY,
    DYNMEM_INFLATES, /* the guest looks for pages */
    DYNMEM_DEFLATES, /* the guest takes them back */
};

struct dynmem_range {
    uint64_t first, pages; /* frames of 4 KiB */
};

struct dynmem_report {
    uint64_t available, committed; /* pages */
};

struct dynmem {
    /* Returns true if all these frames are the guest's memory. The device sets
     * it, once. */
    bool (*owns)(struct dynmem_range r);
    enum dynmem_state state;
    uint32_t version; /* major << 16 | minor */
    bool can_balloon;
    uint32_t transaction; /* of the host's last request */
    uint64_t asked;       /* pages that the guest still looks for */
    uint64_t has;         /* pages of the guest that the host has */
    uint32_t count;
    struct dynmem_range range[DYNMEM_RANGES];
    struct dynmem_report report; /* the last one */
};

/* What a message has changed. */
enum dynmem_deed {
    DYNMEM_NOTHING,
    DYNMEM_STARTED,  /* version and capabilities are agreed upon */
    DYNMEM_REPORTED, /* d->report */
    DYNMEM_GOT,      /* d->range from `from` on is new */
    DYNMEM_RETURNED, /* the guest has all of its pages */
};

struct dynmem_outcome {
    enum dynmem_deed deed;
    uint32_t from;
    uint32_t size; /* of the answer, bytes; 0: none */
    uint8_t answer[DYNMEM_ANSWER];
};

/* Forgets what the guest has said, and which pages it gave. */
void dynmem_reset(struct dynmem *d);

/* Judges a message of the guest, of `size` bytes. Returns NULL, or what is
 * wrong with it; then the host has no more of its pages than before. A version
 * that the host does not know is no mistake: it is answered. */
const char *dynmem_take(struct dynmem *d, const void *data, uint32_t size,
                        struct dynmem_outcome *out);

/* Asks for so many pages, at least 1. Returns the bytes of the message, or 0
 * unless the guest is ready and can give some. */
uint32_t dynmem_inflate(struct dynmem *d, uint32_t pages,
                        uint8_t out[DYNMEM_REQUEST_MAX]);

/* Gives all pages back. Returns the bytes of the message, or 0 unless the guest
 * is ready and has given some. The ranges stay until it has answered. */
uint32_t dynmem_deflate(struct dynmem *d, uint8_t out[DYNMEM_REQUEST_MAX]);

#endif
