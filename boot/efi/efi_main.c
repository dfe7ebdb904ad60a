/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entry of the image: collects what only the firmware knows, takes the
 * machine from it, and goes on in arch/.
 *
 * The order matters. Everything that needs the firmware comes before
 * ExitBootServices: the image's place, ACPI's root, date, command line, files,
 * screen.
 * Afterwards there is no way back, and no console until arch/ has one.
 */
#include "boot/efi/boot.h"

#include "arch/acpi/acpi.h"
#include "arch/arch.h"
#include "arch/crash/debug_exit.h"
#include "boot/isolation.h"
#include "boot/map.h"

/* Characters of one call of the firmware's console. */
#define SAY_MAX 256

/* In the image and not on the firmware's stack, because it is needed for ever.
 */
static struct boot_info info;

/* Byte by byte: the firmware's GUIDs need not be aligned. */
static bool same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

    for (unsigned i = 0; i < sizeof(*a); i++) {
        if (x[i] != y[i])
            return false;
    }
    return true;
}

/* Does an ACPI root lie there? */
static bool is_root(const void *at)
{
    return at && acpi_is_root(at);
}

/* The ACPI 2.0 root is preferred: the 1.0 one knows 32-bit tables only. One
 * that is no root is passed over. */
static uint64_t find_rsdp(EFI_SYSTEM_TABLE *system)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;
    static const EFI_GUID acpi10 = ACPI_TABLE_GUID;
    uint64_t old = 0;

    /* The configuration table lists them in no order. */
    for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *t = &system->ConfigurationTable[i];

        if (same_guid(&t->VendorGuid, &acpi20) && is_root(t->VendorTable))
            return (uint64_t)(uintptr_t)t->VendorTable;
        if (!old && same_guid(&t->VendorGuid, &acpi10) &&
            is_root(t->VendorTable))
            old = (uint64_t)(uintptr_t)t->VendorTable;
    }
    return old;
}

/* A machine without a clock has no date: the wall clock then starts at 0. */
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

/* For the report, and for the parts of arch/ that need ACPI or the date. */
static void find_firmware(EFI_SYSTEM_TABLE *system)
{
    boot_copy_ascii(info.firmware_vendor, sizeof(info.firmware_vendor),
                    system->FirmwareVendor, BOOT_VENDOR_SIZE);
    info.firmware_revision = system->FirmwareRevision;
    info.uefi_revision = system->Hdr.Revision;
    info.rsdp = find_rsdp(system);
    find_date(system);
}

/* A machine without such a volume (a network start, another loader) has no
 * files. */
static void read_volume(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *image)
{
    EFI_FILE_HANDLE root = boot_open_volume(&info, system, image);

    boot_read_texts(&info, root);
    boot_read_files(&info, system->BootServices, root);
    if (root)
        BOOT_FIRMWARE(&info, root->Close(root));
}

/* The firmware's own console is the only voice while the firmware owns the
 * machine. */
static void say(EFI_SYSTEM_TABLE *system, const char *text)
{
    CHAR16 wide[SAY_MAX];
    UINTN n = 0;

    if (!system->ConOut)
        return;
    /* In one call: each is slow, on a screen that scrolls. */
    for (; text[n] && n + 1 < SAY_MAX; n++)
        wide[n] = (CHAR16)(unsigned char)text[n];
    wide[n] = 0;
    BOOT_FIRMWARE(&info, system->ConOut->OutputString(system->ConOut, wide));
}

/* So that a machine which then stays dark has at least named us. */
static void say_hello(EFI_SYSTEM_TABLE *system)
{
    say(system, "vmbare ");
    say(system, boot_version);
    say(system, ": started; leaving the firmware\r\n");
}

/* A test's host cannot read the console, so it gets the verdict. */
static EFI_STATUS give_up(EFI_SYSTEM_TABLE *system, EFI_STATUS status)
{
    say(system, "vmbare: ");
    say(system, boot_refusal());
    say(system, "; cannot start\r\n");
    /* Returning the status lets the boot manager try its next entry. */
    debug_exit(EXIT_STATUS_UNSUPPORTED);
    return status;
}

/* The entry point that the linker script names. The firmware calls it with boot
 * services running, on its stack, in its page tables, with interrupts on. */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *system);

/* Where the firmware's stack is not aligned, ours is from here on. */
__attribute__((force_align_arg_pointer)) EFI_STATUS EFIAPI
efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *system)
{
    static EFI_GUID loaded_image = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *image = NULL;
    EFI_STATUS status;

    /* Take the time first: the boot figures count from here. */
    info.tsc_entry = __builtin_ia32_rdtsc();
    status = BOOT_FIRMWARE(&info, system->BootServices->HandleProtocol(
                                      handle, &loaded_image, (VOID **)&image));
    if (EFI_ERROR(status)) {
        boot_refuse("the firmware does not say where the image lies (no "
                    "loaded-image protocol)");
        return give_up(system, status);
    }
    /* Collect everything while the firmware can still be asked. */
    info.image_base = (uint64_t)(uintptr_t)image->ImageBase;
    info.image_size = image->ImageSize;
    info.physical_end = boot_physical_end();
    find_firmware(system);
    boot_find_cmdline(&info, image);
    read_volume(system, image);
    boot_find_framebuffer(&info, system);
    boot_find_seed(&info, system);

    say_hello(system);
    if (boot_is_isolated(boot_ask_cpuid))
        return give_up(system, EFI_UNSUPPORTED);

    /* From here on the firmware is gone, or the start has failed for good. */
    status = boot_exit_services(&info, handle, system);
    if (EFI_ERROR(status))
        return give_up(system, status);
    info.tsc_exited = __builtin_ia32_rdtsc();
    arch_start(&info);
}
