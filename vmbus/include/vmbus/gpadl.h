/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs (guest physical address descriptor lists): pages that the owner of a
 * channel lets the host use, and takes back. vmbus.h has the rules for all
 * requests.
 */
#ifndef VMBUS_GPADL_H
#define VMBUS_GPADL_H

#include <stdint.h>

#include "vmbus/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vmbus_channel;

/* The u16 length field allows 8,190 pages in one range. [TLFS] */
#define VMBUS_GPADL_PAGES_MAX 8190u

/* One range: `bytes` bytes from `offset` (< 4096) of the first page on. Offset
 * 0 and whole pages suit every host. [qemu vmbus.c] */
struct vmbus_pages {
    const uint64_t *pfns; /* guest frame numbers */
    uint32_t count;       /* of frames, 1..VMBUS_GPADL_PAGES_MAX */
    uint32_t offset;
    uint32_t bytes;
};

/**
 * Let the host use pages: GPADL_HEADER, as many GPADL_BODY as it takes, and
 * wait for GPADL_CREATED.
 *
 * @c       claimed, open or not
 * @p       the pages; the frame numbers are copied
 * @handle  set with 0 only: the number by which the host knows them
 * @return  0; -E2BIG: more than 8,190 pages; -EINVAL: no page, or offset and
 *          bytes do not fit the count; -ENOMEM; else as in vmbus.h. After
 *          -ESTALE the pages are the host's for ever, after any other failure
 *          the caller's.
 *
 * PASSIVE.
 */
int vmbus_gpadl_create(struct vmbus_channel *c, const struct vmbus_pages *p,
                       uint32_t *handle);

/** As vmbus_gpadl_create(), without waiting: *handle is set before `done` gets
 * the outcome. PASSIVE.
 * @return  0: on its way; anything else: `done` will not be called */
int vmbus_gpadl_create_start(struct vmbus_channel *c,
                             const struct vmbus_pages *p, uint32_t *handle,
                             vmbus_done_fn *done, void *arg);

/**
 * Take pages back: GPADL_TEARDOWN, and wait for GPADL_TORNDOWN.
 *
 * @return  0: the host has let go, also because the channel was rescinded or
 *          the bus unloaded: the pages are the caller's; -ESTALE: they are the
 *          host's for ever; -ENOENT: this channel has no such handle; -EBUSY:
 *          the GPADL is being made or torn down
 *
 * PASSIVE.
 */
int vmbus_gpadl_teardown(struct vmbus_channel *c, uint32_t handle);

/** As vmbus_gpadl_teardown(), without waiting: `done` gets the outcome.
 * PASSIVE.
 * @return  0: on its way; -ENOENT, -EBUSY: `done` will not be called */
int vmbus_gpadl_teardown_start(struct vmbus_channel *c, uint32_t handle,
                               vmbus_done_fn *done, void *arg);

#ifdef __cplusplus
}
#endif

#endif
