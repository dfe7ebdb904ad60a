/*
 * Page tables: our own, loaded right after the firmware let go.
 *
 *   0                     page zero: never mapped
 *   identity              RAM at its physical address, data only; the image
 *                         with text RX, constants R, data RW
 *   PAGING_WINDOW         what pages.c hands out, page by page, with an
 *                         unmapped page behind each piece
 *   PAGING_HEAP           malloc's range, grown upwards
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

/*
 * Builds the tables from the firmware's map and loads them on this processor.
 * `take` gives frames for tables (identity-mapped RAM, not zeroed) or
 * FRAMES_NONE. 0, or -ENOMEM.
 */
int paging_setup(const struct boot_info *info, uint64_t (*take)(void));

/* Loads the tables on another processor. */
void paging_load(void);
uint64_t paging_root(void);

/* Maps one page. 0; -ENOMEM: no frame for a table; -EEXIST: the address is
 * mapped already. */
int paging_map(uint64_t address, uint64_t frame, enum paging_access access,
               enum paging_cache cache);

/* Maps `count` frames in a row where nothing is mapped. Returns how many it
 * mapped: fewer where there is no frame for a table. */
uint64_t paging_map_run(uint64_t address, uint64_t frame, uint64_t count,
                        enum paging_access access);

/* Unmaps one page and returns its frame, or FRAMES_NONE. The TLBs still know
 * it until paging_flush. */
uint64_t paging_unmap(uint64_t address);

/* Maps RAM that appeared later where it lies. 0; -ENOMEM; -EEXIST: something
 * is mapped there already, and nothing was changed. */
int paging_add_ram(uint64_t frame, uint64_t count);

/* Changes what may be done with a single page that is mapped. */
void paging_protect(uint64_t address, enum paging_access access);

/* Forgets old mappings on all processors; waits for them. */
void paging_flush(void);

void paging_set_flush_others(void (*flush)(void));

/* The physical address behind `address`: true, or false where none is. Any
 * level, no lock: for faults, too. */
bool paging_translate(uint64_t address, uint64_t *physical);

/* What lies at a faulting address, for the crash report. */
const char *paging_describe(uint64_t address);

/* Are all of these bytes mapped? For the backtrace. */
bool paging_readable(uint64_t address, uint64_t size);

#endif
