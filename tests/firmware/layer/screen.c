/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things of which a machine has several, and the first is of no use: a screen
 * without a linear framebuffer (`screen`), as the firmware's own console often
 * is, and an ACPI root that points to nothing (`root`).
 */
#include "layer.h"

#include <string.h>

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION blt_only = {
    .HorizontalResolution = 800,
    .VerticalResolution = 600,
    .PixelFormat = PixelBltOnly,
    .PixelsPerScanLine = 800,
};
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = {
    .MaxMode = 1,
    .Info = &blt_only,
    .SizeOfInfo = sizeof(blt_only),
};
static EFI_GRAPHICS_OUTPUT_PROTOCOL useless = {.Mode = &mode};
static EFI_HANDLE useless_handle;

static EFI_LOCATE_PROTOCOL real_locate;
static EFI_LOCATE_HANDLE_BUFFER real_handles;

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, VOID *registration,
                                VOID **interface)
{
    if (memcmp(guid, &gop_guid, sizeof(gop_guid)) != 0)
        return real_locate(guid, registration, interface);
    *interface = &useless;
    return EFI_SUCCESS;
}

/* The useless one becomes the first of the list. */
static EFI_STATUS EFIAPI locate_handles(EFI_LOCATE_SEARCH_TYPE type,
                                        EFI_GUID *guid, VOID *key, UINTN *count,
                                        EFI_HANDLE **list)
{
    EFI_STATUS status = real_handles(type, guid, key, count, list);

    for (UINTN i = 1; !EFI_ERROR(status) && i < *count; i++) {
        if ((*list)[i] == useless_handle) {
            (*list)[i] = (*list)[0];
            (*list)[0] = useless_handle;
        }
    }
    return status;
}

static void add_useless_screen(EFI_BOOT_SERVICES *services)
{
    if (EFI_ERROR(services->InstallProtocolInterface(
            &useless_handle, &gop_guid, EFI_NATIVE_INTERFACE, &useless)))
        layer_fail("the firmware takes no second screen");
    real_locate = services->LocateProtocol;
    real_handles = services->LocateHandleBuffer;
    services->LocateProtocol = locate;
    services->LocateHandleBuffer = locate_handles;
}

/* Before the sound entries: one without an address, one that points to zeros.
 */
static void add_useless_roots(EFI_SYSTEM_TABLE *system)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;
    static EFI_CONFIGURATION_TABLE list[64];
    static uint8_t zeros[36];
    UINTN n = system->NumberOfTableEntries;

    if (n + 2 > sizeof(list) / sizeof(*list))
        layer_fail("the firmware has too many tables");
    list[0].VendorGuid = list[1].VendorGuid = acpi20;
    list[1].VendorTable = zeros;
    memcpy(list + 2, system->ConfigurationTable, n * sizeof(*list));
    system->ConfigurationTable = list;
    system->NumberOfTableEntries = n + 2;
}

void layer_hook_tables(EFI_SYSTEM_TABLE *system)
{
    if (layer_wants("screen"))
        add_useless_screen(system->BootServices);
    if (layer_wants("root"))
        add_useless_roots(system);
}
