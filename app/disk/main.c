/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk, on KMCL alone: says what it is, reads it in every way, and with
 * `write` writes to it and puts back what was there (`write=keep`: does not).
 * `cycles=N` closes and opens it N times.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/storage.h"
#include "exercise.h"
#include "vmbare.h"

static VMBARE_OPTION write_option = {
    .group = "disk",
    .name = "write",
    .type = VMBARE_WORD,
    .words = "|keep",
    .help = "write to the disk, and restore its old contents; with keep the "
            "test pattern stays; without the option nothing is written",
};

static VMBARE_OPTION cycles_option = {
    .group = "disk",
    .name = "cycles",
    .type = VMBARE_NUMBER,
    .most = UINT32_MAX,
    .otherwise = "1",
    .help = "how often the disk is closed and opened again",
};

/* What was agreed with the host, and which disk it is. */
static void print_disk(const struct block_device *d)
{
    const struct vstor *v = &d->vstor;

    printf("# disk: protocol %u.%u, packets of %u bytes, up to %u bytes at "
           "once, %u sub-channels promised and left alone\n",
           v->version >> 8, v->version & 0xff, (unsigned)v->packet_size,
           (unsigned)v->max_transfer, v->subchannels);
    printf("# disk: '%s' '%s' '%s', %llu blocks of %u bytes\n",
           d->identity.vendor, d->identity.product, d->identity.revision,
           (unsigned long long)d->blocks, (unsigned)d->block_size);
}

/* How often each way of sending was used, and what the host did wrong. */
static void print_counts(const struct block_device *d)
{
    const struct vstor *v = &d->vstor;

    printf("# disk: %llu requests, %llu ended, %llu by MDL, %llu by page "
           "frames, %llu answers made no sense, %llu notices\n",
           (unsigned long long)v->started, (unsigned long long)v->ended,
           (unsigned long long)v->by_mdl, (unsigned long long)v->by_pfns,
           (unsigned long long)v->lies, (unsigned long long)v->notices);
}

/* block_open explains a failure in d->problem; it is printed here. */
static bool open_disk(struct block_device *d)
{
    return NT_SUCCESS(block_open(d)) || exercise_failed(d, "opening");
}

/*
 * Closes the channel with requests under way, opens it again, and compares the
 * checksum: it must be the same disk with the same contents.
 */
static bool reopen(struct block_device *d, uint32_t crc, uint64_t cycles)
{
    for (uint64_t i = 0; i < cycles; i++) {
        uint32_t found;

        if (!exercise_close(d) || !open_disk(d) ||
            !exercise_checksum(d, &found))
            return false;
        if (found != crc) {
            printf("disk: expected crc32 %08x after opening it again, found "
                   "%08x\n",
                   (unsigned)crc, (unsigned)found);
            return false;
        }
    }
    printf("# disk: opened again, times: %llu\n", (unsigned long long)cycles);
    return true;
}

/*
 * Writes only when asked to. The checksum must be the one from before, unless
 * the pattern was to stay.
 */
static bool write_to(struct block_device *d, uint32_t *crc)
{
    const char *write = vmbare_option_text(&write_option);
    bool is_kept = write && !strcmp(write, "keep");
    uint32_t before = *crc;

    if (!write) {
        printf("# disk: nothing is written without the option 'write'\n");
        return true;
    }
    if (!exercise_write(d, is_kept) || !exercise_checksum(d, crc))
        return false;
    if (is_kept || *crc == before)
        return true;
    printf("disk: expected all as it was, found another checksum\n");
    return false;
}

/* Each step runs only when the one before was good. */
static bool run(struct block_device *d)
{
    uint32_t crc;

    if (!open_disk(d))
        return false;
    print_disk(d);
    return exercise_checksum(d, &crc) && exercise_shapes(d) &&
           exercise_limits(d) && write_to(d, &crc) &&
           reopen(d, crc, vmbare_option_number(&cycles_option));
}

/*
 * A host without VMBus is not a failure of the disk: its own verdict is
 * returned.
 */
int main(void)
{
    static struct block_device d;
    struct vmbare_facts facts;
    bool good;

    vmbare_facts(&facts);
    if (facts.refusal) {
        printf("disk: there is no VMBus here: %s\n", facts.refusal);
        return facts.verdict;
    }
    good = run(&d);
    print_counts(&d);
    block_free(&d);
    printf("# disk: %s\n", good ? "all is well" : "failed");
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}
