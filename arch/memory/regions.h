/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of regions that boot/ leaves behind, looked at before it is used. */
#ifndef ARCH_REGIONS_H
#define ARCH_REGIONS_H

#include "arch/boot_info.h"

/**
 * Is the list of regions what it must be: ascending, without overlap, of whole
 * pages below physical_end, with nothing that is free where the image lies?
 *
 * @at      receives the index of the first region that is wrong
 * @return  NULL: yes; else what is wrong with that region, in words
 *
 * IRQL: any.
 */
const char *regions_wrong(const struct boot_info *info, uint32_t *at);

#endif
