/*
 * What the acceptance tests are written against: a world with a client and a
 * server on a loopback bus, endpoints that record what KMCL tells them, and a
 * few words for checking.
 *
 * No test framework is named here. hosted.c runs the tests on the build
 * machine, with virtual time; a guest can run the same tables over its own
 * platform.
 */
#ifndef TESTS_KMCL_HARNESS_H
#define TESTS_KMCL_HARNESS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kmcl.h"
#include "vmbuskernelmodeclientlibapi.h"

struct seam;
struct world;

/* ---- tests --------------------------------------------------------------- */

struct test {
    uint32_t item; /* of the acceptance list; 0: belongs to none */
    const char *what;
    void (*run)(struct world *w);
};

/* Ended by an entry without `run`. */
extern const struct test kmcl_tests_interface[];
extern const struct test kmcl_tests_config[];
extern const struct test kmcl_tests_open[];
extern const struct test kmcl_tests_close[];
extern const struct test kmcl_tests_packet[];
extern const struct test kmcl_tests_send[];
extern const struct test kmcl_tests_external[];
extern const struct test kmcl_tests_request[];
extern const struct test kmcl_tests_incoming[];
extern const struct test kmcl_tests_delivery[];
extern const struct test kmcl_tests_external_in[];
extern const struct test kmcl_tests_gpadl[];
extern const struct test kmcl_tests_save[];
extern const struct test kmcl_tests_misc[];
extern const struct test kmcl_tests_misuse[];
extern const struct test kmcl_tests_limits[];
extern const struct test kmcl_tests_memory[];
extern const struct test kmcl_tests_restore[];
extern const struct test kmcl_tests_samples[];
extern const struct test kmcl_tests_faults[];
extern const struct test kmcl_tests_hosted[];
extern const struct test kmcl_tests_server[];

/* ---- checking ------------------------------------------------------------ */

_Noreturn void check_failed(const char *file, int line, const char *what);
void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected);

#define CHECK(condition)                                  \
    do {                                                  \
        if (!(condition))                                 \
            check_failed(__FILE__, __LINE__, #condition); \
    } while (0)

#define CHECK_EQ(found, expected)                               \
    check_equal(__FILE__, __LINE__, #found, (long long)(found), \
                (long long)(expected))

#define CHECK_STATUS(call, expected) \
    check_equal(__FILE__, __LINE__, #call, (call), (expected))

#define CHECK_TEXT(found, expected) CHECK(!strcmp((found), (expected)))

/* `call` must break an assertion whose hint contains `text`. */
#define CHECK_ASSERTS(w, text, call)                                  \
    do {                                                              \
        if (!setjmp(*assert_trap(w))) {                               \
            call;                                                     \
            check_failed(__FILE__, __LINE__, "no assertion: " #call); \
        }                                                             \
        assert_caught((w), (text), __FILE__, __LINE__);               \
    } while (0)

jmp_buf *assert_trap(struct world *w);
void assert_caught(struct world *w, const char *text, const char *file,
                   int line);

/* ---- the world ------------------------------------------------------------
 */

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
    uint8_t bytes[8192];
    NTSTATUS pnp_status;

    /* What it does by itself. */
    NTSTATUS open_status;
    bool hold;   /* keeps packets in `held` */
    bool echo;   /* completes with the packet's own bytes */
    bool silent; /* leaves state changes out of the trace */
    VMBPACKETCOMPLETION held[HELD];
    uint32_t held_count;
    void (*on_packet)(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                      UINT32 size, UINT32 flags);
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
    struct platform *platform; /* the runner's own */
};

extern const GUID test_type;
extern const GUID test_instance;
extern const GUID other_instance;

/* Allocates and configures both ends: packets of 1024, external data of 16
 * pages in 4 MDLs, all callbacks. Disabled. */
void pair_make(struct world *w);

/* ... enabled, the server started, both running. */
void pair_run(struct world *w);

/* Disables and cleans up what is there. */
void pair_end(struct world *w);

/* One end; what pair_make does for it. */
void client_make(struct world *w, struct endpoint *e);
void server_make(struct world *w, struct endpoint *e, const GUID *instance);
void endpoint_end(struct endpoint *e);
/* Completes the packets it holds, with nothing. */
void endpoint_complete_all(struct endpoint *e);

/* Lets everything run that is due now; as time goes by. */
void world_run(struct world *w);
void world_advance(struct world *w, uint32_t milliseconds);
uint64_t world_now(struct world *w); /* 100 ns */

/* Time stands still while the test runs (hosted). */
bool world_is_virtual(struct world *w);

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

/* Runs something while the default KMCL has no host half. */
void world_client_only(struct world *w, void (*run)(void));
uint64_t world_pfn(struct world *w, const void *address);

/* The next seam_alloc (1: the very next) fails; 0: none. */
void world_fail_allocation(struct world *w, uint32_t nth);
uint64_t world_allocations(struct world *w);
uint64_t world_blocks(struct world *w); /* allocated and not freed */

/* Does the log hold a line with this text? */
bool world_logged(struct world *w, const char *text);

/* ---- outgoing packets -----------------------------------------------------
 */

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

/* An auto-freed packet without WAIT. */
NTSTATUS send_plain(struct endpoint *e, const void *bytes, UINT32 size);

/* ---- the raw other end -----------------------------------------------------
 */

/* A host without KMCL: publishes test_type, test_instance on the host half
 * and leaves the rings to the test. */
struct raw_host;
struct raw_host *raw_host_offer(struct world *w, const GUID *instance);
void raw_host_withdraw(struct raw_host *h);
/* With w->client on it, open, its rings of so many pages (0: the default);
 * and the end of both. */
struct raw_host *raw_pair(struct world *w, UINT32 pages);
void raw_end(struct world *w, struct raw_host *h);
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

struct raw_packet {
    uint16_t type;
    uint16_t flags;
    uint64_t transaction;
    uint32_t header_size;
    uint32_t size;
    uint8_t body[2048];
};

/* The next packet from the guest; false: the ring is empty. */
bool raw_host_read(struct raw_host *h, struct raw_packet *p);
/* 0, or -EAGAIN when the ring is full. */
int raw_host_send(struct raw_host *h, uint16_t type, uint16_t flags,
                  uint64_t transaction, const void *bytes, uint32_t size);
/* Sends the number as an in-band packet; its transaction is 1000 more. */
void raw_host_give(struct raw_host *h, uint16_t flags, uint64_t number);
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

/* ---- the raw guest ----------------------------------------------------------
 */

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
bool raw_guest_read(struct raw_guest *g, struct raw_packet *p);
int raw_guest_send(struct raw_guest *g, uint16_t type, uint16_t flags,
                   uint64_t transaction, const void *bytes, uint32_t size);
/* Control page of the ring that the guest writes. */
volatile uint32_t *raw_guest_out(struct raw_guest *g);
void raw_guest_signal(struct raw_guest *g);

#endif
