/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest MMIO space for offers that ask for it, out of the range that the
 * composition root gave: first fit in whole megabytes. The channels that have
 * some are the record of what is taken.
 */
#include <errno.h>

#include "kmcl/channel/advance.h"

#define MEGABYTE UINT64_C(0x100000)

/* The channel whose space overlaps; NULL: free. */
static VMBCHANNEL taken_by(struct kmcl *root, uint64_t address, uint64_t size)
{
    for (VMBCHANNEL ch = root->channels; ch; ch = ch->next) {
        if (address < ch->mmio_address + ch->mmio_size &&
            ch->mmio_address < address + size)
            return ch;
    }
    return NULL;
}

/* Takes the first free piece of `size` bytes; false: there is none. */
static bool reserve(VMBCHANNEL ch, uint64_t size)
{
    const struct kmcl_config *config = &ch->root->config;
    uint64_t end = config->mmio_base + config->mmio_size;
    /* Pieces begin at whole megabytes, because offers count in these. */
    uint64_t at = (config->mmio_base + MEGABYTE - 1) & ~(MEGABYTE - 1);
    VMBCHANNEL other;

    while (at + size <= end) {
        other = taken_by(ch->root, at, size);
        if (!other) {
            ch->mmio_address = at;
            ch->mmio_size = size;
            return true;
        }
        /* Go on after whatever is in the way. */
        at = other->mmio_address + other->mmio_size;
    }
    return false;
}

int kmcl_mmio_reserve(VMBCHANNEL ch, uint32_t megabytes, uint32_t optional)
{
    uint64_t needed = megabytes * MEGABYTE;

    if (!megabytes && !optional)
        return 0;
    /* First with what the device would like, then with what it needs. */
    if (reserve(ch, needed + optional * MEGABYTE))
        return 0;
    if (!needed || reserve(ch, needed))
        return 0;
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: the offer asks for %u MiB of MMIO space, and the "
             "platform gave no range that has so much left",
             ch->set.name, megabytes);
    return -ENOMEM;
}

void kmcl_mmio_release(VMBCHANNEL ch)
{
    ch->mmio_address = 0;
    ch->mmio_size = 0;
}
