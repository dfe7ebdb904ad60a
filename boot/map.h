/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map on its way into struct boot_info, whoever has told it: UEFI
 * (boot/efi/) or a loader (boot/direct/).
 *
 * A door calls boot_map_add() for each range and boot_map_settle() at the end.
 */
#ifndef BOOT_MAP_H
#define BOOT_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"

/* The ranges as they were told, in ascending order of addresses. */
struct boot_map {
    struct boot_memory_region *told; /* room for each range, and the image */
    uint32_t count;
};

/** The end of the physical addresses that page tables of four levels map at
 * their own address, and that this processor has, in bytes. */
uint64_t boot_physical_end(void);

/**
 * Begin with an empty map.
 *
 * @info  its regions and their counters become 0
 * @map   receives the state
 * @room  for as many ranges as boot_map_add() will be called with, and one
 *        more; in use until boot_map_settle() has returned
 */
void boot_map_begin(struct boot_info *info, struct boot_map *map,
                    struct boot_memory_region *room);

/**
 * Add one range. Of a range that begins inside a page, or that goes on past
 * info->physical_end, free memory loses what cannot be used, and everything
 * else keeps each page that it touches. What is left out is counted in
 * info->regions_dropped.
 *
 * @start  physical address, any
 * @pages  of 4,096 bytes, any number; a range of 0 pages is ignored
 */
void boot_map_add(struct boot_info *info, struct boot_map *map, uint64_t start,
                  uint64_t pages, enum boot_memory_kind kind);

/**
 * Put the map into info->region: ascending, without overlap, below
 * info->physical_end, the image's own memory as BOOT_MEMORY_OURS.
 *
 * Where ranges contradict each other, the kind that allows least holds (counted
 * in info->regions_contradicted). Pieces past info->regions_room are left out
 * (counted in info->regions_dropped); there are never more than two for each
 * range that was added, and two for the image.
 */
void boot_map_settle(struct boot_info *info, struct boot_map *map);

/**
 * Is there enough free memory in info->region to run on?
 *
 * @return  false: no; boot_refusal() then says how much there is
 */
bool boot_map_has_memory(const struct boot_info *info);

#endif
