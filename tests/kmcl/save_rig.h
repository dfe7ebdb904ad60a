/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of saving and restoring share: a driver that saves and
 * restores its packets, a server with packets in flight, and a store for what
 * a save gives.
 */
#ifndef TESTS_KMCL_SAVE_RIG_H
#define TESTS_KMCL_SAVE_RIG_H

#include "harness.h"

#define PACKETS 4
#define CHUNKS  (PACKETS + 1) /* the head is one */

/* What a save gave: one unit per call of VmbChannelSaveContinue. */
struct store {
    uint8_t bytes[32][4096];
    ULONG size[32];
    uint32_t units;
};

extern struct store store;

/* What the driver saves: a text, or nothing. */
extern struct saver {
    bool nothing;    /* the first call succeeds */
    NTSTATUS second; /* what the second call returns */
    UINT32 needed;   /* asked for at the first call */
    uint32_t first_calls, second_calls;
    bool first_had_buffer;
    VMBPACKET seen[PACKETS * 2];
} saver;

extern struct restorer {
    struct world *w;
    struct sent sent[PACKETS * 2];
    uint32_t calls;
    bool lazy; /* does not call VmbPacketRestore */
    NTSTATUS status;
    UINT32 lib_size;
    bool saved_nothing;
} restorer;

/* The packets that are saved. */
extern struct sent out[PACKETS];

/* w->server, Disabled; with the driver's callbacks or without. */
void saved_make(struct world *w, bool callbacks);

/* ... paused, with PACKETS packets that queue. */
void saved_traffic(struct world *w, bool callbacks);

/* ... with PACKETS packets that the guest has read and not answered. */
struct raw_guest *saved_awaiting(struct world *w, uint64_t transactions[]);

/* Ends the channel, and with it its packets, which are freed. */
void saved_end(struct world *w);
/* ... and the guest before it, with which they end. */
void saved_awaiting_end(struct world *w, struct raw_guest *g);
/* ... that were restored. */
void restored_end(struct world *w);

/* Saves chunk by chunk, each one unit of `store`. */
void save_all(struct world *w);
/* ... of a server with queued packets, and ends the channel. */
void save_and_end(struct world *w, bool callbacks);

/* Saves again and again: in each round one allocation more is there. */
void save_with_little(struct world *w);

NTSTATUS restore_unit(struct world *w, uint32_t n);
void restore_all(struct world *w);

#endif
