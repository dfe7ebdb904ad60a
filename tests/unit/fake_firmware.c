/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of UEFI that boot/ calls: see fake_firmware.h. */
#include "fake_firmware.h"

#include <string.h>

#define KEY 77u

struct fake_firmware firmware;

static EFI_BOOT_SERVICES boot_services;
static EFI_RUNTIME_SERVICES runtime_services;
static SIMPLE_TEXT_OUTPUT_INTERFACE console;
static EFI_GRAPHICS_OUTPUT_PROTOCOL screen;

static EFI_STATUS EFIAPI get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *out,
                                 UINTN *key, UINTN *stride, UINT32 *version)
{
    UINTN step = firmware.stride ? firmware.stride : 48;
    UINTN bytes = firmware.told * step;

    firmware.maps_read++;
    *stride = step;
    *version = 1;
    *key = KEY + firmware.exits;
    if (firmware.map_status)
        return firmware.map_status;
    if (bytes > *size) {
        *size = bytes;
        return EFI_BUFFER_TOO_SMALL;
    }
    for (unsigned i = 0; i < firmware.told; i++)
        memcpy((char *)out + i * step, &firmware.map[i],
               step < sizeof(*out) ? step : sizeof(*out));
    *size = firmware.size ? firmware.size : bytes;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI exit_services(EFI_HANDLE handle, UINTN key)
{
    (void)handle;
    if (key != KEY + firmware.exits || firmware.stale_keys > firmware.exits) {
        firmware.exits++;
        return EFI_INVALID_PARAMETER;
    }
    return firmware.exit_status;
}

/* Only the image's handle has a protocol; no handle is a file system. */
static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid,
                                         VOID **interface)
{
    static const EFI_GUID loaded = LOADED_IMAGE_PROTOCOL;

    (void)handle;
    if (memcmp(guid, &loaded, sizeof(loaded)) != 0 ||
        firmware.image.ImageBase == NULL)
        return EFI_UNSUPPORTED;
    *interface = &firmware.image;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration,
                                         VOID **interface)
{
    (void)guid;
    (void)registration;
    if (firmware.screen.Info == NULL)
        return EFI_NOT_FOUND;
    screen.Mode = &firmware.screen;
    *interface = &screen;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_time(EFI_TIME *time,
                                  EFI_TIME_CAPABILITIES *capabilities)
{
    (void)time;
    (void)capabilities;
    return EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *self, CHAR16 *s)
{
    size_t n = strlen(firmware.said);

    (void)self;
    for (; *s && n + 1 < sizeof(firmware.said); s++)
        firmware.said[n++] = (char)*s;
    firmware.said[n] = 0;
    return EFI_SUCCESS;
}

void fake_firmware_tell(UINT32 type, uint64_t start, uint64_t pages)
{
    firmware.map[firmware.told++] = (EFI_MEMORY_DESCRIPTOR){
        .Type = type, .PhysicalStart = start, .NumberOfPages = pages};
}

void fake_firmware_reset(void)
{
    memset(&firmware, 0, sizeof(firmware));
    boot_services.GetMemoryMap = get_map;
    boot_services.ExitBootServices = exit_services;
    boot_services.HandleProtocol = handle_protocol;
    boot_services.LocateProtocol = locate_protocol;
    runtime_services.GetTime = get_time;
    console.OutputString = output;
    firmware.system.BootServices = &boot_services;
    firmware.system.RuntimeServices = &runtime_services;
    firmware.system.ConOut = &console;
    firmware.image.ImageBase = (VOID *)(uintptr_t)0x1000000;
    firmware.image.ImageSize = 0x80000;
    fake_firmware_tell(EfiConventionalMemory, 0x1000, 0x9f);
    fake_firmware_tell(EfiConventionalMemory, 0x100000, 0xf00);
    fake_firmware_tell(EfiLoaderCode, 0x1000000, 0x80);
    fake_firmware_tell(EfiConventionalMemory, 0x1080000, 0x3000);
    fake_firmware_tell(EfiACPIReclaimMemory, 0x4080000, 0x10);
}
