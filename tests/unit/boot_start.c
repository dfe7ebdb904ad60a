/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts the image: see boot_start.h. */
#include "unit.h"

#include <setjmp.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/crash/debug_exit.h"
#include "arch/libc/files.h"
#include "boot_start.h"
#include "fake_firmware.h"

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *system);

static jmp_buf started;
struct boot_info info;
static struct boot_info *image_info; /* the image's own, once it is known */
static unsigned verdict;
bool wants_files;

bool wants_seed;

bool boot_seed_wanted(void)
{
    return wants_seed;
}

bool files_wanted(void)
{
    return wants_files;
}

_Noreturn void arch_start(struct boot_info *given)
{
    info = *given;
    image_info = given;
    longjmp(started, 1);
}

void debug_exit(enum exit_status status)
{
    verdict = status;
}

EFI_STATUS boot(void)
{
    verdict = 0;
    memset(&info, 0, sizeof(info));
    /* On a machine it is zero: what an earlier start found must not be found
     * again. The room for the map stays, because its place is noted only when
     * it is made. */
    if (image_info)
        *image_info =
            (struct boot_info){.region = image_info->region,
                               .regions_room = image_info->regions_room};
    if (setjmp(started))
        return 0;
    return efi_main(NULL, &firmware.system);
}

void is_refused(const char *because)
{
    assert_true(EFI_ERROR(boot()));
    assert_int_equal(verdict, EXIT_STATUS_UNSUPPORTED);
    assert_non_null(strstr(firmware.said, because));
    assert_non_null(strstr(firmware.said, "; cannot start\r\n"));
}
