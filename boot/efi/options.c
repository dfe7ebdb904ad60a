/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: the load options of this start. */
#include "boot/efi/boot.h"

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

/* Nothing past the room for it is kept, so none of that is looked at. */
void boot_find_cmdline(struct boot_info *info, const EFI_LOADED_IMAGE *image)
{
    const CHAR16 *options = image->LoadOptions;
    UINTN length = image->LoadOptionsSize / sizeof(CHAR16);

    if (length > BOOT_CMDLINE_SIZE)
        length = BOOT_CMDLINE_SIZE;
    if (options && is_text(options, length))
        boot_copy_ascii(info->cmdline, BOOT_CMDLINE_SIZE, options,
                        (uint32_t)length);
}
