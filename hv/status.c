/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of hypervisor statuses. [TLFS] appendix B, [hvdef] */
#include "hv/hv.h"

static const struct {
    uint16_t status;
    const char *name;
} names[] = {
    {0x00, "success"},
    {0x02, "invalid hypercall code"},
    {0x03, "invalid hypercall input"},
    {0x04, "invalid alignment"},
    {0x05, "invalid parameter"},
    {0x06, "access denied"},
    {0x07, "invalid partition state"},
    {0x08, "operation denied"},
    {0x09, "unknown property"},
    {0x0a, "property out of range"},
    {0x0b, "insufficient memory"},
    {0x0c, "partition too deep"},
    {0x0d, "invalid partition id"},
    {0x0e, "invalid VP index"},
    {0x10, "not found"},
    {0x11, "invalid port id"},
    {0x12, "invalid connection id"},
    {0x13, "insufficient buffers"},
    {0x14, "not acknowledged"},
    {0x15, "invalid VP state"},
    {0x16, "acknowledged"},
    {0x17, "invalid save or restore state"},
    {0x18, "invalid SynIC state"},
    {0x19, "object in use"},
    {0x1b, "no data"},
    {0x1c, "inactive"},
    {0x1d, "no resources"},
    {0x1e, "feature unavailable"},
    {0x20, "processor feature missing"},
    {0x33, "insufficient buffer"},
    {0x41, "invalid LP index"},
    {0x50, "invalid register value"},
    {0x57, "invalid device id"},
    {0x58, "invalid device state"},
    {0x71, "operation failed"},
    {0x78, "timeout"},
    {0x79, "call pending"},
    {0x86, "VTL already enabled"},
};

/* A status is looked up only to be logged, so a linear search will do. */
const char *hv_status_name(uint16_t status)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].status == status)
            return names[i].name;
    }
    return "a status without a name";
}
