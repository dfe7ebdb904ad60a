/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What server channels need beyond client channels, behind one object: the
 * other files reach a server's code through it alone, so an image in which
 * nobody names it contains neither that nor the host half of vmbus/.
 */
#ifndef KMCL_SERVER_HALF_H
#define KMCL_SERVER_HALF_H

#include "vmbus/host.h"
#include "kmcl/interface.h"
#include "kmcl/base/link.h"

struct kmcl_server_half {
    const struct kmcl_link_ops *link;

    /* A guest's lent memory; as the functions of host.h. */
    int (*memory_map)(struct vmbus_host_channel *channel, uint32_t offset,
                      uint32_t size, const uint64_t *pfns, uint32_t count,
                      struct vmbus_host_memory *memory);
    void (*memory_unmap)(struct vmbus_host_channel *channel,
                         struct vmbus_host_memory *memory);

    /* Of the queried interface. */
    KMCL_SERVER_ONLY_METHODS methods;
};

#endif
