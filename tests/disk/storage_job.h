/* SPDX-License-Identifier: BSD-2-Clause */
/* What the storage host and its disk share: one request under way. */
#ifndef TESTS_DISK_STORAGE_JOB_H
#define TESTS_DISK_STORAGE_JOB_H

#include "storage_host.h"
#include "tests/minihv/storage_wire.h"

struct job {
    struct storage_host *h;
    struct vstor_packet p;
    uint8_t cdb[16];
    uint8_t *data; /* of the guest's, mapped; NULL: none */
    uint32_t size; /* of the answer */
    const struct lie *lie;
};

/* `bytes` bytes of v, the highest first. */
void job_put(uint8_t *p, unsigned bytes, uint64_t v);

/* CHECK CONDITION with this sense data, nothing moved. */
void job_refuse(struct job *j, uint8_t key, uint8_t asc, uint8_t ascq);

/* Does the command, as an honest disk would. */
void job_execute(struct job *j);

#endif
