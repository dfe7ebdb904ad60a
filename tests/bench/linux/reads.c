/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads 4 KiB from a disk again and again, past the page cache, and marks what
 * is counted (tests/guest/counted/marks.h). 512 times as tests/guest/counted
 * does it. `reads DEVICE`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/guest/counted/marks.h"

#define ROUNDS 512
#define BYTES  4096

static char page[BYTES] __attribute__((aligned(BYTES)));

/* The first round does some things for the first time and is not counted. */
static int rounds(int disk, int phase)
{
    int good = 1;

    for (int i = 0; good && i <= ROUNDS; i++) {
        if (i && phase == PHASE_AWAITS)
            MARK(PHASE_AWAITS);
        else if (i == 1)
            MARK(PHASE_ROUNDS);
        good = pread(disk, page, BYTES, (off_t)(i % 8) * BYTES) == BYTES;
    }
    MARK(PHASE_NONE);
    return good;
}

int main(int argc, char **argv)
{
    int disk = open(argc == 2 ? argv[1] : "", O_RDONLY | O_DIRECT);
    int good =
        disk >= 0 && rounds(disk, PHASE_ROUNDS) && rounds(disk, PHASE_AWAITS);

    printf("%s - reads of 4 KiB\n", good ? "ok" : "not ok");
    return !good;
}
