/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory maps as firmware may give them. `pieces` cuts free memory into 2,000
 * ranges with a hole after each, and hands them out in no order. `guards` puts
 * a page that nobody may touch before and after what the image allocates.
 * `special` marks a quarter of the free memory as meant for something else.
 */
#include "layer.h"

#include <string.h>

#define MAP_MAX    1024 /* descriptors of the firmware's own map */
#define PIECES     2000
#define GUARDS_MAX 64
#define SPECIFIC   UINT64_C(0x40000) /* EFI_MEMORY_SP */

static EFI_GET_MEMORY_MAP real_map;
static EFI_ALLOCATE_PAGES real_allocate;
static EFI_FREE_PAGES real_free;

static EFI_MEMORY_DESCRIPTOR known[MAP_MAX], told[MAP_MAX + 2 * PIECES];
static UINTN count, told_count;
static uint64_t guards[GUARDS_MAX];
static unsigned guard_count;

const EFI_MEMORY_DESCRIPTOR *layer_descriptor(UINTN index)
{
    return index < count ? &known[index] : NULL;
}

bool layer_is_guard(uint64_t page)
{
    for (unsigned i = 0; i < guard_count; i++) {
        if (guards[i] == page)
            return true;
    }
    return false;
}

/* Reads the firmware's map, descriptor by descriptor. */
static EFI_STATUS read_map(UINTN *key)
{
    static uint8_t buffer[MAP_MAX * 64];
    UINTN size = sizeof(buffer), stride;
    UINT32 version;
    EFI_STATUS status = real_map(&size, (EFI_MEMORY_DESCRIPTOR *)(void *)buffer,
                                 key, &stride, &version);

    if (EFI_ERROR(status) || size / stride > MAP_MAX)
        return EFI_DEVICE_ERROR;
    count = size / stride;
    for (UINTN i = 0; i < count; i++)
        memcpy(&known[i], buffer + i * stride, sizeof(known[i]));
    return EFI_SUCCESS;
}

static void tell(const EFI_MEMORY_DESCRIPTOR *d, uint64_t start, uint64_t pages,
                 uint64_t more)
{
    EFI_MEMORY_DESCRIPTOR *t = &told[told_count++];

    *t = *d;
    t->PhysicalStart = start;
    t->NumberOfPages = pages;
    t->Attribute |= more;
}

/* How many pages a piece has, so that all free memory gives about PIECES. */
static uint64_t piece_pages(void)
{
    uint64_t pages = 0;

    for (UINTN i = 0; i < count; i++) {
        if (known[i].Type == EfiConventionalMemory)
            pages += known[i].NumberOfPages;
    }
    return pages / PIECES + 2;
}

/* Every piece loses its last page to a hole: a page that the map does not
 * mention. */
static void cut(const EFI_MEMORY_DESCRIPTOR *d, uint64_t pages)
{
    uint64_t left = d->NumberOfPages, at = d->PhysicalStart;

    for (; left > pages && told_count < MAP_MAX + 2 * PIECES - 1;
         at += pages * PAGE, left -= pages)
        tell(d, at, pages - 1, 0);
    tell(d, at, left, 0);
}

static void shuffle(void)
{
    uint32_t state = 12345;

    for (UINTN i = told_count; i-- > 1;) {
        EFI_MEMORY_DESCRIPTOR d = told[i];
        UINTN other;

        state = state * 1103515245 + 12345;
        other = (state >> 8) % (i + 1);
        told[i] = told[other];
        told[other] = d;
    }
}

static void make_map(void)
{
    uint64_t pages = piece_pages();
    bool pieces = layer_wants("pieces"), special = layer_wants("special");

    told_count = 0;
    for (UINTN i = 0; i < count; i++) {
        const EFI_MEMORY_DESCRIPTOR *d = &known[i];
        uint64_t quarter = d->NumberOfPages / 4;

        if (d->Type != EfiConventionalMemory) {
            tell(d, d->PhysicalStart, d->NumberOfPages, 0);
        } else if (pieces) {
            cut(d, pages);
        } else if (special && quarter) {
            tell(d, d->PhysicalStart, quarter, SPECIFIC);
            tell(d, d->PhysicalStart + quarter * PAGE,
                 d->NumberOfPages - quarter, 0);
        } else {
            tell(d, d->PhysicalStart, d->NumberOfPages, 0);
        }
    }
    if (pieces)
        shuffle();
    /* One range twice, as another kind: the stricter one holds. */
    if (layer_wants("overlap"))
        tell(&(EFI_MEMORY_DESCRIPTOR){.Type = EfiRuntimeServicesData,
                                      .Attribute = EFI_MEMORY_WB},
             layer_payload.to + 64 * PAGE, 16, 0);
}

static EFI_STATUS EFIAPI get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map,
                                 UINTN *key, UINTN *stride, UINT32 *version)
{
    UINTN room = *size;

    if (EFI_ERROR(read_map(key)))
        return EFI_DEVICE_ERROR;
    make_map();
    *stride = sizeof(told[0]);
    *version = 1;
    *size = told_count * sizeof(told[0]);
    if (room < *size)
        return EFI_BUFFER_TOO_SMALL;
    memcpy(map, told, *size);
    return EFI_SUCCESS;
}

static void add_guard(uint64_t page)
{
    if (guard_count < GUARDS_MAX)
        guards[guard_count++] = page;
}

static EFI_STATUS EFIAPI allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                  UINTN pages, EFI_PHYSICAL_ADDRESS *at)
{
    EFI_STATUS status = real_allocate(how, type, pages + 2, at);

    if (EFI_ERROR(status))
        return status;
    add_guard(*at);
    *at += PAGE;
    add_guard(*at + pages * PAGE);
    return status;
}

static EFI_STATUS EFIAPI release(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
    return real_free(at - PAGE, pages + 2);
}

void layer_hook_map(EFI_BOOT_SERVICES *services)
{
    real_map = services->GetMemoryMap;
    real_allocate = services->AllocatePages;
    real_free = services->FreePages;
    services->GetMemoryMap = get_map;
    if (layer_wants("sparse")) {
        services->AllocatePages = allocate;
        services->FreePages = release;
    }
}
