/* SPDX-License-Identifier: BSD-2-Clause */
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

#include "arch/boot_info.h"

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
 * Returns the firmware's status where it refuses for good, or an error where
 * what it tells cannot be used; boot_refuse has the reason then.
 */
EFI_STATUS boot_exit_services(struct boot_info *info, EFI_HANDLE handle,
                              EFI_SYSTEM_TABLE *system);

/*
 * Puts a map of the firmware's into info->region: ascending, without overlap,
 * below info->physical_end, the image's own memory BOOT_MEMORY_OURS. Where
 * ranges contradict each other the kind that allows least counts (once more
 * in regions_contradicted); ranges that cannot be are left out (counted in
 * regions_dropped), as are pieces past BOOT_REGIONS_MAX.
 *
 * map: aligned to 8, overwritten; room for size + 24 bytes. stride: of one
 * descriptor, at least 40 bytes.
 */
void boot_read_map(struct boot_info *info, void *map, uint64_t size,
                   uint64_t stride);

/*
 * Keeps why this machine cannot be taken: what was expected, what was found,
 * what to do. efi_main says it where a status above is an error.
 */
void boot_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *boot_refusal(void);

/* Copies UCS-2 (NULL: nothing) to ASCII, '?' for what is not printable; always
 * terminated. */
void boot_copy_ascii(char *to, uint32_t size, const CHAR16 *from,
                     uint32_t length);

#endif
