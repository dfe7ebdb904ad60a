/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Implements the part of vmbare.h that app/disk calls on the tests' world, with
 * virtual time and the world's pages, and the assertions of the tests.
 */
#include <stdio.h>
#include <unistd.h>

#include "disk_world.h"
#include "tests/peer/hosted.h"
#include "tests/kmcl/runner.h"
#include "vmbare.h"
#include "vmbus/wire/crc32.h"

static struct world *the_world;

void use_world(struct world *w)
{
    the_world = w;
}

/* ---- vmbare.h ----------------------------------------------------------- */

uint64_t vmbare_now(void)
{
    return world_now(the_world);
}

void vmbare_sleep(double seconds)
{
    hosted_advance(world_seam(the_world), (uint64_t)(seconds * 10000000));
}

uint32_t vmbare_crc32(uint32_t before, const void *bytes, size_t size)
{
    return vmbus_crc32(before, bytes, size);
}

void *vmbare_pages_alloc(uint32_t count)
{
    return seam_pages_alloc(world_seam(the_world), count, NULL);
}

void vmbare_pages_free(void *pages, uint32_t count)
{
    seam_pages_free(world_seam(the_world), pages, count);
}

/* ---- assertions of the tests -------------------------------------------- */

void must_say(const struct block_device *d, const char *says)
{
    if (strstr(d->problem, says))
        return;
    fprintf(stderr, "# expected '%s' in the text '%s'\n", says, d->problem);
    check_failed(__FILE__, __LINE__, "what the disk says");
}

void must_open(struct bench *b)
{
    NTSTATUS status = block_open(b->disk);

    if (status)
        fprintf(stderr, "# the disk says: %s\n", b->disk->problem);
    CHECK_STATUS(status, STATUS_SUCCESS);
}

void must_not_open(struct bench *b, NTSTATUS status, const char *says)
{
    CHECK_STATUS(block_open(b->disk), status);
    must_say(b->disk, says);
}

void let_pass(struct bench *b, uint32_t milliseconds)
{
    world_advance(b->w, milliseconds);
}
