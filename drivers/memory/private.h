/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/memory/ share with each other alone. */
#ifndef DRIVERS_MEMORY_PRIVATE_H
#define DRIVERS_MEMORY_PRIVATE_H

#include "drivers/dynamic_memory.h"
#include "drivers/memory/wire.h"

/*
 * Sends the `size` bytes of `message` as one packet, after filling in its
 * header. KMCL frees the packet. False: there is no packet object, or KMCL
 * refused the send; d->send_failed counts it. PASSIVE.
 */
bool dynmem_send(struct dynmem *d, void *message, uint16_t type,
                 uint32_t transaction, uint32_t size);

/*
 * The host's three requests: give pages, take pages back, use new memory. Each
 * gets a private copy of the message, of `size` bytes, and answers it. A
 * request that makes no sense is counted in d->refused. PASSIVE.
 */
void dynmem_balloon(struct dynmem *d, const void *message, uint32_t size);
void dynmem_unballoon(struct dynmem *d, const void *message, uint32_t size);
void dynmem_hot_add(struct dynmem *d, const void *message, uint32_t size);

#endif
