/*
 * boot/: from the firmware's call of efi_main to a filled struct boot_info.
 *
 * The only folder that sees GNU-EFI's headers. Nothing here touches the
 * hypervisor: until ExitBootServices the firmware owns hypercall page, SynIC
 * and VMBus, and taking them crashes a Hyper-V machine [mu_msvm] [ipxe].
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <efi.h>

#include "boot_info.h"

/*
 * Calls into the firmware go through this, so that the time that is spent
 * there can be told from ours (boot.entry_to_app.instructions).
 */
#define BOOT_FIRMWARE(info, call)                                    \
    ({                                                               \
        uint64_t boot_from_ = __builtin_ia32_rdtsc();                \
        __typeof__(call) boot_result_ = (call);                      \
        (info)->tsc_firmware += __builtin_ia32_rdtsc() - boot_from_; \
        boot_result_;                                                \
    })

/* Finds the screen; leaves width 0 where GOP has no linear framebuffer. */
void boot_find_framebuffer(struct boot_info *info, EFI_SYSTEM_TABLE *system);

/*
 * Fills info->cmdline from the load options, or, where those are empty or no
 * text, from the file vmbare.cmd beside the default boot file.
 */
void boot_find_cmdline(struct boot_info *info, EFI_SYSTEM_TABLE *system,
                       EFI_LOADED_IMAGE *image);

/*
 * Takes the machine from the firmware: reads the memory map into `info` and
 * exits boot services, again with a fresh map where the key had changed.
 * Returns the firmware's status where it refuses for good.
 */
EFI_STATUS boot_exit_services(struct boot_info *info, EFI_HANDLE handle,
                              EFI_SYSTEM_TABLE *system);

/* Copies UCS-2 to ASCII, '?' for what is not printable; always terminated. */
void boot_copy_ascii(char *to, uint32_t size, const CHAR16 *from,
                     uint32_t length);

#endif
