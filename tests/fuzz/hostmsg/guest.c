/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of a hostile guest: well formed ones, and any bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "hostmsg.h"

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void say(struct world *w, const uint8_t *payload, uint32_t size)
{
    /* A heap block of the exact size, so that ASan sees a read past it. */
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, payload, size);
    vmbus_host_message(w->host, w->connection, copy, size);
    free(copy);
}

void say_fields(struct world *w, struct input *in)
{
    static const uint32_t at[] = {8, 12, 16, 20, 24, 28, 148};
    uint8_t m[256] = {0};
    uint8_t size;

    m[0] = take(in) % 32;
    size = take(in);
    for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        put32(m + at[i], take_number(in));
    say(w, m, size > 250 ? 241 : size > 240 ? 156 : size);
}

void say_bytes(struct world *w, struct input *in)
{
    uint8_t m[240] = {0};
    uint8_t size = take(in) % 241;

    for (uint32_t i = 0; i < size; i++)
        m[i] = take(in);
    m[0] %= 32;
    m[1] = m[2] = m[3] = 0;
    say(w, m, size);
}

void say_contact(struct world *w, struct input *in)
{
    uint8_t m[56] = {14};
    uint32_t version = version_of(take(in));
    uint8_t how = take(in);

    put32(m + 8, version);
    put32(m + 12, how & 7);
    if (version < 0x00050000) {
        uint64_t gpa = w->pfns[0] << 12;

        memcpy(m + 16, &gpa, 8);
    } else {
        m[16] = how & 8 ? 2 : 0;
        m[20] = take(in);
    }
    if (how & 16) {
        uint64_t gpa[2] = {w->pfns[1] << 12, w->pfns[2] << 12};

        memcpy(m + 24, gpa, 16);
    }
    w->connection = how & 128 ? 2 : how & 32 ? 4 : 1;
    say(w, m, how & 64 ? 56 : 40);
}

void say_gpadl(struct world *w, struct input *in)
{
    uint8_t m[240] = {8};
    uint32_t relid = take_number(in), handle = take(in), sent = 26;
    uint32_t count = take(in) % FRAMES + 1, short_of = take(in);

    put32(m + 8, relid);
    put32(m + 12, handle);
    m[16] = (uint8_t)(8 + 8 * count);
    m[17] = (uint8_t)((8 + 8 * count) >> 8);
    m[18] = 1;
    put32(m + 20, count * 4096 - (short_of > 200 ? short_of : 0));
    put32(m + 24, short_of > 200 ? 8 : 0);
    for (uint32_t i = 0; i < 26; i++)
        memcpy(m + 28 + 8 * i, &w->pfns[i % FRAMES], 8);
    say(w, m, count < 26 ? 28 + 8 * count : 240);
    while (sent < count && sent < 26 + short_of) {
        uint32_t here = count - sent < 28 ? count - sent : 28;

        memset(m, 0, sizeof(m));
        m[0] = 9;
        put32(m + 12, handle);
        for (uint32_t i = 0; i < here; i++)
            memcpy(m + 16 + 8 * i, &w->pfns[(sent + i) % FRAMES], 8);
        say(w, m, 16 + 8 * here);
        sent += here;
    }
}

void say_open(struct world *w, struct input *in)
{
    uint8_t m[156] = {5};

    put32(m + 8, take_number(in));
    put32(m + 12, 1);
    put32(m + 16, take(in));
    put32(m + 24, take_number(in));
    put32(m + 20, take_number(in));
    put32(m + 148, take_number(in));
    m[152] = take(in);
    m[154] = take(in);
    say(w, m, sizeof(m));
}
