/* SPDX-License-Identifier: BSD-2-Clause */
/* Features of 6.0: their names, for those that are not asked for. */
#include "vmbus/guest/bus.h"

#define FEATURES(bit, name)       \
    {                             \
        VMBUS_FEATURE_##bit, name \
    }

static const struct {
    uint32_t bit;
    const char *name;
} feature_names[] = {
    FEATURES(SIGNAL_PARAMETERS, "guest-specified signal parameters"),
    FEATURES(REDIRECT_INTERRUPT, "interrupt redirection"),
    FEATURES(MODIFY_CONNECTION, "MODIFY_CONNECTION"),
    FEATURES(CLIENT_ID, "client id"),
    FEATURES(CONFIDENTIAL, "confidential channels"),
    FEATURES(PAUSE_RESUME, "PAUSE and RESUME"),
    FEATURES(SERVER_MONITOR, "server's monitor pages"),
    FEATURES(PIN_PAGES, "GPA pinning"),
};

void log_features(struct vmbus_bus *bus, uint32_t asked)
{
    for (size_t i = 0; i < sizeof(feature_names) / sizeof(*feature_names); i++)
        if (!(asked & feature_names[i].bit))
            seam_log(bus->seam, SEAM_LOG_DEBUG,
                     "vmbus: feature 0x%02x (%s) is not asked for",
                     feature_names[i].bit, feature_names[i].name);
}
