/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of what a guest sends to minihv's network. The input is a list of
 * messages, each with a kind and a length of two bytes before it:
 *
 *   N an NVSP message      C an RNDIS control message
 *   D a section with data  F a frame from outside
 *
 * States go on from message to message, as in a device. Every message lies in
 * memory of its own, so that the sanitizer sees a read past its end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "large.h"
#include "nvsp.h"
#include "rndis.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static uint8_t *buffers[2];
static uint32_t sizes[2];

/* A handle is its size in pages; its low bit chooses one of two. */
static bool map(void *context, uint32_t gpadl, uint8_t **base, uint32_t *size)
{
    uint32_t i = gpadl & 1;

    (void)context;
    if (buffers[i] || gpadl > 64)
        return false;
    sizes[i] = gpadl * 4096;
    buffers[i] = malloc(sizes[i] + 1);
    *base = buffers[i];
    *size = sizes[i];
    return true;
}

static void unmap(void *context, uint32_t gpadl)
{
    uint32_t i = gpadl & 1;

    (void)context;
    if (!buffers[i])
        abort();
    free(buffers[i]);
    buffers[i] = NULL;
}

static struct nvsp nvsp;
static struct rndis rndis;

static void take_nvsp(const uint8_t *m, uint32_t size)
{
    struct nvsp_answer answer;
    struct nvsp_rndis section;

    if (!nvsp_rndis(&nvsp, m, size, &section) &&
        section.section != NVSP_NO_SECTION)
        memset(nvsp.send.base + (size_t)section.section * nvsp.send.section, 1,
               section.size);
    if (nvsp_take(&nvsp, m, size, &answer))
        return;
    if (answer.size > sizeof answer.bytes)
        abort();
    if (nvsp.recv.base) /* the last byte that a receive may write */
        nvsp.recv.base[(size_t)nvsp.recv.count * nvsp.recv.section - 1] = 1;
}

static void take_control(const uint8_t *m, uint32_t size)
{
    struct rndis_answer answer;

    rndis.rsc = nvsp.capabilities & NVSP_CAP_RSC;
    rndis.frame_max = nvsp.frame_max;
    if (!rndis_take(&rndis, m, size, &answer) &&
        answer.size > sizeof answer.bytes)
        abort();
}

static void segment(void *context, struct net_frame *s)
{
    uint32_t *count = context;

    /* A segment has a byte of payload at least. */
    if (++*count > 65536 || !(sum_check(s->data, s->size) & RX_TCP_GOOD))
        abort();
}

static void take_data(uint8_t *m, uint32_t size)
{
    static uint8_t work[9300];
    uint8_t header[NVSP_HEADROOM];
    uint32_t length = 0, count = 0;
    struct net_frame f;

    for (uint32_t at = 0; at < size; at += length) {
        if (packet_read(m + at, size - at, &length, &f))
            return;
        if (!f.has_large) {
            sum_complete(&f);
        } else if (!large_whole(&f)) {
            large_cut(&f, work, sizeof work, segment, &count);
        }
        hash_queue(&rndis, &f);
        packet_write(header, sizeof header, &f, f.size, PART_FIRST, 1);
    }
}

static void take_frame(uint8_t *m, uint32_t size)
{
    struct net_frame f = {.data = m, .size = size};

    sum_check(m, size);
    if (hash_queue(&rndis, &f) >= rndis.queues)
        abort();
}

static void take(uint8_t kind, const uint8_t *bytes, uint32_t size)
{
    uint8_t *m = malloc(size + !size);

    memcpy(m, bytes, size);
    if (kind == 'N')
        take_nvsp(m, size);
    else if (kind == 'C')
        take_control(m, size);
    else if (kind == 'D')
        take_data(m, size);
    else
        take_frame(m, size);
    free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const struct nvsp_ops ops = {map, unmap};

    nvsp = (struct nvsp){.ops = &ops, .newest = NVSP_V61, .channels = 4};
    nvsp_reset(&nvsp);
    rndis_reset(&rndis);
    rndis.queues = 4;
    while (size >= 3) {
        uint32_t length = input[1] | (uint32_t)input[2] << 8;
        uint8_t kind = input[0];

        input += 3;
        size -= 3;
        if (length > size)
            length = (uint32_t)size;
        take(kind, input, length);
        input += length;
        size -= length;
    }
    nvsp_release(&nvsp);
    if (buffers[0] || buffers[1])
        abort();
    return 0;
}
