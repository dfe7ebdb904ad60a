/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic memory: gives pages to the host and takes them back as it asks, and
 * says every second how it stands. `seconds=N` ends it after that time, the
 * key q on COM1 at once.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/dynamic_memory.h"
#include "vmbare.h"

/* The class of the device. [linux hyperv.h] */
#define DYNAMIC_MEMORY "525074dc-8985-46e2-8057-a307dc18a502"

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

/* Does the host offer dynamic memory? Its offers are there before main. */
static bool is_offered(void)
{
    struct vmbare_offer offer;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        if (strcmp(offer.type, DYNAMIC_MEMORY) == 0)
            return true;
    }
    return false;
}

/* Did the host agree with us about its dynamic memory? */
static bool has_agreed(const struct dynmem *d)
{
    if (d->state == DYNMEM_FAILED) {
        printf("balloon: the channel cannot be opened, status 0x%08x\n",
               (unsigned)d->open_status);
        return false;
    }
    if (d->version && d->state != DYNMEM_REFUSED)
        return true;
    printf("balloon: expected a dynamic memory device of the host that agrees, "
           "found one that %s\n",
           d->version ? "accepts no version from 2.0 to 0.3"
                      : "does not answer");
    return false;
}

/*
 * Reports once a second until `seconds` are over or the key q comes. A run in
 * which a message of the host made no sense does not pass.
 */
static bool run(void)
{
    static struct dynmem d;
    bool ends = vmbare_option_given(&seconds);
    NTSTATUS status = dynmem_start(&d);
    bool found;

    if (!NT_SUCCESS(status)) {
        printf("balloon: cannot start, status 0x%08x\n", (unsigned)status);
        return false;
    }
    for (uint64_t s = 0; !ends || s < vmbare_option_number(&seconds); s++) {
        if (vmbare_key() == 'q')
            break;
        vmbare_sleep(1.0);
        dynmem_report(&d);
        print(&d);
    }
    found = has_agreed(&d);
    dynmem_stop(&d);
    return found && !d.refused && !d.send_failed;
}

/*
 * A host without VMBus is not a failure of the balloon: its own verdict is
 * returned. A host without the device is one.
 */
int main(void)
{
    struct vmbare_facts facts;
    bool good = false;

    vmbare_facts(&facts);
    if (facts.refusal) {
        printf("balloon: there is no VMBus here: %s\n", facts.refusal);
        return facts.verdict;
    }
    if (is_offered())
        good = run();
    else
        printf("balloon: expected a dynamic memory device of the host, found "
               "none: give the VM dynamic memory, or run HOST=nested\n");
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}
