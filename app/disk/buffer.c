/* Pages, pattern and checksum: see buffer.h. */
#include "buffer.h"

#include <stdio.h>
#include <string.h>

#include "vmbare.h"

#define GOLDEN     UINT64_C(0x9e3779b97f4a7c15)
#define POLYNOMIAL 0xedb88320u /* of CRC-32, bits reversed */

bool buffer_make(struct buffer *b, uint32_t pages)
{
    *b = (struct buffer){.pages = pages};
    b->bytes = vmbare_pages_alloc(pages);
    if (b->bytes)
        b->mdl =
            IoAllocateMdl(b->bytes, pages * PAGE_SIZE_4K, FALSE, FALSE, NULL);
    if (!b->mdl) {
        printf("disk: expected memory for %u pages, found none: give the VM "
               "more\n",
               (unsigned)pages);
        buffer_free(b);
        return false;
    }
    MmBuildMdlForNonPagedPool(b->mdl);
    b->pfns = MmGetMdlPfnArray(b->mdl);
    return true;
}

void buffer_free(struct buffer *b)
{
    if (b->mdl)
        IoFreeMdl(b->mdl);
    if (b->bytes)
        vmbare_pages_free(b->bytes, b->pages);
    *b = (struct buffer){0};
}

void buffer_pattern(uint8_t *bytes, size_t size, uint64_t at, uint64_t seed)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = ((at + i) / 8 + seed) * GOLDEN;

        memcpy(bytes + i, &word, 8);
    }
}

static uint32_t shift(uint32_t crc)
{
    return crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
}

uint32_t buffer_crc32(uint32_t crc, const uint8_t *bytes, size_t size)
{
    static uint32_t table[16];

    for (uint32_t i = 0; !table[1] && i < 16; i++)
        table[15 - i] = shift(shift(shift(shift(15 - i))));
    crc = ~crc;
    while (size--) {
        crc ^= *bytes++;
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
