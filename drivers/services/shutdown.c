/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest shutdown: the host asks the machine to power off or to start again.
 *
 * Body [linux hv_util.c] shutdown_onchannelcb:
 *
 *     @0   reason      as of Windows' ExitWindowsEx; not used
 *     @4   timeout     seconds that the host waits
 *     @8   flags       1 force, 2 restart, 4 hibernate
 *     @12  text        for an event log; not used
 *
 * The answer goes first and the end comes after it (ending.c): the host looks
 * for the answer before it looks whether the machine has gone.
 */
#include "drivers/services/private.h"

#define AT_FLAGS 8u

enum flags {
    FORCE = 1,
    RESTART = 2,
    HIBERNATE = 4,
};

/* How the machine is to end; set by a request that was granted. */
static enum services_end granted;

/* How many parts of the application must not be interrupted. */
static uint32_t holds;

void services_hold(void)
{
    __atomic_fetch_add(&holds, 1, __ATOMIC_RELAXED);
}

void services_release(void)
{
    __atomic_fetch_sub(&holds, 1, __ATOMIC_RELAXED);
}

uint32_t shutdown_handle(struct ic_request *r)
{
    uint32_t flags;

    if (r->size < AT_FLAGS + 4)
        return IC_INVALID;
    flags = ic_get32(r->body + AT_FLAGS);
    /* There is nowhere to write the memory to. */
    if (flags & HIBERNATE)
        return IC_FAIL;
    if (flags & ~(uint32_t)(FORCE | RESTART))
        return IC_INVALID;
    /* A person may be told to try again, or to force it. */
    if (!(flags & FORCE) && __atomic_load_n(&holds, __ATOMIC_RELAXED))
        return IC_LOCKED;
    granted = flags & RESTART ? SERVICES_RESTART : SERVICES_POWER_OFF;
    return IC_OK;
}

void shutdown_answered(uint32_t status)
{
    if (status == IC_OK)
        ending_begin(granted);
}
