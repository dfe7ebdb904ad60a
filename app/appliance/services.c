/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's integration services: see services.h. */
#include "services.h"

#include <stdio.h>

#include "drivers/services.h"
#include "network.h"
#include "site.h"
#include "vmbare.h"

/* The verdict stays what the report said of the host. */
static enum vmbare_verdict ending(void *context, enum services_end how)
{
    struct vmbare_facts facts;

    (void)context;
    printf("\nappliance: the host asks for %s\n",
           how == SERVICES_RESTART ? "a restart" : "a shutdown");
    site_end();
    network_end();
    vmbare_facts(&facts);
    return facts.verdict;
}

/* The appliance keeps nothing on a disk. Without VMBus nobody asks. */
void appliance_services(void)
{
    static const struct services_settings settings = {
        .ending = ending,
        .stateless = true,
    };
    char problem[SERVICES_PROBLEM_MAX];
    struct vmbare_facts facts;

    services_use_ip();
    vmbare_facts(&facts);
    if (facts.bus_version[0] && services_start(&settings, problem))
        printf("appliance: %s\n", problem);
}
