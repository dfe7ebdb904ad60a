/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts about the system that a host shows (kvp.h). Their keys and their
 * order are those of Windows' and Linux's services. [linux hv_kvp_daemon.c]
 *
 * A host goes through them by index, some seconds apart and without an end, so
 * addresses that change are seen by it in time. Nothing is kept between two
 * requests but the version, which does not change.
 *
 * Windows numbers processors; Linux names them, and hosts show what they get.
 */
#include "drivers/services/kvp/kvp.h"

#include <stdio.h>

/* The system's name, where a host lists operating systems. */
#define NAME "vmbare"

static const struct services_network_source *source;

/* Another processor may be answering a request meanwhile. */
void services_set_network(const struct services_network_source *now)
{
    __atomic_store_n(&source, now, __ATOMIC_RELEASE);
}

const struct services_network_source *system_network(void)
{
    return __atomic_load_n(&source, __ATOMIC_ACQUIRE);
}

static const char *version = "";

void system_begin(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    version = facts.version;
}

/* "1.2.3+more": number `index` of it. */
static void write_number(unsigned index, char *value, size_t size)
{
    const char *text = version;

    while (index-- && *(text += strcspn(text, ".+")) == '.')
        text++;
    snprintf(value, size, "%.*s", (int)strspn(text, "0123456789"), text);
}

/* The name by which the network finds this machine. */
static void write_name(char *value, size_t size)
{
    const struct services_network_source *s = system_network();
    static struct services_network n;

    if (s && s->read(&n) && n.name[0])
        snprintf(value, size, "%s.local", n.name);
    else
        snprintf(value, size, NAME);
}

/* Addresses of one family, with semicolons between them. */
static void write_addresses(uint8_t family, char *value, size_t size)
{
    const struct services_network_source *s = system_network();
    static struct services_network n;
    size_t used = 0;

    value[0] = 0;
    if (!s || !s->read(&n))
        return;
    for (unsigned i = 0; i < n.address_count; i++)
        if (n.addresses[i].family == family && used < size)
            used += (size_t)snprintf(value + used, size - used, "%s%s",
                                     used ? ";" : "", n.addresses[i].text);
}

static const char *const keys[] = {
    "FullyQualifiedDomainName",
    "IntegrationServicesVersion",
    "NetworkAddressIPv4",
    "NetworkAddressIPv6",
    "OSBuildNumber",
    "OSName",
    "OSMajorVersion",
    "OSMinorVersion",
    "OSVersion",
    "ProcessorArchitecture",
};

/* A fact that is not known is an empty text: its index must not change. */
const char *system_fact(uint32_t index, char *value, size_t size)
{
    if (index >= sizeof(keys) / sizeof(*keys))
        return NULL;
    switch (index) {
    case 0:
        write_name(value, size);
        break;
    case 2:
    case 3:
        write_addresses(index == 2 ? 4 : 6, value, size);
        break;
    case 5:
        snprintf(value, size, NAME);
        break;
    case 6:
    case 7:
        write_number(index - 6, value, size);
        break;
    case 9:
        snprintf(value, size, "x86_64");
        break;
    default:
        snprintf(value, size, "%s", version);
        break;
    }
    return keys[index];
}
