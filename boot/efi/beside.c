/* SPDX-License-Identifier: BSD-2-Clause */
/* The text files beside the image: vmbare.cmd and vmbare.conf. */
#include "boot/efi/boot.h"

static EFI_GUID file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

EFI_FILE_HANDLE boot_open_volume(struct boot_info *info,
                                 EFI_SYSTEM_TABLE *system,
                                 EFI_LOADED_IMAGE *image)
{
    EFI_FILE_IO_INTERFACE *volume = NULL;
    EFI_FILE_HANDLE root = NULL;

    /* An image that was loaded from memory has no device. */
    if (!image->DeviceHandle ||
        EFI_ERROR(BOOT_FIRMWARE(
            info, system->BootServices->HandleProtocol(
                      image->DeviceHandle, &file_system, (VOID **)&volume))) ||
        EFI_ERROR(BOOT_FIRMWARE(info, volume->OpenVolume(volume, &root))))
        return NULL;
    return root;
}

/* A file that is missing, or that cannot be read, is as an empty one. */
static void read_text(struct boot_info *info, EFI_FILE_HANDLE root,
                      CHAR16 *path, struct boot_text *text)
{
    UINTN size = sizeof(text->bytes); /* one byte more than may be */
    EFI_FILE_HANDLE file;

    text->size = 0;
    if (!root ||
        EFI_ERROR(BOOT_FIRMWARE(
            info, root->Open(root, &file, path, EFI_FILE_MODE_READ, 0))))
        return;
    /* The size afterwards is the firmware's word, so it is checked. */
    if (!EFI_ERROR(BOOT_FIRMWARE(info, file->Read(file, &size, text->bytes))) &&
        size <= sizeof(text->bytes))
        text->size = (uint32_t)size;
    BOOT_FIRMWARE(info, file->Close(file));
}

void boot_read_texts(struct boot_info *info, EFI_FILE_HANDLE root)
{
    read_text(info, root, L"\\EFI\\BOOT\\vmbare.cmd", &info->cmd);
    read_text(info, root, L"\\EFI\\BOOT\\vmbare.conf", &info->conf);
}
