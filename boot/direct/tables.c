/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the ACPI tables lie: see direct.h.
 *
 * With firmware the memory map names the memory of the tables. Loaders put them
 * into what their map calls reserved, or even free, memory. Only what the map
 * names is mapped later, so each table is looked up here.
 */
#include "boot/direct/direct.h"

#include "arch/acpi/tables.h"
#include "arch/cpu/cpu.h"

/* Tables mostly lie one behind the other, so ranges that touch become one. */
static void add(struct direct_tables *tables, uint64_t at, uint64_t length)
{
    uint64_t from = at & ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t to = (at + length + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

    /* An address that wraps around is none; page zero is nobody's. */
    if (to <= from || from == 0)
        return;
    for (uint32_t i = 0; i < tables->ranges; i++) {
        if (from > tables->range[i].to || to < tables->range[i].from)
            continue;
        /* They touch. */
        if (from < tables->range[i].from)
            tables->range[i].from = from;
        if (to > tables->range[i].to)
            tables->range[i].to = to;
        return;
    }
    /* What is left out is as unreadable as before: ACPI says so then. */
    if (tables->ranges == DIRECT_TABLES_MAX)
        return;
    tables->range[tables->ranges].from = from;
    tables->range[tables->ranges++].to = to;
}

/* One table, by the length that its header gives. Its checksum is of no
 * interest here: who reads it later looks at that. */
static void add_table(struct acpi *acpi, uint64_t at,
                      struct direct_tables *tables)
{
    const struct acpi_reader *memory = &acpi->reader;
    struct acpi_header header;

    if (at == 0 ||
        memory->read(memory->context, at, &header, sizeof(header)) < 0 ||
        header.length < sizeof(header) || header.length > ACPI_TABLE_MAX)
        return;
    add(tables, at, header.length);
}

/* The root lists all tables but the DSDT, which the FADT names. */
void direct_find_tables(struct acpi *acpi, uint64_t rsdp,
                        struct direct_tables *tables)
{
    const struct acpi_reader *memory = &acpi->reader;
    uint64_t entry = acpi->root + sizeof(struct acpi_header);
    struct acpi_power power;

    tables->ranges = 0;
    if (rsdp != 0)
        add(tables, rsdp, sizeof(struct acpi_rsdp));
    /* The root is none, or is broken. */
    if (acpi->entry_size == 0)
        return;
    add(tables, acpi->root, acpi->root_length);
    for (; entry + acpi->entry_size <= acpi->root + acpi->root_length;
         entry += acpi->entry_size) {
        uint64_t at = 0;

        if (memory->read(memory->context, entry, &at, acpi->entry_size) == 0)
            add_table(acpi, at, tables);
    }
    if (acpi_read_fadt(acpi, &power) == 0)
        add_table(acpi, power.dsdt, tables);
}
