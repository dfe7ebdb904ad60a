/*
 * A scripted guest for the host half. Its bytes are written by hand from the
 * protocol's tables (offsets are numbers here, never the structs of wire.h),
 * so that the two cannot share a mistake.
 *
 * One script = one seam, one host half, one guest, any number of servers.
 */
#ifndef TESTS_HOSTHALF_SCRIPT_H
#define TESTS_HOSTHALF_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/peer/hosted.h"
#include "vmbus/host.h"

#define HEARD_MAX 4096u

/* A message as it lies on the wire. */
struct bytes {
    uint8_t at[256];
    uint32_t size;
};

/* What reached the guest. */
struct heard {
    uint32_t vp;
    uint8_t sint;
    struct bytes message;
};

struct signalled {
    uint32_t vp;
    uint8_t sint;
    uint16_t flag;
};

/* A server that notes what it is told. */
struct server {
    struct script *script;
    struct vmbus_host_channel *channel;
    bool holds_open;      /* does not answer `opened` by itself */
    bool holds_close;     /* nor `closed` */
    bool holds_gpadl;     /* nor does it unmap when asked */
    bool withdraws;       /* from inside `closed` */
    uint32_t refuse;      /* status for `opened` */
    struct server *other; /* whose open it answers inside its `closed` */
    unsigned opened, closed, signalled, created, torn;
    uint32_t handle; /* of the last GPADL told of */
    struct vmbus_host_open open;
};

struct script {
    struct seam *seam;
    struct vmbus_host *host;
    uint32_t connection; /* messages are posted on it */
    struct heard heard[HEARD_MAX];
    uint32_t heard_first, heard_count;
    uint32_t room;   /* messages that the guest's slot takes; then full */
    int post_status; /* instead of 0 */
    struct signalled signals[64];
    uint32_t signal_count;
    unsigned rules; /* breaches told */
    enum vmbus_host_rule last_rule;
    uint32_t last_relid;
    uint32_t last_type;
    int connect_status; /* of hv_sock requests */
    struct vmbus_host_connect connect;
    unsigned connects;
};

/* The versions that there are, oldest first. */
#define VERSIONS 11u
extern const uint32_t every_version[VERSIONS];

extern const struct vmbus_host_config any_guest;
extern const struct vmbus_host_server noting_server;
extern const struct vmbus_host_ops ops_of_script;

/* A host half of `config` in the place of the one there, which is idle. */
void configure(struct script *s, const struct vmbus_host_config *config);

/* A test that begins with any_guest and ends with a check for leaks. */
int script_setup(void **state);
int script_teardown(void **state);
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, script_setup, script_teardown)

/* ---- servers */

/* Publishes with type byte `type`, instance byte `instance`. */
void publish(struct script *s, struct server *v, uint8_t type, uint8_t instance,
             uint16_t subchannel);
/* Publishes this one, or sees it refused. */
void publish_offer(struct script *s, struct server *v,
                   const struct vmbus_host_offer *offer);
void not_published(struct script *s, const struct vmbus_host_offer *offer,
                   int status);

struct vmbus_host_offer an_offer(uint8_t type, uint8_t instance,
                                 uint16_t subchannel);

void withdraw(struct server *v);
struct vmbus_host_channel_info info_of(const struct server *v);

/* ---- bytes */

struct bytes message(uint32_t type, uint32_t size);
struct bytes hex(const char *text);
void put8(struct bytes *b, uint32_t at, uint8_t value);
void put16(struct bytes *b, uint32_t at, uint16_t value);
void put32(struct bytes *b, uint32_t at, uint32_t value);
void put64(struct bytes *b, uint32_t at, uint64_t value);
uint32_t get16(const struct bytes *b, uint32_t at);
uint32_t get32(const struct bytes *b, uint32_t at);
uint64_t get64(const struct bytes *b, uint32_t at);

/* ---- the guest speaks */

void say(struct script *s, const struct bytes *b);
void say_hex(struct script *s, const char *text);
void say_header(struct script *s, uint32_t type);
void say_relid(struct script *s, uint32_t type, uint32_t relid);
void say_open(struct script *s, uint32_t relid, uint32_t open_id,
              uint32_t gpadl, uint32_t vp, uint32_t downstream);
void say_teardown(struct script *s, uint32_t relid, uint32_t handle);
void say_modify(struct script *s, uint32_t relid, uint32_t vp);

/* One message of a GPADL, and all of a page-aligned one. */
void say_gpadl_header(struct script *s, uint32_t relid, uint32_t handle,
                      uint32_t size, uint32_t offset, const uint64_t *pfns,
                      uint32_t count);
void say_gpadl_body(struct script *s, uint32_t handle, const uint64_t *pfns,
                    uint32_t count);
void say_gpadl(struct script *s, uint32_t relid, uint32_t handle,
               const uint64_t *pfns, uint32_t count);

/* The bytes of these, for tests that change some. */
struct bytes contact(uint32_t version, uint32_t vp);
struct bytes open_message(uint32_t relid, uint32_t open_id, uint32_t gpadl,
                          uint32_t vp, uint32_t downstream);
struct bytes gpadl_header(uint32_t relid, uint32_t handle, uint32_t size,
                          uint32_t offset, const uint64_t *pfns,
                          uint32_t count);
struct bytes gpadl_body(uint32_t handle, const uint64_t *pfns, uint32_t count);

/* ---- the guest hears */

/* The statuses that it is refused with. */
#define FAILED_STATE     0xC0000184u
#define FAILED_PARAMETER 0xC000000Du
#define FAILED_RESOURCES 0xC000009Au
#define FAILED_GPADL     0x8000FFFFu

/* The next message; fails the test if there is none. */
struct bytes hear(struct script *s);
void hear_hex(struct script *s, const char *text);
void hear_nothing(struct script *s);
struct bytes hear_type(struct script *s, uint32_t type, uint32_t size);
uint32_t hear_offer(struct script *s); /* its relid */
void hear_rescind(struct script *s, uint32_t relid);
void hear_result(struct script *s, uint32_t relid, uint32_t open_id,
                 uint32_t status);
void hear_created(struct script *s, uint32_t relid, uint32_t handle,
                  uint32_t status);
void hear_torndown(struct script *s, uint32_t handle);
void forget_heard(struct script *s);

/* ---- whole steps */

/* Says a contact and checks the answer's two bytes. Returns the answer. */
struct bytes contact_gives(struct script *s, const struct bytes *b,
                           uint8_t supported, uint8_t connection_state);

/* Contact at `version` from VP `vp` or 0, or at 6.0 with `features`; it is
 * accepted. connect_from returns the answer. */
struct bytes connect_from(struct script *s, uint32_t version, uint32_t vp);
void connect_at(struct script *s, uint32_t version);
void connect_with(struct script *s, uint32_t features);

/* Then REQUESTOFFERS; everything up to ALLOFFERS_DELIVERED is dropped. */
void take_offers(struct script *s);

/* Connected at `version`, one server published, its offer taken. */
void begin_offered(struct script *s, struct server *v, uint32_t version);

/* A host half of `config`, connected at 6.0 with all its features; `v`, if
 * there is one, is published and offered. */
void begin_featured(struct script *s, struct server *v,
                    const struct vmbus_host_config *config);

/* A page-aligned GPADL, created; and one of new pages, for rings of 2 + 2. */
void share(struct script *s, uint32_t relid, uint32_t handle,
           const uint64_t *pfns, uint32_t count);
void *share_rings(struct script *s, uint32_t relid, uint32_t handle);

/* Such rings as GPADL of relid 1, channel open. */
#define RING_GPADL 0xE1E10u
void *begin_open(struct script *s, struct server *v, uint32_t version);
void close_and_free(struct script *s, void *pages, uint32_t count);

/* Closed and torn down by the guest, but `v` holds its answer, and so the rings
 * are still there. */
void *begin_closing(struct script *s, struct server *v, uint32_t version);

/* Lets the only channel go that is left, which has been rescinded; the second
 * tears down its rings before. */
void release_last(struct script *s, uint32_t relid);
void release_and_free(struct script *s, void *pages, uint32_t count);

/* ---- what has happened */

/* Exactly this breach since the last call, and no other. */
void broke(struct script *s, enum vmbus_host_rule rule);
void broke_nothing(struct script *s);

struct vmbus_host_status status_of(struct script *s);

#endif
