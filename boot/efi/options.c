/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: load options, else a file beside the boot file. */
#include "boot/efi/boot.h"

static EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/* Boot managers put what they like into the load options of their own entries.
 * Only what is text all through is taken for a command line. */
static bool is_text(const CHAR16 *s, UINTN length)
{
    for (UINTN i = 0; i < length && s[i] != 0; i++) {
        if (s[i] < 0x20 || s[i] > 0x7e)
            return false;
    }
    return length > 0 && s[0] != 0;
}

/* Takes one line of ASCII; the rest of the file is not looked at. */
static void take_line(struct boot_info *info, const uint8_t *text, UINTN size)
{
    UINTN n = 0;

    while (n < size && n + 1 < BOOT_CMDLINE_SIZE && text[n] >= 0x20 &&
           text[n] < 0x7f) {
        info->cmdline[n] = (char)text[n];
        n++;
    }
    info->cmdline[n] = 0;
}

/* A file that is missing, or that cannot be read, means that there are no
 * options. */
static void read_file(struct boot_info *info, EFI_FILE_IO_INTERFACE *volume)
{
    static uint8_t buffer[BOOT_CMDLINE_SIZE];
    EFI_FILE_HANDLE root, file;
    UINTN size = sizeof(buffer);

    /* Open, read, close; each handle is closed again whatever happens. */
    if (EFI_ERROR(BOOT_FIRMWARE(info, volume->OpenVolume(volume, &root))))
        return;
    if (!EFI_ERROR(BOOT_FIRMWARE(info, root->Open(root, &file,
                                                  L"\\EFI\\BOOT\\vmbare.cmd",
                                                  EFI_FILE_MODE_READ, 0)))) {
        if (!EFI_ERROR(BOOT_FIRMWARE(info, file->Read(file, &size, buffer))))
            take_line(info, buffer, size);
        BOOT_FIRMWARE(info, file->Close(file));
    }
    BOOT_FIRMWARE(info, root->Close(root));
}

/* Load options go first: whoever sets them for one start means this start,
 * while the file stays on the disk. */
void boot_find_cmdline(struct boot_info *info, EFI_SYSTEM_TABLE *system,
                       EFI_LOADED_IMAGE *image)
{
    const CHAR16 *options = image->LoadOptions;
    UINTN length = image->LoadOptionsSize / sizeof(CHAR16);
    EFI_FILE_IO_INTERFACE *volume = NULL;

    /* Nothing after this is kept, so none of it is looked at. */
    if (length > BOOT_CMDLINE_SIZE)
        length = BOOT_CMDLINE_SIZE;
    if (options && is_text(options, length)) {
        boot_copy_ascii(info->cmdline, BOOT_CMDLINE_SIZE, options,
                        (uint32_t)length);
        if (info->cmdline[0])
            return;
    }
    if (!EFI_ERROR(BOOT_FIRMWARE(
            info, system->BootServices->HandleProtocol(
                      image->DeviceHandle, &file_system, (VOID **)&volume))))
        read_file(info, volume);
}
