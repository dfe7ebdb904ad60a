/* SPDX-License-Identifier: BSD-2-Clause */
/* Every test of app/disk gets a world, a host in it, and a closed disk. */
#ifndef TESTS_DISK_DISK_WORLD_H
#define TESTS_DISK_DISK_WORLD_H

#include "drivers/storage.h"
#include "storage_host.h"

struct bench {
    struct world *w;
    struct storage_host *host;
    struct block_device *disk;
};

struct disk_test {
    const char *what;
    void (*run)(struct bench *b);
};

/* Each table ends with an entry without `run`. */
extern const struct disk_test agree_tests[];
extern const struct disk_test answer_tests[];
extern const struct disk_test opening_tests[];
extern const struct disk_test transfer_tests[];
extern const struct disk_test exercise_tests[];
extern const struct disk_test pure_tests[];

/* Makes the functions of vmbare.h use this world from now on. */
void use_world(struct world *w);

/* Asserts that opening succeeds, or that it fails with the status and that the
 * disk's text contains `says`. */
void must_open(struct bench *b);
void must_not_open(struct bench *b, NTSTATUS status, const char *says);

/* Asserts that disk->problem contains the text. */
void must_say(const struct block_device *d, const char *says);

/* Lets milliseconds of virtual time pass; 0 runs only what is due. */
void let_pass(struct bench *b, uint32_t milliseconds);

#endif
