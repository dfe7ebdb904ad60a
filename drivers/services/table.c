/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of services (private.h): a row for each, with the versions of its
 * messages that are understood. The order of versions is the order of
 * preference: the first that the host lists is taken.
 *
 * Interfaces and numbers: [linux hyperv.h]; wire reference H1, H3.
 */
#include "drivers/services/private.h"

static const struct ic_version heartbeat_versions[] = {{3, 0}, {1, 0}};
static const struct ic_version shutdown_versions[] = {
    {3, 2}, {3, 1}, {3, 0}, {1, 0}};
static const struct ic_version time_versions[] = {{4, 0}, {3, 0}, {1, 0}};
static const struct ic_version kvp_versions[] = {
    {5, 0}, {4, 0}, {3, 0}, {1, 0}};
static const struct ic_version vss_versions[] = {
    {7, 0}, {6, 0}, {5, 0}, {4, 0}};
static const struct ic_version copy_versions[] = {{1, 1}};

#define VERSIONS(list)  \
    .versions = (list), \
    .version_count = (unsigned)(sizeof(list) / sizeof((list)[0]))

const struct service_kind service_kinds[SERVICES_COUNT] =
    {
        [SERVICES_HEARTBEAT] =
            {
                .name = "heartbeat",
                .type = IC_HEARTBEAT,
                .interface = {0x57164f39,
                              0x9115,
                              0x4e78,
                              {0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d}},
                VERSIONS(heartbeat_versions),
                .handle = heartbeat_handle,
            },
        [SERVICES_SHUTDOWN] =
            {
                .name = "shutdown",
                .type = IC_SHUTDOWN,
                .interface = {0x0e0b6031,
                              0x5213,
                              0x4934,
                              {0x81, 0x8b, 0x38, 0xd9, 0x0c, 0xed, 0x39, 0xdb}},
                VERSIONS(shutdown_versions),
                .handle = shutdown_handle,
                .answered = shutdown_answered,
            },
        [SERVICES_TIME] =
            {
                .name = "time",
                .type = IC_TIME,
                .interface = {0x9527e630,
                              0xd0ae,
                              0x497b,
                              {0xad, 0xce, 0xe8, 0x0a, 0xb0, 0x17, 0x5c, 0xaf}},
                VERSIONS(time_versions),
                .handle = time_handle,
            },
        [SERVICES_KVP] =
            {
                .name = "kvp",
                .type = IC_KVP,
                .interface = {0xa9a0f4e7,
                              0x5a45,
                              0x4d96,
                              {0xb8, 0x27, 0x8a, 0x84, 0x1e, 0x8c, 0x03, 0xe6}},
                VERSIONS(kvp_versions),
                .handle = kvp_handle,
            },
        [SERVICES_VSS] =
            {
                .name = "vss",
                .type = IC_VSS,
                .interface = {0x35fa2e29,
                              0xea23,
                              0x4236,
                              {0x96, 0xae, 0x3a, 0x6e, 0xba, 0xcb, 0xa4, 0x40}},
                VERSIONS(vss_versions),
                .handle = vss_handle,
            },
        [SERVICES_COPY] =
            {
                .name = "copy",
                .type = IC_COPY,
                .interface = {0x34d14be3,
                              0xdee4,
                              0x41c8,
                              {0x9a, 0xe7, 0x6b, 0x17, 0x49, 0x77, 0xc1, 0x92}},
                VERSIONS(copy_versions),
                .handle = copy_handle,
            },
};
