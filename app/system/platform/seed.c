/* SPDX-License-Identifier: BSD-2-Clause */
/* vmbare_seed(): random bytes that the firmware gave. */
#include "app/system/platform/platform.h"

#include <string.h>

/* An image in which nobody calls the function does not have it, and its start
 * asks the firmware for nothing. */
static volatile BOOT_SEED_USER user = 1;

uint32_t vmbare_seed(void *out, uint32_t size)
{
    const struct boot_info *boot = the_platform.config.boot;
    uint32_t bytes = boot->seed_size < size ? boot->seed_size : size;

    /* Without the reference nothing would be linked there. */
    if (!user)
        return 0;
    memcpy(out, boot->seed, bytes);
    return bytes;
}
