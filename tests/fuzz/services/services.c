/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of a host to the integration services. The first byte of an input
 * chooses the service, a second what the machine is like; then come messages:
 * two numbers of 16 bits, the message's length and how much of it stands in the
 * input, then that. The rest of the message is zeros.
 *
 * Whatever comes, an answer must be one: flags, the transaction of the request,
 * a body that ends within the message.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/services/kvp/kvp.h"

#define MESSAGE_MOST 8192u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t machine; /* bits of the second byte */

enum { NETWORK = 1, REFUSES = 2, HOLDS = 4, STATELESS = 8 };

/* ---- the machine --------------------------------------------------------- */

uint64_t vmbare_now(void)
{
    return 50000000;
}

int64_t vmbare_wall(void)
{
    return INT64_C(17959968000000000);
}

void vmbare_wall_set(int64_t wall)
{
    (void)wall;
}

void vmbare_facts(struct vmbare_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    facts->version = "1.2.3";
}

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    if (lock->taken)
        abort();
    lock->taken = 1;
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    lock->taken = 0;
    return VMBARE_OK;
}

void ending_begin(enum services_end how)
{
    (void)how;
}

/* ---- a network ----------------------------------------------------------- */

static bool read_network(struct services_network *n)
{
    static const struct services_network known = {
        .mac = {0, 0x15, 0x5D, 1, 2, 3},
        .instance = "01234567-89ab-cdef-0123-456789abcdef",
        .name = "web",
        .address_count = 3,
        .addresses = {{4, 23, {10, 1, 2, 3}, "10.1.2.3"},
                      {6, 64, {0xFE, 0x80, [15] = 1}, "fe80::1"},
                      {4, 0, {10, 1, 2, 4}, "10.1.2.4"}},
        .gateway_count = 1,
        .gateways = {{4, 0, {10, 1, 2, 1}, "10.1.2.1"}},
        .dns_count = 2,
        .dns = {{4, 0, {9, 9, 9, 9}, "9.9.9.9"},
                {6, 0, {0x20, 1, [15] = 8}, "2001::8"}},
    };

    *n = known;
    return true;
}

/* The texts are whole. */
static int change_network(const struct services_change *change)
{
    if (strlen(change->addresses) >= SERVICES_LIST_MAX ||
        strlen(change->subnets) >= SERVICES_LIST_MAX ||
        strlen(change->gateways) >= SERVICES_LIST_MAX ||
        strlen(change->dns) >= SERVICES_LIST_MAX)
        abort();
    return machine & REFUSES ? -1 : 0;
}

static const struct services_network_source network = {read_network,
                                                       change_network};

/* ---- messages ------------------------------------------------------------ */

static void check_answer(const uint8_t *message, uint32_t size,
                         uint8_t transaction, enum ic_outcome outcome,
                         uint32_t status)
{
    if (message[17] != 5 || message[16] != transaction)
        abort();
    if (ic_get16(message + 10) > size - 20 || ic_get32(message + 12) != status)
        abort();
    if ((outcome == IC_REFUSED) != (status != 0))
        abort();
}

/* The message has memory of its own, so the sanitizer sees its end. */
static void send(struct service *s, const uint8_t *data, uint32_t given,
                 uint32_t size)
{
    uint8_t *message = calloc(1, size + !size);
    uint32_t status = 0;
    enum ic_outcome outcome;
    uint8_t transaction;

    memcpy(message, data, given < size ? given : size);
    transaction = size > 16 ? message[16] : 0;
    outcome = ic_answer(s, message, size, &status);
    if (outcome != IC_IGNORED)
        check_answer(message, size, transaction, outcome, status);
    if (s->kind->answered && outcome != IC_IGNORED)
        s->kind->answered(status);
    free(message);
}

/* What an application sees of it: texts that are UTF-8, or it is refused. */
static void use_values(const uint8_t *data, size_t size)
{
    static char key[SERVICES_KEY_MAX], value[SERVICES_VALUE_MAX];
    char text[16] = "";

    memcpy(text, data, size < 15 ? size : 15);
    (void)services_publish(text, text);
    for (unsigned i = 0; services_value_next(i, key, value); i++) {
        /* Half a pair is another character for the application. */
        if (key[0] == 0 || (!strstr(key, "\xEF\xBF\xBD") &&
                            services_value(key, value, sizeof(value))))
            abort();
        (void)services_value(key, text, 8);
    }
    (void)services_publish(text, NULL);
}

/* What is the same in each run: nothing of the one before is left. */
static struct service begin(const uint8_t *data)
{
    machine = data[1];
    system_begin();
    services_set_network(machine & NETWORK ? &network : NULL);
    vss_set_stateless(machine & STATELESS);
    if (machine & HOLDS)
        services_hold();
    return (struct service){.kind = &service_kinds[data[0] % SERVICES_COUNT]};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data + 2, *end = data + size;
    struct services_clock clock;
    struct service s;

    if (size < 2)
        return 0;
    s = begin(data);
    while (end - at >= 4) {
        uint32_t whole = ic_get16(at) % MESSAGE_MOST, given = ic_get16(at + 2);

        at += 4;
        if (given > end - at)
            given = (uint32_t)(end - at);
        send(&s, at, given, whole);
        at += given;
    }
    use_values(at, (size_t)(end - at));
    services_clock(&clock);
    if (machine & HOLDS)
        services_release();
    pools_clear();
    return 0;
}
