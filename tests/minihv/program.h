/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of minihv that is an EFI program: it gathers what the host needs,
 * makes the hidden copy, and, as the first code of the guest, starts the
 * guest's image. Only these files see GNU-EFI's headers.
 */
#ifndef MINIHV_PROGRAM_H
#define MINIHV_PROGRAM_H

#include <efi.h>
#include <efilib.h>

#include "fwcfg.h"

/* minihv.h's sizes are for the host; the program needs these of it. */
struct boot;

/* program.c */
_Noreturn void program_failed(const char *what, EFI_STATUS status);

/* gather.c: fills `boot`; the copy of the image is made and relocated. */
void gather(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *self,
            struct boot *boot);

/* acpi.c: takes the last processor out of the MADT, so that the guest does
 * not start the one that the host needs. */
void acpi_hide_processor(EFI_SYSTEM_TABLE *system, uint32_t apic_id);

/* As if the machine had no power-management timer. */
void acpi_hide_timer(EFI_SYSTEM_TABLE *system);

/* Puts a device VMBus into the ACPI namespace, as on Hyper-V. */
void acpi_add_vmbus(EFI_SYSTEM_TABLE *system);

/* start.c: loads opt/guest and starts it with opt/cmdline and opt/initrd. */
_Noreturn void start_guest(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);

/* initrd.c: offers opt/initrd to a Linux EFI stub. */
void initrd_offer(EFI_SYSTEM_TABLE *system);

/* Reads a whole file of fw_cfg into memory of `type`; NULL without it. A
 * zero byte follows the contents. */
void *load_file(EFI_SYSTEM_TABLE *system, const char *name,
                EFI_MEMORY_TYPE type, uint32_t *size);

#endif
