/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of the firmware's memory map, up to the allocation of frames. The
 * input is a list of ranges: a byte of type, four of first page, two for the
 * offset of the start, two of length. The numbers are small, so that ranges
 * overlap; one byte makes some of them enormous.
 *
 * The harness checks the frames against the map: an allocated frame must lie in
 * conventional memory and in no other range, and must be allocated once only.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/efi/boot.h"
#include "arch/memory/frames.h"

#define PAGE     UINT64_C(4096)
#define RANGES   400u
#define TAKEN    80u
#define END      (UINT64_C(1) << 40)
#define REGIONS  (2 * RANGES + 2)
#define IMAGE_AT (UINT64_C(0x100) * PAGE)
#define IMAGE    (UINT64_C(9) * PAGE - 1)
#define SPECIFIC UINT64_C(0x40000) /* EFI_MEMORY_SP */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

struct range {
    uint8_t type, large;
    uint8_t page[2], offset[2], pages[2];
};

static EFI_MEMORY_DESCRIPTOR told[RANGES], map[RANGES];
static struct boot_info info;
static struct boot_memory_region regions[REGIONS];
static char *memory; /* of all frames below END, where the account writes */

static void check(bool holds)
{
    if (!holds)
        abort();
}

static uint64_t number(const uint8_t byte[2])
{
    return byte[0] | (uint64_t)byte[1] << 8;
}

/* Where small numbers do not lead. */
static uint64_t enlarged(uint64_t value, unsigned how)
{
    static const uint64_t by[] = {
        0,
        0,
        0,
        END / PAGE - 8,
        1ull << 52,
        UINT64_MAX,
        UINT64_MAX << 12,
        (UINT64_MAX >> 12) - 0x300,
    };

    return value + by[how % 8];
}

static void tell(EFI_MEMORY_DESCRIPTOR *d, const struct range *r)
{
    static const uint32_t types[] = {
        EfiConventionalMemory,  EfiConventionalMemory, EfiConventionalMemory,
        EfiBootServicesData,    EfiLoaderCode,         EfiReservedMemoryType,
        EfiRuntimeServicesData, EfiACPIReclaimMemory,
    };

    d->Type = r->type < 248 ? types[r->type % 8] : 0x80000000u + r->type;
    d->PhysicalStart = enlarged(number(r->page), r->large) * PAGE;
    if (r->large & 64)
        d->PhysicalStart += number(r->offset);
    d->NumberOfPages = enlarged(number(r->pages), r->large >> 3);
    d->Attribute = EFI_MEMORY_WB;
    if (r->large & 128)
        d->Attribute = r->offset[1] & 1 ? 0 : EFI_MEMORY_WB | SPECIFIC;
}

/* Returns true if a part of the page belongs to the descriptor. */
static bool touches(const EFI_MEMORY_DESCRIPTOR *d, uint64_t page)
{
    uint64_t from = page * PAGE, start = d->PhysicalStart;

    if (d->NumberOfPages == 0 || start >= from + PAGE)
        return false;
    return start >= from || (from - start) / PAGE < d->NumberOfPages;
}

/* All of this page, where the range ends somewhere at all? */
static bool covers(const EFI_MEMORY_DESCRIPTOR *d, uint64_t page)
{
    uint64_t from = page * PAGE, start = d->PhysicalStart;

    return start <= from && d->NumberOfPages <= END / PAGE - start / PAGE &&
           (from - start + PAGE - 1) / PAGE + 1 <= d->NumberOfPages;
}

static bool is_free(const EFI_MEMORY_DESCRIPTOR *d, bool reclaimed)
{
    if (d->Attribute != EFI_MEMORY_WB)
        return false;
    return d->Type == EfiConventionalMemory ||
           (reclaimed &&
            (d->Type == EfiBootServicesData || d->Type == EfiBootServicesCode));
}

static void check_frame(uint64_t frame, unsigned ranges, bool reclaimed)
{
    bool holds = false;

    check(frame != 0 && frame < END / PAGE);
    check(frame * PAGE + PAGE <= IMAGE_AT || frame * PAGE >= IMAGE_AT + IMAGE);
    for (unsigned i = 0; i < ranges; i++) {
        const EFI_MEMORY_DESCRIPTOR *d = &told[i];

        check(is_free(d, reclaimed) || !touches(d, frame));
        if (is_free(d, reclaimed) && covers(d, frame))
            holds = true;
    }
    check(holds);
}

static void check_regions(void)
{
    uint64_t at = 0;

    check(info.regions <= REGIONS);
    for (uint32_t i = 0; i < info.regions; i++) {
        const struct boot_memory_region *r = &info.region[i];

        check(r->base >= at && r->base % PAGE == 0 && r->pages != 0);
        check(r->kind < BOOT_MEMORY_RESERVED);
        check(r->pages <= (END - r->base) / PAGE);
        at = r->base + r->pages * PAGE;
    }
}

static uint64_t *reach(uint64_t frame)
{
    return (uint64_t *)(void *)(memory + frame * PAGE);
}

static void add(struct frames *f, enum boot_memory_kind kind)
{
    for (uint32_t i = 0; i < info.regions; i++) {
        const struct boot_memory_region *r = &info.region[i];
        uint64_t first = r->base / PAGE, count = r->pages;

        if (r->kind != kind)
            continue;
        if (first == 0)
            first++, count--;
        check(frames_add_own(f, first, count, reach) != -EINVAL || count == 0);
    }
}

static void take(struct frames *f, unsigned ranges, bool reclaimed)
{
    static uint64_t taken[TAKEN];
    unsigned n = 0, runs = 0;

    while (n + 8 <= TAKEN) {
        uint64_t count = ++runs % 4 ? 1 : 8;
        uint64_t first = frames_take(f, count, count, FRAMES_NONE);

        if (first == FRAMES_NONE && count == 1)
            break;
        for (uint64_t i = 0; first != FRAMES_NONE && i < count; i++) {
            check_frame(first + i, ranges, reclaimed);
            for (unsigned k = 0; k < n; k++)
                check(taken[k] != first + i);
            taken[n++] = first + i;
        }
    }
    while (n > 0)
        check(frames_give(f, taken[--n], 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct frames f;
    unsigned ranges = 0;
    struct range r;

    if (!memory)
        memory = mmap(NULL, END, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(memory != MAP_FAILED);
    for (; (ranges + 1) * sizeof(r) <= size && ranges < RANGES; ranges++) {
        memcpy(&r, input + ranges * sizeof(r), sizeof(r));
        memset(&told[ranges], 0, sizeof(told[ranges]));
        tell(&told[ranges], &r);
    }
    memcpy(map, told, sizeof(map));
    memset(&info, 0x5a, sizeof(info)); /* old contents must not count */
    info.physical_end = END;
    info.region = regions;
    info.regions_room = REGIONS;
    info.image_base = IMAGE_AT;
    info.image_size = IMAGE;
    boot_read_map(&info, map, ranges * sizeof(map[0]), sizeof(map[0]));
    check_regions();
    check(info.regions_dropped <= ranges); /* none for want of room */
    memset(&f, 0, sizeof(f));
    add(&f, BOOT_MEMORY_FREE);
    take(&f, ranges, false);
    add(&f, BOOT_MEMORY_SERVICES);
    take(&f, ranges, true);
    return 0;
}
