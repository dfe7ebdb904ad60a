/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The samples as an application: client and server meet on the loopback.
 * docs/kmcl-guide.md quotes this file.
 */
#include <stdio.h>

#include "samples.h"
#include "vmbare.h"

const GUID SampleType = {0x73616d70, 0x6c65, 1, {1, 1, 1, 1, 1, 1, 1, 1}};
const GUID SampleInstance = {0x73616d70, 0x6c65, 2, {2, 2, 2, 2, 2, 2, 2, 2}};

int main(void)
{
    struct sample_client client = {.bus = vmbare_loopback()};
    struct sample_server server = {0};

    /* The loopback stands beside the real bus, if there is one. Servers are on
     * it by themselves; a client has to name it. */
    if (!client.bus)
        return VMBARE_FAILED;
    if (!NT_SUCCESS(SampleServerStart(&server)))
        return VMBARE_FAILED;
    if (!NT_SUCCESS(SampleClientStart(&client)))
        return VMBARE_FAILED;
    vmbare_sleep(0.1); /* callbacks run while the application waits */
    printf("1 was answered with %u\n", (unsigned)client.answer);
    SampleClientStop(&client);
    SampleServerStop(&server);
    return client.answer == 2 ? VMBARE_PASSED : VMBARE_FAILED;
}
