/* The image's entry: says that it runs, and goes back to the firmware. */
#include <efi.h>

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    static CHAR16 line[] = L"vmbare: started by the firmware\r\n";

    (void)image;
    return system->ConOut->OutputString(system->ConOut, line);
}
