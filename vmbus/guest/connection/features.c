/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the features of 6.0, to log those that the bus does not ask for.
 */
#include "vmbus/guest/connection/connection.h"

#define FEATURE(bit, name)        \
    {                             \
        VMBUS_FEATURE_##bit, name \
    }

/* [openvmm proto] */
static const struct {
    uint32_t bit;
    const char *name;
} feature_names[] = {
    FEATURE(SIGNAL_PARAMETERS, "guest-specified signal parameters"),
    FEATURE(REDIRECT_INTERRUPT, "interrupt redirection"),
    FEATURE(MODIFY_CONNECTION, "MODIFY_CONNECTION"),
    FEATURE(CLIENT_ID, "client id"),
    FEATURE(CONFIDENTIAL, "confidential channels"),
    FEATURE(PAUSE_RESUME, "PAUSE and RESUME"),
    FEATURE(SERVER_MONITOR, "server's monitor pages"),
    FEATURE(PIN_PAGES, "GPA pinning"),
};

void vmbus_log_features(struct vmbus_bus *bus, uint32_t asked)
{
    /* For debugging only: a host that misses one may behave otherwise. */
    for (size_t i = 0; i < sizeof(feature_names) / sizeof(*feature_names); i++)
        if (!(asked & feature_names[i].bit))
            seam_log(bus->seam, SEAM_LOG_DEBUG,
                     "vmbus: feature 0x%02x (%s) is not asked for",
                     feature_names[i].bit, feature_names[i].name);
}
