/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FADT and \_S5: see acpi.h. [ACPI 6.5, 5.2.9, 7.4.2]
 *
 * The FADT names the registers by which a machine is powered off and reset.
 * Which number to write there for "off" (S5) stands in the DSDT, as AML
 * bytecode.
 */
#include <errno.h>
#include <string.h>

#include "arch/acpi/private.h"
#include "arch/acpi/tables.h"

/* The DSDT is read in windows. They overlap by more bytes than a \_S5 can have.
 */
#define WINDOW  512u
#define OVERLAP 64u

/* The 64-bit register where there is one, otherwise the old port. */
static struct acpi_register choose(const struct acpi_gas *gas, uint32_t port,
                                   uint8_t bits)
{
    if (gas->address != 0 && gas->space <= ACPI_SPACE_IO)
        return (struct acpi_register){gas->address, gas->space, gas->bits};
    return (struct acpi_register){port, ACPI_SPACE_IO, bits};
}

/* Later tables hold each register twice, as a port and as a 64-bit address; the
 * latter wins where it is filled in. [ACPI 6.5, 5.2.9] */
static void take_fadt(struct acpi_power *power, const struct acpi_fadt *fadt)
{
    power->pm1a_control = choose(&fadt->x_pm1a_control, fadt->pm1a_control, 16);
    power->pm1b_control = choose(&fadt->x_pm1b_control, fadt->pm1b_control, 16);
    power->pm_timer = choose(&fadt->x_pm_timer, fadt->pm_timer, 32);
    power->pm_timer_32 = (fadt->flags & ACPI_FADT_TIMER_32) != 0;
    /* The register counts only where the flag says that it is supported. */
    if (fadt->flags & ACPI_FADT_RESET)
        power->reset = choose(&fadt->reset, 0, 8);
    power->reset_value = fadt->reset_value;
    power->smi_command = fadt->smi_command;
    power->acpi_enable = fadt->acpi_enable;
    power->boot_flags = fadt->boot_flags;
    power->century = fadt->century;
    power->hardware_reduced = (fadt->flags & ACPI_FADT_HARDWARE_REDUCED) != 0;
    /* The same for the address of the DSDT. */
    power->dsdt = fadt->x_dsdt != 0 ? fadt->x_dsdt : fadt->dsdt;
}

/* A \_S5 that is cut by the end of a window lies whole in the next one. */
static int scan_dsdt(struct acpi *acpi, const struct acpi_table *dsdt,
                     struct acpi_power *power)
{
    uint8_t aml[WINDOW];
    uint32_t at = sizeof(struct acpi_header);
    int missing = -ENOENT;

    while (at < dsdt->length) {
        uint32_t left = dsdt->length - at;
        uint32_t size = left < WINDOW ? left : WINDOW;
        int status = acpi_read(acpi, dsdt->address + at, aml, size);

        if (status == 0)
            /* Ends at the first usable definition, or when memory cannot be
             * read. */
            status = acpi_aml_find_s5(aml, size, &power->s5_a, &power->s5_b);
        if (status == 0 || status == -EFAULT)
            return status;
        if (status == -EINVAL)
            /* Remember that there was one, for the error text. */
            missing = status;
        if (size == left)
            break;
        at += WINDOW - OVERLAP;
    }
    return acpi_fail(acpi, missing, "DSDT: %s",
                     missing == -ENOENT ? "no \\_S5"
                                        : "\\_S5 is no package of constants");
}

/* A table that ends within a field ends before it: half an address is none. So
 * lengths are taken down to those that versions of the FADT have. */
static size_t usable_size(uint32_t length)
{
    if (length >= sizeof(struct acpi_fadt))
        return sizeof(struct acpi_fadt);
    return length >= ACPI_FADT_2_SIZE ? ACPI_FADT_2_SIZE : ACPI_FADT_1_SIZE;
}

int acpi_read_fadt(struct acpi *acpi, struct acpi_power *power)
{
    struct acpi_table table;
    struct acpi_fadt fadt;
    size_t size;
    int status = acpi_find(acpi, "FACP", &table);

    memset(power, 0, sizeof(*power));
    if (status < 0)
        return status;
    if (table.length < ACPI_FADT_1_SIZE)
        return acpi_fail(acpi, -EINVAL, "FACP has %u bytes, not %u",
                         table.length, ACPI_FADT_1_SIZE);
    /* What an older table does not have reads as zero: not there. */
    memset(&fadt, 0, sizeof(fadt));
    size = usable_size(table.length);
    status = acpi_read(acpi, table.address, &fadt, size);
    if (status < 0)
        return status;
    take_fadt(power, &fadt);
    return 0;
}

/* Without a usable \_S5 the rest is still of use: reset, timer. */
int acpi_read_power(struct acpi *acpi, struct acpi_power *power)
{
    struct acpi_table table;
    int status = acpi_read_fadt(acpi, power);

    if (status < 0)
        return status;
    power->s5_found = acpi_check(acpi, power->dsdt, "DSDT", &table) == 0 &&
                      scan_dsdt(acpi, &table, power) == 0;
    return 0;
}
