/* Building and changing page tables: see paging.h. [Intel SDM 3A 4.5] */
#include "paging.h"

#include <errno.h>
#include <stddef.h>

#include "cpu.h"
#include "frames.h"
#include "image.h"
#include "invariant.h"

#define PTE_PRESENT       (UINT64_C(1) << 0)
#define PTE_WRITE         (UINT64_C(1) << 1)
#define PTE_PWT           (UINT64_C(1) << 3) /* PAT slot 1: write-combining */
#define PTE_PCD           (UINT64_C(1) << 4) /* with PWT PAT slot 3: uncached */
#define PTE_LARGE         (UINT64_C(1) << 7)
#define PTE_NX            (UINT64_C(1) << 63)
#define PTE_ADDRESS       UINT64_C(0x000ffffffffff000)
#define TABLE_BITS        9
#define TABLE_INDEX       511u
#define LEVEL_PAGE        1
#define LEVEL_TOP         4
#define LEVEL_SIZE(level) (UINT64_C(1) << (12 + TABLE_BITS * ((level)-1)))

static uint64_t *top;
static uint64_t (*take_frame)(void);
static int largest_level; /* 3 where the processor has 1 GiB pages, else 2 */

/* Tables lie in RAM, which is mapped where it is. */
static uint64_t *table_at(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & PTE_ADDRESS);
}

static uint64_t *new_table(void)
{
    uint64_t frame = take_frame();
    uint64_t *table = (uint64_t *)(uintptr_t)(frame * PAGE_SIZE);

    if (frame == FRAMES_NONE)
        return NULL;
    page_clear(table);
    return table;
}

/* The entry of `address` at `level`, with the tables above it made; NULL:
 * out of frames, or a larger page is in the way (*in_way). */
static uint64_t *entry_for(uint64_t address, int level, bool *in_way)
{
    uint64_t *table = top;

    *in_way = false;
    for (int l = LEVEL_TOP; l > level; l--) {
        uint64_t *entry =
            &table[address >> (12 + TABLE_BITS * (l - 1)) & TABLE_INDEX];

        if (!(*entry & PTE_PRESENT)) {
            uint64_t *made = new_table();

            if (!made)
                return NULL;
            *entry = (uint64_t)(uintptr_t)made | PTE_PRESENT | PTE_WRITE;
        } else if (*entry & PTE_LARGE) {
            *in_way = true;
            return NULL;
        }
        table = table_at(*entry);
    }
    return &table[address >> (12 + TABLE_BITS * (level - 1)) & TABLE_INDEX];
}

static uint64_t bits_of(enum paging_access access, enum paging_cache cache)
{
    uint64_t bits = PTE_PRESENT;

    if (access == PAGING_WRITE)
        bits |= PTE_WRITE;
    if (access != PAGING_EXECUTE)
        bits |= PTE_NX;
    if (cache != PAGING_CACHED)
        bits |= PTE_PWT;
    if (cache == PAGING_UNCACHED)
        bits |= PTE_PCD;
    return bits;
}

static int map_at(uint64_t address, uint64_t physical, uint64_t bits, int level)
{
    bool in_way;
    uint64_t *entry = entry_for(address, level, &in_way);

    if (!entry)
        return in_way ? -EEXIST : -ENOMEM;
    if (*entry & PTE_PRESENT)
        return -EEXIST;
    __atomic_store_n(entry, physical | bits | (level > 1 ? PTE_LARGE : 0),
                     __ATOMIC_RELEASE);
    return 0;
}

int paging_map(uint64_t address, uint64_t frame, enum paging_access access,
               enum paging_cache cache)
{
    return map_at(address, frame * PAGE_SIZE, bits_of(access, cache),
                  LEVEL_PAGE);
}

/* The present leaf entry of `address`, and its level; or NULL. */
static uint64_t *leaf_of(uint64_t address, int *level)
{
    uint64_t *table = top;

    /* Not canonical: no address, although its lower bits look like one. */
    if (!table || (int64_t)(address << 16) >> 16 != (int64_t)address)
        return NULL;
    for (int l = LEVEL_TOP;; l--) {
        uint64_t *entry =
            &table[address >> (12 + TABLE_BITS * (l - 1)) & TABLE_INDEX];

        if (!(*entry & PTE_PRESENT))
            return NULL;
        if (l == LEVEL_PAGE || *entry & PTE_LARGE) {
            *level = l;
            return entry;
        }
        table = table_at(*entry);
    }
}

uint64_t paging_unmap(uint64_t address)
{
    int level;
    uint64_t *entry = leaf_of(address, &level);
    uint64_t old;

    if (!entry)
        return FRAMES_NONE;
    ASSERT(level == LEVEL_PAGE, "only single pages are ever unmapped");
    old = *entry;
    __atomic_store_n(entry, 0, __ATOMIC_RELEASE);
    return (old & PTE_ADDRESS) / PAGE_SIZE;
}

void paging_protect(uint64_t address, enum paging_access access)
{
    int level;
    uint64_t *entry = leaf_of(address, &level);

    ASSERT(entry && level == LEVEL_PAGE, "only single pages are protected");
    __atomic_store_n(entry,
                     (*entry & PTE_ADDRESS) | bits_of(access, PAGING_CACHED),
                     __ATOMIC_RELEASE);
}

/* Large pages have bits below their size that are no address. */
bool paging_translate(uint64_t address, uint64_t *physical)
{
    int level;
    uint64_t *entry = leaf_of(address, &level);
    uint64_t offset;

    if (!entry)
        return false;
    offset = address & (LEVEL_SIZE(level) - 1);
    *physical = (*entry & PTE_ADDRESS & ~(LEVEL_SIZE(level) - 1)) + offset;
    return true;
}

/* The largest page that `from` is aligned to and that ends before `to`. */
static int level_for(uint64_t from, uint64_t to)
{
    int level = largest_level;

    while (level > LEVEL_PAGE &&
           (from & (LEVEL_SIZE(level) - 1) || to - from < LEVEL_SIZE(level)))
        level--;
    return level;
}

/* Eight entries at a time: filling tables is most of what a start does. */
static void fill(uint64_t *entry, uint64_t count, uint64_t value, uint64_t step)
{
    typedef uint64_t pair
        __attribute__((vector_size(16), aligned(8), may_alias));
    uint64_t *end = entry + count;
    pair a = {value, value + step}, two = {2 * step, 2 * step};
    pair b = a + two, c = b + two, d = c + two, eight = 4 * two;

    for (; end - entry >= 8; entry += 8) {
        ((pair *)entry)[0] = a;
        ((pair *)entry)[1] = b;
        ((pair *)entry)[2] = c;
        ((pair *)entry)[3] = d;
        a += eight;
        b += eight;
        c += eight;
        d += eight;
    }
    for (value = a[0]; entry < end; value += step)
        *entry++ = value;
}

/*
 * Maps from..to-1 to `physical` as far as the table of `level` that `from`
 * lies in goes. Returns where it stopped, 0: no memory.
 */
static uint64_t map_run(uint64_t from, uint64_t to, uint64_t physical,
                        uint64_t bits, int level)
{
    uint64_t size = LEVEL_SIZE(level);
    uint64_t last = from | (LEVEL_SIZE(level + 1) - 1); /* of the table */
    uint64_t count = ((to - 1 < last ? to - 1 : last) - from + 1) / size;
    bool in_way;
    uint64_t *entry = entry_for(from, level, &in_way);

    ASSERT(!in_way, "regions of boot_info overlap");
    if (!entry)
        return 0;
    if (level > LEVEL_PAGE)
        bits |= PTE_LARGE;
    fill(entry, count, physical | bits, size);
    return from + count * size;
}

/* Identity; page zero is left out. A larger page becomes possible at a
 * table's end at the earliest. */
static int map_range(uint64_t from, uint64_t to, enum paging_access access)
{
    uint64_t bits = bits_of(access, PAGING_CACHED);

    if (from == 0)
        from = PAGE_SIZE;
    while (from < to) {
        from = map_run(from, to, from, bits, level_for(from, to));
        if (from == 0)
            return -ENOMEM;
    }
    return 0;
}

uint64_t paging_map_run(uint64_t address, uint64_t frame, uint64_t count,
                        enum paging_access access)
{
    uint64_t bits = bits_of(access, PAGING_CACHED);
    uint64_t at = address, end = address + count * PAGE_SIZE;

    while (at < end) {
        uint64_t next = map_run(at, end, frame * PAGE_SIZE + (at - address),
                                bits, LEVEL_PAGE);

        if (next == 0)
            break;
        at = next;
    }
    return (at - address) / PAGE_SIZE;
}

/* RAM, around the image where it lies inside. */
static int map_around_image(uint64_t from, uint64_t to,
                            enum paging_access access)
{
    uint64_t image = image_start(), image_to = image_end();
    int status;

    if (from < image && to > image) {
        status = map_range(from, image, access);
        if (status)
            return status;
        from = image;
    }
    if (from >= image && from < image_to)
        from = image_to;
    return from < to ? map_range(from, to, access) : 0;
}

static int map_image(void)
{
    int status;

    status = map_range(image_text_start(), image_text_end(), PAGING_EXECUTE);
    if (!status)
        status = map_range(image_const_start(), image_const_end(), PAGING_READ);
    if (!status)
        status = map_range(image_data_start(), image_data_end(), PAGING_WRITE);
    return status;
}

/* What may be done with a region; false: it is not mapped. */
static bool access_of(enum boot_memory_kind kind, enum paging_access *access)
{
    switch (kind) {
    case BOOT_MEMORY_FREE:
    case BOOT_MEMORY_SERVICES:
    case BOOT_MEMORY_OURS:
        *access = PAGING_WRITE;
        return true;
    case BOOT_MEMORY_ACPI:
    case BOOT_MEMORY_FIRMWARE:
        *access = PAGING_READ;
        return true;
    default:
        return false;
    }
}

/* Neighbours with the same rights are mapped in one go: the firmware's map
 * is cut small, and each border costs a table of single pages. */
static int map_regions(const struct boot_info *info)
{
    uint32_t i = 0;

    while (i < info->regions) {
        const struct boot_memory_region *r = &info->region[i++];
        uint64_t to = r->base + r->pages * PAGE_SIZE;
        enum paging_access access, next;
        int status;

        if (!access_of(r->kind, &access))
            continue;
        while (i < info->regions && info->region[i].base == to &&
               access_of(info->region[i].kind, &next) && next == access)
            to += info->region[i++].pages * PAGE_SIZE;
        status = map_around_image(r->base, to, access);
        if (status)
            return status;
    }
    return 0;
}

int paging_setup(const struct boot_info *info, uint64_t (*take)(void))
{
    int status;

    take_frame = take;
    largest_level = cpuid(0x80000001, 0).edx >> 26 & 1 ? 3 : 2;
    top = new_table();
    if (!top)
        return -ENOMEM;
    status = map_image();
    if (!status)
        status = map_regions(info);
    if (!status)
        paging_load();
    return status;
}

int paging_add_ram(uint64_t frame, uint64_t count)
{
    uint64_t from = frame * PAGE_SIZE, to = from + count * PAGE_SIZE;
    int level;

    if (to <= from || to > PAGING_IDENTITY_END)
        return -EEXIST;
    for (uint64_t at = from; at < to; at += PAGE_SIZE) {
        if (leaf_of(at, &level))
            return -EEXIST;
    }
    return map_range(from, to, PAGING_WRITE);
}

uint64_t paging_root(void)
{
    return (uint64_t)(uintptr_t)top;
}

void paging_load(void)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(top) : "memory");
}

void paging_flush_local(struct cpu *cpu)
{
    paging_load();
    __atomic_store_n(&cpu->flush, 0, __ATOMIC_RELEASE);
}

bool paging_readable(uint64_t address, uint64_t size)
{
    uint64_t physical, last = address + size - 1;

    return last >= address && paging_translate(address, &physical) &&
           paging_translate(last, &physical);
}

const char *paging_describe(uint64_t address)
{
    uint64_t physical;

    if (address < PAGE_SIZE)
        return "page zero (a null pointer)";
    if (address >= image_text_start() && address < image_text_end())
        return "the image's code";
    if (address >= image_const_start() && address < image_const_end())
        return "the image's constants";
    if (address >= image_data_start() && address < image_data_end())
        return "the image's data";
    if (address - PAGING_WINDOW < PAGING_WINDOW_PAGES * PAGE_SIZE)
        return paging_translate(address, &physical)
                   ? "an allocated page"
                   : "a guard page, or a page that went back";
    if (address >= PAGING_HEAP)
        return "the heap's range";
    return paging_translate(address, &physical) ? "RAM" : "nothing";
}
