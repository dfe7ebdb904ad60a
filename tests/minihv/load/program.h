/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of minihv that is an EFI program. It gathers what the host needs and
 * makes the hidden copy. Then it runs as the first code of the guest and starts
 * the guest's image. Only these files include GNU-EFI's headers.
 */
#ifndef MINIHV_PROGRAM_H
#define MINIHV_PROGRAM_H

#include <efi.h>
#include <efilib.h>

#include "fwcfg.h"

/* The declarations of minihv.h that the program needs. */
struct boot;

/* program.c */
_Noreturn void program_failed(const char *what, EFI_STATUS status);

/* gather.c: fills `boot`, and makes and relocates the copy of the image. */
void gather(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *self,
            struct boot *boot);

/* acpi.c: disables the last processor in the MADT, so that the guest does not
 * start the one that the host needs. */
void acpi_hide_processor(EFI_SYSTEM_TABLE *system, uint32_t apic_id);

/* Changes the FADT as if the machine had no power-management timer. */
void acpi_hide_timer(EFI_SYSTEM_TABLE *system);

/* Hides the machine's PCI, where the tables name it. */
void acpi_hide_pci(EFI_SYSTEM_TABLE *system);

/* Puts a device VMBus into the ACPI namespace, as on Hyper-V; with a range of
 * addresses for the memory of a screen (video.h), if there is one. */
void acpi_add_vmbus(EFI_SYSTEM_TABLE *system, bool has_range);

/* start.c: loads opt/guest and starts it with opt/cmdline and opt/initrd, an
 * ELF file without opt/initrd and without firmware. */
_Noreturn void start_guest(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);

/* direct.c: is this file an ELF file? */
bool direct_is_elf(const uint8_t *file, uint32_t size);

/* Leaves the firmware and starts the ELF file with opt/cmdline. */
_Noreturn void direct_start(EFI_HANDLE self, EFI_SYSTEM_TABLE *system,
                            const uint8_t *elf, uint32_t size);

/* initrd.c: offers opt/initrd to a Linux EFI stub. */
void initrd_offer(EFI_SYSTEM_TABLE *system);

/* Reads a whole fw_cfg file into memory of `type`; a zero byte follows the
 * contents. Returns NULL if there is no such file. */
void *load_file(EFI_SYSTEM_TABLE *system, const char *name,
                EFI_MEMORY_TYPE type, uint32_t *size);

#endif
