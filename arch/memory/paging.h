/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: our own, loaded right after the firmware let go.
 *
 *   0                page zero: never mapped
 *   identity         RAM at its physical address, data only; the image with
 *                    text RX, constants R, data RW
 *   PAGING_WINDOW    what pages.c hands out, page by page, with an unmapped
 *                    page behind each piece
 *   PAGING_HEAP      malloc's range, grown upwards
 *
 * Callers hold the memory lock of pages.c, or are alone (start).
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"

#define PAGING_IDENTITY_END (UINT64_C(1) << 47)
#define PAGING_WINDOW       UINT64_C(0xffffc00000000000)
#define PAGING_WINDOW_PAGES (UINT64_C(1) << 18) /* 1 GiB */
#define PAGING_HEAP         UINT64_C(0xffffd00000000000)

/* What may be done with a page. Everything else faults. */
enum paging_access {
    PAGING_READ,
    PAGING_WRITE,
    PAGING_EXECUTE, /* read and execute */
};

enum paging_cache { PAGING_CACHED, PAGING_COMBINING, PAGING_UNCACHED };

/**
 * Build tables with the image, the list of regions and some free memory, and
 * load them on this processor. Until they are loaded nothing is touched but the
 * image and that list: a firmware need not map more than that, nor let it be
 * written.
 *
 * @seed      start of free memory that is mapped first; a multiple of PAGE_SIZE
 * @seed_end  its end, in the same GiB or the next one
 * @take      gives a frame for a table (RAM that is mapped at its physical
 *            address, zeroed), or FRAMES_NONE; kept, and asked once the tables
 *            are loaded and the image's own room for tables is used up. Its
 *            frames must lie in what is mapped already.
 * @return    0; -ENOMEM: no frame for a table
 */
int paging_setup(const struct boot_info *info, uint64_t (*take)(void),
                 uint64_t seed, uint64_t seed_end);

/**
 * Give up the image's memory for tables as far as none has used it, but for the
 * tables that each start makes later.
 *
 * @end     receives its end
 * @return  its beginning, a page; the end where all of it is used
 */
const void *paging_give_unused(const void **end);

/** The regions of the map that follow on region @i and get the same rights end
 * before the index returned. */
uint32_t paging_run_end(const struct boot_info *info, uint32_t i);

/**
 * Map the regions @i to @end - 1 of the map, a run as paging_run_end() finds
 * it. Those whose kind allows nothing are not mapped.
 *
 * @return  0; -ENOMEM: no frame for a table, and the run is mapped in part
 */
int paging_map_regions(const struct boot_info *info, uint32_t i, uint32_t end);

/** Load the tables on the running processor. */
void paging_load(void);

/** The physical address of the top table. */
uint64_t paging_root(void);

/**
 * Fill a top table for a processor that is being started, which cannot reach
 * the real one yet.
 *
 * @table    a page, aligned; what it holds is overwritten
 * @address  the table maps what lies there, and around it, as the real one does
 * @count    how many addresses
 */
void paging_fill_root(uint64_t *table, const uint64_t *address, unsigned count);

/**
 * Map one page.
 *
 * @return  0; -ENOMEM: no frame for a table; -EEXIST: the address is mapped
 */
int paging_map(uint64_t address, uint64_t frame, enum paging_access access,
               enum paging_cache cache);

/**
 * Map frames in a row as data (PAGING_WRITE, PAGING_CACHED), where nothing is
 * mapped (asserted as far as it is seen).
 *
 * @return  how many were mapped: fewer than @count where there is no frame for
 *          a table
 */
uint64_t paging_map_run(uint64_t address, uint64_t frame, uint64_t count);

/**
 * Unmap one page. The TLBs still know it until paging_flush().
 *
 * @return  its frame; FRAMES_NONE: nothing was mapped
 */
uint64_t paging_unmap(uint64_t address);

/**
 * Map RAM that appeared later at its physical address.
 *
 * @return  0; -ENOMEM: no frame for a table; -EEXIST: something is mapped there
 *          already or the address is too high, and nothing was changed
 */
int paging_add_ram(uint64_t frame, uint64_t count);

/** Change what may be done with a single page that is mapped (asserted). The
 * TLBs know the old rights until paging_flush(). */
void paging_protect(uint64_t address, enum paging_access access);

/** Forget old mappings on all processors, and wait until they have. */
void paging_flush(void);

/**
 * Register who does that for the other processors (arch/smp), before the second
 * one starts. Called after this processor's own flush; returns when all are
 * done.
 */
void paging_set_flush_others(void (*flush)(void));

/**
 * Find the physical address behind an address.
 *
 * @return  true, and it in *physical; false: nothing is mapped there
 *
 * IRQL: any, without a lock: for faults, too.
 */
bool paging_translate(uint64_t address, uint64_t *physical);

/** Say in words what lies at a faulting address, for the crash report. */
const char *paging_describe(uint64_t address);

/** Are the first and the last of these bytes mapped? For the backtrace, which
 * reads less than a page. */
bool paging_readable(uint64_t address, uint64_t size);

#endif
