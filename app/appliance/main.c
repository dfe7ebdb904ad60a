/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The appliance: prints one report that can be pasted into a bug report, then
 * stays and shows time passing; with the option `exit` it ends with the
 * verdict instead. Other options ask for a fault or a certain end.
 */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "report.h"
#include "vmbare.h"

/* Codes that do not fit on the screen at once take turns. */
#define PAGE_SECONDS 10

/* Shows the first of the report's codes and says what they are. True: there
 * are more of them than fit on the screen. */
static bool show_first_codes(void)
{
    struct vmbare_codes codes;

    if (!vmbare_report_codes(0, &codes))
        return false;
    printf("QR codes %u to %u of %u hold this report", codes.first, codes.last,
           codes.parts);
    if (codes.last < codes.parts)
        printf("; the others follow every %u seconds", PAGE_SECONDS);
    printf(".\n");
    return codes.last < codes.parts;
}

/* Time passes in one line that is written over, not in a growing log. */
static void stay(void)
{
    uint64_t start = vmbare_now();
    struct vmbare_codes codes;
    bool more = show_first_codes();

    for (;;) {
        unsigned long s =
            (unsigned long)((vmbare_now() - start) / UINT64_C(10000000));

        if (more && s % PAGE_SECONDS == 0)
            vmbare_report_codes((unsigned)(s / PAGE_SECONDS), &codes);
        printf("\rup %lu:%02lu:%02lu ", s / 3600, s / 60 % 60, s % 60);
        fflush(stdout);
        vmbare_sleep(1.0);
    }
}

/* Returns where the end is not known, or where there is no such way here. */
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
    printf("end=%s is not known; docs/options.md lists the ends\n", way);
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

/*
 * Report first, then what the options ask for. Without `exit` the machine stays
 * and shows its uptime.
 */
int main(void)
{
    const char *fault = vmbare_option("fault"), *end = vmbare_option("end");
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    if (!vmbare_option("quiet"))
        report(&facts, !fault && !end && !vmbare_option("exit"));
    if (fault) {
        fault_commit(fault);
        return VMBARE_FAILED;
    }
    if (end) {
        end_by(end);
        return VMBARE_FAILED;
    }
    if (!vmbare_option("exit"))
        stay();
    return (int)facts.verdict;
}
