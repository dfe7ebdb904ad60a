/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes of the firmware, from EFI_RNG_PROTOCOL. On a virtual machine the
 * host may stand behind it, and firmware without it is common. [UEFI 37.5]
 */
#include "boot/efi/boot.h"

/* GNU-EFI does not have it. */
struct rng_protocol {
    void *get_info;
    EFI_STATUS(EFIAPI *get_rng)
    (struct rng_protocol *self, EFI_GUID *algorithm, UINTN size, UINT8 *to);
};

static EFI_GUID rng_guid = {0x3152bca5,
                            0xeade,
                            0x433d,
                            {0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44}};

/* In the firmware's own algorithm. One that fails has given nothing, whatever
 * it has written. */
void boot_find_seed(struct boot_info *info, EFI_SYSTEM_TABLE *system)
{
    struct rng_protocol *rng = NULL;

    if (!boot_seed_wanted() ||
        EFI_ERROR(BOOT_FIRMWARE(info, system->BootServices->LocateProtocol(
                                          &rng_guid, NULL, (VOID **)&rng))) ||
        !rng || !rng->get_rng)
        return;
    if (!EFI_ERROR(BOOT_FIRMWARE(
            info, rng->get_rng(rng, NULL, sizeof(info->seed), info->seed))))
        info->seed_size = sizeof(info->seed);
}
