/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change for the worse, planted into kmcl/ by the linker's --wrap: each
 * packet costs 60 instructions more. Only the image test-dearer has it, to
 * show that the suite `figures` finds it (tests/bench/image/image_test.py).
 */
#include "vmbuskernelmodeclientlibapi.h"

NTSTATUS __real_VmbPacketSend(VMBPACKET packet, PVOID buffer, UINT32 size,
                              PMDL external, UINT32 flags);
NTSTATUS __wrap_VmbPacketSend(VMBPACKET packet, PVOID buffer, UINT32 size,
                              PMDL external, UINT32 flags);

NTSTATUS __wrap_VmbPacketSend(VMBPACKET packet, PVOID buffer, UINT32 size,
                              PMDL external, UINT32 flags)
{
    __asm__ volatile(".rept 60\n\tnop\n\t.endr");
    return __real_VmbPacketSend(packet, buffer, size, external, flags);
}
