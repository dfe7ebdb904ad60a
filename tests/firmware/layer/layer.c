/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layer's entry: it loads the image that it carries, hooks the services
 * that the image will call, and starts it. The option layer=NAME,NAME chooses
 * the states; the image gets the command line without it.
 */
#include "layer.h"

#include <string.h>

#include "boot/efi/boot.h"

extern uint8_t layer_image[], layer_image_end[];

EFI_SYSTEM_TABLE *layer_system;
struct span layer_payload, layer_self;

static struct boot_info options; /* for its command line */
static char states[BOOT_CMDLINE_SIZE];
static EFI_EXIT_BOOT_SERVICES real_exit;

bool layer_wants(const char *state)
{
    size_t length = strlen(state);

    for (const char *at = states; (at = strstr(at, state)); at += length) {
        if ((at == states || at[-1] == ',') &&
            (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Moves what follows layer= into `states`, and blanks it. */
static void take_states(void)
{
    char *at = strstr(options.cmdline, "layer=");
    size_t n = 0;

    if (!at)
        return;
    memset(at, ' ', 6);
    for (at += 6; *at && *at != ' '; at++) {
        states[n++] = *at;
        *at = ' ';
    }
}

/* Everything happens after the firmware has let go, and before the image's next
 * instruction. Tables come last: they map no more than they must. */
static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE handle, UINTN key)
{
    static bool had_stale_key;
    EFI_STATUS status;

    if (layer_wants("stale") && !had_stale_key) {
        had_stale_key = true;
        return EFI_INVALID_PARAMETER;
    }
    status = real_exit(handle, key);
    if (EFI_ERROR(status))
        return status;
    __asm__ volatile("cli" : : : "memory");
    layer_leave_bus();
    layer_set_registers();
    if (layer_wants("sparse"))
        layer_load_tables();
    if (layer_wants("levels"))
        layer_add_level();
    layer_say("layer: the image has the machine\n");
    return status;
}

/* A device path that says "from memory", because LoadImage needs one. */
struct memory_path {
    uint8_t type, subtype, length[2];
    uint32_t memory_type;
    uint64_t base, end;
    uint8_t end_type, end_subtype, end_length[2];
} __attribute__((packed));

static EFI_HANDLE load(EFI_HANDLE self)
{
    UINTN size = (UINTN)(layer_image_end - layer_image);
    struct memory_path path = {
        .type = 1,
        .subtype = 3,
        .length = {24, 0},
        .memory_type = EfiLoaderData,
        .base = (uint64_t)(uintptr_t)layer_image,
        .end = (uint64_t)(uintptr_t)layer_image_end,
        .end_type = 0x7f,
        .end_subtype = 0xff,
        .end_length = {4, 0},
    };
    EFI_HANDLE image = NULL;

    if (EFI_ERROR(layer_system->BootServices->LoadImage(
            FALSE, self, (EFI_DEVICE_PATH *)&path, layer_image, size, &image)))
        layer_fail("the firmware does not load the image");
    return image;
}

static EFI_LOADED_IMAGE *loaded(EFI_HANDLE image)
{
    EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *found = NULL;

    if (EFI_ERROR(layer_system->BootServices->HandleProtocol(image, &guid,
                                                             (void **)&found)))
        layer_fail("the firmware knows no loaded image");
    return found;
}

static struct span span_of(const EFI_LOADED_IMAGE *image)
{
    uint64_t base = (uint64_t)(uintptr_t)image->ImageBase;

    return (struct span){base, base + ((image->ImageSize + PAGE - 1) & -PAGE)};
}

static void pass_options(EFI_LOADED_IMAGE *image)
{
    static CHAR16 text[BOOT_CMDLINE_SIZE];
    UINTN n = strlen(options.cmdline);

    for (UINTN i = 0; i <= n; i++)
        text[i] = (CHAR16)options.cmdline[i];
    image->LoadOptions = text;
    image->LoadOptionsSize = (UINT32)(2 * (n + 1));
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
    EFI_LOADED_IMAGE *ours, *image;
    EFI_HANDLE handle;

    layer_system = system;
    layer_say("\nlayer: begins\n"); /* the firmware leaves a line open */
    ours = loaded(self);
    boot_find_cmdline(&options, ours);
    take_states();
    handle = load(self);
    image = loaded(handle);
    layer_self = span_of(ours);
    layer_payload = span_of(image);
    pass_options(image);
    real_exit = system->BootServices->ExitBootServices;
    system->BootServices->ExitBootServices = exit_boot_services;
    layer_hook_map(system->BootServices);
    layer_hook_tables(system);
    system->BootServices->StartImage(handle, NULL, NULL);
    layer_fail("the image has returned");
}
