/* SPDX-License-Identifier: BSD-2-Clause */
/* The version that people read on the firmware's console. Alone in its file,
 * because its text changes with every commit. */
#include "boot/efi/boot.h"

#include "version/name.h"

const char boot_version[] = VMBARE_NAME;
