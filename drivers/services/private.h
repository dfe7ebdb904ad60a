/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/services/ share with each other alone. */
#ifndef DRIVERS_SERVICES_PRIVATE_H
#define DRIVERS_SERVICES_PRIVATE_H

#include "drivers/services.h"
#include "drivers/services/wire.h"
#include "vmbare.h"
#include "vmbare_events.h"
#include "vmbuskernelmodeclientlibapi.h"

/* A request of the host's, which becomes its answer where it stands. */
struct ic_request {
    struct ic_version version; /* of messages, as agreed */
    uint8_t *body;
    uint32_t size; /* bytes of the body; an answer may change it */
    uint32_t room; /* bytes from `body` to the end of the message */
};

/* A row of the table of services: what is the same for every opening. */
struct service_kind {
    const char *name;
    uint16_t type; /* enum ic_type */
    GUID interface;
    const struct ic_version *versions; /* of messages, the best first */
    unsigned version_count;
    /* Answers a request. Its body may be changed within `room`. Returns enum
     * ic_status. DISPATCH. */
    uint32_t (*handle)(struct ic_request *request);
    /* The answer is in the ring; may be NULL. DISPATCH. */
    void (*answered)(uint32_t status);
};

/* A service, from services_start() to services_stop(). */
struct service {
    const struct service_kind *kind;
    VMBCHANNEL channel; /* NULL: switched off */
    uint32_t state;     /* enum services_state; atomic */
    bool agreed; /* versions; only the packet callback uses these three */
    struct ic_version framework, message;
    uint32_t leaving;   /* 1: services_stop() has begun */
    uint32_t failures;  /* openings in a row that failed */
    uint32_t under_way; /* answers that are not in the ring yet; atomic */
    uint64_t openings, requests, refused, ignored; /* atomic */
    struct vmbare_timer again; /* opens the channel when it was away */
};

/* ---- ic.c ---------------------------------------------------------------- */

/* What became of a message. */
enum ic_outcome {
    IC_IGNORED,    /* it is no request: nothing is to be sent */
    IC_REFUSED,    /* the message is an answer now, with an error's status */
    IC_ANSWERED,   /* the message is an answer now */
    IC_NEGOTIATED, /* likewise; s->agreed says whether versions are agreed */
};

/*
 * Turns a message of the host's into its answer, which has the same length.
 * Whatever it holds, only its `size` bytes are used.
 *
 * @s        its versions are agreed here
 * @message  a private copy
 * @status   receives enum ic_status of an answer
 *
 * DISPATCH.
 */
enum ic_outcome ic_answer(struct service *s, uint8_t *message, uint32_t size,
                          uint32_t *status);

/* ---- the services: `handle` of struct service_kind ----------------------- */

/* heartbeat.c: answers a sequence number with the next. DISPATCH. */
uint32_t heartbeat_handle(struct ic_request *r);

/* shutdown.c: grants the end, or refuses it. DISPATCH. */
uint32_t shutdown_handle(struct ic_request *r);

/* time.c: sets the clock. DISPATCH. */
uint32_t time_handle(struct ic_request *r);

/* vss.c: agrees to a backup of an application that keeps nothing. DISPATCH. */
uint32_t vss_handle(struct ic_request *r);

/* kvp.c: tells and takes values and addresses. DISPATCH. */
uint32_t kvp_handle(struct ic_request *r);

/* copy.c: refuses a file. DISPATCH. */
uint32_t copy_handle(struct ic_request *r);

/* vss.c: does the application keep nothing on a disk? PASSIVE, before a
 * request. */
void vss_set_stateless(bool stateless);

/* shutdown.c: after a request to end was answered: the end begins, unless it
 * was refused. DISPATCH. */
void shutdown_answered(uint32_t status);

/* ---- ending.c ------------------------------------------------------------ */

/* Prepares the work that ends the machine; the settings are copied. PASSIVE. */
void ending_init(const struct services_settings *settings);

/* Ends the machine later, at PASSIVE. DISPATCH. */
void ending_begin(enum services_end how);

/* ---- options.c ----------------------------------------------------------- */

/*
 * Reads which services are wanted.
 *
 * @wanted   receives a bit for each number of enum services_name
 * @problem  receives what is wrong, SERVICES_PROBLEM_MAX characters
 * @return   0; -EINVAL
 *
 * PASSIVE.
 */
int services_wanted(uint32_t *wanted, char *problem);

/* ---- table.c ------------------------------------------------------------- */

/* The rows of the table, by enum services_name. */
extern const struct service_kind service_kinds[SERVICES_COUNT];

/* ---- channel.c ----------------------------------------------------------- */

/*
 * Makes the service's channel and enables it: it opens when the host offers the
 * device, now or later, and again after it was taken away.
 *
 * @return  0; -ENOMEM; -EIO: KMCL refuses it
 *
 * PASSIVE.
 */
int service_channel_start(struct service *s);

/* Closes the channel and frees it, if there is one. PASSIVE. */
void service_channel_stop(struct service *s);

#endif
