/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads opt/minihv.conf: 'key=value' lines into struct config. */
#include <stddef.h>

#include "config.h"
#include "hyperv.h"

void config_default(struct config *c)
{
    *c = (struct config){
        .access = HV_ACCESS_RUNTIME | HV_ACCESS_TIME_REF | HV_ACCESS_SYNIC |
                  HV_ACCESS_STIMER | HV_ACCESS_INTR_CTRL | HV_ACCESS_HYPERCALL |
                  HV_ACCESS_VP_INDEX | HV_ACCESS_RESET | HV_ACCESS_REF_TSC |
                  HV_ACCESS_GUEST_IDLE | HV_ACCESS_FREQUENCY,
        .rights = HV_RIGHT_POST | HV_RIGHT_SIGNAL | HV_RIGHT_START_VP,
        .features = HV_FEATURE_IDLE | HV_FEATURE_FREQUENCY | HV_FEATURE_CRASH |
                    HV_FEATURE_DIRECT,
        .leaf_max = 0x4000000A,
        .processors = 1,
        .deadline = 60,
        .version = 0x00060000,
        .oldest = 0x0000000D,
        .storage = 0x0602,
        .devices = DEVICE_ECHO | DEVICE_HEARTBEAT | DEVICE_STORAGE,
        .sock_packet = 4096,
        .hypervisor = true,
        .strict = true,
        .sipi = true,
        .pmtimer = true,
    };
    net_settings_default(&c->net);
}

/* The features that 'without=a,b,c' removes. */
static const struct lack {
    const char *name;
    uint32_t access, rights, features;
} lacks[] = {
    {"runtime", HV_ACCESS_RUNTIME, 0, 0},
    {"reftime", HV_ACCESS_TIME_REF, 0, 0},
    {"synic", HV_ACCESS_SYNIC, 0, 0},
    {"stimer", HV_ACCESS_STIMER, 0, HV_FEATURE_DIRECT},
    {"direct", 0, 0, HV_FEATURE_DIRECT},
    {"apic", HV_ACCESS_INTR_CTRL, 0, 0},
    {"hypercall", HV_ACCESS_HYPERCALL, 0, 0},
    {"vpindex", HV_ACCESS_VP_INDEX, 0, 0},
    {"reset", HV_ACCESS_RESET, 0, 0},
    {"reftsc", HV_ACCESS_REF_TSC, 0, 0},
    {"idle", HV_ACCESS_GUEST_IDLE, 0, HV_FEATURE_IDLE},
    {"frequency", HV_ACCESS_FREQUENCY, 0, HV_FEATURE_FREQUENCY},
    {"crash", 0, 0, HV_FEATURE_CRASH},
    {"rights", 0, HV_RIGHT_POST | HV_RIGHT_SIGNAL, 0},
    {"startvp", 0, HV_RIGHT_START_VP, 0},
};

static const struct device_name {
    const char *name;
    uint32_t mask;
} device_names[] = {
    {"echo", DEVICE_ECHO},
    {"heartbeat", DEVICE_HEARTBEAT},
    {"storage", DEVICE_STORAGE},
    {"network", DEVICE_NETWORK},
    {"keyboard", DEVICE_KEYBOARD},
    {"mouse", DEVICE_MOUSE},
    {"shutdown", DEVICE_SHUTDOWN},
    {"time", DEVICE_TIME},
    {"kvp", DEVICE_KVP},
    {"vss", DEVICE_VSS},
    {"copy", DEVICE_COPY},
    {"video", DEVICE_VIDEO},
    {"sock", DEVICE_SOCK},
    {"dynamic", DEVICE_DYNAMIC},
    {"none", 0},
};

/* Moves *text past `word` if *text starts with it. */
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

static bool take_number(const char **text, uint32_t *value)
{
    const char *t = *text;
    uint32_t v = 0;

    if (*t < '0' || *t > '9')
        return false;
    while (*t >= '0' && *t <= '9')
        v = v * 10 + (uint32_t)(*t++ - '0');
    *value = v;
    *text = t;
    return true;
}

static bool take_version(const char **text, uint32_t *value)
{
    uint32_t major, minor;

    if (!take_number(text, &major) || **text != '.')
        return false;
    (*text)++;
    if (!take_number(text, &minor))
        return false;
    *value = major << 16 | minor;
    return true;
}

static bool take_storage(const char **text, uint32_t *value)
{
    uint32_t version;

    if (!take_version(text, &version))
        return false;
    *value = (version >> 16) << 8 | (version & 0xFF);
    return true;
}

static bool take_flag(const char **text, bool *value)
{
    uint32_t v;

    if (!take_number(text, &v) || v > 1)
        return false;
    *value = v;
    return true;
}

static bool take_lack(const char **text, struct config *c)
{
    for (size_t i = 0; i < sizeof lacks / sizeof lacks[0]; i++) {
        if (!take(text, lacks[i].name))
            continue;
        c->access &= ~lacks[i].access;
        c->rights &= ~lacks[i].rights;
        c->features &= ~lacks[i].features;
        return true;
    }
    return false;
}

static bool take_device(const char **text, struct config *c)
{
    for (size_t i = 0; i < sizeof device_names / sizeof device_names[0]; i++)
        if (take(text, device_names[i].name)) {
            c->devices |= device_names[i].mask;
            return true;
        }
    return false;
}

static bool take_list(const char **text, struct config *c,
                      bool (*one)(const char **, struct config *))
{
    for (;;) {
        if (!one(text, c))
            return false;
        if (**text != ',')
            return true;
        (*text)++;
    }
}

/* Keys whose value is a number, and what makes sense of it. */
static const struct {
    const char *key;
    size_t at;
    uint32_t least, most;
} numbers[] = {
    {"subchannels=", offsetof(struct config, subchannels), 0,
     STORAGE_SUBCHANNELS_MAX},
    {"sock.packet=", offsetof(struct config, sock_packet), 1, SOCK_PACKET_MAX},
    {"monitor=", offsetof(struct config, monitor), 0, 1000000},
    {"replug=", offsetof(struct config, replug), 0, 2},
    {"crowd=", offsetof(struct config, crowd), 0, CROWD_MAX},
    {"processors=", offsetof(struct config, processors), 0, UINT32_MAX},
    {"deadline=", offsetof(struct config, deadline), 0, UINT32_MAX},
    {"late=", offsetof(struct config, late), 0, UINT32_MAX},
    {"vpgap=", offsetof(struct config, vpgap), 0, UINT32_MAX},
    {"lose=", offsetof(struct config, lose), 0, UINT32_MAX},
    {"slow=", offsetof(struct config, slow), 0, UINT32_MAX},
};

/* Keys whose value is 0 or 1. */
static const struct {
    const char *key;
    size_t at;
} switches[] = {
    {"hypervisor=", offsetof(struct config, hypervisor)},
    {"strict=", offsetof(struct config, strict)},
    {"sipi=", offsetof(struct config, sipi)},
    {"pmtimer=", offsetof(struct config, pmtimer)},
    {"x2apic=", offsetof(struct config, x2apic)},
    {"autoeoi=", offsetof(struct config, autoeoi)},
    {"exact=", offsetof(struct config, exact)},
    {"mute=", offsetof(struct config, mute)},
    {"trace=", offsetof(struct config, trace)},
    {"control=", offsetof(struct config, control)},
};

/* Returns false if the line has none of these keys; `good`: its value is one.
 */
static bool take_simple(const char **t, struct config *c, bool *good)
{
    uint8_t *bytes = (uint8_t *)c;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint32_t *value = (uint32_t *)(void *)(bytes + numbers[i].at);

        if (!take(t, numbers[i].key))
            continue;
        *good = take_number(t, value) && *value >= numbers[i].least &&
                *value <= numbers[i].most;
        return true;
    }
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (!take(t, switches[i].key))
            continue;
        *good = take_flag(t, (bool *)(bytes + switches[i].at));
        return true;
    }
    return false;
}

static bool parse_line(struct config *c, const char **t)
{
    bool good;

    if (take(t, "without="))
        return take_list(t, c, take_lack);
    if (take(t, "devices=")) {
        c->devices = 0;
        return take_list(t, c, take_device);
    }
    if (take(t, "net."))
        return net_settings_take(t, &c->net);
    if (take(t, "version="))
        return take_version(t, &c->version);
    if (take(t, "storage="))
        return take_storage(t, &c->storage);
    if (take(t, "oldest="))
        return take_version(t, &c->oldest);
    if (take(t, "isolation=")) {
        c->leaf_max = 0x4000000C;
        return take_number(t, &c->isolation) && c->isolation <= 15;
    }
    return take_simple(t, c, &good) && good;
}

bool config_parse(struct config *c, const char *text, const char **bad)
{
    while (*text) {
        const char *line = text;

        if (*text != '\n' && *text != '#' && !parse_line(c, &text)) {
            *bad = line;
            return false;
        }
        if (*line == '#')
            while (*text && *text != '\n')
                text++;
        if (*text && *text != '\n') {
            *bad = line;
            return false;
        }
        if (*text)
            text++;
    }
    return true;
}
