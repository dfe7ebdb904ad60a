/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of dynamic memory: see dynmem.h. */
#include "dynmem.h"

#include <stddef.h>
#include <string.h>

struct header {
    uint16_t type, size; /* with the header */
    uint32_t transaction;
};
_Static_assert(sizeof(struct header) == DYNMEM_HEADER, "[qemu]");

/* Both answers and the host's requests begin so. */
struct message {
    struct header header;
    uint32_t low, high;
};
_Static_assert(sizeof(struct message) == DYNMEM_ANSWER, "[qemu]");

enum { RANGE = 8, MORE = 1, FIRST_BITS = 40, CAP_BALLOON = 1 };

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t get64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

void dynmem_reset(struct dynmem *d)
{
    *d = (struct dynmem){.owns = d->owns};
}

static void answer(struct dynmem_outcome *out, uint16_t type,
                   const uint8_t *request, uint32_t low)
{
    struct message m = {.header = {type, sizeof m, get32(request + 4)},
                        .low = low};

    memcpy(out->answer, &m, sizeof m);
    out->size = sizeof m;
}

/* ---- the beginning ------------------------------------------------------- */

static const char *take_version(struct dynmem *d, const uint8_t *data,
                                uint32_t size, struct dynmem_outcome *out)
{
    uint32_t version = get32(data + DYNMEM_HEADER);
    bool known = version == 0x20000 || version == 0x10000 || version == 0x00003;

    (void)size;
    if (known) {
        d->state = DYNMEM_HAS_VERSION;
        d->version = version;
    }
    answer(out, DYNMEM_VERSION_RESPONSE, data, known);
    return NULL;
}

static const char *take_capabilities(struct dynmem *d, const uint8_t *data,
                                     uint32_t size, struct dynmem_outcome *out)
{
    (void)size;
    d->can_balloon = get64(data + DYNMEM_HEADER) & CAP_BALLOON;
    d->state = DYNMEM_READY;
    out->deed = DYNMEM_STARTED;
    answer(out, DYNMEM_CAPABILITIES_RESPONSE, data, 1);
    return NULL;
}

static const char *take_report(struct dynmem *d, const uint8_t *data,
                               uint32_t size, struct dynmem_outcome *out)
{
    (void)size;
    d->report.available = get64(data + 8);
    d->report.committed = get64(data + 16);
    out->deed = DYNMEM_REPORTED;
    return NULL;
}

/* ---- the balloon --------------------------------------------------------- */

static bool overlaps(const struct dynmem_range *a, const struct dynmem_range *b)
{
    return a->first < b->first + b->pages && b->first < a->first + a->pages;
}

static const char *wrong_range(const struct dynmem *d,
                               const struct dynmem_range *r, uint32_t count,
                               uint64_t left)
{
    if (!r->pages)
        return "a range without pages";
    if (r->pages > left)
        return "more pages than it was asked for";
    if (!d->owns(*r))
        return "pages that are not its memory";
    for (uint32_t i = 0; i < count; i++)
        if (overlaps(r, &d->range[i]))
            return "pages that it gave before";
    return NULL;
}

/* Nothing of the message counts before all of it was checked. */
static const char *take_ranges(struct dynmem *d, const uint8_t *at,
                               uint32_t count)
{
    uint64_t left = d->asked;

    if (count > DYNMEM_RANGES - d->count)
        return "more ranges than the host keeps";
    for (uint32_t i = 0; i < count; i++) {
        uint64_t value = get64(at + (size_t)i * RANGE);
        struct dynmem_range *r = &d->range[d->count + i];
        const char *wrong;

        r->first = value & ((UINT64_C(1) << FIRST_BITS) - 1);
        r->pages = value >> FIRST_BITS;
        wrong = wrong_range(d, r, d->count + i, left);
        if (wrong)
            return wrong;
        left -= r->pages;
    }
    d->has += d->asked - left;
    d->asked = left;
    d->count += count;
    return NULL;
}

static const char *take_balloon(struct dynmem *d, const uint8_t *data,
                                uint32_t size, struct dynmem_outcome *out)
{
    uint32_t word = get32(data + 12), count = word >> 1;
    const char *wrong;

    if (count > (size - DYNMEM_ANSWER) / RANGE)
        return "fewer ranges than it says";
    out->from = d->count;
    wrong = take_ranges(d, data + DYNMEM_ANSWER, count);
    if (wrong)
        return wrong;
    if (!(word & MORE)) {
        d->asked = 0;
        d->state = DYNMEM_READY;
    }
    out->deed = DYNMEM_GOT;
    return NULL;
}

static const char *take_unballoon(struct dynmem *d, const uint8_t *data,
                                  uint32_t size, struct dynmem_outcome *out)
{
    (void)data, (void)size;
    d->count = 0;
    d->has = 0;
    d->state = DYNMEM_READY;
    out->deed = DYNMEM_RETURNED;
    return NULL;
}

/* ---- messages ------------------------------------------------------------ */

static const struct step {
    uint16_t type, size; /* at least */
    enum dynmem_state from, to;
    const char *(*take)(struct dynmem *d, const uint8_t *data, uint32_t size,
                        struct dynmem_outcome *out);
} steps[] = {
    {DYNMEM_VERSION, 16, DYNMEM_NEW, DYNMEM_NEW, take_version},
    {DYNMEM_CAPABILITIES, 32, DYNMEM_HAS_VERSION, DYNMEM_HAS_VERSION,
     take_capabilities},
    {DYNMEM_REPORT, 48, DYNMEM_READY, DYNMEM_DEFLATES, take_report},
    {DYNMEM_BALLOON_RESPONSE, 16, DYNMEM_INFLATES, DYNMEM_INFLATES,
     take_balloon},
    {DYNMEM_UNBALLOON_RESPONSE, 8, DYNMEM_DEFLATES, DYNMEM_DEFLATES,
     take_unballoon},
};

static const struct step *find(uint16_t type)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].type == type)
            return &steps[i];
    return NULL;
}

const char *dynmem_take(struct dynmem *d, const void *data, uint32_t size,
                        struct dynmem_outcome *out)
{
    struct header header;
    const struct step *step;

    *out = (struct dynmem_outcome){0};
    if (size < sizeof header)
        return "shorter than its header";
    memcpy(&header, data, sizeof header);
    if (header.size > size)
        return "longer than its packet";
    step = find(header.type);
    if (!step)
        return "a type that no guest sends";
    if (header.size < step->size)
        return "shorter than its fields";
    if (d->state < step->from || d->state > step->to)
        return "out of turn";
    return step->take(d, data, header.size, out);
}

uint32_t dynmem_inflate(struct dynmem *d, uint32_t pages,
                        uint8_t out[DYNMEM_REQUEST_MAX])
{
    struct message m = {
        .header = {DYNMEM_BALLOON, sizeof m, d->transaction + 1},
        .low = pages,
    };

    if (d->state != DYNMEM_READY || !d->can_balloon)
        return 0;
    d->transaction++;
    d->asked = pages;
    d->state = DYNMEM_INFLATES;
    memcpy(out, &m, sizeof m);
    return sizeof m;
}

uint32_t dynmem_deflate(struct dynmem *d, uint8_t out[DYNMEM_REQUEST_MAX])
{
    struct message m = {
        .header = {DYNMEM_UNBALLOON, (uint16_t)(sizeof m + d->count * RANGE),
                   d->transaction + 1},
        .high = d->count,
    };

    if (d->state != DYNMEM_READY || !d->count)
        return 0;
    d->transaction++;
    d->state = DYNMEM_DEFLATES;
    memcpy(out, &m, sizeof m);
    for (uint32_t i = 0; i < d->count; i++) {
        uint64_t value = d->range[i].first | d->range[i].pages << FIRST_BITS;

        memcpy(out + sizeof m + (size_t)i * RANGE, &value, sizeof value);
    }
    return m.header.size;
}
