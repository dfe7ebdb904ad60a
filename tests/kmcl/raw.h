/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other ends without KMCL: every byte in the rings is the test's.
 */
#ifndef TESTS_KMCL_RAW_H
#define TESTS_KMCL_RAW_H

#include "harness.h"

struct raw_packet {
    uint16_t type;
    uint16_t flags;
    uint64_t transaction;
    uint32_t header_size;
    uint32_t size;
    uint8_t body[2048];
};

/* ---- the host ------------------------------------------------------------ */

/* A host without KMCL: publishes test_type, test_instance on the host half
 * and leaves the rings to the test. */
struct raw_host;
struct raw_host *raw_host_offer(struct world *w, const GUID *instance);
void raw_host_withdraw(struct raw_host *h);
/* With w->client on it, open, its rings of so many pages (0: the default);
 * and the end of both. */
struct raw_host *raw_pair(struct world *w, UINT32 pages);
void raw_end(struct world *w, struct raw_host *h);
/* ... which has got the number 1: on_packet, with the host as its context, has
 * run; passive or not. */
struct raw_host *raw_pair_given(struct world *w, bool passive,
                                void (*on_packet)(struct endpoint *e,
                                                  VMBPACKETCOMPLETION pc));
void raw_host_reset(void); /* before each test */
void raw_host_refuse(struct raw_host *h, uint32_t status); /* opens */
void raw_host_vanish_at_gpadl(struct raw_host *h);
void raw_host_monitor(struct raw_host *h);
bool raw_host_is_open(const struct raw_host *h);
uint32_t raw_host_signals(const struct raw_host *h); /* received */
void raw_host_mmio(struct world *w, uint16_t megabytes);
/* Of the offers that follow: the type, and the index among its channels. */
void raw_host_type(struct world *w, const GUID *type);
void raw_host_subchannel(struct world *w, uint16_t index);
/* An open waits for raw_host_answer. */
void raw_host_hold_open(struct raw_host *h);
void raw_host_answer(struct raw_host *h);

/* The next packet from the guest; false: the ring is empty. */
bool raw_host_read(struct raw_host *h, struct raw_packet *p);
/* 0, or -EAGAIN when the ring is full. */
int raw_host_send(struct raw_host *h, uint16_t type, uint16_t flags,
                  uint64_t transaction, const void *bytes, uint32_t size);
/* As raw_host_send, but the guest gets no signal for the packet. */
int raw_host_send_quietly(struct raw_host *h, uint16_t type, uint16_t flags,
                          uint64_t transaction, const void *bytes,
                          uint32_t size);
/* Sends the number as an in-band packet; its transaction is 1000 more. */
void raw_host_give(struct raw_host *h, uint16_t flags, uint64_t number);
/* Numbers from 0 on, all at once, before anybody looks. */
void raw_host_give_many(struct raw_host *h, uint32_t count);
int raw_host_send_header(struct raw_host *h, uint16_t type, uint16_t flags,
                         uint64_t transaction, uint32_t header_size,
                         const void *body, uint32_t size);
void raw_host_complete(struct raw_host *h, uint64_t transaction,
                       const void *bytes, uint32_t size);
/* ... without telling the guest. */
void raw_host_complete_quietly(struct raw_host *h, uint64_t transaction,
                               const void *bytes, uint32_t size);
void raw_host_signal(struct raw_host *h);
/* Control pages: in is what the guest writes, out what it reads. */
volatile uint32_t *raw_host_in(struct raw_host *h);
volatile uint32_t *raw_host_out(struct raw_host *h);
uint8_t *raw_host_out_data(struct raw_host *h);
/* GPADLs that the guest shared. */
void *raw_host_map(struct raw_host *h, uint32_t handle);
void raw_host_unmap(struct raw_host *h, uint32_t handle);
uint32_t raw_host_gpadls(const struct raw_host *h);

/* ---- the guest ----------------------------------------------------------- */

/* A guest without KMCL: opens the offer of test_instance and answers what the
 * test wants. */
struct raw_guest;
struct raw_guest *raw_guest_open(struct world *w);
/* ... the sub-channel of this index. */
struct raw_guest *raw_guest_open_subchannel(struct world *w, uint16_t index);
/* NULL: there is no offer, or it cannot be opened now. */
struct raw_guest *raw_guest_try_open(struct world *w);
int raw_guest_send_header(struct raw_guest *g, uint16_t type, uint16_t flags,
                          uint64_t transaction, uint32_t header_size,
                          const void *body, uint32_t size);
void raw_guest_close(struct raw_guest *g);
/* With w->server before it, running; and the end of both. */
struct raw_guest *raw_guest_pair(struct world *w);
void raw_guest_end(struct world *w, struct raw_guest *g);
bool raw_guest_read(struct raw_guest *g, struct raw_packet *p);
int raw_guest_send(struct raw_guest *g, uint16_t type, uint16_t flags,
                   uint64_t transaction, const void *bytes, uint32_t size);
/* Lends 100 bytes of a page; the packet's transaction is 5. */
void raw_guest_lend(struct raw_guest *g, uint16_t flags, uint64_t pfn);
/* Control page of the ring that the guest writes. */
volatile uint32_t *raw_guest_out(struct raw_guest *g);
void raw_guest_signal(struct raw_guest *g);

#endif
