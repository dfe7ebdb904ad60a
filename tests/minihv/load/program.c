/* SPDX-License-Identifier: BSD-2-Clause */
/* minihv's entry: it runs under the firmware, then as the guest's first code.
 */
#include "program.h"

#include "minihv.h"

static EFI_EXIT_BOOT_SERVICES real_exit;

void program_failed(const char *what, EFI_STATUS status)
{
    say("minihv: failed: %s (EFI status 0x%lx)\n", what, (uint64_t)status);
    end_run(VERDICT_FAILED);
}

/* Runs in the guest and reports to the host that the firmware has released its
 * processors. The host cannot take them earlier, because the firmware restarts
 * all of them in its ExitBootServices. */
static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
    EFI_STATUS status = real_exit(image, key);

    if (!EFI_ERROR(status))
        __asm__ volatile("vmmcall" : : "c"(PRIVATE_CALL) : "memory");
    return status;
}

static void hook_exit(EFI_BOOT_SERVICES *boot_services)
{
    real_exit = boot_services->ExitBootServices;
    boot_services->ExitBootServices = exit_boot_services;
    boot_services->Hdr.CRC32 = 0;
    boot_services->CalculateCrc32(boot_services, boot_services->Hdr.HeaderSize,
                                  &boot_services->Hdr.CRC32);
}

/* While fw_cfg has the file opt/hold, the runner waits for this line and then
 * takes its snapshot. The QEMU that restores the snapshot has no such file. */
static void wait_for_snapshot(void)
{
    struct fwcfg_file f;

    if (!fwcfg_find("opt/hold", &f))
        return;
    say("minihv: ready for a snapshot\n");
    while (fwcfg_find("opt/hold", &f))
        cpu_relax();
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    static struct boot boot;
    EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *self;
    EFI_STATUS status;
    uint64_t run;

    status = system->BootServices->HandleProtocol(image, &guid, (void **)&self);
    if (EFI_ERROR(status))
        program_failed("no loaded image", status);
    wait_for_snapshot();
    gather(system, self, &boot);
    /* Call the function of the same name in the copy. */
    run = (uint64_t)takeover - (uint64_t)self->ImageBase + boot.self.base;
    launch((void (*)(const struct boot *, uint64_t, uint64_t))run, &boot);
    hook_exit(system->BootServices);
    start_guest(image, system);
}
