/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of synthetic video, behind the pipe header.
 * [linux hyperv_fb.c] [openvmm video] */
#ifndef MINIHV_VIDEO_SYNTHVID_WIRE_H
#define MINIHV_VIDEO_SYNTHVID_WIRE_H

#include <stdint.h>

#define WIRE struct __attribute__((packed))

/* Linux counts the header in the size, others the body alone. */
WIRE vid_header
{
    uint32_t type, size;
};

WIRE vid_version_response
{
    struct vid_header header;
    uint32_t version;
    uint8_t accepted, outputs;
};
_Static_assert(sizeof(struct vid_version_response) == 14, "[linux]");

WIRE vid_vram
{
    struct vid_header header;
    uint64_t context;
    uint8_t specified;
    uint64_t gpa;
};
_Static_assert(sizeof(struct vid_vram) == 25, "[linux]");

WIRE vid_ack
{
    struct vid_header header;
    uint64_t context;
};

/* Of the first output; there is one. */
WIRE vid_situation
{
    struct vid_header header;
    uint64_t context;
    uint8_t outputs;
    uint8_t active;
    uint32_t offset;
    uint8_t depth;
    uint32_t width, height, pitch;
};
_Static_assert(sizeof(struct vid_situation) == 35, "[linux]");

WIRE vid_features
{
    struct vid_header header;
    uint8_t dirt, pointer_place, pointer_shape, situation;
};

WIRE vid_dirt
{
    struct vid_header header;
    uint8_t output, count; /* of rectangles, four i32 each */
};

WIRE vid_resolution
{
    uint16_t width, height;
};

WIRE vid_resolutions
{
    struct vid_header header;
    uint8_t edid[128];
    uint8_t count, usual, standard;
    struct vid_resolution one[4];
};
_Static_assert(sizeof(struct vid_resolutions) == 8 + 128 + 3 + 16, "[linux]");

WIRE vid_capability
{
    struct vid_header header;
    uint32_t lock_on_disconnect;
    uint32_t reserved[15];
};
_Static_assert(sizeof(struct vid_capability) == 8 + 64, "[openvmm video]");

#undef WIRE

#endif
