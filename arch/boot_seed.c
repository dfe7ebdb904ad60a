/* SPDX-License-Identifier: BSD-2-Clause */
/* Does this image use random bytes of the firmware? See boot_info.h. */
#include "arch/boot_info.h"

/* The linker puts the users in a row (linker/vmbare.lds): one, or none. */
extern uint64_t vmb_seed_start[], vmb_seed_end[];

bool boot_seed_wanted(void)
{
    return &vmb_seed_start[0] != &vmb_seed_end[0];
}
