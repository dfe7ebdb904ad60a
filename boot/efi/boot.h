/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot/efi/: from the firmware's call of efi_main to a filled struct boot_info.
 *
 * The only folder that sees GNU-EFI's headers. Nothing here touches the
 * hypervisor: until ExitBootServices the firmware owns the hypercall page, the
 * SynIC and VMBus, and taking them crashes a Hyper-V machine [mu_msvm] [ipxe].
 */
#ifndef BOOT_EFI_BOOT_H
#define BOOT_EFI_BOOT_H

#include <efi.h>

#include "arch/boot_info.h"
#include "boot/refuse.h"

/* Calls into the firmware go through this, so that the time spent there can be
 * told from ours (boot.entry_to_app.instructions). */
#define BOOT_FIRMWARE(info, call)                                    \
    ({                                                               \
        uint64_t boot_from_ = __builtin_ia32_rdtsc();                \
        __typeof__(call) boot_result_ = (call);                      \
        (info)->tsc_firmware += __builtin_ia32_rdtsc() - boot_from_; \
        boot_result_;                                                \
    })

/** The version of vmbare, as the report has it. */
extern const char boot_version[];

/** Fill info->framebuffer from the first of the firmware's GOPs that has a
 * linear framebuffer. The width stays 0 where none has. */
void boot_find_framebuffer(struct boot_info *info, EFI_SYSTEM_TABLE *system);

/** Fill info->seed with random bytes of the firmware, in an image that uses
 * them; info->seed_size stays 0 where it has none. */
void boot_find_seed(struct boot_info *info, EFI_SYSTEM_TABLE *system);

/**
 * Fill info->cmdline from the load options; "" where those are no text.
 *
 * @image  the image's own loaded-image protocol
 */
void boot_find_cmdline(struct boot_info *info, const EFI_LOADED_IMAGE *image);

/**
 * Open the volume that the image was loaded from.
 *
 * @image   the image's own loaded-image protocol
 * @return  its root folder, to be closed by the caller; NULL: there is none
 */
EFI_FILE_HANDLE boot_open_volume(struct boot_info *info,
                                 EFI_SYSTEM_TABLE *system,
                                 EFI_LOADED_IMAGE *image);

/**
 * Read vmbare.cmd and vmbare.conf, beside the default boot file, into info->cmd
 * and info->conf.
 *
 * @root  of the volume; stays open. NULL: there is none, and both are empty
 */
void boot_read_texts(struct boot_info *info, EFI_FILE_HANDLE root);

/**
 * Read the files of \EFI\vmbare\ and of the folders below it into info->files,
 * in the order of the volume. Their memory is never given back. A file that
 * cannot be read, or that does not fit, is listed with the reason. Does nothing
 * in an image that opens no files.
 *
 * @root  of the volume; stays open. NULL: there is none, and no file
 */
void boot_read_files(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                     EFI_FILE_HANDLE root);

/**
 * Take the machine from the firmware: read the memory map into @info and exit
 * boot services, again with a fresh map where the key had changed.
 *
 * @return  EFI_SUCCESS: boot services are gone, and nothing of the firmware may
 *          be called; its status where it refuses for good; an error where its
 *          map cannot be used. With an error boot_refusal() has the reason.
 */
EFI_STATUS boot_exit_services(struct boot_info *info, EFI_HANDLE handle,
                              EFI_SYSTEM_TABLE *system);

/**
 * Put a memory map of the firmware's into info->region, as boot_map_settle()
 * does (boot/map.h).
 *
 * @map     aligned to 8, overwritten; has room for @size + 24 bytes
 * @size    of the descriptors in bytes
 * @stride  of one descriptor in bytes, at least 40
 */
void boot_read_map(struct boot_info *info, void *map, uint64_t size,
                   uint64_t stride);

/**
 * Copy UCS-2 text as ASCII, with '?' for what is not printable.
 *
 * @to      receives at most @size - 1 characters and a terminating zero
 * @from    NULL: no text
 * @length  at most this many characters of @from are read
 */
void boot_copy_ascii(char *to, uint32_t size, const CHAR16 *from,
                     uint32_t length);

#endif
