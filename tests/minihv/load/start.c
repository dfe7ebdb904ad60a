/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the guest's image as a boot manager does. */
#include "program.h"

#include "minihv.h"

enum { OPTIONS_MAX = 2048 };

void *load_file(EFI_SYSTEM_TABLE *system, const char *name,
                EFI_MEMORY_TYPE type, uint32_t *size)
{
    struct fwcfg_file f;
    uint8_t *buffer;
    EFI_STATUS status;

    if (!fwcfg_find(name, &f))
        return NULL;
    status =
        system->BootServices->AllocatePool(type, f.size + 1, (void **)&buffer);
    if (EFI_ERROR(status))
        program_failed("no memory for a file of fw_cfg", status);
    fwcfg_read(&f, buffer, f.size);
    buffer[f.size] = 0;
    *size = f.size;
    return buffer;
}

/* A device path that says "from memory", because LoadImage needs one. */
struct memory_path {
    uint8_t type, subtype, length[2];
    uint32_t memory_type;
    uint64_t base, end;
    uint8_t end_type, end_subtype, end_length[2];
} __attribute__((packed));

static EFI_HANDLE load_image(EFI_HANDLE self, EFI_SYSTEM_TABLE *system,
                             void *buffer, uint32_t size)
{
    struct memory_path path = {
        .type = 1,
        .subtype = 3,
        .length = {24, 0},
        .memory_type = EfiBootServicesData,
        .end_type = 0x7F,
        .end_subtype = 0xFF,
        .end_length = {4, 0},
    };
    EFI_HANDLE image = NULL;
    EFI_STATUS status;

    path.base = (uint64_t)buffer;
    path.end = path.base + size;
    status = system->BootServices->LoadImage(
        FALSE, self, (EFI_DEVICE_PATH *)&path, buffer, size, &image);
    if (EFI_ERROR(status))
        program_failed("opt/guest is no image that the firmware loads", status);
    return image;
}

static void set_options(EFI_SYSTEM_TABLE *system, EFI_HANDLE image)
{
    static CHAR16 options[OPTIONS_MAX];
    EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *loaded;
    const char *text;
    uint32_t size;

    text = load_file(system, "opt/cmdline", EfiLoaderData, &size);
    if (!text)
        return;
    for (uint32_t i = 0; i < size && i + 1 < OPTIONS_MAX; i++)
        options[i] = (CHAR16)text[i];
    if (!EFI_ERROR(system->BootServices->HandleProtocol(image, &guid,
                                                        (void **)&loaded))) {
        loaded->LoadOptions = options;
        loaded->LoadOptionsSize = (UINT32)(2 * (size + 1));
    }
}

void start_guest(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
    uint32_t size;
    uint8_t *file = load_file(system, "opt/guest", EfiBootServicesData, &size);
    EFI_HANDLE image;
    EFI_STATUS status;

    if (!file)
        program_failed("no guest: -fw_cfg name=opt/guest,file=IMAGE.efi", 0);
    if (direct_is_elf(file, size))
        direct_start(self, system, file, size);
    image = load_image(self, system, file, size);
    set_options(system, image);
    initrd_offer(system);
    status = system->BootServices->StartImage(image, NULL, NULL);
    say("minihv: the guest's image returned to the firmware (0x%lx)\n",
        (uint64_t)status);
    end_run(VERDICT_MISBEHAVED);
}
