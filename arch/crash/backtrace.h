/*
 * Walks the chain of frame pointers. Made for stacks that may be broken:
 * each step must go up, be aligned, and be readable.
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKTRACE_MAX 32u

/* Reads 16 bytes at `address`: the caller's frame pointer and the return
 * address. False: not readable. */
typedef bool backtrace_read(void *context, uint64_t address, uint64_t out[2]);

/* Why a walk ended. */
enum backtrace_end {
    BACKTRACE_COMPLETE,   /* frame pointer 0: the outermost function */
    BACKTRACE_UNREADABLE, /* a frame that cannot be read */
    BACKTRACE_BROKEN,     /* a frame that is misaligned or goes down */
    BACKTRACE_LIMIT,      /* BACKTRACE_MAX frames */
};

/*
 * Pure. addresses receives the return addresses from the innermost out,
 * *count how many. rbp: where to begin.
 */
enum backtrace_end backtrace_walk(uint64_t rbp, backtrace_read *read,
                                  void *context,
                                  uint64_t addresses[BACKTRACE_MAX],
                                  uint32_t *count);

const char *backtrace_end_name(enum backtrace_end end);

/*
 * Registers what tells whether `size` bytes at `address` can be read without
 * a fault (paging). Before, a walk stays within 64 KiB above its start.
 */
void backtrace_set_readable(bool (*readable)(uint64_t address, size_t size));

/* backtrace_walk over this machine's memory. Any IRQL. */
enum backtrace_end backtrace_here(uint64_t rbp,
                                  uint64_t addresses[BACKTRACE_MAX],
                                  uint32_t *count);

#endif
