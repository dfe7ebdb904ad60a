/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bodies of requests and answers of the services. Each body_ function
 * writes all bytes of its request, at most IC_MAX - IC_HEADER, and returns how
 * many; each read_ function looks at an answer. [linux hyperv.h]
 */
#ifndef MINIHV_SERVICES_BODIES_H
#define MINIHV_SERVICES_BODIES_H

#include "ic.h"

/* ---- heartbeat ----------------------------------------------------------- */

uint32_t body_heartbeat(uint8_t *body, uint64_t sequence);

/* The answer's sequence must be one more than the request's. Returns NULL, or
 * the rule that is broken. */
const char *read_heartbeat(const struct ic_answer *a, uint64_t sequence,
                           uint32_t *state);

/* ---- shutdown ------------------------------------------------------------ */

enum body_shutdown_flags { SHUTDOWN_FORCE = 1, SHUTDOWN_RESTART = 2 };

uint32_t body_shutdown(uint8_t *body, uint32_t flags);

/* ---- time ---------------------------------------------------------------- */

/**
 * @message    the agreed version: before 4.0 the body is another
 * @unix_ms    the time, milliseconds since 1970
 * @reference  the VM's reference time at that moment, 100 ns
 */
uint32_t body_time(uint8_t *body, struct ic_version message, uint64_t unix_ms,
                   uint64_t reference);

/* ---- VSS ----------------------------------------------------------------- */

enum body_vss { VSS_CHECK = 2, VSS_FREEZE = 5, VSS_THAW = 6 };

uint32_t body_vss(uint8_t *body, enum body_vss operation);

/* ---- file copy ----------------------------------------------------------- */

enum { COPY_DATA_MAX = 6144, COPY_NAME_MAX = 259 };
enum body_copy {
    COPY_START = 0,
    COPY_WRITE = 1,
    COPY_END = 2,
    COPY_CANCEL = 3
};

/**
 * @path    of the guest, absolute, ASCII, with at most COPY_NAME_MAX bytes
 *          before and after its last '/'
 * @return  0: `path` is none
 */
uint32_t body_copy_start(uint8_t *body, const char *path, uint64_t size);

/* `size` bytes, at most COPY_DATA_MAX, for `offset` of the file. */
uint32_t body_copy_write(uint8_t *body, uint64_t offset, const uint8_t *data,
                         uint32_t size);

/* COPY_END or COPY_CANCEL. */
uint32_t body_copy_end(uint8_t *body, enum body_copy operation);

/* ---- KVP ----------------------------------------------------------------- */

enum { KVP_KEY_MAX = 255, KVP_VALUE_MAX = 1023 }; /* units of UTF-16 */
enum kvp_pool { KVP_EXTERNAL = 0, KVP_GUEST = 1, KVP_AUTO = 2 };

/* Sets a string of the pool that the host writes. Texts are UTF-8; 0: one is
 * empty or too long, or is no UTF-8 of characters below U+10000. */
uint32_t body_kvp_set(uint8_t *body, const char *key, const char *value);
uint32_t body_kvp_delete(uint8_t *body, const char *key);
uint32_t body_kvp_list(uint8_t *body, enum kvp_pool pool, uint32_t index);

/* An entry as UTF-8, with its end; a character that is half of two is '?'. */
struct kvp_entry {
    char key[3 * (KVP_KEY_MAX + 1) + 1];
    char value[3 * (KVP_VALUE_MAX + 1) + 1];
};

/* Reads the answer of body_kvp_list(). Returns NULL, or the rule that is
 * broken. */
const char *read_kvp(const struct ic_answer *a, struct kvp_entry *e);

#endif
