/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds cards of QEMU's machine that minihv drives. */
#ifndef MINIHV_PCI_H
#define MINIHV_PCI_H

#include <stdint.h>

enum { PCI_COMMAND = 4, PCI_BAR = 0x10 };

/* Returns where the configuration space of the first card with this number
 * (device << 16 | vendor) on bus 0 is in memory; 0: there is none. */
uint64_t pci_find(uint32_t id);

#endif
