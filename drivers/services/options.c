/* SPDX-License-Identifier: BSD-2-Clause */
/* The option `services`: which of them are answered. */
#include "drivers/services/private.h"

#include <errno.h>
#include <stdio.h>

static VMBARE_OPTION services_option = {
    .group = "services",
    .name = "services",
    .type = VMBARE_TEXT,
    .otherwise = "all",
    .help = "which of the host's services are answered: all, none, or some of "
            "heartbeat,shutdown,time,kvp,vss,copy",
};

/* The number of the service with this name; -1: there is none. */
static int number_of(const char *name, size_t length)
{
    for (int i = 0; i < SERVICES_COUNT; i++)
        if (strlen(service_kinds[i].name) == length &&
            memcmp(service_kinds[i].name, name, length) == 0)
            return i;
    return -1;
}

/* One name after the other, with commas between them. False: one is none. */
static bool read_names(const char *text, uint32_t *wanted)
{
    *wanted = 0;
    for (;;) {
        size_t length = strcspn(text, ",");
        int number = number_of(text, length);

        if (number < 0)
            return false;
        *wanted |= UINT32_C(1) << number;
        if (!text[length])
            return true;
        text += length + 1;
    }
}

int services_wanted(uint32_t *wanted, char *problem)
{
    const char *text = vmbare_option_text(&services_option);

    *wanted = 0;
    if (strcmp(text, "none") == 0 || read_names(text, wanted))
        return 0;
    if (strcmp(text, "all") == 0) {
        *wanted = (UINT32_C(1) << SERVICES_COUNT) - 1;
        return 0;
    }
    snprintf(problem, SERVICES_PROBLEM_MAX,
             "services: found %.60s, expected all, none, or names of "
             "heartbeat,shutdown,time,kvp,vss,copy: correct it, or leave it "
             "out",
             text);
    return -EINVAL;
}
