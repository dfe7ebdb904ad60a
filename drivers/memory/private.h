/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/memory/ share with each other alone. */
#ifndef DRIVERS_MEMORY_PRIVATE_H
#define DRIVERS_MEMORY_PRIVATE_H

#include "drivers/dynamic_memory.h"
#include "drivers/memory/wire.h"

/* ---- send.c ------------------------------------------------------------- */

/*
 * Sends the `size` bytes of `message` as one packet, after filling in its
 * header. KMCL frees the packet. False: there is no packet object, or KMCL
 * refused the send; d->send_failed counts it. PASSIVE.
 */
bool dynmem_send(struct dynmem *d, void *message, uint16_t type,
                 uint32_t transaction, uint32_t size);

/* ---- requests.c --------------------------------------------------------- */

/*
 * The host wants pages: gives as many as it can, 32 MiB excepted, and answers.
 * `message` is a private copy of `size` bytes; one that is too short is counted
 * in d->refused. PASSIVE.
 */
void dynmem_balloon(struct dynmem *d, const void *message, uint32_t size);

/*
 * The host gives pages back: hands each range to the page allocator, and
 * answers the last message of the request. A range that was never given away
 * is counted in d->refused. Arguments as above. PASSIVE.
 */
void dynmem_unballoon(struct dynmem *d, const void *message, uint32_t size);

/*
 * The host has added memory: hands the range to the page allocator, and answers
 * how many pages it took, which may be 0. Arguments as above. PASSIVE.
 */
void dynmem_hot_add(struct dynmem *d, const void *message, uint32_t size);

#endif
