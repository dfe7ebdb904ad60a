/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/storage/ share with each other alone. */
#ifndef DRIVERS_STORAGE_PRIVATE_H
#define DRIVERS_STORAGE_PRIVATE_H

#include "drivers/storage.h"
#include "drivers/storage/vstor_wire.h"
#include "drivers/vstor.h"
#include "vmbare_options.h"

/* ---- vstor_agree.c ------------------------------------------------------ */

/*
 * Agrees with the host on version and sizes. EvtChannelPostStarted calls it;
 * it ends with v->state VSTOR_READY, or VSTOR_REFUSED and v->problem. PASSIVE.
 */
void vstor_agree(struct vstor *v);

/* ---- vstor_request.c ---------------------------------------------------- */

/*
 * Checks the host's answer of `size` bytes and fills in r's results. The bytes
 * are a private copy; none is believed before it was checked. <= DISPATCH.
 */
void vstor_judge(const struct vstor *v, struct vstor_request *r,
                 const void *answer, uint32_t size);

/* ---- refusal.c ---------------------------------------------------------- */

/*
 * Says in words why `r` was refused, from its three statuses, and what the
 * reader can do. `text` receives at most `size` bytes, zero-terminated; 240 are
 * enough. Any IRQL.
 */
void vstor_refusal_text(const struct vstor_request *r, char *text, size_t size);

/* ---- block_io.c --------------------------------------------------------- */

/* The option storage.read-only: no write reaches the disk. */
extern struct vmbare_option block_read_only;

/*
 * Writes into d->problem what was expected, what the ended request `io` found
 * and what the reader can do. PASSIVE.
 */
void block_explain(struct block_device *d, const struct block_io *io);

#endif
