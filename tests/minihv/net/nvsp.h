/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVSP, the outer protocol of the network device: versions, shared buffers and
 * sub-channels. nvsp.c has its state and judges each message of the guest; it
 * knows neither channels nor frames. [linux hyperv_net.h] [openvmm netvsp]
 */
#ifndef MINIHV_NET_NVSP_H
#define MINIHV_NET_NVSP_H

#include <stdbool.h>
#include <stdint.h>

enum nvsp_type {
    NVSP_INIT = 1,
    NVSP_INIT_COMPLETE = 2,
    NVSP_NDIS_VERSION = 100,
    NVSP_SEND_RECV_BUF = 101,
    NVSP_RECV_BUF_COMPLETE = 102,
    NVSP_REVOKE_RECV_BUF = 103,
    NVSP_SEND_SEND_BUF = 104,
    NVSP_SEND_BUF_COMPLETE = 105,
    NVSP_REVOKE_SEND_BUF = 106,
    NVSP_RNDIS = 107,
    NVSP_RNDIS_COMPLETE = 108,
    NVSP_NDIS_CONFIG = 125,
    NVSP_SWITCH_DATA_PATH = 129,
    NVSP_SUBCHANNEL = 133,
    NVSP_INDIRECTION_TABLE = 134,
};

enum nvsp_version {
    NVSP_V1 = 0x00002,
    NVSP_V2 = 0x30002,
    NVSP_V4 = 0x40000,
    NVSP_V5 = 0x50000,
    NVSP_V6 = 0x60000,
    NVSP_V61 = 0x60001,
};

enum nvsp_status { NVSP_NONE = 0, NVSP_SUCCESS = 1, NVSP_FAILED = 2 };

enum {
    NVSP_SIZE = 28, /* of what a host sends up to 6.0 */
    NVSP_SIZE_V61 = 40,
    NVSP_DATA = 0, /* the channel in NVSP_RNDIS */
    NVSP_CONTROL = 1,
    NVSP_TABLE = 16, /* entries of the indirection table */
    NVSP_CAP_VLAN = 8,
    NVSP_CAP_RSC = 0x80,
    NVSP_RECV_MAX = 31 << 20,
    NVSP_RECV_MAX_V2 = 15 << 20,
    NVSP_SEND_MAX = 15 << 20,
    NVSP_SEND_SECTION = 6144,
    NVSP_HEADROOM = 256, /* of a receive section, for the RNDIS header */
    NVSP_TAILROOM = 36,  /* newer guests of Windows do not use its end */
    NVSP_RECV_SECTIONS = 1024,
    NVSP_CHANNELS = 4,
};
#define NVSP_NO_SECTION UINT32_MAX

/* A buffer that the guest shares; base is NULL while there is none. */
struct nvsp_buffer {
    uint32_t gpadl;
    uint16_t id;
    uint8_t *base;
    uint32_t size;
    uint32_t section; /* bytes of one */
    uint32_t count;
};

/* What the device does for the protocol. */
struct nvsp_ops {
    /* Maps a GPADL of the guest; false: it has none of this handle, or it is
     * not one range from the start of a page on. */
    bool (*map)(void *context, uint32_t gpadl, uint8_t **base, uint32_t *size);
    void (*unmap)(void *context, uint32_t gpadl);
};

struct nvsp {
    const struct nvsp_ops *ops;
    void *context;
    uint32_t newest;    /* version that is offered */
    uint32_t channels;  /* most of them, the primary too: 1..NVSP_CHANNELS */
    uint32_t version;   /* 0: none agreed */
    uint32_t frame_max; /* bytes of a frame with its Ethernet header */
    uint64_t capabilities;
    bool configured, ndis;
    struct nvsp_buffer recv, send;
    uint32_t subchannels; /* that the guest asked for */
};

/* The completion of a request; size 0: an empty one. */
struct nvsp_answer {
    bool needed; /* the guest must ask for it */
    uint32_t size;
    uint8_t bytes[NVSP_SIZE_V61];
};

/* Starts anew when the guest opens the channel; newest, channels, ops and
 * context stay. */
void nvsp_reset(struct nvsp *n);

/**
 * Takes one message other than NVSP_RNDIS.
 *
 * @bytes   a private copy
 * @answer  filled in where the result is NULL
 * @return  NULL, or the rule that the guest has broken
 */
const char *nvsp_take(struct nvsp *n, const uint8_t *bytes, uint32_t size,
                      struct nvsp_answer *answer);

/* Gives both buffers back, at the end of the channel. */
void nvsp_release(struct nvsp *n);

/* The fields of NVSP_RNDIS. Returns NULL, or what is wrong with them. A section
 * that is named lies inside the send buffer, with the bytes that are used. */
struct nvsp_rndis {
    bool control;
    uint32_t section; /* NVSP_NO_SECTION: the message is in GPA ranges */
    uint32_t size;    /* bytes of the section that are used */
};
const char *nvsp_rndis(const struct nvsp *n, const uint8_t *bytes,
                       uint32_t size, struct nvsp_rndis *out);

#endif
