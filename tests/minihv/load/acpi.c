/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes the ACPI tables that the guest will read. The MADT lists the
 * processors; the host's own one is marked unusable, as firmware marks a broken
 * one. A generation-2 VM has no PCI, so the MCFG, by which a guest would find
 * the machine's, gets a name that nobody looks for. Linux looks for VMBus only
 * if the namespace has a device VMBus, so this adds one.
 */
#include "program.h"

#include "minihv.h"
#include "video.h"

struct acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    uint8_t rest[26];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI table header");

enum { XSDT_POINTER = 24, MADT_ENTRIES = 44, LOCAL_APIC = 0 };
enum { FADT_TIMER = 76, FADT_X_TIMER = 208, GAS_SIZE = 12 };

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

static struct acpi_header *find_table(const uint8_t *rsdp, const char *name)
{
    const uint8_t *xsdt;
    uint32_t length;

    xsdt = *(const uint8_t *const *)(rsdp + XSDT_POINTER);
    length = ((const struct acpi_header *)xsdt)->length;
    for (uint32_t at = 36; at + 8 <= length; at += 8) {
        struct acpi_header *t;

        memcpy(&t, xsdt + at, 8);
        if (!memcmp(t->signature, name, 4))
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
    struct acpi_header *madt = rsdp ? find_table(rsdp, "APIC") : NULL;
    uint8_t *entry, *end;

    if (!madt)
        program_failed("no MADT, which tells the guest its processors", 0);
    end = (uint8_t *)madt + madt->length;
    for (entry = (uint8_t *)madt + MADT_ENTRIES; entry + 8 <= end && entry[1];
         entry += entry[1])
        if (entry[0] == LOCAL_APIC && entry[3] == apic_id)
            memset(entry + 4, 0,
                   4); /* flags: not enabled, not online capable */
    fix_checksum(madt);
}

void acpi_hide_timer(EFI_SYSTEM_TABLE *system)
{
    const uint8_t *rsdp = find_rsdp(system);
    struct acpi_header *fadt = rsdp ? find_table(rsdp, "FACP") : NULL;

    if (!fadt || fadt->length < FADT_X_TIMER + GAS_SIZE)
        program_failed("no FADT that has a timer", 0);
    memset((uint8_t *)fadt + FADT_TIMER, 0, 4);
    memset((uint8_t *)fadt + FADT_X_TIMER, 0, GAS_SIZE);
    fix_checksum(fadt);
}

void acpi_hide_pci(EFI_SYSTEM_TABLE *system)
{
    const uint8_t *rsdp = find_rsdp(system);
    struct acpi_header *mcfg = rsdp ? find_table(rsdp, "MCFG") : NULL;

    if (!mcfg)
        return; /* a machine without it */
    memcpy(mcfg->signature, "OEM0", 4);
    fix_checksum(mcfg);
}

/* AML of \\_SB.VMBS: _STA 0xF, _HID "VMBus", _UID 0, an empty _CRS. */
static struct {
    struct acpi_header header;
    uint8_t aml[50];
} __attribute__((packed)) vmbus_table = {
    .header = {.signature = "SSDT",
               .length = sizeof vmbus_table,
               .revision = 2,
               .rest = "VMBAREMINIHV  "},
    .aml = {0x10, 49,  '\\', '_', 'S',  'B', '_',  0x5B, 0x82, 41,
            'V',  'M', 'B',  'S', 8,    '_', 'S',  'T',  'A',  0x0A,
            0x0F, 8,   '_',  'H', 'I',  'D', 0x0D, 'V',  'M',  'B',
            'u',  's', 0,    8,   '_',  'U', 'I',  'D',  0,    8,
            '_',  'C', 'R',  'S', 0x11, 5,   0x0A, 2,    0x79, 0},
};

/* The same with a _CRS that has one range of memory, for the screen: lengths of
 * more than 63 bytes have two bytes in AML. */
#define BYTES4(value)                                          \
    (value) & 0xFF, (value) >> 8 & 0xFF, (value) >> 16 & 0xFF, \
        (value) >> 24 & 0xFF
static struct {
    struct acpi_header header;
    uint8_t aml[78];
} __attribute__((packed)) vmbus_range_table = {
    .header = {.signature = "SSDT",
               .length = sizeof vmbus_range_table,
               .revision = 2,
               .rest = "VMBAREMINIHV  "},
    .aml = {0x10, 0x4D, 4, '\\', '_', 'S', 'B', '_', 0x5B, 0x82, 0x44, 4, 'V',
            'M', 'B', 'S', 8, '_', 'S', 'T', 'A', 0x0A, 0x0F, 8, '_', 'H', 'I',
            'D', 0x0D, 'V', 'M', 'B', 'u', 's', 0, 8, '_', 'U', 'I', 'D', 0, 8,
            '_', 'C', 'R', 'S', 0x11, 31, 0x0A, 28,
            /* A range of addresses: memory, both ends fixed, writable. */
            0x87, 23, 0, 0, 0x0D, 1, BYTES4(0), BYTES4(VIDEO_RANGE_BASE),
            BYTES4(VIDEO_RANGE_BASE + VIDEO_RANGE_SIZE - 1), BYTES4(0),
            BYTES4(VIDEO_RANGE_SIZE), 0x79, 0},
};

struct acpi_protocol {
    EFI_STATUS(EFIAPI *install)
    (struct acpi_protocol *, void *table, UINTN size, UINTN *key);
};

void acpi_add_vmbus(EFI_SYSTEM_TABLE *system, bool has_range)
{
    EFI_GUID guid = {0xFFE06BDD,
                     0x6107,
                     0x46A6,
                     {0x7B, 0xB2, 0x5A, 0x9C, 0x7E, 0xC5, 0x27, 0x5C}};
    struct acpi_protocol *acpi;
    EFI_STATUS status;
    UINTN key;

    status = system->BootServices->LocateProtocol(&guid, NULL, (void **)&acpi);
    if (!EFI_ERROR(status))
        status = has_range ? acpi->install(acpi, &vmbus_range_table,
                                           sizeof vmbus_range_table, &key)
                           : acpi->install(acpi, &vmbus_table,
                                           sizeof vmbus_table, &key);
    if (EFI_ERROR(status))
        program_failed("the firmware takes no ACPI table", status);
}
