/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application, its peer, and the input that steers both.
 */
#ifndef TESTS_FUZZ_KMCL_FUZZ_KMCL_H
#define TESTS_FUZZ_KMCL_FUZZ_KMCL_H

#include "tests/kmcl/raw.h"

#define SENT  64u
#define CROWD 300u

/* The input; reads past its end give zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct fuzz {
    struct world *w;
    struct input in;
    bool server; /* the application is a server */
    struct endpoint *e;
    struct raw_host *h;
    struct raw_guest *g;
    uint64_t transaction; /* last one seen */
    struct fuzz_sent {
        VMBPACKET packet;
        uint32_t accepted, ended;
        bool last; /* the routine frees it */
    } sent[SENT];
    VMBPACKET crowd[CROWD]; /* made so that KMCL's table of them grows */
    void *page;
    PMDL mdl;
    UINT32 gpadl;
    bool shared;
    bool asking;
    bool parts; /* a client that has asked for parts */
};

/* Returns the next bytes of the input, little-endian. */
uint32_t take(struct fuzz *f, uint32_t bytes);

/* ---- application.c ------------------------------------------------------- */

/* The packet callback, and one for channels without an end of batch. */
void look(struct endpoint *e, VMBPACKETCOMPLETION pc);
VOID look_alone(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                UINT32 size, UINT32 flags);

void complete_all(struct endpoint *e);

/* Asserts that no GPADL is left after the channel closed. */
void unshare(struct endpoint *e);

/* One of its operations. */
void act(struct fuzz *f, uint32_t what);

/* ---- peer.c -------------------------------------------------------------- */

/* Returns true if the peer can write into the rings. */
bool there(struct fuzz *f);

/* Sends more packets than KMCL delivers in one batch. */
void burst(struct fuzz *f);

/* Makes one call of the peer, which must be present. */
void provoke(struct fuzz *f, uint32_t what);

void vanish(struct fuzz *f);

/* Makes the peer appear, and enables the application's channel. */
void appear(struct fuzz *f);

#endif
