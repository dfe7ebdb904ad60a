/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The start without firmware: collects what the loader tells, and goes on in
 * arch/.
 *
 * The tables that entry.S has loaded map the low 4 GiB at their own address.
 * Everything that a loader tells lies there, in memory that arch/ will hand
 * out: so all of it is read now.
 */
#include "boot/direct/direct.h"

#include <errno.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/memory/image.h"
#include "boot/isolation.h"
#include "boot/map.h"
#include "boot/refuse.h"

#define MAPPED_END (UINT64_C(1) << 32)

/* In the image, because it is needed for ever. */
static struct boot_info info;

/* Physical memory by the first tables. What no memory answers for reads as
 * ones, and no address below the border faults. */
static int read_low(void *context, uint64_t address, void *out, size_t size)
{
    (void)context;
    if (address >= MAPPED_END || size > MAPPED_END - address)
        return -EFAULT;
    memcpy(out, (const void *)(uintptr_t)address, size);
    return 0;
}

static const struct acpi_reader memory = {.read = read_low};

/* A machine without ACPI, or without a clock, is a machine all the same. */
static void find_acpi(const struct direct_told *told,
                      struct direct_tables *tables)
{
    struct acpi acpi;

    info.rsdp = direct_find_rsdp(&memory, told->rsdp);
    (void)acpi_open(&acpi, &memory, info.rsdp);
    direct_find_tables(&acpi, info.rsdp, tables);
    info.date_valid = direct_read_date(&acpi, &info.date);
}

/* Everything that the loader tells; -EINVAL: the machine is refused. */
static int take(uint64_t at, enum direct_protocol protocol)
{
    struct direct_tables tables;
    struct direct_told told;
    int status;

    /* What is told, and where. */
    status = protocol == DIRECT_PVH ? direct_read_start_info(&memory, at, &told)
                                    : direct_read_zero_page(&memory, at, &told);
    if (!status)
        status = direct_read_cmdline(&memory, told.cmdline, info.cmdline);
    if (status)
        return status;
    /* ACPI before the memory map, which does not say where its tables lie. */
    find_acpi(&told, &tables);
    return direct_read_ranges(&memory, &told, &tables, &info);
}

/* The only thing that is certain is the image itself. */
_Noreturn void direct_main(uint64_t at, enum direct_protocol protocol)
{
    const char *name = protocol == DIRECT_PVH ? "none: direct boot, PVH"
                                              : "none: direct boot, Linux";

    info.tsc_entry = __builtin_ia32_rdtsc();
    info.image_base = image_start();
    info.image_size = image_end() - image_start();
    info.physical_end = boot_physical_end();
    memcpy(info.firmware_vendor, name, strlen(name) + 1);
    if (boot_is_isolated(boot_ask_cpuid) || take(at, protocol))
        direct_give_up(boot_refusal());
    /* From here on the loader's information may be overwritten. */
    info.tsc_exited = __builtin_ia32_rdtsc();
    arch_start(&info);
}
