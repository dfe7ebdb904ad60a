/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A KMCL client: opens minihv's echo device, sends numbers, and expects each of
 * them back in the completion of its packet.
 *
 *     make run HOST=minihv
 */
#include <stdio.h>

#include "client.h"
#include "vmbare.h"

enum { ROUNDS = 100 };

/* Sends 0, 1, 2 ... and compares. Returns how many came back. */
static unsigned exchange(struct client *client)
{
    for (UINT64 sent = 0; sent < ROUNDS; sent++) {
        UINT64 answer = ~sent;
        NTSTATUS status = client_ask(client, sent, &answer);

        if (!NT_SUCCESS(status)) {
            printf("echo: packet %u failed, status 0x%08x\n", (unsigned)sent,
                   (unsigned)status);
            return (unsigned)sent;
        }
        if (answer != sent) {
            printf("echo: expected %u, found %u\n", (unsigned)sent,
                   (unsigned)answer);
            return (unsigned)sent;
        }
    }
    return ROUNDS;
}

int main(void)
{
    static struct client client;
    struct vmbare_facts facts;
    unsigned good;

    vmbare_facts(&facts);
    if (facts.refusal) {
        printf("echo: there is no VMBus here: %s\n", facts.refusal);
        return facts.verdict;
    }
    if (!client_is_offered()) {
        printf("echo: this host offers no echo device; minihv does: "
               "make run HOST=minihv\n");
        return VMBARE_UNSUPPORTED;
    }
    if (!client_start(&client))
        return VMBARE_FAILED;
    good = exchange(&client);
    client_stop(&client);
    printf("echo: %u of %u numbers came back\n", good, (unsigned)ROUNDS);
    return good == ROUNDS ? VMBARE_PASSED : VMBARE_FAILED;
}
