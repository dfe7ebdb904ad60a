/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers opt/initrd to Linux. Its EFI stub takes the initial RAM disk from a
 * LoadFile2 protocol on a vendor media device path with the GUID below.
 */
#include "program.h"

#include "minihv.h"

static const EFI_GUID load_file2_guid = {
    0x4006C0C1,
    0xFCB3,
    0x403E,
    {0x99, 0x6D, 0x4A, 0x6C, 0x87, 0x24, 0xE0, 0x6D}};

static struct {
    uint8_t type, subtype, length[2];
    EFI_GUID vendor;
    uint8_t end_type, end_subtype, end_length[2];
} __attribute__((packed)) initrd_path = {
    .type = 4,
    .subtype = 3,
    .length = {20, 0},
    .vendor = {0x5568E427,
               0x68FC,
               0x4F3D,
               {0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68}},
    .end_type = 0x7F,
    .end_subtype = 0xFF,
    .end_length = {4, 0},
};

struct load_file2 {
    EFI_STATUS(EFIAPI *load)
    (struct load_file2 *, EFI_DEVICE_PATH *, BOOLEAN, UINTN *size,
     void *buffer);
};

static struct fwcfg_file initrd;

static EFI_STATUS EFIAPI load(struct load_file2 *self, EFI_DEVICE_PATH *path,
                              BOOLEAN boot_policy, UINTN *size, void *buffer)
{
    UINTN room = *size;

    (void)self;
    (void)path;
    if (boot_policy)
        return EFI_UNSUPPORTED;
    *size = initrd.size;
    if (!buffer || room < initrd.size)
        return EFI_BUFFER_TOO_SMALL;
    fwcfg_read(&initrd, buffer, initrd.size);
    return EFI_SUCCESS;
}

void initrd_offer(EFI_SYSTEM_TABLE *system)
{
    static struct load_file2 protocol = {load};
    EFI_GUID path = DEVICE_PATH_PROTOCOL, file = load_file2_guid;
    EFI_BOOT_SERVICES *b = system->BootServices;
    EFI_HANDLE handle = NULL;
    EFI_STATUS status;

    if (!fwcfg_find("opt/initrd", &initrd))
        return;
    status = b->InstallProtocolInterface(&handle, &path, EFI_NATIVE_INTERFACE,
                                         &initrd_path);
    if (!EFI_ERROR(status))
        status = b->InstallProtocolInterface(&handle, &file,
                                             EFI_NATIVE_INTERFACE, &protocol);
    if (EFI_ERROR(status))
        program_failed("opt/initrd cannot be offered", status);
}
