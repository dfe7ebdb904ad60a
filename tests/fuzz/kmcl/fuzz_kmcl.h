/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application, its peer, and the input that moves both.
 */
#ifndef TESTS_FUZZ_KMCL_FUZZ_KMCL_H
#define TESTS_FUZZ_KMCL_FUZZ_KMCL_H

#include "tests/kmcl/raw.h"

#define SENT 64u

/* The input, read to its end and then zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct fuzz {
    struct world *w;
    struct input in;
    bool server; /* the application is one */
    struct endpoint *e;
    struct raw_host *h;
    struct raw_guest *g;
    uint64_t transaction; /* last one seen */
    struct fuzz_sent {
        VMBPACKET packet;
        uint32_t accepted, ended;
        bool last; /* the routine frees it */
    } sent[SENT];
    void *page;
    PMDL mdl;
    UINT32 gpadl;
    bool shared;
    bool asking;
};

/* The next bytes of the input, little-endian. */
uint32_t take(struct fuzz *f, uint32_t bytes);

/* ---- application.c ---------------------------------------------------------
 */

/* A packet callback, and the same without an end of batch. */
void look(struct endpoint *e, VMBPACKETCOMPLETION pc);
VOID look_alone(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                UINT32 size, UINT32 flags);

void complete_all(struct endpoint *e);

/* All GPADLs are gone when the channel has closed. */
void unshare(struct endpoint *e);

/* One of its operations. */
void act(struct fuzz *f, uint32_t what);

/* ---- peer.c ----------------------------------------------------------------
 */

/* Can it write into rings? */
bool there(struct fuzz *f);

/* More packets than are delivered in one go. */
void burst(struct fuzz *f);

/* One of its operations; it is there. */
void provoke(struct fuzz *f, uint32_t what);

void vanish(struct fuzz *f);

/* It comes, and the application enables its channel. */
void appear(struct fuzz *f);

#endif
