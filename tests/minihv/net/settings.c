/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the `net.` keys: `key=number`, and `event=what@frames,...`. */
#include "settings.h"

#include <stddef.h>

#include "nvsp.h"

void net_settings_default(struct net_settings *s)
{
    *s = (struct net_settings){
        .devices = 1,
        .version = NVSP_V61,
        .queues = 1,
        .link = 1,
    };
}

static bool take(const char **text, const char *word)
{
    const char *t = *text;

    while (*word && *t == *word)
        t++, word++;
    if (*word)
        return false;
    *text = t;
    return true;
}

/* A number up to `most`, which is below 400 million. */
static bool take_number(const char **text, uint32_t most, uint32_t *value)
{
    const char *t = *text;
    uint32_t v = 0;

    if (*t < '0' || *t > '9')
        return false;
    while (*t >= '0' && *t <= '9' && v <= most)
        v = v * 10 + (uint32_t)(*t++ - '0');
    *value = v;
    *text = t;
    return v <= most;
}

static bool take_version(const char **text, uint32_t *version)
{
    static const struct {
        const char *name;
        uint32_t version;
    } known[] = {{"6.1", NVSP_V61}, {"6", NVSP_V6}, {"5", NVSP_V5},
                 {"4", NVSP_V4},    {"2", NVSP_V2}, {"1", NVSP_V1}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (take(text, known[i].name)) {
            *version = known[i].version;
            return true;
        }
    return false;
}

static bool take_event(const char **text, struct net_settings *s)
{
    static const char *const words[] = {
        [NET_DOWN] = "down@",
        [NET_CHANGE] = "change@",
        [NET_REPLUG] = "replug@",
        [NET_PULL] = "pull@",
    };

    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct net_event *e = &s->event[s->events];

        if (s->events == NET_EVENTS || !take(text, words[i]))
            continue;
        e->what = (enum net_what)i;
        s->events++;
        return take_number(text, 1000000, &e->frames);
    }
    return false;
}

static bool take_events(const char **text, struct net_settings *s)
{
    do {
        if (!take_event(text, s))
            return false;
    } while (take(text, ","));
    return true;
}

bool net_settings_take(const char **text, struct net_settings *s)
{
    const struct {
        const char *key;
        uint32_t least, most, *value;
    } numbers[] = {
        {"devices=", 1, NET_DEVICES, &s->devices},
        {"queues=", 1, NVSP_CHANNELS, &s->queues},
        {"link=", 0, 1, &s->link},
        {"seed=", 0, 99999999, &s->faults.seed},
        {"loss=", 0, 1000, &s->faults.loss},
        {"twice=", 0, 1000, &s->faults.twice},
        {"late=", 0, 1000, &s->faults.late},
        {"late-us=", 0, 1000000, &s->faults.late_us},
        {"delay-us=", 0, 1000000, &s->faults.delay_us},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (take(text, numbers[i].key))
            return take_number(text, numbers[i].most, numbers[i].value) &&
                   *numbers[i].value >= numbers[i].least;
    if (take(text, "version="))
        return take_version(text, &s->version);
    return take(text, "event=") && take_events(text, s);
}
