/* SPDX-License-Identifier: BSD-2-Clause */
/* What every test of app/disk has: a world, a host in it, a closed disk. */
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

/* Ended by an entry without `run`. */
extern const struct disk_test agree_tests[];
extern const struct disk_test answer_tests[];
extern const struct disk_test opening_tests[];
extern const struct disk_test transfer_tests[];
extern const struct disk_test exercise_tests[];
extern const struct disk_test pure_tests[];

/* The world of vmbare.h's functions from now on. */
void use_world(struct world *w);

/* Opening must succeed; must fail with that, and a text that has `says`. */
void must_open(struct bench *b);
void must_not_open(struct bench *b, NTSTATUS status, const char *says);

/* disk->problem must have the text. */
void must_say(const struct block_device *d, const char *says);

/* Lets milliseconds pass, or only what is due. */
void let_pass(struct bench *b, uint32_t milliseconds);

#endif
