/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen that the firmware has set up, as masks and a base address. [UEFI
 * 12.9] */
#include "boot/efi/boot.h"

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

/* False: this mode has no linear framebuffer (BltOnly), or is an unknown one.
 */
static bool take_masks(struct boot_framebuffer *fb,
                       const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode)
{
    switch (mode->PixelFormat) {
    case PixelRedGreenBlueReserved8BitPerColor:
        /* The two usual formats are named by the order of their bytes in
         * memory; x86 is little-endian, so the first byte is the lowest. */
        fb->red_mask = 0x000000ff;
        fb->green_mask = 0x0000ff00;
        fb->blue_mask = 0x00ff0000;
        fb->reserved_mask = 0xff000000;
        return true;
    case PixelBlueGreenRedReserved8BitPerColor:
        fb->red_mask = 0x00ff0000;
        fb->green_mask = 0x0000ff00;
        fb->blue_mask = 0x000000ff;
        fb->reserved_mask = 0xff000000;
        return true;
    case PixelBitMask:
        fb->red_mask = mode->PixelInformation.RedMask;
        fb->green_mask = mode->PixelInformation.GreenMask;
        fb->blue_mask = mode->PixelInformation.BlueMask;
        fb->reserved_mask = mode->PixelInformation.ReservedMask;
        return true;
    default:
        return false;
    }
}

/* The mode is taken as it is: changing it would make the screen flicker, and
 * the firmware has chosen one that fits. False: it cannot be written to. */
static bool take_screen(struct boot_framebuffer *fb,
                        const EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
    /* Believe none of the pointers: on a machine without a screen some are
     * NULL. */
    const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode = gop ? gop->Mode : NULL;

    if (!mode || !mode->Info || mode->FrameBufferBase == 0 ||
        mode->Info->HorizontalResolution == 0)
        return false;
    if (!take_masks(fb, mode->Info))
        return false;
    /* Numbers are copied as they are; screen_geometry_compute() judges them. */
    fb->base = mode->FrameBufferBase;
    fb->size = mode->FrameBufferSize;
    fb->height = mode->Info->VerticalResolution;
    fb->pitch_pixels = mode->Info->PixelsPerScanLine;
    /* The width comes last, because it says that there is a screen at all. */
    fb->width = mode->Info->HorizontalResolution;
    return true;
}

/* There may be several, and the first need not be a screen: a firmware's
 * console that writes to many at once has no framebuffer of its own. */
void boot_find_framebuffer(struct boot_info *info, EFI_SYSTEM_TABLE *system)
{
    EFI_BOOT_SERVICES *bs = system->BootServices;
    EFI_GRAPHICS_OUTPUT_PROTOCOL *gop;
    EFI_HANDLE *handle = NULL;
    UINTN count = 0;

    if (EFI_ERROR(
            BOOT_FIRMWARE(info, bs->LocateHandleBuffer(ByProtocol, &gop_guid,
                                                       NULL, &count, &handle))))
        return;
    for (UINTN i = 0; i < count; i++) {
        gop = NULL;
        if (!EFI_ERROR(
                BOOT_FIRMWARE(info, bs->HandleProtocol(handle[i], &gop_guid,
                                                       (VOID **)&gop))) &&
            take_screen(&info->framebuffer, gop))
            break;
    }
    BOOT_FIRMWARE(info, bs->FreePool(handle));
}
