/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic memory: gives pages to the host and takes them back as it asks, and
 * says every second how it stands. `seconds=N` ends it after that time, the
 * key q on COM1 at once.
 */
#include <stdio.h>

#include "drivers/dynamic_memory.h"
#include "vmbare.h"

static VMBARE_OPTION seconds = {
    .group = "balloon",
    .name = "seconds",
    .type = VMBARE_NUMBER,
    .most = UINT32_MAX,
    .help = "end after that time; the key q on COM1 ends it, too",
};

/* In the order of enum dynmem_state. */
static const char *state_name(enum dynmem_state state)
{
    static const char *const names[] = {"closed",
                                        "asking the version",
                                        "asking for capabilities",
                                        "running",
                                        "refused",
                                        "failed"};

    return names[state];
}

/* One line a second, which tests/system/balloon.py reads. */
static void print(const struct dynmem *d)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    printf("# balloon: %s, version %u.%u, has %llu of %llu pages free, host "
           "has %llu, added %llu, %llu requests, %llu responses, %llu reports, "
           "%llu refused, %llu not sent\n",
           state_name(d->state), (unsigned)(d->version >> 16),
           (unsigned)(d->version & 0xffff),
           (unsigned long long)facts.memory_free_pages,
           (unsigned long long)facts.memory_pages,
           (unsigned long long)d->ballooned, (unsigned long long)d->added,
           (unsigned long long)d->requests, (unsigned long long)d->responses,
           (unsigned long long)d->reports, (unsigned long long)d->refused,
           (unsigned long long)d->send_failed);
}

/* Did the host have dynamic memory for us at all? */
static bool was_there(const struct dynmem *d)
{
    if (d->state == DYNMEM_FAILED) {
        printf("balloon: the channel cannot be opened, status 0x%08x\n",
               (unsigned)d->open_status);
        return false;
    }
    if (d->version && d->state != DYNMEM_REFUSED)
        return true;
    printf("balloon: expected a dynamic memory device of the host that agrees, "
           "found %s: give the VM dynamic memory, or run HOST=nested\n",
           d->version ? "one that accepts no version from 2.0 to 0.3" : "none");
    return false;
}

/*
 * Reports once a second until `seconds` are over or the key q comes. A run
 * without dynamic memory does not pass, and neither does one in which a message
 * of the host made no sense.
 */
int main(void)
{
    static struct dynmem d;
    bool ends = vmbare_option_given(&seconds);
    NTSTATUS status = dynmem_start(&d);
    bool found;

    if (!NT_SUCCESS(status)) {
        printf("balloon: cannot start, status 0x%08x\n", (unsigned)status);
        return VMBARE_FAILED;
    }
    for (uint64_t s = 0; !ends || s < vmbare_option_number(&seconds); s++) {
        if (vmbare_key() == 'q')
            break;
        vmbare_sleep(1.0);
        dynmem_report(&d);
        print(&d);
    }
    found = was_there(&d);
    dynmem_stop(&d);
    return found && !d.refused && !d.send_failed ? VMBARE_PASSED
                                                 : VMBARE_FAILED;
}
