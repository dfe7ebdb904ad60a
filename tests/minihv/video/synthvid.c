/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of synthetic video: see synthvid.h. */
#include "synthvid.h"

#include <stddef.h>
#include <string.h>

#include "synthvid_wire.h"

#define VERSION(major, minor) ((uint32_t)(minor) << 16 | (major))

enum { PAGE = 4096, WIDTH_MAX = 4096, HEIGHT_MAX = 4096 };

void synthvid_reset(struct synthvid *v)
{
    *v = (struct synthvid){.place = v->place};
}

/* Puts an answer into `out`; its header is filled in here. */
static void answer(struct synthvid_outcome *out, uint32_t type, void *message,
                   uint32_t size)
{
    struct vid_header header = {.type = type, .size = size};

    memcpy(message, &header, sizeof header);
    memcpy(out->answer, message, size);
    out->size = size;
}

static void acknowledge(struct synthvid_outcome *out, uint32_t type,
                        uint64_t context)
{
    struct vid_ack m = {.context = context};

    answer(out, type, &m, sizeof m);
}

/* ---- versions ------------------------------------------------------------ */

static bool is_known(uint32_t version)
{
    static const uint32_t known[] = {VERSION(3, 0), VERSION(3, 2),
                                     VERSION(3, 3), VERSION(3, 4),
                                     VERSION(3, 5)};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == version)
            return true;
    return false;
}

static const char *take_version(struct synthvid *v, const uint8_t *data,
                                struct synthvid_outcome *out)
{
    struct vid_version_response m = {.outputs = 1};

    if (v->version)
        return "a version request after one was accepted";
    memcpy(&m.version, data + SYNTHVID_HEADER, sizeof m.version);
    m.accepted = is_known(m.version);
    if (m.accepted) {
        v->version = m.version;
        out->deed = SYNTHVID_HAS_VERSION;
    }
    answer(out, SYNTHVID_VERSION_RESPONSE, &m, sizeof m);
    return NULL;
}

/* ---- the screen ---------------------------------------------------------- */

static const char *take_resolutions(struct synthvid *v, const uint8_t *data,
                                    struct synthvid_outcome *out)
{
    struct vid_resolutions m = {
        .count = 4,
        .usual = 1,
        .one = {{800, 600}, {1024, 768}, {1280, 1024}, {1600, 1200}},
    };

    (void)data;
    if (v->version < VERSION(3, 2))
        return "resolutions are asked for from version 3.2 on";
    answer(out, SYNTHVID_RESOLUTIONS_RESPONSE, &m, sizeof m);
    return NULL;
}

static const char *take_capability(struct synthvid *v, const uint8_t *data,
                                   struct synthvid_outcome *out)
{
    struct vid_capability m = {0};

    (void)data;
    if (v->version < VERSION(3, 5))
        return "capabilities are asked for from version 3.5 on";
    answer(out, SYNTHVID_CAPABILITY_RESPONSE, &m, sizeof m);
    return NULL;
}

static const char *take_vram(struct synthvid *v, const uint8_t *data,
                             struct synthvid_outcome *out)
{
    struct vid_vram m;

    memcpy(&m, data, sizeof m);
    if (!m.specified)
        return "a location of the screen's memory without an address";
    if (m.gpa % PAGE || m.gpa < v->place.base || m.gpa > v->place.end ||
        v->place.size > v->place.end - m.gpa)
        return "the screen's memory is outside of the range that ACPI names";
    v->has_vram = true;
    out->deed = SYNTHVID_MAP;
    out->gpa = m.gpa;
    acknowledge(out, SYNTHVID_VRAM_ACK, m.context);
    return NULL;
}

static const char *wrong_screen(const struct synthvid *v,
                                const struct synthvid_screen *s)
{
    uint64_t bytes = (uint64_t)s->pitch * s->height;

    if (!v->has_vram)
        return "a screen before the location of its memory";
    if (s->depth != 16 && s->depth != 32)
        return "a depth that is neither 16 nor 32 bits";
    if (!s->width || s->width > WIDTH_MAX || !s->height ||
        s->height > HEIGHT_MAX)
        return "a width or height that is not 1 to 4096";
    if (s->pitch < s->width * s->depth / 8 || s->pitch % (s->depth / 8))
        return "a pitch that holds no row of whole pixels";
    if (s->offset % (s->depth / 8) || s->offset + bytes > v->place.size)
        return "a screen that leaves its memory";
    return NULL;
}

static const char *take_situation(struct synthvid *v, const uint8_t *data,
                                  struct synthvid_outcome *out)
{
    struct vid_situation m;
    const char *wrong;

    memcpy(&m, data, sizeof m);
    if (m.outputs != 1)
        return "other than one output";
    out->screen = (struct synthvid_screen){
        .active = m.active,
        .offset = m.offset,
        .depth = m.depth,
        .width = m.width,
        .height = m.height,
        .pitch = m.pitch,
    };
    wrong = m.active ? wrong_screen(v, &out->screen) : NULL;
    if (wrong)
        return wrong;
    out->deed = SYNTHVID_SHOW;
    acknowledge(out, SYNTHVID_SITUATION_ACK, m.context);
    return NULL;
}

/* ---- what the guest tells ------------------------------------------------ */

/* The screen shows the memory itself, so rectangles need no work. */
static const char *take_dirt(struct synthvid *v, const uint8_t *data,
                             struct synthvid_outcome *out)
{
    if (!v->has_vram)
        return "rectangles before the location of the screen's memory";
    if (!data[offsetof(struct vid_dirt, count)])
        return "no rectangle";
    out->deed = SYNTHVID_HAS_DRAWN;
    return NULL;
}

static const char *take_pointer(struct synthvid *v, const uint8_t *data,
                                struct synthvid_outcome *out)
{
    (void)v, (void)data, (void)out;
    return NULL;
}

static const struct step {
    uint32_t type;
    uint32_t size; /* with the header, at least */
    const char *(*take)(struct synthvid *v, const uint8_t *data,
                        struct synthvid_outcome *out);
} steps[] = {
    {SYNTHVID_VERSION_REQUEST, 12, take_version},
    {SYNTHVID_VRAM, sizeof(struct vid_vram), take_vram},
    {SYNTHVID_SITUATION, sizeof(struct vid_situation), take_situation},
    {SYNTHVID_POINTER_PLACE, SYNTHVID_HEADER + 10, take_pointer},
    {SYNTHVID_POINTER_SHAPE, SYNTHVID_HEADER + 18, take_pointer},
    {SYNTHVID_DIRT, sizeof(struct vid_dirt), take_dirt},
    {SYNTHVID_RESOLUTIONS_REQUEST, SYNTHVID_HEADER + 1, take_resolutions},
    {SYNTHVID_CAPABILITY_REQUEST, SYNTHVID_HEADER, take_capability},
};

static const struct step *find(uint32_t type)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].type == type)
            return &steps[i];
    return NULL;
}

/* The bytes that a message of this type must have; rectangles are counted. */
static uint32_t needed(const struct step *s, const uint8_t *data)
{
    enum { RECTANGLE = 16 };

    if (s->type != SYNTHVID_DIRT)
        return s->size;
    return s->size + data[offsetof(struct vid_dirt, count)] * RECTANGLE;
}

const char *synthvid_take(struct synthvid *v, const void *data, uint32_t size,
                          struct synthvid_outcome *out)
{
    struct vid_header header;
    const struct step *step;

    *out = (struct synthvid_outcome){0};
    if (size < sizeof header)
        return "shorter than its header";
    memcpy(&header, data, sizeof header);
    if (header.size > size)
        return "longer than its packet";
    step = find(header.type);
    if (!step)
        return "a type that no guest sends";
    if (!v->version && step->type != SYNTHVID_VERSION_REQUEST)
        return "a message before a version";
    if (size < step->size || size < needed(step, data))
        return "shorter than its fields";
    return step->take(v, data, out);
}

uint32_t synthvid_features(uint8_t out[SYNTHVID_MAX])
{
    struct vid_features m = {
        .header = {SYNTHVID_FEATURES, sizeof m},
        .dirt = 1,
    };

    memcpy(out, &m, sizeof m);
    return sizeof m;
}
