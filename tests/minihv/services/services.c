/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of services: see services.h. */
#include "services.h"

#include "control.h"
#include "jobs.h"
#include "minihv.h"

static const struct ic_version shutdown_versions[] = {
    {1, 0}, {3, 0}, {3, 1}, {3, 2}};
static const struct ic_version time_versions[] = {{1, 0}, {3, 0}, {4, 0}};
static const struct ic_version kvp_versions[] = {{3, 0}, {4, 0}};
static const struct ic_version vss_versions[] = {{5, 0}};
static const struct ic_version copy_versions[] = {{1, 1}};

/* A service that only the control port uses. */
#define ROW(name_, ic_, versions_)                                     \
    .device.name = (name_),                                            \
    .ic = {.type = (ic_),                                              \
           .versions = (versions_),                                    \
           .version_count = sizeof(versions_) / sizeof(versions_)[0]}, \
    .answered = job_answered, .closed = job_closed

struct service shutdown_service = {
    .device.type = VMBUS_GUID_INIT(0x0E0B6031, 0x5213, 0x4934, 0x81, 0x8B, 0x38,
                                   0xD9, 0x0C, 0xED, 0x39, 0xDB),
    .device.instance = VMBUS_GUID_INIT(0xB6650FF7, 0x33BC, 0x4840, 0x80, 0x48,
                                       0xE0, 0x67, 0x67, 0x86, 0xF3, 0x93),
    ROW("shutdown", IC_SHUTDOWN, shutdown_versions),
};

struct service time_service = {
    .device.type = VMBUS_GUID_INIT(0x9527E630, 0xD0AE, 0x497B, 0xAD, 0xCE, 0xE8,
                                   0x0A, 0xB0, 0x17, 0x5C, 0xAF),
    .device.instance = VMBUS_GUID_INIT(0x2DD1CE17, 0x079E, 0x403C, 0xB3, 0x52,
                                       0xA1, 0x92, 0x1E, 0xE2, 0x07, 0xEE),
    ROW("time", IC_TIME, time_versions),
};

struct service kvp_service = {
    .device.type = VMBUS_GUID_INIT(0xA9A0F4E7, 0x5A45, 0x4D96, 0xB8, 0x27, 0x8A,
                                   0x84, 0x1E, 0x8C, 0x03, 0xE6),
    .device.instance = VMBUS_GUID_INIT(0x242FF919, 0x07DB, 0x4180, 0x9C, 0x2E,
                                       0xB8, 0x6C, 0xB6, 0x8C, 0x8C, 0x55),
    ROW("kvp", IC_KVP, kvp_versions),
};

struct service vss_service = {
    .device.type = VMBUS_GUID_INIT(0x35FA2E29, 0xEA23, 0x4236, 0x96, 0xAE, 0x3A,
                                   0x6E, 0xBA, 0xCB, 0xA4, 0x40),
    .device.instance = VMBUS_GUID_INIT(0x6B1D7A50, 0x3E4F, 0x4C28, 0x9A, 0x61,
                                       0x5D, 0x20, 0x8E, 0x73, 0xC4, 0x05),
    ROW("vss", IC_VSS, vss_versions),
};

struct service copy_service = {
    .device.type = VMBUS_GUID_INIT(0x34D14BE3, 0xDEE4, 0x41C8, 0x9A, 0xE7, 0x6B,
                                   0x17, 0x49, 0x77, 0xC1, 0x92),
    .device.instance = VMBUS_GUID_INIT(0x6B1D7A50, 0x3E4F, 0x4C28, 0x9A, 0x61,
                                       0x5D, 0x20, 0x8E, 0x73, 0xC4, 0x07),
    ROW("copy", IC_COPY, copy_versions),
};

void services_prepare(void)
{
    static const struct {
        uint32_t mask;
        struct service *service;
    } all[] = {
        {DEVICE_HEARTBEAT, &heartbeat_service},
        {DEVICE_SHUTDOWN, &shutdown_service},
        {DEVICE_TIME, &time_service},
        {DEVICE_KVP, &kvp_service},
        {DEVICE_VSS, &vss_service},
        {DEVICE_COPY, &copy_service},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (hv.config.devices & all[i].mask)
            service_prepare(all[i].service);
    if (hv.config.control)
        control_start();
}
