/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File copy: a host sends a file. There is no file system that it could go to,
 * so each step is refused, in the protocol's form: Copy-VMFile says so at once,
 * and does not wait. [linux hyperv.h] hv_fcopy_hdr
 */
#include "drivers/services/private.h"

/* The operation and two GUIDs. */
#define HEADER 36u

uint32_t copy_handle(struct ic_request *r)
{
    return r->size < HEADER ? IC_INVALID : IC_NOT_SUPPORTED;
}
