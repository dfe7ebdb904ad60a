/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request of the control port to a service: it ends with the guest's
 * answer, the end of the channel, or a deadline.
 */
#ifndef MINIHV_SERVICES_JOBS_H
#define MINIHV_SERVICES_JOBS_H

#include "service.h"

/* What the answer means. Returns NULL, or the rule that the guest has broken;
 * it calls control_end() or asks again by job_ask(). */
typedef const char *job_fn(struct service *s, const struct ic_answer *a);

/* Asks the guest; a service that is not ready is an error that the control port
 * is told. `done` gets the answer. */
void job_ask(struct service *s, const uint8_t *body, uint32_t size,
             job_fn *done);

/* Says whether the guest did it, and ends the command: a job_fn. */
const char *job_done(struct service *s, const struct ic_answer *a);

/* `answered` and `closed` of each service that only the control port uses. */
const char *job_answered(struct service *s, const struct ic_answer *a);
void job_closed(struct service *s);

#endif
