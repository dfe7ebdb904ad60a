/* SPDX-License-Identifier: BSD-2-Clause */
/* Start and end of the services, and what is known of them: see services.h. */
#include "drivers/services/kvp/kvp.h"

#include <errno.h>
#include <stdio.h>

/* How long a host may take to open what it offers, all of it together. */
#define OPEN_SECONDS 60
#define STEP_SECONDS 0.001

static struct service services[SERVICES_COUNT];
static bool running;

static int start_wanted(uint32_t wanted)
{
    int result = 0;

    for (unsigned i = 0; i < SERVICES_COUNT && !result; i++) {
        services[i] = (struct service){.kind = &service_kinds[i]};
        if (wanted & UINT32_C(1) << i)
            result = service_channel_start(&services[i]);
    }
    return result;
}

/* ---- what is offered now ------------------------------------------------- */

/* A GUID as the list of offers shows it. */
static void write_guid(const GUID *guid, char text[37])
{
    const uint8_t *d = guid->Data4;

    snprintf(text, 37, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             (unsigned)guid->Data1, guid->Data2, guid->Data3, d[0], d[1], d[2],
             d[3], d[4], d[5], d[6], d[7]);
}

static bool is_offered(const struct service_kind *kind)
{
    struct vmbare_offer offer;
    char text[37];

    write_guid(&kind->interface, text);
    for (unsigned i = 0; vmbare_offer(i, &offer); i++)
        if (strcmp(offer.type, text) == 0)
            return true;
    return false;
}

/* Channels open at PASSIVE. After this wait those that are offered now are
 * answered even if main() never waits again. */
static void wait_for_openings(void)
{
    uint64_t deadline = vmbare_after(OPEN_SECONDS);

    for (unsigned i = 0; i < SERVICES_COUNT; i++)
        while (services[i].channel && is_offered(&service_kinds[i]) &&
               __atomic_load_n(&services[i].state, __ATOMIC_RELAXED) ==
                   SERVICES_NOT_OFFERED &&
               vmbare_now() < deadline)
            vmbare_sleep(STEP_SECONDS);
}

/* ---- start and end ------------------------------------------------------- */

int services_start(const struct services_settings *settings, char *problem)
{
    static const struct services_settings usual;
    uint32_t wanted;
    int result;

    if (running) {
        snprintf(problem, SERVICES_PROBLEM_MAX,
                 "services: they run already, expected one start");
        return -EALREADY;
    }
    result = services_wanted(&wanted, problem);
    if (result)
        return result;
    if (!settings)
        settings = &usual;
    system_begin();
    vss_set_stateless(settings->stateless);
    ending_init(settings);
    running = true;
    result = start_wanted(wanted);
    if (!result) {
        wait_for_openings();
        return 0;
    }
    services_stop();
    snprintf(problem, SERVICES_PROBLEM_MAX,
             "services: expected channels on VMBus, found %s: see the log",
             result == -ENOMEM ? "none" : "that one cannot be enabled");
    return result;
}

/* In the reverse order; nothing is answered any more when values go. */
void services_stop(void)
{
    if (!running)
        return;
    for (unsigned i = 0; i < SERVICES_COUNT; i++)
        service_channel_stop(&services[i]);
    pools_clear();
    running = false;
}

/* ---- facts --------------------------------------------------------------- */

bool services_facts(unsigned index, struct services_facts *facts)
{
    const struct service *s;

    if (index >= SERVICES_COUNT)
        return false;
    s = &services[index];
    *facts = (struct services_facts){
        .name = service_kinds[index].name,
        .state = __atomic_load_n(&s->state, __ATOMIC_RELAXED),
        .openings = __atomic_load_n(&s->openings, __ATOMIC_RELAXED),
        .requests = __atomic_load_n(&s->requests, __ATOMIC_RELAXED),
        .refused = __atomic_load_n(&s->refused, __ATOMIC_RELAXED),
        .ignored = __atomic_load_n(&s->ignored, __ATOMIC_RELAXED),
    };
    if (facts->state == SERVICES_READY)
        snprintf(facts->version, sizeof(facts->version), "%u.%u",
                 s->message.major, s->message.minor);
    return true;
}

const char *services_state_words(enum services_state state)
{
    static const char *const words[] = {
        [SERVICES_OFF] = "off",
        [SERVICES_NOT_OFFERED] = "not offered",
        [SERVICES_NOT_OPENED] = "cannot be opened",
        [SERVICES_OPEN] = "open, no version agreed yet",
        [SERVICES_NO_VERSION] = "the host has no version in common",
        [SERVICES_READY] = "ready",
    };

    return words[state];
}
