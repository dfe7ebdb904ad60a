/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the memory map, as a firmware may tell it. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "arch/memory/regions.h"
#include "boot/map.h"
#include "boot_start.h"
#include "fake_firmware.h"

struct expected {
    uint64_t base, pages;
    enum boot_memory_kind kind;
};

static void has_regions(const struct expected *e, unsigned count)
{
    assert_int_equal(boot(), 0);
    assert_int_equal(info.regions, count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(info.region[i].base, e[i].base);
        assert_int_equal(info.region[i].pages, e[i].pages);
        assert_int_equal(info.region[i].kind, e[i].kind);
    }
}

static const struct expected sound[] = {
    {0x1000, 0x9f, BOOT_MEMORY_FREE},    {0x100000, 0xf00, BOOT_MEMORY_FREE},
    {0x1000000, 0x80, BOOT_MEMORY_OURS}, {0x1080000, 0x3000, BOOT_MEMORY_FREE},
    {0x4080000, 0x10, BOOT_MEMORY_ACPI},
};

static void sound_memory_map_gives_its_regions(void **state)
{
    (void)state;
    fake_firmware_reset();
    has_regions(sound, COUNT(sound));
    assert_int_equal(info.regions_dropped, 0);
    assert_int_equal(info.regions_contradicted, 0);
    assert_int_equal(info.exit_attempts, 1);
    assert_true(info.physical_end >= UINT64_C(1) << 32);
    assert_true(info.physical_end <= BOOT_PHYSICAL_END_MAX);
}

static void map_in_descending_order_is_sorted(void **state)
{
    (void)state;
    fake_firmware_reset();
    for (unsigned i = 0; i < firmware.told / 2; i++) {
        EFI_MEMORY_DESCRIPTOR d = firmware.map[i];

        firmware.map[i] = firmware.map[firmware.told - 1 - i];
        firmware.map[firmware.told - 1 - i] = d;
    }
    has_regions(sound, COUNT(sound));
}

/* ---- ranges that contradict each other ---------------------------------- */

static void overlapping_ranges_get_the_stricter_type(void **state)
{
    static const struct expected e[] = {
        {0x1000, 0x9f, BOOT_MEMORY_FREE},
        {0x100000, 0xf00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0xf80, BOOT_MEMORY_FREE},
        {0x2000000, 0x10, BOOT_MEMORY_FIRMWARE},
        {0x2010000, 0xff0, BOOT_MEMORY_FREE},
        /* 0x3000000: reserved */
        {0x3001000, 0x107f, BOOT_MEMORY_FREE},
        {0x4080000, 0x10, BOOT_MEMORY_ACPI},
        {0x4090000, 0x8, BOOT_MEMORY_SERVICES},
    };

    (void)state;
    fake_firmware_reset();
    fake_firmware_tell(EfiRuntimeServicesData, 0x2000000, 0x10);
    fake_firmware_tell(EfiReservedMemoryType, 0x3000000, 1);
    fake_firmware_tell(EfiBootServicesData, 0x4088000, 0x10);
    has_regions(e, COUNT(e));
    assert_int_equal(info.regions_contradicted, 3);
}

static void range_that_is_listed_twice_counts_once(void **state)
{
    (void)state;
    fake_firmware_reset();
    for (unsigned i = 0; i < 5; i++)
        firmware.map[firmware.told++] = firmware.map[i];
    has_regions(sound, COUNT(sound));
    assert_int_equal(info.regions_contradicted, 0);
}

static void image_is_ours_even_if_the_map_lists_it_as_free(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.map[2].Type = EfiConventionalMemory;
    has_regions(sound, COUNT(sound));
    assert_int_equal(info.regions_contradicted, 1);
}

/* ---- ranges that cannot be ---------------------------------------------- */

static void ranges_without_pages_or_past_the_end_are_ignored(void **state)
{
    (void)state;
    fake_firmware_reset();
    fake_firmware_tell(EfiConventionalMemory, 0x8000000, 0);
    fake_firmware_tell(EfiConventionalMemory, 0x8000000, UINT64_MAX);
    fake_firmware_tell(EfiConventionalMemory, 0x8000000, UINT64_MAX >> 12);
    fake_firmware_tell(EfiConventionalMemory, UINT64_MAX - 4095, 1);
    fake_firmware_tell(EfiConventionalMemory, BOOT_PHYSICAL_END_MAX, 1);
    has_regions(sound, COUNT(sound));
    assert_int_equal(info.regions_dropped, 4);
}

static void endless_firmware_memory_ends_with_the_addresses(void **state)
{
    (void)state;
    fake_firmware_reset();
    fake_firmware_tell(EfiRuntimeServicesData, 0x8000000, UINT64_MAX);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.regions, COUNT(sound) + 1);
    assert_int_equal(info.region[COUNT(sound)].pages,
                     (info.physical_end - 0x8000000) / 4096);
}

static void range_that_starts_inside_a_page_is_rounded_safely(void **state)
{
    static const struct expected e[] = {
        {0x1000, 0x9f, BOOT_MEMORY_FREE},
        {0x100000, 0xf00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0x3000, BOOT_MEMORY_FREE},
        {0x4080000, 0x10, BOOT_MEMORY_ACPI},
        {0x8001000, 1, BOOT_MEMORY_FREE},
        {0x9000000, 2, BOOT_MEMORY_FIRMWARE},
    };

    (void)state;
    fake_firmware_reset();
    fake_firmware_tell(EfiConventionalMemory, 0x8000800, 2);
    fake_firmware_tell(EfiConventionalMemory, 0x8800001, 1);
    fake_firmware_tell(EfiRuntimeServicesData, 0x9000fff, 1);
    has_regions(e, COUNT(e));
}

static bool is_in_map(uint64_t base, enum boot_memory_kind kind)
{
    for (uint32_t i = 0; i < info.regions; i++) {
        const struct boot_memory_region *r = &info.region[i];

        if (r->base <= base && (base - r->base) / 4096 < r->pages)
            return r->kind == kind;
    }
    return false;
}

/* Every second page of 5,000 in random order, each as a range of its own. */
static void map_of_5000_ranges_in_any_order_is_kept_whole(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 4; seed++) {
        fake_firmware_reset();
        srand(seed);
        for (unsigned i = 0; i < 5000; i++)
            fake_firmware_tell(EfiConventionalMemory, 0x8000000 + i * 0x2000ul,
                               1);
        for (unsigned i = firmware.told; i-- > 1;) {
            unsigned other = (unsigned)rand() % (i + 1);
            EFI_MEMORY_DESCRIPTOR d = firmware.map[i];

            firmware.map[i] = firmware.map[other];
            firmware.map[other] = d;
        }
        assert_int_equal(boot(), 0);
        assert_int_equal(info.regions, COUNT(sound) + 5000);
        assert_int_equal(info.regions_dropped, 0);
        for (unsigned i = 0; i < 5000; i++)
            assert_true(is_in_map(0x8000000 + i * 0x2000ul, BOOT_MEMORY_FREE));
        assert_true(is_in_map(0x1000000, BOOT_MEMORY_OURS));
    }
}

/* A map grows by the allocation of memory for it. */
static void map_that_grows_while_it_is_asked_for_is_read(void **state)
{
    (void)state;
    fake_firmware_reset();
    for (unsigned i = 0; i < 1000; i++)
        fake_firmware_tell(EfiConventionalMemory, 0x8000000 + i * 0x2000ul, 1);
    firmware.grows = 40;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.exit_attempts, 1);
    fake_firmware_reset();
    firmware.told = FAKE_MAP_MAX;
    firmware.grows = 1000;
    is_refused("does not give its memory map");
}

/* Each range covers the middle of the one before, so that each is cut. */
static void list_has_room_for_the_pieces_of_ranges_that_overlap(void **state)
{
    static const UINT32 types[] = {EfiConventionalMemory,
                                   EfiRuntimeServicesData};

    (void)state;
    fake_firmware_reset();
    for (unsigned i = 0; i < 2000; i++) {
        fake_firmware_tell(types[0], 0x8000000 + i * 0x3000ul, 3);
        fake_firmware_tell(types[1], 0x8001000 + i * 0x3000ul, 1);
    }
    assert_int_equal(boot(), 0);
    assert_int_equal(info.regions_dropped, 0);
    assert_int_equal(info.regions_contradicted, 2000);
    assert_true(is_in_map(0x8000000 + 1999 * 0x3000ul, BOOT_MEMORY_FREE));
    assert_true(is_in_map(0x8001000 + 1999 * 0x3000ul, BOOT_MEMORY_FIRMWARE));
}

static void memory_for_special_purposes_is_left_alone(void **state)
{
    static const UINT64 attributes[] = {
        EFI_MEMORY_WB | UINT64_C(0x40000), /* EFI_MEMORY_SP */
        EFI_MEMORY_WB | UINT64_C(0x08000), /* EFI_MEMORY_NV */
        EFI_MEMORY_UC,                     /* not to be cached */
    };
    static const UINT32 types[] = {EfiConventionalMemory, EfiBootServicesData};

    (void)state;
    for (unsigned t = 0; t < COUNT(types); t++) {
        for (unsigned a = 0; a < COUNT(attributes); a++) {
            fake_firmware_reset();
            fake_firmware_tell(types[t], 0x8000000, 0x1000);
            firmware.map[firmware.told - 1].Attribute = attributes[a];
            has_regions(sound, COUNT(sound));
        }
    }
}

/* Both doors make room for all pieces. Where there is less, none is written
 * past it. */
static void pieces_past_the_room_are_dropped_and_counted(void **state)
{
    struct boot_memory_region room[4], list[3] = {{0}};
    struct boot_info own = {
        .region = list, .regions_room = 2, .physical_end = UINT64_C(1) << 40};
    struct boot_map map;

    (void)state;
    boot_map_begin(&own, &map, room);
    for (uint64_t i = 1; i < 4; i++)
        boot_map_add(&own, &map, i * 0x10000, 1, BOOT_MEMORY_FREE);
    boot_map_settle(&own, &map);
    assert_int_equal(own.regions, 2);
    assert_int_equal(own.regions_dropped, 1);
    assert_int_equal(list[1].base, 0x20000);
    assert_int_equal(list[2].pages, 0);
}

/* ---- maps that are refused ---------------------------------------------- */

static void descriptor_of_an_odd_length_is_refused(void **state)
{
    static const UINTN lengths[] = {8, 32, 39, 41, 44};

    (void)state;
    for (unsigned i = 0; i < COUNT(lengths); i++) {
        fake_firmware_reset();
        firmware.stride = lengths[i];
        is_refused("expected 40 or more, in steps of 8");
        assert_int_equal(firmware.exits, 0);
    }
    fake_firmware_reset();
    firmware.stride = 40;
    assert_int_equal(boot(), 0);
}

static void map_larger_than_its_buffer_is_refused(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.size = 1 << 20;
    is_refused("a memory map of 1048576 bytes and was given room for");
    fake_firmware_reset();
    firmware.needs = UINT64_C(1) << 40;
    is_refused("has 1099511627776 bytes, and there is no memory for it");
    firmware.needs = UINT64_MAX;
    is_refused("and there is no memory for it");
}

static void last_descriptor_that_is_cut_is_not_read(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.size = 5 * 48 - 1;
    has_regions(sound, COUNT(sound) - 1);
}

static void machine_with_too_little_memory_is_refused(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.told = 1;
    is_refused("636 KiB of free memory; expected 4096 KiB");
    assert_non_null(strstr(firmware.said, "give the machine more memory"));
    fake_firmware_reset();
    firmware.told = 0;
    firmware.size = 1; /* less than a descriptor */
    is_refused(" 0 KiB of free memory");
}

static void framebuffer_is_device_memory_and_ram_is_not(void **state)
{
    (void)state;
    fake_firmware_reset();
    assert_int_equal(boot(), 0);
    assert_true(boot_info_has_device(&info, 0xc0000000, 0x1000000));
    assert_true(boot_info_has_device(&info, 0x4090000, 0x1000));
    assert_false(boot_info_has_device(&info, 0x408f000, 0x1000));
    assert_false(boot_info_has_device(&info, 0xff000, 0x1001));
    assert_false(boot_info_has_device(&info, info.physical_end, 1));
    assert_false(boot_info_has_device(&info, info.physical_end - 1, 2));
    assert_false(boot_info_has_device(&info, 0xc0000000, UINT64_MAX));
}

/* What the list says after the map was settled is never wrong; one that is
 * spoiled afterwards is refused by name. */
static void list_that_contradicts_itself_is_named(void **state)
{
    static struct boot_memory_region list[COUNT(sound)];
    uint32_t at = 99;

    (void)state;
    for (unsigned spoil = 0; spoil < 6; spoil++) {
        static const char *const words[] = {
            NULL,          "before it ends", "before it ends",
            "whole pages", "addresses",      "image",
        };
        const char *wrong;

        fake_firmware_reset();
        assert_int_equal(boot(), 0);
        assert_null(regions_wrong(&info, &at));
        memcpy(list, info.region, sizeof(list));
        info.region = list;
        if (spoil == 1)
            list[3].pages++; /* into the ACPI tables */
        if (spoil == 2)
            list[2].base = list[0].base;
        if (spoil == 3)
            list[2].base += 0x800;
        if (spoil == 4)
            list[4].pages = UINT64_MAX / 4096;
        if (spoil == 5)
            list[2].kind = BOOT_MEMORY_FREE;
        wrong = regions_wrong(&info, &at);
        if (!words[spoil])
            continue;
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, words[spoil]));
        assert_int_equal(at, spoil == 1 || spoil == 4 ? 4 : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_memory_map_gives_its_regions),
        cmocka_unit_test(map_in_descending_order_is_sorted),
        cmocka_unit_test(overlapping_ranges_get_the_stricter_type),
        cmocka_unit_test(range_that_is_listed_twice_counts_once),
        cmocka_unit_test(image_is_ours_even_if_the_map_lists_it_as_free),
        cmocka_unit_test(ranges_without_pages_or_past_the_end_are_ignored),
        cmocka_unit_test(endless_firmware_memory_ends_with_the_addresses),
        cmocka_unit_test(range_that_starts_inside_a_page_is_rounded_safely),
        cmocka_unit_test(map_of_5000_ranges_in_any_order_is_kept_whole),
        cmocka_unit_test(map_that_grows_while_it_is_asked_for_is_read),
        cmocka_unit_test(list_has_room_for_the_pieces_of_ranges_that_overlap),
        cmocka_unit_test(memory_for_special_purposes_is_left_alone),
        cmocka_unit_test(pieces_past_the_room_are_dropped_and_counted),
        cmocka_unit_test(descriptor_of_an_odd_length_is_refused),
        cmocka_unit_test(map_larger_than_its_buffer_is_refused),
        cmocka_unit_test(last_descriptor_that_is_cut_is_not_read),
        cmocka_unit_test(machine_with_too_little_memory_is_refused),
        cmocka_unit_test(framebuffer_is_device_memory_and_ram_is_not),
        cmocka_unit_test(list_that_contradicts_itself_is_named),
    };

    return cmocka_run_group_tests_name("boot_map", tests, NULL, NULL);
}
