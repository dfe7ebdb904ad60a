/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's NVSP messages, in the order that hosts demand:
 *
 *   INIT -> NDIS_CONFIG (from version 2 on), NDIS_VERSION -> SEND_RECV_BUF ->
 *   SEND_SEND_BUF -> RNDIS; at the end REVOKE_RECV_BUF, REVOKE_SEND_BUF
 *
 * Every number of the guest is compared with its bounds before it is used.
 * [openvmm netvsp] [linux netvsc.c]
 */
#include "nvsp.h"

#include <stddef.h>

#include "bytes.h"
#include "vmbus/wire/memory.h"

enum { FRAME_LEAST = 1514, FRAME_MOST = 9216 };

void nvsp_reset(struct nvsp *n)
{
    *n = (struct nvsp){
        .ops = n->ops,
        .context = n->context,
        .newest = n->newest,
        .channels = n->channels,
        .frame_max = FRAME_LEAST,
    };
}

/* Linux drops answers that are shorter than the structure of its version. */
static uint8_t *answer_of(const struct nvsp *n, uint32_t type,
                          struct nvsp_answer *a)
{
    a->needed = true;
    a->size = n->version == NVSP_V61 ? NVSP_SIZE_V61 : NVSP_SIZE;
    put32(a->bytes, type);
    return a->bytes;
}

/* ---- versions ------------------------------------------------------------ */

static bool known(const struct nvsp *n, uint32_t version)
{
    static const uint32_t all[] = {NVSP_V1, NVSP_V2, NVSP_V4,
                                   NVSP_V5, NVSP_V6, NVSP_V61};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] == version)
            return version <= n->newest;
    return false;
}

static const char *take_init(struct nvsp *n, const uint8_t *m,
                             struct nvsp_answer *a)
{
    enum { MDL_CHAIN = 34 };
    uint32_t lowest = get32(m + 4), highest = get32(m + 8);
    uint8_t *answer;

    if (n->version)
        return "a second INIT";
    if (lowest > highest)
        return "INIT with a range that is none";
    /* All known guests name one version at a time. */
    if (known(n, highest))
        n->version = highest;
    answer = answer_of(n, NVSP_INIT_COMPLETE, a);
    put32(answer + 4, highest);
    put32(answer + 8, MDL_CHAIN);
    put32(answer + 12, n->version ? NVSP_SUCCESS : NVSP_NONE);
    return NULL;
}

static const char *take_config(struct nvsp *n, const uint8_t *m,
                               struct nvsp_answer *a)
{
    uint32_t frame = get32(m + 4);

    (void)a;
    if (n->version < NVSP_V2)
        return "NDIS_CONFIG before version 2";
    if (n->configured || n->recv.base)
        return "NDIS_CONFIG twice, or after the receive buffer";
    n->configured = true;
    n->frame_max =
        frame >= FRAME_LEAST && frame <= FRAME_MOST ? frame : FRAME_LEAST;
    n->capabilities = get64(m + 12) & (NVSP_CAP_VLAN | NVSP_CAP_RSC);
    if (n->version < NVSP_V61)
        n->capabilities &= ~(uint64_t)NVSP_CAP_RSC;
    return NULL;
}

static const char *take_ndis(struct nvsp *n, const uint8_t *m,
                             struct nvsp_answer *a)
{
    (void)m, (void)a;
    if (n->ndis || n->recv.base)
        return "NDIS_VERSION twice, or after the receive buffer";
    n->ndis = true;
    return NULL;
}

/* ---- buffers ------------------------------------------------------------- */

/* Maps a buffer. A GPADL that is none is refused and breaks no rule, because
 * the guest gets a status for it. */
static bool map(struct nvsp *n, struct nvsp_buffer *b, const uint8_t *m,
                uint32_t most)
{
    uint32_t gpadl = get32(m + 4);

    if (!n->ops->map(n->context, gpadl, &b->base, &b->size))
        return false;
    b->gpadl = gpadl;
    b->id = get16(m + 8);
    if (b->size <= most && b->count <= b->size / b->section)
        return true;
    n->ops->unmap(n->context, gpadl);
    *b = (struct nvsp_buffer){0};
    return false;
}

static void unmap(struct nvsp *n, struct nvsp_buffer *b)
{
    if (b->base)
        n->ops->unmap(n->context, b->gpadl);
    *b = (struct nvsp_buffer){0};
}

/* Room for a frame, the RNDIS header before it, and what is unused after. */
static uint32_t section_size(const struct nvsp *n)
{
    return (NVSP_HEADROOM + n->frame_max + NVSP_TAILROOM + 7) & ~7u;
}

static const char *take_recv(struct nvsp *n, const uint8_t *m,
                             struct nvsp_answer *a)
{
    uint32_t most = n->version <= NVSP_V2 ? NVSP_RECV_MAX_V2 : NVSP_RECV_MAX;
    uint8_t *answer;

    if (!n->ndis || (n->version >= NVSP_V2 && !n->configured))
        return "the receive buffer before NDIS_VERSION and NDIS_CONFIG";
    if (n->recv.base)
        return "a second receive buffer";
    n->recv = (struct nvsp_buffer){.section = section_size(n), .count = 1};
    answer = answer_of(n, NVSP_RECV_BUF_COMPLETE, a);
    if (!map(n, &n->recv, m, most)) {
        n->recv = (struct nvsp_buffer){0};
        put32(answer + 4, NVSP_FAILED);
        return NULL;
    }
    n->recv.count = n->recv.size / n->recv.section;
    if (n->recv.count > NVSP_RECV_SECTIONS)
        n->recv.count = NVSP_RECV_SECTIONS;
    put32(answer + 4, NVSP_SUCCESS);
    put32(answer + 8, 1);  /* one section, */
    put32(answer + 12, 0); /* from the start */
    put32(answer + 16, n->recv.section);
    put32(answer + 20, n->recv.count);
    put32(answer + 24, n->recv.section * n->recv.count);
    return NULL;
}

static const char *take_send(struct nvsp *n, const uint8_t *m,
                             struct nvsp_answer *a)
{
    uint8_t *answer;

    if (!n->recv.base)
        return "the send buffer before the receive buffer";
    if (n->send.base)
        return "a second send buffer";
    n->send = (struct nvsp_buffer){.section = NVSP_SEND_SECTION, .count = 1};
    answer = answer_of(n, NVSP_SEND_BUF_COMPLETE, a);
    if (!map(n, &n->send, m, NVSP_SEND_MAX)) {
        n->send = (struct nvsp_buffer){0};
        put32(answer + 4, NVSP_FAILED);
        return NULL;
    }
    n->send.count = n->send.size / n->send.section;
    put32(answer + 4, NVSP_SUCCESS);
    put32(answer + 8, n->send.section);
    return NULL;
}

static const char *revoke(struct nvsp *n, struct nvsp_buffer *b,
                          const uint8_t *m)
{
    if (!b->base || b->id != get16(m + 4))
        return "a buffer is revoked that is not there";
    unmap(n, b);
    return NULL;
}

static const char *take_revoke_recv(struct nvsp *n, const uint8_t *m,
                                    struct nvsp_answer *a)
{
    (void)a;
    return revoke(n, &n->recv, m);
}

static const char *take_revoke_send(struct nvsp *n, const uint8_t *m,
                                    struct nvsp_answer *a)
{
    (void)a;
    return revoke(n, &n->send, m);
}

void nvsp_release(struct nvsp *n)
{
    unmap(n, &n->recv);
    unmap(n, &n->send);
}

/* ---- channels ------------------------------------------------------------ */

static const char *take_switch(struct nvsp *n, const uint8_t *m,
                               struct nvsp_answer *a)
{
    (void)n;
    a->needed = true; /* an empty one */
    return get32(m + 4) ? "SWITCH_DATA_PATH to a VF that is not there" : NULL;
}

static const char *take_subchannel(struct nvsp *n, const uint8_t *m,
                                   struct nvsp_answer *a)
{
    enum { ALLOCATE = 1 };
    uint32_t wanted = get32(m + 8);
    uint8_t *answer;
    bool good;

    if (n->version < NVSP_V5 || !n->recv.base)
        return "SUBCHANNEL before version 5 or the receive buffer";
    if (n->subchannels)
        return "SUBCHANNEL a second time";
    good = get32(m + 4) == ALLOCATE && wanted < n->channels;
    if (good)
        n->subchannels = wanted;
    answer = answer_of(n, NVSP_SUBCHANNEL, a);
    put32(answer + 4, good ? NVSP_SUCCESS : NVSP_FAILED);
    put32(answer + 8, n->subchannels);
    return NULL;
}

/* ---- all of them --------------------------------------------------------- */

static const struct step {
    uint32_t type;
    uint32_t size; /* the least */
    const char *(*take)(struct nvsp *n, const uint8_t *m,
                        struct nvsp_answer *a);
} steps[] = {
    {NVSP_INIT, 12, take_init},
    {NVSP_NDIS_CONFIG, 20, take_config},
    {NVSP_NDIS_VERSION, 12, take_ndis},
    {NVSP_SEND_RECV_BUF, 10, take_recv},
    {NVSP_REVOKE_RECV_BUF, 6, take_revoke_recv},
    {NVSP_SEND_SEND_BUF, 10, take_send},
    {NVSP_REVOKE_SEND_BUF, 6, take_revoke_send},
    {NVSP_SWITCH_DATA_PATH, 8, take_switch},
    {NVSP_SUBCHANNEL, 12, take_subchannel},
};

const char *nvsp_take(struct nvsp *n, const uint8_t *bytes, uint32_t size,
                      struct nvsp_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (size < 4)
        return "a message without a type";
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].type != get32(bytes))
            continue;
        if (size < steps[i].size)
            return "a message that ends before its fields";
        if (!n->version && steps[i].type != NVSP_INIT)
            return "a message before a version is agreed";
        return steps[i].take(n, bytes, answer);
    }
    return "a message of an unknown type";
}

const char *nvsp_rndis(const struct nvsp *n, const uint8_t *bytes,
                       uint32_t size, struct nvsp_rndis *out)
{
    if (size < 16)
        return "an RNDIS packet that ends before its fields";
    *out = (struct nvsp_rndis){
        .control = get32(bytes + 4) == NVSP_CONTROL,
        .section = get32(bytes + 8),
        .size = get32(bytes + 12),
    };
    if (get32(bytes + 4) > NVSP_CONTROL)
        return "an RNDIS packet that is neither data nor control";
    if (!n->recv.base)
        return "an RNDIS packet without a receive buffer";
    if (out->section == NVSP_NO_SECTION)
        return NULL;
    if (out->section >= n->send.count)
        return "a section outside of the send buffer";
    if (out->size > n->send.section)
        return "more bytes than a section of the send buffer has";
    return NULL;
}
