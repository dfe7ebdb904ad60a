/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heartbeat: a host asks every two seconds whether its guest is alive, and
 * shows "lost communication" when nobody answers. The answer is made at
 * DISPATCH, so an application that computes is alive, too.
 *
 * Body: sequence @0, state of the application @8. Hosts send 16 or 40 bytes of
 * it, so the header's size decides what there is. [linux hv_util.c]
 * [openvmm ic]
 */
#include "drivers/services/private.h"

#define AT_SEQUENCE 0u
#define AT_HEALTH   8u

/* What the application has said of itself. */
static uint32_t health = SERVICES_HEALTH_UNKNOWN;

void services_set_health(enum services_health now)
{
    __atomic_store_n(&health, (uint32_t)now, __ATOMIC_RELAXED);
}

uint32_t heartbeat_handle(struct ic_request *r)
{
    if (r->size < AT_SEQUENCE + 8)
        return IC_INVALID;
    /* The answer is one more than the question. */
    ic_put64(r->body + AT_SEQUENCE, ic_get64(r->body + AT_SEQUENCE) + 1);
    if (r->size >= AT_HEALTH + 4)
        ic_put32(r->body + AT_HEALTH,
                 __atomic_load_n(&health, __ATOMIC_RELAXED));
    return IC_OK;
}
