/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of UEFI that boot/ calls: see fake_firmware.h. */
#include "fake_firmware.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define KEY 77u

struct fake_firmware firmware;

static EFI_BOOT_SERVICES boot_services;
static EFI_RUNTIME_SERVICES runtime_services;
static SIMPLE_TEXT_OUTPUT_INTERFACE console;
static EFI_GRAPHICS_OUTPUT_PROTOCOL screens[FAKE_SCREENS];

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
    if (bytes > *size || firmware.needs > *size) {
        *size = firmware.needs ? firmware.needs : bytes;
        return EFI_BUFFER_TOO_SMALL;
    }
    for (unsigned i = 0; i < firmware.told; i++)
        memcpy((char *)out + i * step, &firmware.map[i],
               step < sizeof(*out) ? step : sizeof(*out));
    *size = firmware.size ? firmware.size : bytes;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                  UINTN pages, EFI_PHYSICAL_ADDRESS *at)
{
    UINTN most = firmware.memory ? firmware.memory : 4096;
    void *memory = pages <= most ? aligned_alloc(4096, pages * 4096) : NULL;

    if (how != AllocateAnyPages || type != EfiLoaderData || firmware.exits)
        abort();
    if (!memory)
        return EFI_OUT_OF_RESOURCES;
    firmware.told += firmware.grows;
    *at = (uintptr_t)memory;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI release(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
    (void)pages;
    free((void *)(uintptr_t)at);
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

/* ---- the volume ---------------------------------------------------------- */

/* A handle of a file, or of the root. */
struct open_file {
    EFI_FILE interface;
    struct fake_file *file;
    UINTN at;
};

static EFI_STATUS EFIAPI close_file(EFI_FILE_HANDLE self)
{
    firmware.closed++;
    free(self);
    return EFI_SUCCESS;
}

/* The next entry of a folder, as UEFI has it; a size of 0 ends them. */
static EFI_STATUS read_entry(struct open_file *open, UINTN *size, VOID *buffer)
{
    const struct fake_file *folder = open->file;
    const struct fake_entry *e = &folder->entry[folder->endless ? 0 : open->at];
    EFI_FILE_INFO *info = buffer;
    UINTN letters = 0, needed;

    if (open->at++ >= folder->entries && !folder->endless) {
        *size = 0;
        return EFI_SUCCESS;
    }
    while (e->name[letters++])
        ;
    needed = offsetof(EFI_FILE_INFO, FileName) + letters * sizeof(CHAR16);
    if (*size < needed)
        return EFI_BUFFER_TOO_SMALL;
    *size = folder->claims ? folder->claims : needed;
    memset(info, 0, needed);
    info->Size = needed;
    info->FileSize = e->size;
    info->Attribute = e->attributes;
    memcpy(info->FileName, e->name, letters * sizeof(CHAR16));
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_file(EFI_FILE_HANDLE self, UINTN *size,
                                   VOID *buffer)
{
    struct open_file *open = (struct open_file *)self;
    UINTN left = open->file->size - open->at;

    if (open->file->status)
        return open->file->status;
    if (open->file->entry)
        return read_entry(open, size, buffer);
    if (open->file->piece && *size > open->file->piece)
        *size = open->file->piece;
    if (*size > left)
        *size = left;
    memcpy(buffer, (const char *)open->file->bytes + open->at, *size);
    open->at += *size;
    if (open->file->claims)
        *size = open->file->claims;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE_HANDLE self, EFI_FILE_HANDLE *new,
                                   CHAR16 *name, UINT64 mode,
                                   UINT64 attributes);

static EFI_FILE_HANDLE open_handle(struct fake_file *file)
{
    struct open_file *open = calloc(1, sizeof(*open));

    open->interface.Open = open_file;
    open->interface.Close = close_file;
    open->interface.Read = read_file;
    open->file = file;
    firmware.opened++;
    return &open->interface;
}

/* `name` is from the root, or from the folder `from`. */
static bool same_path(const struct fake_file *from, const char *path,
                      const CHAR16 *name)
{
    size_t length = from ? strlen(from->path) : 0;

    if (from && (strncmp(path, from->path, length) || path[length++] != '\\'))
        return false;
    path += length;
    while (*path && (CHAR16)*path == *name) {
        path++;
        name++;
    }
    return *path == 0 && *name == 0;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE_HANDLE self, EFI_FILE_HANDLE *new,
                                   CHAR16 *name, UINT64 mode, UINT64 attributes)
{
    const struct fake_file *from = ((struct open_file *)self)->file;

    if (mode != EFI_FILE_MODE_READ || attributes)
        abort();
    for (unsigned i = 0; i < firmware.files; i++) {
        if (same_path(from, firmware.file[i].path, name)) {
            *new = open_handle(&firmware.file[i]);
            return EFI_SUCCESS;
        }
    }
    return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI open_volume(EFI_FILE_IO_INTERFACE *self,
                                     EFI_FILE_HANDLE *root)
{
    (void)self;
    if (firmware.volume_status)
        return firmware.volume_status;
    *root = open_handle(NULL);
    return EFI_SUCCESS;
}

static EFI_FILE_IO_INTERFACE volume = {.OpenVolume = open_volume};

static const EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

static const EFI_GUID volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/* The image's handle, its device's and those of screens have a protocol each.
 */
static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid,
                                         VOID **interface)
{
    static const EFI_GUID loaded = LOADED_IMAGE_PROTOCOL;

    if (memcmp(guid, &gop_guid, sizeof(gop_guid)) == 0) {
        EFI_GRAPHICS_OUTPUT_PROTOCOL *screen = handle;

        if (!screen->Mode)
            return EFI_UNSUPPORTED;
        *interface = screen;
        return EFI_SUCCESS;
    }
    if (memcmp(guid, &volume_guid, sizeof(volume_guid)) == 0 &&
        handle == &volume) {
        *interface = &volume;
        return EFI_SUCCESS;
    }
    if (memcmp(guid, &loaded, sizeof(loaded)) != 0 ||
        firmware.image.ImageBase == NULL)
        return EFI_UNSUPPORTED;
    *interface = &firmware.image;
    return EFI_SUCCESS;
}

/* EFI_RNG_PROTOCOL, as UEFI has it: GetInfo, GetRNG. */
static EFI_STATUS EFIAPI get_rng(VOID *self, EFI_GUID *algorithm, UINTN size,
                                 UINT8 *to)
{
    if (self != firmware.rng || algorithm || firmware.exits)
        abort();
    for (UINTN i = 0; i < size; i++)
        to[i] = (UINT8)(i + 1);
    return firmware.rng_status;
}

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, VOID *registration,
                                VOID **interface)
{
    static const EFI_GUID rng = {
        0x3152bca5,
        0xeade,
        0x433d,
        {0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44}};

    (void)registration;
    firmware.located++;
    if (memcmp(guid, &rng, sizeof(rng)) != 0 || !firmware.has_rng)
        return EFI_NOT_FOUND;
    firmware.rng[0] = NULL;
    firmware.rng[1] = (VOID *)(UINTN)get_rng;
    *interface = firmware.rng;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI locate_handles(EFI_LOCATE_SEARCH_TYPE type,
                                        EFI_GUID *guid, VOID *key, UINTN *count,
                                        EFI_HANDLE **handles)
{
    (void)key;
    if (type != ByProtocol || memcmp(guid, &gop_guid, sizeof(gop_guid)) != 0)
        abort();
    if (firmware.screens == 0)
        return EFI_NOT_FOUND;
    *handles = calloc(firmware.screens, sizeof(**handles));
    *count = firmware.screens;
    for (unsigned i = 0; i < firmware.screens; i++) {
        screens[i].Mode = firmware.screen[i].Info ? &firmware.screen[i] : NULL;
        (*handles)[i] = &screens[i];
    }
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *pool)
{
    free(pool);
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
    firmware.map[firmware.told++] =
        (EFI_MEMORY_DESCRIPTOR){.Type = type,
                                .PhysicalStart = start,
                                .NumberOfPages = pages,
                                .Attribute = EFI_MEMORY_WB};
}

void fake_firmware_reset(void)
{
    memset(&firmware, 0, sizeof(firmware));
    boot_services.GetMemoryMap = get_map;
    boot_services.AllocatePages = allocate;
    boot_services.FreePages = release;
    boot_services.ExitBootServices = exit_services;
    boot_services.HandleProtocol = handle_protocol;
    boot_services.LocateHandleBuffer = locate_handles;
    boot_services.FreePool = free_pool;
    boot_services.LocateProtocol = locate;
    runtime_services.GetTime = get_time;
    console.OutputString = output;
    firmware.system.BootServices = &boot_services;
    firmware.system.RuntimeServices = &runtime_services;
    firmware.system.ConOut = &console;
    firmware.system.ConfigurationTable = firmware.table;
    firmware.image.ImageBase = (VOID *)(uintptr_t)0x1000000;
    firmware.image.ImageSize = 0x80000;
    firmware.image.DeviceHandle = &volume;
    fake_firmware_tell(EfiConventionalMemory, 0x1000, 0x9f);
    fake_firmware_tell(EfiConventionalMemory, 0x100000, 0xf00);
    fake_firmware_tell(EfiLoaderCode, 0x1000000, 0x80);
    fake_firmware_tell(EfiConventionalMemory, 0x1080000, 0x3000);
    fake_firmware_tell(EfiACPIReclaimMemory, 0x4080000, 0x10);
}
