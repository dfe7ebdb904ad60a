/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing the report (report.h): plain text that can be pasted into a bug
 * report, with the machine first, then the hypervisor, then the bus.
 */
#include "report.h"

#include <stdio.h>
#include <time.h>

#define MIB_PAGES 256

/* What this machine is and what of it is in use. */
static void print_machine(const struct vmbare_facts *f)
{
    time_t now = (time_t)(vmbare_wall() / 10000000);
    struct tm utc;

    printf("vmbare      %s, image at %#llx, %llu KiB\n", f->version,
           (unsigned long long)f->image_base,
           (unsigned long long)(f->image_size / 1024));
    /* Not strftime: it would bring time zones, and with them scanf, 15 KB. */
    if (gmtime_r(&now, &utc))
        printf("date        %04d-%02d-%02d %02d:%02d:%02d UTC\n",
               utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
               utc.tm_min, utc.tm_sec);
    if (f->uefi_revision)
        printf("firmware    %s, revision %#x, UEFI %u.%u\n", f->firmware_vendor,
               (unsigned)f->firmware_revision,
               (unsigned)(f->uefi_revision >> 16),
               (unsigned)(f->uefi_revision & 0xffff) / 10);
    else
        printf("firmware    %s\n", f->firmware_vendor);
    printf("processors  %u, %s\n", (unsigned)f->processors,
           f->x2apic ? "x2APIC" : "xAPIC");
    printf("memory      %llu MiB, %llu MiB free\n",
           (unsigned long long)(f->memory_pages / MIB_PAGES),
           (unsigned long long)(f->memory_free_pages / MIB_PAGES));
    printf("clock       %s; timer: %s\n", f->clock, f->timer);
    if (f->tsc_hz || f->apic_hz)
        printf("frequencies TSC %.3f MHz, APIC %.3f MHz\n",
               (double)f->tsc_hz / 1e6, (double)f->apic_hz / 1e6);
    if (f->screen_columns)
        printf("screen      %ux%u pixels, %ux%u characters\n",
               (unsigned)f->screen_width, (unsigned)f->screen_height,
               (unsigned)f->screen_columns, (unsigned)f->screen_rows);
    else
        printf("screen      none\n");
    printf("serial      %s\n", f->serial ? "COM1" : "none");
}

/* What the host's CPUID leaf 0x40000003 grants, in words. */
static void print_privileges(void)
{
    const char *name;
    bool granted;

    for (unsigned i = 0; vmbare_privilege(i, &name, &granted); i++)
        printf("  %-34s %s\n", name, granted ? "yes" : "no");
}

/*
 * The hypervisor's CPUID leaves and readable MSRs, unchanged, and what is odd
 * about them: the raw numbers are what a developer of the host asks for.
 */
static void print_hypervisor(const struct vmbare_facts *f)
{
    struct vmbare_leaf l;
    const char *name, *warning;
    uint32_t number;
    uint64_t value;

    printf("hypervisor  %s\n",
           f->hypervisor ? f->hypervisor_vendor : "none (CPUID shows none)");
    for (unsigned i = 0; vmbare_leaf(i, &l); i++)
        printf("  cpuid %08x  %08x %08x %08x %08x\n", (unsigned)l.number,
               (unsigned)l.eax, (unsigned)l.ebx, (unsigned)l.ecx,
               (unsigned)l.edx);
    print_privileges();
    for (unsigned i = 0; vmbare_msr(i, &number, &name, &value); i++)
        printf("  msr %08x  %016llx  %s\n", (unsigned)number,
               (unsigned long long)value, name);
    for (unsigned i = 0; (warning = vmbare_warning(i)) != NULL; i++)
        printf("  warning: %s\n", warning);
}

/* One offer: what it is, which one it is, and how it is signalled. */
static void print_offer(const struct vmbare_offer *o)
{
    printf("  offer relid %u: %s\n", (unsigned)o->relid, o->class_name);
    printf("    class %s instance %s\n", o->type, o->instance);
    printf("    sub-channel %u, flags %#x, mmio %u+%u MiB, connection %#x, "
           "%s interrupt, ",
           (unsigned)o->subchannel, (unsigned)o->flags,
           (unsigned)o->mmio_megabytes, (unsigned)o->mmio_megabytes_optional,
           (unsigned)o->connection, o->dedicated ? "dedicated" : "shared");
    if (o->monitored)
        printf("monitor %u\n", (unsigned)o->monitor);
    else
        printf("no monitor\n");
}

/* Why there is no bus, or its protocol version and its offers. */
static void print_bus(const struct vmbare_facts *f)
{
    struct vmbare_offer offer;
    unsigned offers = 0;

    if (f->refusal) {
        printf("vmbus       none: %s\n", f->refusal);
        if (f->bus_tried[0])
            printf("  tried     %s\n", f->bus_tried);
        return;
    }
    printf("vmbus       protocol %s\n", f->bus_version);
    printf("  tried     %s\n", f->bus_tried);
    while (vmbare_offer(offers, &offer)) {
        print_offer(&offer);
        offers++;
    }
    if (offers)
        printf("  offers    %u\n", offers);
    else
        printf("  no offers: this host has no synthetic devices for us\n");
}

void report_print(const struct vmbare_facts *facts)
{
    printf("---- vmbare report ----\n");
    print_machine(facts);
    print_hypervisor(facts);
    print_bus(facts);
    printf("---- end of report ----\n");
}
