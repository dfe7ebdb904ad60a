/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's memory, as a server of the host half sees it: GPADLs that the
 * guest made on the server's channel, and page frames that a packet names.
 * host.h includes this header.
 */
#ifndef VMBUS_HOST_MEMORY_H
#define VMBUS_HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vmbus_host_channel;

/* A mapped GPADL. The ranges lie in `base` one behind the other, each at a
 * page boundary plus its offset. */
struct vmbus_host_gpadl {
    uint32_t handle;
    uint32_t range_count;
    uint32_t page_count;  /* of all ranges */
    const uint64_t *pfns; /* page_count frames, valid while mapped */
    uint8_t *base;        /* page_count pages */
};

/* One range of a mapped GPADL. */
struct vmbus_host_range {
    uint32_t offset;     /* of the first byte in the first page */
    uint32_t size;       /* bytes */
    uint32_t first_page; /* index in pfns and in base */
    uint32_t page_count;
};

/*
 * Maps GPADL `handle` of this channel for reading and writing. PASSIVE.
 * 0: `gpadl` is filled and valid until vmbus_host_gpadl_unmap. -ENOENT: no
 * such GPADL, or not complete, or being torn down. -EBUSY: mapped already, or
 * it holds the open rings. -EFAULT: the frames cannot be mapped. -ENOMEM.
 */
int vmbus_host_gpadl_map(struct vmbus_host_channel *channel, uint32_t handle,
                         struct vmbus_host_gpadl *gpadl);

/**
 * Undoes it; a teardown that waited is answered now. PASSIVE.
 *
 * @handle  as it was given to vmbus_host_gpadl_map()
 */
void vmbus_host_gpadl_unmap(struct vmbus_host_channel *channel,
                            uint32_t handle);

/**
 * Range `index` of a mapped GPADL. 0 or -ENOENT. <= DISPATCH.
 *
 * @handle  of a mapped GPADL
 * @range   filled with 0 only
 * @return  0; -ENOENT: not mapped, or no such range
 */
int vmbus_host_gpadl_range(struct vmbus_host_channel *channel, uint32_t handle,
                           uint32_t index, struct vmbus_host_range *range);

/**
 * The address of `size` bytes at byte `offset` of range 0, as transfer-page
 * packets count them. NULL: not mapped, or not inside. <= DISPATCH.
 *
 * @handle  of a mapped GPADL
 */
void *vmbus_host_gpadl_at(struct vmbus_host_channel *channel, uint32_t handle,
                          uint32_t offset, uint32_t size);

/* External data of one GPA-direct range. */
struct vmbus_host_memory {
    void *data;    /* the first byte */
    uint32_t size; /* bytes */
    void *mapping; /* private from here on */
    uint32_t page_count;
};

/* Most pages that one range may have: 32 MiB. */
#define VMBUS_HOST_MEMORY_PAGES 8193u

/**
 * Maps one GPA-direct range: `size` bytes from byte `offset` of the first of
 * `count` frames. The caller has copied the range out of the ring. PASSIVE.
 * 0: `memory` is filled, to be given back with vmbus_host_memory_unmap before
 * the close is answered, so that the server needs a `closed` callback.
 * -EINVAL: offset over 4095, size 0, or count is not what offset and size need.
 * -E2BIG: over VMBUS_HOST_MEMORY_PAGES. -ENOTCONN: the channel is not open.
 * -EFAULT: the frames cannot be mapped.
 *
 * @pfns  the guest's page frames, copied
 */
int vmbus_host_memory_map(struct vmbus_host_channel *channel, uint32_t offset,
                          uint32_t size, const uint64_t *pfns, uint32_t count,
                          struct vmbus_host_memory *memory);

/**
 * Undo vmbus_host_memory_map(). PASSIVE.
 *
 * @channel  as it was given to vmbus_host_memory_map()
 * @memory   as it was filled there
 */
void vmbus_host_memory_unmap(struct vmbus_host_channel *channel,
                             struct vmbus_host_memory *memory);

#ifdef __cplusplus
}
#endif

#endif
