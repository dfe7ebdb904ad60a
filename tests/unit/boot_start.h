/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the image from the fake firmware (fake_firmware.h). */
#ifndef BOOT_START_H
#define BOOT_START_H

#include "boot/efi/boot.h"

/* Does the image open files? */
extern bool wants_files;
/* It uses random bytes of the firmware. */
extern bool wants_seed;

/* What arch_start() was given. */
extern struct boot_info info;

/* Starts the image. Returns 0, or the status that it gave to the firmware. */
EFI_STATUS boot(void);

/* Starts the image, which must refuse the machine with this text in its
 * reason. */
void is_refused(const char *because);

#endif
