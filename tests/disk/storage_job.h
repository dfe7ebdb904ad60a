/* SPDX-License-Identifier: BSD-2-Clause */
/* One request under way, shared by the storage host and its disk. */
#ifndef TESTS_DISK_STORAGE_JOB_H
#define TESTS_DISK_STORAGE_JOB_H

#include "storage_host.h"
#include "tests/minihv/devices/storage_wire.h"

struct job {
    struct storage_host *h;
    struct vstor_packet p;
    uint8_t cdb[16];
    uint8_t *data; /* the guest's data, mapped; NULL: none */
    uint32_t size; /* of the answer */
    const struct lie *lie;
};

/* Stores the low `bytes` bytes of v, the highest first. */
void job_put(uint8_t *p, unsigned bytes, uint64_t v);

/* Answers CHECK CONDITION with this sense data; no data is moved. */
void job_refuse(struct job *j, uint8_t key, uint8_t asc, uint8_t ascq);

/* Executes the command as an honest disk does. */
void job_execute(struct job *j);

#endif
