/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the fuzzer: a host half, its servers, and the guest's memory.
 */
#ifndef TESTS_FUZZ_HOSTMSG_H
#define TESTS_FUZZ_HOSTMSG_H

#include "vmbus/host.h"
#include "tests/peer/hosted.h"

#define SERVERS 4u
#define FRAMES  64u

/* The rest of the input; reads past its end give zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct server {
    struct world *w;
    struct vmbus_host_channel *channel;
    bool opening, closing, open;
    bool passive;    /* has no callbacks */
    uint8_t manner;  /* bits: holds open, close, GPADL; refuses */
    uint32_t mapped; /* handle; 0: none */
    struct vmbus_host_memory memory;
};

struct world {
    struct seam *s;
    struct vmbus_host *host;
    struct vmbus_host_config config;
    struct server server[SERVERS];
    uint64_t pfns[FRAMES];
    uint8_t *pages;
    uint32_t room;
    uint32_t connection;
};

/* ---- input.c ------------------------------------------------------------- */

uint8_t take(struct input *in);

/* Returns small bytes as themselves, and maps others to limits and edge cases.
 */
uint32_t take_number(struct input *in);

uint32_t version_of(uint8_t byte);

/* ---- servers.c ----------------------------------------------------------- */

/* The platform of a host half, whose context is the world. */
extern const struct vmbus_host_ops platform;

/* Makes server `n` offer its channel as `how` says, if it can. */
void publish(struct world *w, uint8_t n, uint8_t how);
void withdraw(struct server *v);

/* Operation: a server, what it does, and how. */
void serve(struct world *w, struct input *in);

/* ---- guest.c: operations that are messages ------------------------------- */

void say_fields(struct world *w, struct input *in);
void say_bytes(struct world *w, struct input *in);
void say_contact(struct world *w, struct input *in);
void say_gpadl(struct world *w, struct input *in);
void say_open(struct world *w, struct input *in);

/* ---- saved.c ------------------------------------------------------------- */

/* Replaces the host half by a new one without servers. */
void replace(struct world *w);

/* Operations: restores a saved state; does so with some bytes changed. */
void save_restore(struct world *w, struct input *in);
void forge(struct world *w, struct input *in);

#endif
