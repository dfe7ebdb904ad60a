/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crashes in the middle of the start, at the place that the option test=NAME
 * names. The linker puts these functions around three of the start (ld's
 * --wrap), so the product has no code for it.
 *
 *   tables   before our own page tables are loaded: COM1 alone is there
 *   voices   as soon as the voices are there, before anything else
 *   clock    where ACPI and the hypervisor are being set up
 */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/acpi/power.h"
#include "arch/memory/pages.h"
#include "app/system/platform/platform.h"
#include "vmbare.h"

_Noreturn void __real_arch_start(struct boot_info *info);
_Noreturn void __wrap_arch_start(struct boot_info *info);
int __real_pages_setup(const struct boot_info *info);
int __wrap_pages_setup(const struct boot_info *info);
void __real_power_init(const struct acpi_reader *reader, uint64_t rsdp);
void __wrap_power_init(const struct acpi_reader *reader, uint64_t rsdp);
void __real_platform_hypervisor_setup(void);
void __wrap_platform_hypervisor_setup(void);

static const char *line; /* the command line, before anybody has parsed it */

/* An instruction that is none, where the firmware may have mapped page 0. */
static void crash_at(const char *name)
{
    const char *found = strstr(line, "test=");

    if (found && strncmp(found + 5, name, strlen(name)) == 0)
        __asm__ volatile("ud2");
}

_Noreturn void __wrap_arch_start(struct boot_info *info)
{
    line = info->cmdline;
    __real_arch_start(info);
}

int __wrap_pages_setup(const struct boot_info *info)
{
    crash_at("tables");
    return __real_pages_setup(info);
}

void __wrap_power_init(const struct acpi_reader *reader, uint64_t rsdp)
{
    crash_at("voices");
    __real_power_init(reader, rsdp);
}

void __wrap_platform_hypervisor_setup(void)
{
    crash_at("clock");
    __real_platform_hypervisor_setup();
}

static VMBARE_OPTION test_option = {
    .group = "test-early",
    .name = "test",
    .type = VMBARE_WORD,
    .words = "tables|voices|clock",
    .help = "crash at this place of the start",
};

int main(void)
{
    /* For these calls the image has QR codes, of its crashes before, too. */
    vmbare_report_begin();
    printf("nothing stopped it: expected test=tables, test=voices or "
           "test=clock, found test=%s\n",
           vmbare_option_given(&test_option) ? vmbare_option_text(&test_option)
                                             : "");
    vmbare_report_end();
    return VMBARE_FAILED;
}
