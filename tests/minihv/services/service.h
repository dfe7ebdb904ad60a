/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An integration service as a KMCL server: one row of a table. service.c opens,
 * negotiates, sends and takes answers for all of them; a service says what its
 * answers mean.
 */
#ifndef MINIHV_SERVICES_SERVICE_H
#define MINIHV_SERVICES_SERVICE_H

#include "device.h"
#include "ic.h"

struct service {
    struct device
        device;   /* .name and .type; service_prepare() fills the rest */
    struct ic ic; /* .type and the versions */
    uint64_t answers;

    /* An answer to service_ask(). Returns NULL, or the rule that the guest has
     * broken. DISPATCH. */
    const char *(*answered)(struct service *s, const struct ic_answer *a);

    /* The guest has agreed on versions, or has closed; each may be NULL. */
    void (*agreed)(struct service *s);
    void (*closed)(struct service *s);
};

/* Creates the channel and offers it. PASSIVE. */
void service_prepare(struct service *s);

/* Why the guest cannot be asked now: words for a person, or NULL if it can. */
const char *service_unready(const struct service *s);

/* Sends a request to a service that is ready. */
void service_ask(struct service *s, const uint8_t *body, uint32_t size);

#endif
