/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as a loader fills it: see direct_memory.h. */
#include "unit.h"

#include "direct_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot/refuse.h"

struct direct_memory ram;

static int read_ram(void *context, uint64_t address, void *out, size_t size)
{
    (void)context;
    if (address < LOW_SIZE && size <= LOW_SIZE - address) {
        memcpy(out, ram.low + address, size);
        return 0;
    }
    /* The sample's own low memory is not part of this machine. */
    if (address < SAMPLE_BASE || address > UINT64_MAX - size)
        return -1;
    return ram.acpi.reader.read(ram.acpi.reader.context, address, out, size);
}

void direct_memory_begin(void)
{
    memset(&ram, 0, sizeof(ram));
    sample_begin(&ram.acpi);
    ram.reader.read = read_ram;
}

void direct_put(uint64_t at, uint64_t value, unsigned size)
{
    if (at > LOW_SIZE - size)
        abort();
    for (unsigned i = 0; i < size; i++)
        ram.low[at + i] = (uint8_t)(value >> 8 * i);
}

void direct_text(uint64_t at, const char *text)
{
    if (at + strlen(text) >= LOW_SIZE)
        abort();
    memcpy(ram.low + at, text, strlen(text) + 1);
}

static void put_range(uint64_t at, uint64_t start, uint64_t size, uint32_t type)
{
    direct_put(at, start, 8);
    direct_put(at + 8, size, 8);
    direct_put(at + 16, type, 4);
}

void direct_zero_range(uint64_t start, uint64_t size, uint32_t type)
{
    uint8_t *count = &ram.low[ZERO_PAGE + 0x1E8];

    put_range(ZERO_PAGE + 0x2D0 + *count * 20u, start, size, type);
    ++*count;
}

void direct_zero_page(void)
{
    direct_memory_begin();
    direct_put(ZERO_PAGE + 0x1FE, 0xAA55, 2);
    direct_put(ZERO_PAGE + 0x202, 0x53726448, 4);
    direct_zero_range(0, 0xA0000, 1);
    direct_zero_range(0x100000, 0xFF00000, 1);
}

void direct_pvh_range(uint64_t start, uint64_t size, uint32_t type)
{
    uint8_t *count = &ram.low[START_INFO + 48];

    put_range(RANGES_AT + *count * 24u, start, size, type);
    ++*count;
}

void direct_start_info(void)
{
    direct_memory_begin();
    direct_put(START_INFO, 0x336EC578, 4);
    direct_put(START_INFO + 4, 1, 4);
    direct_put(START_INFO + 40, RANGES_AT, 8);
    direct_pvh_range(0, 0xA0000, 1);
    direct_pvh_range(0x100000, 0xFF00000, 1);
}

void is_refused(int status, const char *because)
{
    assert_int_equal(status, -EINVAL);
    if (!strstr(boot_refusal(), because))
        fail_msg("expected '%s', found '%s'", because, boot_refusal());
}
