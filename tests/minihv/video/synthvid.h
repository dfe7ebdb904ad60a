/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of synthetic video: what the guest may say, and what the host
 * answers. It knows neither channels nor a screen.
 * [linux hyperv_fb.c] [openvmm video] [mu_msvm VideoDxe]
 */
#ifndef MINIHV_VIDEO_SYNTHVID_H
#define MINIHV_VIDEO_SYNTHVID_H

#include <stdbool.h>
#include <stdint.h>

enum synthvid_type {
    SYNTHVID_VERSION_REQUEST = 1,
    SYNTHVID_VERSION_RESPONSE = 2,
    SYNTHVID_VRAM = 3,
    SYNTHVID_VRAM_ACK = 4,
    SYNTHVID_SITUATION = 5,
    SYNTHVID_SITUATION_ACK = 6,
    SYNTHVID_POINTER_PLACE = 7,
    SYNTHVID_POINTER_SHAPE = 8,
    SYNTHVID_FEATURES = 9,
    SYNTHVID_DIRT = 10,
    SYNTHVID_RESOLUTIONS_REQUEST = 13,
    SYNTHVID_RESOLUTIONS_RESPONSE = 14,
    SYNTHVID_CAPABILITY_REQUEST = 15,
    SYNTHVID_CAPABILITY_RESPONSE = 16,
};

enum {
    SYNTHVID_HEADER = 8, /* type, size */
    SYNTHVID_MAX = 192,  /* bytes of an answer */
};

/* The memory that a guest may name as its screen's. */
struct synthvid_place {
    uint64_t base, end; /* guest physical addresses */
    uint32_t size;      /* bytes that the screen's memory has */
};

/* What the screen shows. */
struct synthvid_screen {
    bool active;
    uint32_t offset; /* in its memory, bytes */
    uint32_t depth;  /* 16 or 32 bits */
    uint32_t width, height, pitch;
};

struct synthvid {
    struct synthvid_place place; /* the device sets it, once */
    uint32_t version;            /* minor << 16 | major; 0: none yet */
    bool has_vram;
};

/* What the device has to do before it sends the answer. */
enum synthvid_deed {
    SYNTHVID_NOTHING,
    SYNTHVID_HAS_VERSION,
    SYNTHVID_MAP,  /* the screen's memory to `gpa` */
    SYNTHVID_SHOW, /* `screen` */
    SYNTHVID_HAS_DRAWN,
};

struct synthvid_outcome {
    enum synthvid_deed deed;
    uint64_t gpa;
    struct synthvid_screen screen;
    uint32_t size; /* of the answer, bytes; 0: none */
    uint8_t answer[SYNTHVID_MAX];
};

/* Forgets what the guest has said; the place stays. */
void synthvid_reset(struct synthvid *v);

/* Judges a message of the guest, of `size` bytes behind the pipe header.
 * Returns NULL, or what is wrong with it; then nothing has changed. A version
 * that the host does not know is no mistake: it is answered, and the guest may
 * ask for another. */
const char *synthvid_take(struct synthvid *v, const void *data, uint32_t size,
                          struct synthvid_outcome *out);

/* Writes the message that asks the guest to tell what it draws. Returns its
 * bytes. */
uint32_t synthvid_features(uint8_t out[SYNTHVID_MAX]);

#endif
