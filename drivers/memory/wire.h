/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the dynamic-memory protocol, as they travel: in-band packets
 * without pipe header. [qemu dynmem-proto.h], [linux hv_balloon.c]
 */
#ifndef DRIVERS_MEMORY_WIRE_H
#define DRIVERS_MEMORY_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum dynmem_type {
    DYNMEM_VERSION_REQUEST = 1,
    DYNMEM_VERSION_RESPONSE = 2,
    DYNMEM_CAPABILITIES = 3,
    DYNMEM_CAPABILITIES_RESPONSE = 4,
    DYNMEM_STATUS = 5,
    DYNMEM_BALLOON = 6,
    DYNMEM_BALLOON_RESPONSE = 7,
    DYNMEM_UNBALLOON = 8,
    DYNMEM_UNBALLOON_RESPONSE = 9,
    DYNMEM_HOT_ADD = 10,
    DYNMEM_HOT_ADD_RESPONSE = 11,
    DYNMEM_INFO = 12,
};

#define DYNMEM_VERSION_2_0 0x20000u
#define DYNMEM_VERSION_1_0 0x10000u
#define DYNMEM_VERSION_0_3 0x00003u

#define DYNMEM_CAN_BALLOON (UINT64_C(1) << 0)
#define DYNMEM_CAN_HOT_ADD (UINT64_C(1) << 1)
/* Hot-added ranges begin at multiples of 2^n MiB; n in bits 5:2. */
#define DYNMEM_HOT_ADD_ALIGN(n) ((uint64_t)(n) << 2)

#define DYNMEM_MESSAGE_MAX 4096u

struct dynmem_header {
    uint16_t type;
    uint16_t size; /* header included */
    uint32_t transaction;
};
_Static_assert(sizeof(struct dynmem_header) == 8, "header");

struct dynmem_version {
    struct dynmem_header header;
    uint32_t version;
    uint32_t last; /* bit 0: the last that is tried */
};
_Static_assert(sizeof(struct dynmem_version) == 16, "version request");

struct dynmem_answer { /* of version and capabilities: bit 0 accepted */
    struct dynmem_header header;
    uint64_t flags;
};
_Static_assert(sizeof(struct dynmem_answer) == 16, "answer");

struct dynmem_capabilities {
    struct dynmem_header header;
    uint64_t capabilities;
    uint64_t minimum_pages;
    uint64_t maximum_page_number;
};
_Static_assert(sizeof(struct dynmem_capabilities) == 32, "capabilities");

struct dynmem_status {
    struct dynmem_header header;
    uint64_t available; /* pages, as all below */
    uint64_t committed;
    uint64_t page_file;
    uint64_t zero_free;
    uint32_t page_file_writes;
    uint32_t io_difference;
};
_Static_assert(sizeof(struct dynmem_status) == 48, "status");

struct dynmem_balloon {
    struct dynmem_header header;
    uint32_t pages;
    uint32_t reserved;
};
_Static_assert(sizeof(struct dynmem_balloon) == 16, "balloon request");

/* A range: first frame in bits 39:0, pages in 63:40. */
#define DYNMEM_RANGE_FRAME(range)  ((range)&UINT64_C(0xffffffffff))
#define DYNMEM_RANGE_PAGES(range)  ((range) >> 40)
#define DYNMEM_RANGE(frame, pages) ((frame) | (uint64_t)(pages) << 40)
#define DYNMEM_RANGE_PAGES_MAX     0xffffffu

/* Of a balloon response and an unballoon request: two words, then ranges. */
struct dynmem_ranges {
    struct dynmem_header header;
    uint32_t first;  /* response: 0; unballoon: bit 0 more to come */
    uint32_t second; /* response: bit 0 more, count above; unballoon: count */
    uint64_t range[];
};
_Static_assert(offsetof(struct dynmem_ranges, range) == 16, "ranges");
#define DYNMEM_RANGES_MAX ((DYNMEM_MESSAGE_MAX - 16) / 8)

struct dynmem_hot_add_response {
    struct dynmem_header header;
    uint32_t pages;
    uint32_t result; /* 1: done, or it can never work */
};
_Static_assert(sizeof(struct dynmem_hot_add_response) == 16, "hot add");

#endif
