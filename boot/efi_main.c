/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entry of the image: collects what only the firmware knows, takes the
 * machine from it, and goes on in arch/.
 */
#include "boot/boot.h"

#include "arch/arch.h"
#include "arch/cpu/cpu.h"
#include "arch/crash/debug_exit.h"

/* In the image, not on the firmware's stack: it is needed for ever. */
static struct boot_info info;

static bool same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

    for (unsigned i = 0; i < sizeof(*a); i++) {
        if (x[i] != y[i])
            return false;
    }
    return true;
}

/* The ACPI 2.0 root is preferred: the 1.0 one knows 32-bit tables only. */
static uint64_t find_rsdp(EFI_SYSTEM_TABLE *system)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;
    static const EFI_GUID acpi10 = ACPI_TABLE_GUID;
    uint64_t old = 0;

    for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *t = &system->ConfigurationTable[i];

        if (same_guid(&t->VendorGuid, &acpi20))
            return (uint64_t)(uintptr_t)t->VendorTable;
        if (same_guid(&t->VendorGuid, &acpi10))
            old = (uint64_t)(uintptr_t)t->VendorTable;
    }
    return old;
}

static void find_date(EFI_SYSTEM_TABLE *system)
{
    EFI_TIME t;

    if (EFI_ERROR(
            BOOT_FIRMWARE(&info, system->RuntimeServices->GetTime(&t, NULL))))
        return;
    info.date_valid = true;
    info.date = (struct clock_date){
        .year = t.Year,
        .month = t.Month,
        .day = t.Day,
        .hour = t.Hour,
        .minute = t.Minute,
        .second = t.Second,
        .nanosecond = t.Nanosecond,
        .zone = t.TimeZone, /* EFI_UNSPECIFIED_TIMEZONE included */
    };
}

static void find_firmware(EFI_SYSTEM_TABLE *system)
{
    boot_copy_ascii(info.firmware_vendor, sizeof(info.firmware_vendor),
                    system->FirmwareVendor, BOOT_VENDOR_SIZE);
    info.firmware_revision = system->FirmwareRevision;
    info.uefi_revision = system->Hdr.Revision;
    info.rsdp = find_rsdp(system);
    find_date(system);
}

/*
 * The firmware's own console is the only voice while it owns the machine; a
 * test's host, which cannot read it, gets the verdict.
 */
static EFI_STATUS give_up(EFI_SYSTEM_TABLE *system, EFI_STATUS status)
{
    const char *const text[] = {"vmbare: ", boot_refusal(),
                                "; cannot start\r\n"};

    for (unsigned i = 0; system->ConOut && i < 3; i++) {
        for (const char *c = text[i]; *c; c++) {
            CHAR16 s[2] = {(CHAR16)*c, 0};

            system->ConOut->OutputString(system->ConOut, s);
        }
    }
    debug_exit(EXIT_STATUS_UNSUPPORTED);
    return status;
}

/* Physical addresses that page tables of four levels map where they are, and
 * that this processor has (CPUID 0x80000008). */
static uint64_t find_physical_end(void)
{
    uint32_t bits = cpuid(0x80000008, 0).eax & 0xff;

    return bits < 32 || bits > 47 ? BOOT_PHYSICAL_END_MAX : UINT64_C(1) << bits;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *system);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *system)
{
    static EFI_GUID loaded_image = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *image = NULL;
    EFI_STATUS status;

    info.tsc_entry = __builtin_ia32_rdtsc();
    status = BOOT_FIRMWARE(&info, system->BootServices->HandleProtocol(
                                      handle, &loaded_image, (VOID **)&image));
    if (EFI_ERROR(status)) {
        boot_refuse("the firmware does not tell where the image lies (no "
                    "loaded-image protocol)");
        return give_up(system, status);
    }
    info.image_base = (uint64_t)(uintptr_t)image->ImageBase;
    info.image_size = image->ImageSize;
    info.physical_end = find_physical_end();
    find_firmware(system);
    boot_find_cmdline(&info, system, image);
    boot_find_framebuffer(&info, system);

    status = boot_exit_services(&info, handle, system);
    if (EFI_ERROR(status))
        return give_up(system, status);
    info.tsc_exited = __builtin_ia32_rdtsc();
    arch_start(&info);
}
