/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing the report (report.h): plain text that can be pasted into a bug
 * report. Details come first: devices, the hypervisor's numbers, the machine.
 * A summary ends it, which a screen shows whole, with what matters most last.
 */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "network.h"
#include "site.h"

#define MIB_PAGES 256

/* Beside QR codes a screen of 1024 pixels has 79 columns for text. */
#define WIDTH 79u

/* Where the items of a list begin, less one for the blank before each. */
#define INDENT 11

/* Kinds of devices that the summary counts one by one. */
#define KINDS_MAX 32u

/* ---- lists --------------------------------------------------------------- */

static unsigned column;

/* Begins a line of the form "title      item, item, ...". */
static void begin_list(const char *indent, const char *title)
{
    column =
        (unsigned)printf("%s%-*s", indent, INDENT - (int)strlen(indent), title);
}

/* Adds an item, on a new line where it does not fit. */
static void add_item(const char *item, bool first)
{
    if (!first)
        column += (unsigned)printf(",");
    if (column + strlen(item) + 2 > WIDTH)
        column = (unsigned)printf("\n%-*s", INDENT, "") - 1;
    column += (unsigned)printf(" %s", item);
}

static void end_list(bool empty)
{
    printf(empty ? " nothing\n" : "\n");
}

/* ---- details ------------------------------------------------------------- */

/* Flags of an offer; the meaning of 2 and 4 depends on what was negotiated. */
static const struct {
    unsigned bit;
    const char *name;
} offer_flags[] = {
    {0x0001, "device interface"},
    {0x0002, "transfer pages or confidential ring"},
    {0x0004, "GPADLs or confidential memory"},
    {0x0008, "pinned memory"},
    {0x0010, "named pipe"},
    {0x0100, "loopback"},
    {0x0200, "parent"},
    {0x0400, "monitored notification"},
    {0x2000, "hv_sock provider"},
};

static void print_offer_flags(unsigned flags)
{
    bool first = true;
    char other[16];

    begin_list("    ", "flags");
    for (unsigned i = 0; i < sizeof(offer_flags) / sizeof(*offer_flags); i++) {
        if (!(flags & offer_flags[i].bit))
            continue;
        add_item(offer_flags[i].name, first);
        flags &= ~offer_flags[i].bit;
        first = false;
    }
    /* What has no name is shown as a number. */
    if (flags) {
        snprintf(other, sizeof(other), "%#x", flags);
        add_item(other, first);
    }
    end_list(first && !flags);
}

/* One offer: what it is, which one it is, and how it is signalled. */
static void print_offer(const struct vmbare_offer *o)
{
    printf("  offer relid %u: %s\n", (unsigned)o->relid, o->class_name);
    printf("    class    %s\n    instance %s\n", o->type, o->instance);
    printf("    sub-channel %u, mmio %u+%u MiB, connection %#x, ",
           (unsigned)o->subchannel, (unsigned)o->mmio_megabytes,
           (unsigned)o->mmio_megabytes_optional, (unsigned)o->connection);
    printf("%s interrupt", o->dedicated ? "dedicated" : "shared");
    if (o->monitored)
        printf(", monitor %u", (unsigned)o->monitor);
    printf("\n");
    if (o->flags)
        print_offer_flags(o->flags);
}

static void print_offers(void)
{
    struct vmbare_offer offer;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++)
        print_offer(&offer);
}

/*
 * The hypervisor's CPUID leaves and readable MSRs, unchanged: the raw numbers
 * are what a developer of the host asks for.
 */
static void print_numbers(void)
{
    struct vmbare_leaf l;
    const char *name;
    uint32_t number;
    uint64_t value;

    for (unsigned i = 0; vmbare_leaf(i, &l); i++)
        printf("  cpuid %08x  %08x %08x %08x %08x\n", (unsigned)l.number,
               (unsigned)l.eax, (unsigned)l.ebx, (unsigned)l.ecx,
               (unsigned)l.edx);
    for (unsigned i = 0; vmbare_msr(i, &number, &name, &value); i++)
        printf("  msr %08x  %016llx  %s\n", (unsigned)number,
               (unsigned long long)value, name);
}

/* What the host grants, has and recommends, in words. */
static void print_flags(void)
{
    const char *title, *flag;

    if (!vmbare_flag(0, 0))
        return;
    for (unsigned group = 0; (title = vmbare_flag_group(group)); group++) {
        unsigned i = 0;

        begin_list("  ", title);
        for (; (flag = vmbare_flag(group, i)) != NULL; i++)
            add_item(flag, i == 0);
        end_list(i == 0);
    }
}

/* Every value that is in force, and where it came from. */
static void print_options(void)
{
    const struct vmbare_option *o = NULL;
    char origin[VMBARE_ORIGIN_MAX];

    while ((o = vmbare_option_next(o)) != NULL) {
        const char *text = vmbare_option_text(o);

        if (text)
            printf("  option %s%s%s (%s)\n", o->name, text[0] ? "=" : "", text,
                   vmbare_option_origin(o, origin));
    }
}

/* ---- the summary --------------------------------------------------------- */

/* What this machine is and what of it is in use. */
static void print_machine(const struct vmbare_facts *f)
{
    time_t now = (time_t)(vmbare_wall() / 10000000);
    struct tm utc;

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

/* What is odd about the host, or missing, but bearable. */
static void print_lacks(void)
{
    const char *text;
    unsigned i = 0;

    if (!vmbare_flag(0, 0))
        return;
    begin_list("", "lacks");
    for (; (text = vmbare_lacks(i)) != NULL; i++)
        add_item(text, i == 0);
    end_list(i == 0);
    for (i = 0; (text = vmbare_warning(i)) != NULL; i++)
        printf("  warning: %s\n", text);
}

/* How many devices of each kind: sub-channels belong to theirs. */
static void print_devices(void)
{
    static struct {
        const char *name;
        unsigned count;
    } kinds[KINDS_MAX];
    unsigned used = 0, devices = 0;
    struct vmbare_offer offer;
    char text[48];

    for (unsigned i = 0, k; vmbare_offer(i, &offer); i++) {
        if (offer.subchannel)
            continue;
        devices++;
        for (k = 0; k < used && kinds[k].name != offer.class_name; k++)
            ;
        if (k == KINDS_MAX)
            continue;
        if (k == used)
            kinds[used++].count = 0;
        kinds[k].name = offer.class_name;
        kinds[k].count++;
    }
    column = (unsigned)printf("devices     %u", devices);
    for (unsigned k = 0; k < used; k++) {
        snprintf(text, sizeof(text), "%u %s", kinds[k].count, kinds[k].name);
        if (k == 0)
            column += (unsigned)printf(":");
        add_item(text, k == 0);
    }
    printf("\n");
}

/* The end of every report: five lines that one photograph always shows. */
static void print_verdict(const struct vmbare_facts *f)
{
    static const char *const words[] = {
        [VMBARE_PASSED] = "passed",
        [VMBARE_FAILED] = "failed",
        [VMBARE_NO_HYPERVISOR] = "no hypervisor",
        [VMBARE_UNSUPPORTED] = "unsupported host",
    };

    printf("vmbare      %s, image at %#llx, %llu KiB\n", f->version,
           (unsigned long long)f->image_base,
           (unsigned long long)(f->image_size / 1024));
    printf("host        %s\n", f->host);
    if (f->bus_version[0])
        printf("vmbus       protocol %s; tried: %s\n", f->bus_version,
               f->bus_tried);
    else
        printf("vmbus       none%s%s\n", f->bus_tried[0] ? "; tried: " : "",
               f->bus_tried);
    print_devices();
    printf("verdict     %s%s%s\n", words[f->verdict], f->refusal ? ": " : ", ",
           f->refusal          ? f->refusal
           : f->bus_version[0] ? "the guest talks to its host over VMBus"
                               : "VMBus was left alone as asked");
}

/* Details first, then the summary, so that a screen ends with what matters. */
void report_print(const struct vmbare_facts *facts)
{
    printf("---- vmbare report ----\n");
    print_offers();
    print_numbers();
    print_flags();
    print_options();
    printf("---- summary ----\n");
    network_print();
    site_print();
    print_machine(facts);
    print_lacks();
    print_verdict(facts);
    printf("---- end of report ----\n");
}
