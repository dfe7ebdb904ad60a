/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Backup (VSS): the host asks whether the guest can hold its file systems
 * still, then to do it, then to go on.
 *
 * There are no file systems here. Whether a copy of the disks is worth
 * something is known to the application alone: one that keeps nothing on a disk
 * says so (`stateless`), and then each moment is as good as another. For any
 * other the honest answer is that this is not supported; the host then saves
 * the machine, or takes the disks as they are.
 *
 * Body: operation @0, flags @8. [linux hyperv.h] hv_vss_msg
 */
#include "drivers/services/private.h"

#define AT_OPERATION 0u
#define AT_FLAGS     8u

enum operation {
    CHECK = 2,
    COMPLETE = 4, /* the backup */
    FREEZE = 5,
    THAW = 6,
};

/* In the answer to CHECK: a copy needs no repair before it is used. */
#define NO_AUTO_RECOVERY 5u

static bool keeps_nothing; /* the application, on a disk */

void vss_set_stateless(bool stateless)
{
    keeps_nothing = stateless;
}

uint32_t vss_handle(struct ic_request *r)
{
    if (r->size < AT_FLAGS + 4)
        return IC_INVALID;
    switch (r->body[AT_OPERATION]) {
    case CHECK:
        if (keeps_nothing)
            ic_put32(r->body + AT_FLAGS, NO_AUTO_RECOVERY);
        break;
    case COMPLETE:
    case FREEZE:
    case THAW:
        break;
    default: /* what only Windows does */
        return IC_NOT_SUPPORTED;
    }
    return keeps_nothing ? IC_OK : IC_NOT_SUPPORTED;
}
