/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads QEMU's fw_cfg files through its DMA interface, which is big-endian. The
 * directory is read again each time, because after a snapshot was restored the
 * files are those of the new QEMU process.
 */
#include <stddef.h>

#include "fwcfg.h"
#include "machine.h"

enum {
    KEY_CPU_COUNT = 0x05,
    KEY_DIRECTORY = 0x19,
    PORT_DMA_HIGH = 0x514,
    PORT_DMA_LOW = 0x518,
    DMA_READ = 2,
    DMA_SELECT = 8,
    NAME_LENGTH = 56,
};

struct directory_entry {
    uint32_t size;
    uint16_t key, reserved;
    char name[NAME_LENGTH];
};
_Static_assert(sizeof(struct directory_entry) == 64, "fw_cfg directory");

struct dma {
    uint32_t control, length;
    uint64_t address;
} __attribute__((aligned(16)));

static void transfer(uint32_t control, void *buffer, uint32_t length)
{
    volatile struct dma d = {
        .control = __builtin_bswap32(control),
        .length = __builtin_bswap32(length),
        .address = __builtin_bswap64((uint64_t)buffer),
    };
    uint64_t address = (uint64_t)&d;

    port_out32(PORT_DMA_HIGH, __builtin_bswap32((uint32_t)(address >> 32)));
    port_out32(PORT_DMA_LOW, __builtin_bswap32((uint32_t)address));
    while (d.control) /* QEMU has done it when the write returns */
        cpu_relax();
}

static void read_key(uint16_t key, void *buffer, uint32_t length)
{
    transfer((uint32_t)key << 16 | DMA_SELECT | DMA_READ, buffer, length);
}

uint32_t fwcfg_cpu_count(void)
{
    uint16_t n = 0;

    read_key(KEY_CPU_COUNT, &n, sizeof n);
    return n;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

bool fwcfg_find(const char *name, struct fwcfg_file *file)
{
    struct directory_entry e;
    uint32_t count;

    read_key(KEY_DIRECTORY, &count, sizeof count);
    for (count = __builtin_bswap32(count); count; count--) {
        transfer(DMA_READ, &e, sizeof e);
        e.name[NAME_LENGTH - 1] = 0;
        if (!same_name(e.name, name))
            continue;
        file->key = __builtin_bswap16(e.key);
        file->size = __builtin_bswap32(e.size);
        return true;
    }
    return false;
}

void fwcfg_read(const struct fwcfg_file *file, void *buffer, uint32_t size)
{
    read_key(file->key, buffer, size);
}
