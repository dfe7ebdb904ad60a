/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds mistakes in the use of malloc and free. Each block has red zones before
 * and behind it; a block that is freed is filled and stays in quarantine for a
 * while. A record of every block is kept in memory of its own, so that what
 * damages the heap does not damage what is known of it.
 *
 *     base                    the application's pointer
 *      | (alignment) | ZONE 32 | size bytes | ZONE 32 |
 *
 * Pure: memory comes from the caller, who also holds a lock over every call.
 * app/system/heap/ puts this around newlib's functions.
 */
#ifndef ARCH_HEAPCHECK_H
#define ARCH_HEAPCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAPCHECK_ZONE  32u /* bytes before and behind a block */
#define HEAPCHECK_ALIGN 16u /* what malloc's blocks are multiples of */

/* What memory is filled with; unlikely as a number, a text and an address. */
#define HEAPCHECK_FILL_ZONE  0xfau
#define HEAPCHECK_FILL_NEW   0xafu /* not initialized yet */
#define HEAPCHECK_FILL_FREED 0xdfu

/* The quarantine keeps the blocks that were freed last: this many, and no more
 * bytes than this. */
#define HEAPCHECK_QUARANTINE_BLOCKS 256u
#define HEAPCHECK_QUARANTINE_BYTES  (1024u * 1024u)

/* Return addresses that are kept of a call, from the innermost out. */
#define HEAPCHECK_CALLERS 6u

/* Whose a block is. Only the application's count as leaks. */
enum heapcheck_owner { HEAPCHECK_APPLICATION, HEAPCHECK_SYSTEM };

/* A call of one of the heap's functions. Addresses that are not known are 0. */
struct heapcheck_call {
    const char *name; /* "malloc", a constant */
    uint64_t callers[HEAPCHECK_CALLERS];
};

/* What is known of a block. */
struct heapcheck_block {
    uint8_t *address; /* the application's pointer */
    size_t size;      /* bytes that were asked for */
    uint64_t number;  /* 1 for the first allocation */
    enum heapcheck_owner owner;
    struct heapcheck_call allocated;
    struct heapcheck_call freed; /* name NULL: it is not freed */
};

/* Where memory comes from. */
struct heapcheck_memory {
    /* The heap under the checks: as malloc and free. */
    void *(*take)(size_t bytes);
    void (*give)(void *memory);
    /* Zeroed memory for records, never given back. NULL: there is none. */
    void *(*records)(size_t bytes);
};

enum heapcheck_kind {
    HEAPCHECK_FINE,
    HEAPCHECK_FOREIGN,     /* freed, but no block begins there */
    HEAPCHECK_INSIDE,      /* freed, but it points into a block */
    HEAPCHECK_FREED_TWICE, /* the block is in quarantine */
    HEAPCHECK_BEFORE,      /* a byte of the zone before was changed */
    HEAPCHECK_BEHIND,      /* a byte of the zone behind was changed */
    HEAPCHECK_USED_FREED,  /* a byte was changed after free */
};

/* A mistake that was found. */
struct heapcheck_fault {
    enum heapcheck_kind kind;
    const void *pointer; /* what the call was given */
    bool has_block;      /* `block` is known: all but FOREIGN */
    struct heapcheck_block block;
    ptrdiff_t offset;          /* of the byte, or of `pointer` in the block */
    uint8_t expected, found;   /* of a byte that was changed */
    struct heapcheck_call now; /* the call that found it */
};

/**
 * Begin, or begin anew and forget every block.
 *
 * @memory  stays the caller's
 */
void heapcheck_start(const struct heapcheck_memory *memory);

/**
 * Allocate a block with zones.
 *
 * @size   bytes, 0 as well; they are filled with HEAPCHECK_FILL_NEW
 * @align  a power of two
 * @call   copied
 * @return the block; NULL: no memory
 */
void *heapcheck_allocate(size_t size, size_t align, enum heapcheck_owner owner,
                         const struct heapcheck_call *call);

/**
 * Free a block: check it, fill it, put it into quarantine.
 *
 * @block  NULL: nothing happens
 * @fault  receives the first mistake that was found; then nothing was freed,
 *         unless it is HEAPCHECK_USED_FREED, which is of another block
 */
void heapcheck_free(void *block, const struct heapcheck_call *call,
                    struct heapcheck_fault *fault);

/**
 * Find a block that realloc() and the like are given.
 *
 * @block  an allocated block
 * @size   receives its bytes
 * @fault  receives what is wrong with it, as heapcheck_free() would
 */
void heapcheck_look(void *block, size_t *size,
                    const struct heapcheck_call *call,
                    struct heapcheck_fault *fault);

/** Check every block, and those in quarantine. */
void heapcheck_all(const struct heapcheck_call *call,
                   struct heapcheck_fault *fault);

#define HEAPCHECK_LARGEST 3u /* blocks that a list of leaks names */

struct heapcheck_leaks {
    uint64_t blocks, bytes;
    unsigned count; /* of `largest` */
    struct heapcheck_block largest[HEAPCHECK_LARGEST];
};

/** Count the application's blocks that nobody has freed. */
void heapcheck_leaks(struct heapcheck_leaks *leaks);

/* Prints a line without its end. */
typedef void heapcheck_say(const char *line);

/**
 * Say what was expected, what was found, and which block it was.
 *
 * @base  of the image: addresses in it are printed relative to it
 * @size  of the image, bytes
 */
void heapcheck_say_fault(const struct heapcheck_fault *fault, uint64_t base,
                         uint64_t size, heapcheck_say *say);

/** Say how much was not freed, and which the largest blocks are. */
void heapcheck_say_leaks(const struct heapcheck_leaks *leaks, uint64_t base,
                         uint64_t size, heapcheck_say *say);

/** A constant text for a kind of fault: "freed twice". */
const char *heapcheck_kind_name(enum heapcheck_kind kind);

#endif
