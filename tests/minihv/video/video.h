/* SPDX-License-Identifier: BSD-2-Clause */
/* The synthetic video of the guest; QEMU's VGA card shows its screen. */
#ifndef MINIHV_VIDEO_VIDEO_H
#define MINIHV_VIDEO_VIDEO_H

#include <stdint.h>

/* Where a guest may put the memory of its screen. The VMBus device of ACPI
 * names this range (load/acpi.c), and nothing of QEMU's machine is there. */
#define VIDEO_RANGE_BASE UINT32_C(0xFC000000)
#define VIDEO_RANGE_SIZE UINT32_C(0x01000000)

/* Creates the device. */
void video_prepare(void);

/* Prints what has passed, at the end of a run. */
void video_say_counts(void);

#endif
