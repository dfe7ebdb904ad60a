/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The appliance: opens the network, and prints one report that can be pasted
 * into a bug report. Its options ask for a fault or a certain end, and then the
 * network is left alone.
 */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "network.h"
#include "report.h"
#include "services.h"
#include "site.h"
#include "vmbare.h"

/* How long the report waits for an address. One that comes later is told of
 * where the machine stays. docs/timeouts.md */
#define STAY_SECONDS 10
#define END_SECONDS  60

static VMBARE_OPTION end_option = {
    .group = "appliance",
    .name = "end",
    .type = VMBARE_WORD,
    .words = "off|reset|reset-hv|reset-acpi|reset-8042",
    .help = "instead of ending with the verdict, power off by ACPI, reset in "
            "the first way that works, or reset by the hypervisor, by ACPI or "
            "by the keyboard controller and in no other way",
};

/* Returns where there is no such way here. */
static void end_by(const char *way)
{
    static const char *const resets[][2] = {
        {"reset-hv", "hypervisor"},
        {"reset-acpi", "acpi"},
        {"reset-8042", "keyboard"},
    };

    if (strcmp(way, "off") == 0)
        vmbare_power_off();
    if (strcmp(way, "reset") == 0)
        vmbare_reset();
    for (unsigned i = 0; i < sizeof(resets) / sizeof(*resets); i++) {
        if (strcmp(way, resets[i][0]) == 0) {
            vmbare_reset_by(resets[i][1]);
            printf("end=%s: this machine has no such way\n", way);
            return;
        }
    }
}

/* The codes are for a person in front of the screen: a machine that ends at
 * once has no use for them. */
static void report(const struct vmbare_facts *facts, bool stays)
{
    if (stays)
        vmbare_report_begin();
    report_print(facts);
    fflush(stdout);
    if (stays)
        vmbare_report_end();
}

/* Services, network, report; then the machine stays, or all ends in order. */
static enum vmbare_verdict serve(void)
{
    struct vmbare_facts facts;
    bool good, bus;

    appliance_services();
    vmbare_facts(&facts);
    bus = facts.bus_version[0] != '\0';
    /* A wrong option of either is told before the verdict. */
    good = site_begin(bus);
    good &= network_begin(bus, vmbare_stays() ? STAY_SECONDS : END_SECONDS);
    if (!vmbare_quiet())
        report(&facts, vmbare_stays());
    if (!vmbare_stays()) {
        site_end();
        network_end();
    }
    return good ? facts.verdict : VMBARE_USAGE;
}

/* What the options ask for. */
int main(void)
{
    const char *end = vmbare_option_text(&end_option);
    bool faulty = fault_is_wanted();
    struct vmbare_facts facts;

    if (!faulty && !end)
        return (int)serve();
    vmbare_facts(&facts);
    if (!vmbare_quiet())
        report(&facts, false);
    if (faulty) {
        fault_commit();
        return VMBARE_FAILED;
    }
    end_by(end);
    return VMBARE_FAILED;
}
