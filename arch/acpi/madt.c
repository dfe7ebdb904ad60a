/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processors of the MADT: see acpi.h. [ACPI 6.5, 5.2.12]
 *
 * After its header the table is a list of entries, each with a type and a
 * length. Only the two types that describe processors are read. The list is
 * walked by the entries' own lengths, which are checked against the end of the
 * table.
 */
#include <errno.h>
#include <string.h>

#include "arch/acpi/private.h"
#include "arch/acpi/tables.h"

/* Where in the table a walk is. */
struct walk {
    struct acpi *acpi;
    uint64_t at;
    uint64_t end;
};

/* Reads the entry at walk->at, of which `out` receives at most `size` bytes,
 * and steps over it. 1: there it is; 0: no more; negative: broken. */
static int next_entry(struct walk *walk, void *out, size_t size)
{
    struct acpi_madt_entry *entry = out;
    uint64_t left = walk->end - walk->at;
    uint8_t length; /* read once: the walk must go on whatever changes */
    int status;

    if (left == 0)
        return 0;
    /* What a short entry does not have reads as zero. */
    memset(out, 0, size);
    /* A rest too short for type and length is broken. */
    if (left < sizeof(*entry))
        return acpi_fail(walk->acpi, -EINVAL,
                         "APIC: a byte is left over at the end");
    status = acpi_read(walk->acpi, walk->at, entry, sizeof(*entry));
    if (status < 0)
        return status;
    length = entry->length;
    if (length < sizeof(*entry) || length > left)
        return acpi_fail(walk->acpi, -EINVAL,
                         "APIC: entry of type %u has length %u, %llu are left",
                         entry->type, length, (unsigned long long)left);
    /* Copy what is there, at most what the caller has room for. */
    if (length < size)
        size = length;
    status = acpi_read(walk->acpi, walk->at, out, size);
    entry->length = length;
    walk->at += length;
    return status < 0 ? status : 1;
}

/* Takes a processor out of an entry. 1: taken; 0: another kind of entry, or a
 * processor that is not there; negative: broken. */
static int take_processor(struct acpi *acpi,
                          const struct acpi_madt_local_x2apic *entry,
                          struct acpi_processor *processor)
{
    struct acpi_madt_local_apic old;
    uint32_t flags, nobody;
    size_t size;

    if (entry->entry.type == ACPI_MADT_LOCAL_APIC) {
        /* Ids of 8 bits; the entry is the shorter one. */
        memcpy(&old, entry, sizeof(old));
        *processor = (struct acpi_processor){old.apic_id, old.uid, false};
        flags = old.flags;
        nobody = UINT8_MAX;
        size = sizeof(old);
    } else if (entry->entry.type == ACPI_MADT_LOCAL_X2APIC) {
        *processor = (struct acpi_processor){entry->apic_id, entry->uid, false};
        flags = entry->flags;
        nobody = UINT32_MAX;
        size = sizeof(*entry);
    } else {
        return 0;
    }
    /* The type says how long the entry must be at least. */
    if (entry->entry.length < size)
        return acpi_fail(acpi, -EINVAL, "APIC: processor entry of %u bytes",
                         entry->entry.length);
    processor->enabled = (flags & ACPI_MADT_ENABLED) != 0;
    /* The id with all bits set is the broadcast's: firmware marks empty slots
     * so. */
    return processor->apic_id != nobody &&
           (flags & (ACPI_MADT_ENABLED | ACPI_MADT_ONLINE_CAPABLE)) != 0;
}

/* Firmware may list a processor in both kinds of entries. */
static bool is_known(const struct acpi_processor *processors, uint32_t count,
                     uint32_t apic_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (processors[i].apic_id == apic_id)
            return true;
    }
    return false;
}

/* Entries of other types are stepped over by their length. */
int acpi_read_processors(struct acpi *acpi, struct acpi_processor *processors,
                         uint32_t room, uint32_t *count)
{
    struct acpi_madt_local_x2apic entry; /* the longest that is read */
    struct acpi_processor processor;
    struct acpi_table table;
    struct walk walk;
    int status = acpi_find(acpi, "APIC", &table);

    *count = 0;
    if (status < 0)
        return status;
    if (table.length < sizeof(struct acpi_madt))
        return acpi_fail(acpi, -EINVAL, "APIC has length %u", table.length);
    /* The entries fill the rest of the table. */
    walk.acpi = acpi;
    walk.at = table.address + sizeof(struct acpi_madt);
    walk.end = table.address + table.length;
    while ((status = next_entry(&walk, &entry, sizeof(entry))) > 0) {
        status = take_processor(acpi, &entry, &processor);
        if (status < 0)
            return status;
        if (status == 0 || is_known(processors, *count < room ? *count : room,
                                    processor.apic_id))
            continue;
        if (*count < room)
            processors[*count] = processor;
        (*count)++;
    }
    return status;
}
