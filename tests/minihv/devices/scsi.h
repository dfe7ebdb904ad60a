/* SPDX-License-Identifier: BSD-2-Clause */
/* A direct-access SCSI device over a piece of memory. [SPC-3], [SBC-2] */
#ifndef MINIHV_SCSI_H
#define MINIHV_SCSI_H

#include <stdbool.h>
#include <stdint.h>

#include "storage_wire.h"

struct scsi_disk {
    uint8_t *data;
    uint64_t blocks; /* of 512 bytes */
};

/*
 * Executes srb->cdb for srb->lun with `size` bytes of data at `data` (NULL: no
 * data). Fills in the statuses, the sense data and the actual transfer length.
 */
void scsi_execute(struct scsi_disk *disk, struct vstor_srb *srb, uint8_t *data,
                  uint32_t size);

#endif
