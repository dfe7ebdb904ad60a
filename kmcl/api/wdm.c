/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The few kernel functions of WDM that portable KMCL code calls: IRQL and
 * counted strings. They act on the default bus's platform.
 */
#include "kmcl/wdm_compat.h"

#include "kmcl/base/root.h"

/* The platform of the default bus, because these functions have no argument
 * that names one. */
static struct seam *platform(void)
{
    struct kmcl *kmcl = seam_root();

    SEAM_ASSERT(NULL, kmcl, "no bus is attached: kmcl_attach comes first");
    return kmcl->s;
}

KIRQL KeGetCurrentIrql(VOID)
{
    return seam_irql(platform());
}

VOID KmclRaiseIrql(KIRQL NewIrql, KIRQL *OldIrql)
{
    *OldIrql = seam_irql_raise(platform(), NewIrql);
}

VOID KeLowerIrql(KIRQL OldIrql)
{
    seam_irql_lower(platform(), OldIrql);
}

VOID RtlInitUnicodeString(PUNICODE_STRING Destination, const WCHAR *Source)
{
    USHORT count = 0;

    /* The length is kept in 16 bits of bytes, with the final zero. */
    while (Source && Source[count] && count < 32766)
        count++;
    Destination->Length = (USHORT)(count * sizeof(WCHAR));
    Destination->MaximumLength =
        (USHORT)(Source ? (count + 1u) * sizeof(WCHAR) : 0);
    /* The descriptor never writes through it; Windows' type is not const. */
    Destination->Buffer = (WCHAR *)(uintptr_t)Source;
}
