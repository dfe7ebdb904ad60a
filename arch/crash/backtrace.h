/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks the chain of frame pointers. It is made for stacks that may be broken:
 * each step must go up, be aligned, and be readable. */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKTRACE_MAX 32u

/* Reads 16 bytes at `address`: the caller's frame pointer and the return
 * address. False: they are not readable. */
typedef bool backtrace_read(void *context, uint64_t address, uint64_t out[2]);

/* Why a walk ended. */
enum backtrace_end {
    BACKTRACE_COMPLETE,   /* frame pointer 0: the outermost function */
    BACKTRACE_UNREADABLE, /* a frame that cannot be read */
    BACKTRACE_BROKEN,     /* a frame that is misaligned or goes down */
    BACKTRACE_LIMIT,      /* BACKTRACE_MAX frames */
};

/**
 * Walk a chain. Pure.
 *
 * @rbp        where to begin
 * @addresses  receives the return addresses, from the innermost function out
 * @count      receives how many
 * @return     why the walk ended
 */
enum backtrace_end backtrace_walk(uint64_t rbp, backtrace_read *read,
                                  void *context,
                                  uint64_t addresses[BACKTRACE_MAX],
                                  uint32_t *count);

/* A range of addresses that holds the program's code. */
struct backtrace_code {
    uint64_t start, size; /* bytes */
};

/* What the word on top of a stack is. */
enum backtrace_top {
    BACKTRACE_TOP_OTHER,  /* no return address of the function that runs */
    BACKTRACE_TOP_CALLER, /* its return address */
    BACKTRACE_TOP_MAYBE,  /* a return address, perhaps of an earlier call */
};

/**
 * Find the caller of a function that has no frame of its own: one in assembly,
 * one that the compiler lets begin without, or an address that is no code at
 * all. The chain of frame pointers lacks its caller. Pure.
 *
 * @rip, @rsp  where it happened
 * @caller     receives the return address, unless the result is
 *             BACKTRACE_TOP_OTHER
 */
enum backtrace_top backtrace_find_caller(uint64_t rip, uint64_t rsp,
                                         const struct backtrace_code *code,
                                         backtrace_read *read, void *context,
                                         uint64_t *caller);

/** Do backtrace_find_caller() in this machine's memory. IRQL: any. */
enum backtrace_top backtrace_caller_here(uint64_t rip, uint64_t rsp,
                                         const struct backtrace_code *code,
                                         uint64_t *caller);

/** The reason for the end of a walk, in words. */
const char *backtrace_end_name(enum backtrace_end end);

/**
 * Register what says whether @size bytes at @address can be read without a
 * fault (arch/memory). Until then a walk stays within 64 KiB above its start.
 */
void backtrace_set_readable(bool (*readable)(uint64_t address, size_t size));

/** Do backtrace_walk() over this machine's memory. IRQL: any. */
enum backtrace_end backtrace_here(uint64_t rbp,
                                  uint64_t addresses[BACKTRACE_MAX],
                                  uint32_t *count);

#endif
