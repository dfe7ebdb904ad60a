/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the acceptance tests are written against: a world with a client and a
 * server on a loopback bus, endpoints that record what KMCL tells them, and a
 * few words for checking (check.h).
 *
 * No test framework is named here. hosted_main.c runs the tests on the build
 * machine, with virtual time; a guest runs the same tables over its own
 * platform.
 */
#ifndef TESTS_KMCL_HARNESS_H
#define TESTS_KMCL_HARNESS_H

#include "check.h"
#include "kmcl/kmcl.h"
#include "vmbuskernelmodeclientlibapi.h"

struct seam;

/* Of a send that asks for an answer. */
#define WAIT VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION

/* The time of day when a world's clock was 0. */
#define TESTS_EPOCH INT64_C(134117280000000000)

/* ---- tests --------------------------------------------------------------- */

struct test {
    uint32_t item; /* of the acceptance list; 0: belongs to none */
    const char *what;
    void (*run)(struct world *w);
};

/* The tables, each in items_<name>.c: ended by an entry without `run`. */
/* clang-format off */
#define KMCL_TABLES(X) \
    X(interface) X(config) X(config_value) X(offer) X(open) X(pause) \
    X(close) X(close_race) X(packet) X(send) X(external) X(external_refused) \
    X(request) X(request_end) X(incoming) X(completion) X(defer) X(passive) \
    X(batch) X(external_in) X(transfer_pages) X(mdl) X(gpadl) X(gpadl_map) \
    X(save) X(session) X(restore) X(forged_state) X(mmio) X(latency) \
    X(broken_ring) X(bad_packet) X(signal) X(misuse) X(limits) X(samples) \
    X(server) X(server_parts) X(subchannels) X(subchannel_clients) \
    X(sockets)
/* clang-format on */
#define KMCL_TABLE(name) extern const struct test kmcl_tests_##name[];
KMCL_TABLES(KMCL_TABLE)
#undef KMCL_TABLE

/* Only on the build machine. */
extern const struct test kmcl_tests_hosted[];
extern const struct test kmcl_tests_faults[];
extern const struct test kmcl_tests_adverse[];
extern const struct test kmcl_tests_stall[];
extern const struct test kmcl_tests_callbacks[];
extern const struct test kmcl_tests_delivery[];
extern const struct test kmcl_tests_answers[];
extern const struct test kmcl_tests_moved[];
extern const struct test kmcl_tests_gpadl_two[];
extern const struct test kmcl_tests_waits[];
extern const struct test kmcl_tests_kept[];
extern const struct test kmcl_tests_in_flight[];

/* ---- the world ----------------------------------------------------------- */

/* One opening's callbacks in order, as letters: O opened, S started, P post
 * started, X suspend, C closed, F PnP failure, p packet, b end of batch. */
#define TRACE_SIZE 256

#define HELD 256

struct endpoint {
    struct world *w;
    VMBCHANNEL ch;
    char trace[TRACE_SIZE];
    bool not_passive; /* a state-change callback ran above PASSIVE */
    uint32_t packets; /* packet callbacks */
    uint32_t batches; /* end-of-batch callbacks */
    uint32_t batched; /* packets they told of */
    uint32_t last_batch;
    KIRQL packet_irql; /* of the last packet callback */
    KIRQL batch_irql;
    UINT32 flags; /* of the last packet */
    UINT32 size;
    PVOID buffer; /* until it is completed */
    uint8_t bytes[8192];
    NTSTATUS pnp_status;

    /* What it does by itself. */
    NTSTATUS open_status;
    bool hold;   /* keeps packets in `held` */
    bool echo;   /* completes with the packet's own bytes */
    bool silent; /* leaves state changes out of the trace */
    VMBPACKETCOMPLETION held[HELD];
    uint32_t held_count;
    /* ... with flags, size and buffer as they are above. */
    void (*on_packet)(struct endpoint *e, VMBPACKETCOMPLETION pc);
    void (*on_opened)(struct endpoint *e);
    void (*on_started)(struct endpoint *e);
    void (*on_post_started)(struct endpoint *e);
    void (*on_suspend)(struct endpoint *e);
    void (*on_closed)(struct endpoint *e);
    void *context;
};

struct world {
    struct endpoint client;
    struct endpoint server;
    struct kmcl *kmcl;
    PDEVICE_OBJECT device;
    struct world_pages *pages;
    struct platform *platform; /* the runner's own */
};

extern const GUID test_type;
extern const GUID test_instance;
extern const GUID other_instance;

/* A channel that is not configured. */
VMBCHANNEL channel_make(struct world *w, bool server);

/* Allocates and configures both ends: packets of 1024, external data of 16
 * pages in 4 MDLs, all callbacks. Disabled. */
void pair_make(struct world *w);

/* ... enabled, the server started, both running. */
void pair_run(struct world *w);

/* Disables and cleans up what is there. */
void pair_end(struct world *w);
/* The client's VmbChannelDisable; for world_call_later. */
void client_disable(void *world);

/* One end; what pair_make does for it. */
void client_make(struct world *w, struct endpoint *e);
void server_make(struct world *w, struct endpoint *e, const GUID *instance);
/* Enables it; what is due runs. */
void endpoint_enable(struct endpoint *e);
/* Enables and starts it. Nothing runs: a client that is enabled next does not
 * find the offer, it comes to it later. */
void server_start(struct endpoint *e);
void endpoint_end(struct endpoint *e);
/* Completes the packets it holds, with nothing. */
void endpoint_complete_all(struct endpoint *e);

/* Lets everything run that is due now; as time goes by. */
void world_run(struct world *w);
void world_advance(struct world *w, uint32_t milliseconds);
uint64_t world_now(struct world *w); /* 100 ns */

/* Time stands still while the test runs (hosted). */
bool world_is_virtual(struct world *w);

/* PASSIVE work stands on top of what waits, and not on a stack of its own. */
bool world_is_one_stack(struct world *w);

/* Calls f at PASSIVE after that time, from whatever wait is under way. */
void world_call_later(struct world *w, uint32_t milliseconds,
                      void (*f)(void *arg), void *arg);

/* The bus of the world stops being the default one, or is it again. */
void world_default_bus(struct world *w, bool is);

/* A fresh loopback whose host half knows that many GPADLs at most. */
void world_limit_gpadls(struct world *w, uint32_t limit);

/* The test leaves things undone (after an assertion): no check at the end. */
void world_abandon(struct world *w);

/* Memory whole pages; freed with the world. */
void *world_pages(struct world *w, uint32_t count);
/* A GPADL of w->client of this memory; its handle. */
UINT32 gpadl_of(struct world *w, void *memory, UINT32 bytes);
/* An MDL of memory that has frames; IoFreeMdl ends it. */
PMDL mdl_of(void *address, ULONG size);

/* Runs something while the default KMCL has no host half. */
void world_client_only(struct world *w, void (*run)(void));
uint64_t world_pfn(struct world *w, const void *address);

/* The next seam_alloc (1: the very next) fails; 0: none. */
void world_fail_allocation(struct world *w, uint32_t nth);
uint64_t world_allocations(struct world *w);
uint64_t world_blocks(struct world *w); /* allocated and not freed */

/* Does the log hold a line with this text? */
bool world_logged(struct world *w, const char *text);

/* ---- outgoing packets ---------------------------------------------------- */

/* A packet whose routine records. */
struct sent {
    VMBPACKET packet;
    uint32_t ended; /* calls of the routine */
    uint32_t order; /* its place among all that ended, 1.. */
    NTSTATUS status;
    UINT32 size;
    bool buffer_given;
    bool free_inside; /* the routine frees the packet */
    KIRQL irql;
    uint8_t bytes[1100];
};

extern uint32_t sent_order;

/* Allocates a packet for `s`. */
void sent_make(struct endpoint *e, struct sent *s);

/* Sends bytes; the status of VmbPacketSend. */
NTSTATUS sent_send(struct sent *s, const void *bytes, UINT32 size, bool wait);
void sent_free(struct sent *s);

/* A completion routine that does nothing. */
VOID sent_ignore(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size);

/* A packet in memory of the caller's, with nothing behind its end (the address
 * sanitizer watches it); free() ends it. */
VMBPACKET packet_own(VMBCHANNEL ch);

/* An auto-freed packet without WAIT. */
NTSTATUS send_plain(struct endpoint *e, const void *bytes, UINT32 size);
/* ... of one byte from w->client, which then arrives. */
void client_send(struct world *w);

#endif
