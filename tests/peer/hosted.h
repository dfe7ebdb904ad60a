/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosted seam: the platform of vmbus/ and kmcl/ for tests on the build
 * machine. Deterministic: one thread, virtual time, work and timers in a
 * fixed order.
 *
 * - Time stands still while code runs; seam_wait() and hosted_advance() move
 *   it to the next timer.
 * - Locks assert that they are not taken twice and are given back by who took
 *   them; functions for PASSIVE assert that IRQL.
 * - Frames live in a memory file, so they can be mapped several times; the
 *   frames of one allocation are never neighbours in order, and a freed page
 *   is unmapped, so a late access faults.
 * - Every allocation is counted and can be made to fail, and hosted_destroy()
 *   fails the test when something is left.
 *
 * The other side is whoever sets the hooks below: the scripted peer (peer.h),
 * a loopback, or a test itself.
 */
#ifndef TESTS_HOSTED_H
#define TESTS_HOSTED_H

#include <setjmp.h>

#include "vmbus/seam.h"

#define HOSTED_CPUS   4u
#define HOSTED_FRAMES 65536u /* 256 MiB, sparse */
/* Frame numbers start here, so that none is taken for an index. */
#define HOSTED_FIRST_PFN UINT64_C(0x100000)
#define HOSTED_LOG_LINES 64u

struct hosted_block;
struct hosted_pages;

/* Counters of what the code under test holds and did. */
struct hosted_counts {
    uint64_t allocations; /* seam_alloc, seam_pages_alloc, seam_map tried */
    uint64_t failed;      /* of them, made to fail */
    uint64_t blocks;      /* seam_alloc not freed */
    uint64_t bytes;       /* of those blocks */
    uint64_t pages;       /* seam_pages_alloc not freed */
    uint64_t mappings;    /* seam_map not unmapped */
    uint64_t posts;
    uint64_t signals;
};

struct seam {
    /* Hooks of the other side; NULL: accepted and forgotten. */
    int (*post)(void *peer, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size);
    int (*signal)(void *peer, uint32_t connection, uint16_t flag);
    /* Called by every round of hosted_run at PASSIVE: lets the other side
     * act. True: something was done, do another round. */
    bool (*act)(void *peer);
    /* When the other side wants to act again; SEAM_FOREVER: not by itself. */
    uint64_t (*next_act)(void *peer);
    void *peer;

    uint32_t cpus; /* 1..HOSTED_CPUS */
    uint32_t cpu;
    uint8_t irql;
    uint64_t now;
    uint64_t tick;    /* by which each look at the clock moves it */
    uintptr_t strand; /* what seam_strand() says; 0: 1 */
    /* The allocation of this number (1..) fails; 0: none. With
     * `fail_for_good` all later ones too. */
    uint64_t fail_at;
    bool fail_for_good;
    bool no_maps; /* seam_map always answers NULL */
    /* Called when a lock was given back, and before memory is given out: what
     * another processor does then. */
    void (*on_unlock)(struct seam *s);
    void (*on_alloc)(struct seam *s);
    /* A timer was taken out, its function not yet called. */
    void (*on_timer)(struct seam *s);
    /* A broken assertion jumps here instead of aborting. */
    jmp_buf *on_assert;
    const char *assert_hint;
    struct hosted_counts counts;
    bool quiet;        /* keeps the lines, does not print them */
    uint32_t in_a_row; /* turns of deferred work since PASSIVE had one */

    /* private */
    struct seam_work *work[HOSTED_CPUS]; /* DISPATCH */
    struct seam_work *passive;
    struct seam_timer *timers;
    struct hosted_block *blocks;
    struct hosted_pages *pages;
    int memory;
    uint8_t *frames; /* all frames, in order of their numbers */
    uint8_t *frame_used;
    uint32_t frame_hint;
    char log[HOSTED_LOG_LINES][200];
    uint32_t log_lines;
};

/* A fresh seam with `cpus` processors. */
struct seam *hosted_create(uint32_t cpus);

/* Frees it; aborts if blocks, pages beyond `leaked_pages`, or mappings are
 * left. */
void hosted_destroy(struct seam *s, uint64_t leaked_pages);

/* What is allocated now is not asked for at the end, and nothing that is
 * queued runs any more: after a crash or a broken assertion. */
void hosted_abandon(struct seam *s);

/* Runs work, due timers and the other side until all rest. Called at PASSIVE
 * it runs PASSIVE work as well. */
void hosted_run(struct seam *s);

/* As time goes by: runs all that becomes due within `span` of 100 ns. */
void hosted_advance(struct seam *s, uint64_t span);

/* Calls f at DISPATCH on processor `cpu`, as an interrupt does. */
void hosted_interrupt(struct seam *s, uint32_t cpu, void (*f)(void *arg),
                      void *arg);

/* What a frame holds, whoever owns it; NULL: there is no such frame, or it
 * was freed. */
void *hosted_frame(struct seam *s, uint64_t pfn);

/* Is `text` part of one of the last lines that were logged? */
bool hosted_logged(const struct seam *s, const char *text);

#endif
