/* The guest's view of the processors is the MADT: the host's own is marked
 * as not there, as firmware does it for a processor that is broken. */
#include "program.h"

#include "minihv.h"

struct acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    uint8_t rest[26];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI table header");

enum { XSDT_POINTER = 24, MADT_ENTRIES = 44, LOCAL_APIC = 0 };

static const uint8_t *find_rsdp(EFI_SYSTEM_TABLE *system)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;

    for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *t = &system->ConfigurationTable[i];

        if (!memcmp(&t->VendorGuid, &acpi20, sizeof acpi20))
            return t->VendorTable;
    }
    return NULL;
}

static struct acpi_header *find_madt(const uint8_t *rsdp)
{
    const uint8_t *xsdt;
    uint32_t length;

    xsdt = *(const uint8_t *const *)(rsdp + XSDT_POINTER);
    length = ((const struct acpi_header *)xsdt)->length;
    for (uint32_t at = 36; at + 8 <= length; at += 8) {
        struct acpi_header *t;

        memcpy(&t, xsdt + at, 8);
        if (!memcmp(t->signature, "APIC", 4))
            return t;
    }
    return NULL;
}

static void fix_checksum(struct acpi_header *t)
{
    uint8_t sum = 0;

    t->checksum = 0;
    for (uint32_t i = 0; i < t->length; i++)
        sum += ((uint8_t *)t)[i];
    t->checksum = -sum;
}

void acpi_hide_processor(EFI_SYSTEM_TABLE *system, uint32_t apic_id)
{
    const uint8_t *rsdp = find_rsdp(system);
    struct acpi_header *madt = rsdp ? find_madt(rsdp) : NULL;
    uint8_t *entry, *end;

    if (!madt)
        program_failed("no MADT, which tells the guest its processors", 0);
    end = (uint8_t *)madt + madt->length;
    for (entry = (uint8_t *)madt + MADT_ENTRIES; entry + 8 <= end && entry[1];
         entry += entry[1])
        if (entry[0] == LOCAL_APIC && entry[3] == apic_id)
            memset(entry + 4, 0, 4); /* flags: neither enabled nor able */
    fix_checksum(madt);
}
