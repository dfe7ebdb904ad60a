/* SPDX-License-Identifier: BSD-2-Clause */
/* Cards of QEMU's machine: see pci.h. */
#include "pci.h"

#include "minihv.h"

/* Configuration space in memory, because the guest may be between the two
 * accesses that its ports need. */
static uint64_t config_base(void)
{
    enum {
        ADDRESS = 0xCF8,
        DATA = 0xCFC,
        ENABLE = (int)0x80000000,
        HOST_BRIDGE_MAP = 0x60, /* q35's */
    };

    port_out32(ADDRESS, (uint32_t)ENABLE | HOST_BRIDGE_MAP);
    return port_in32(DATA) & 0xF0000000u;
}

uint64_t pci_find(uint32_t id)
{
    uint64_t base = config_base();

    for (uint32_t device = 0; base && device < 32; device++) {
        uint64_t at = base + ((uint64_t)device << 15);

        if (mmio_read32(at) == id)
            return at;
    }
    return 0;
}
