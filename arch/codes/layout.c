/* SPDX-License-Identifier: BSD-2-Clause */
/* Choosing the size of the QR codes: see layout.h. */
#include "arch/codes/layout.h"

#include "arch/codes/parts.h"

#define TEXT_COLUMNS 80u

/* Modules of three pixels survive a photograph that is slightly out of focus;
 * two need a good one. More than eight make nothing better. */
#define PIXELS_GOOD 3u
#define PIXELS_MIN  2u
#define PIXELS_MAX  8u

/* The smallest code that is worth its head. */
#define VERSION_MIN 5u

/* How many characters of the alphanumeric mode a code holds, by its version,
 * at the levels L and M: table 7 of [ISO 18004] */
static const uint16_t capacity[LAYOUT_VERSION_MAX + 1][2] = {
    {0, 0},       {25, 20},     {47, 38},     {77, 61},     {114, 90},
    {154, 122},   {195, 154},   {224, 178},   {279, 221},   {335, 262},
    {395, 311},   {468, 366},   {535, 419},   {619, 483},   {667, 528},
    {758, 600},   {854, 656},   {938, 734},   {1046, 816},  {1153, 909},
    {1249, 970},  {1352, 1035}, {1460, 1134}, {1588, 1248}, {1704, 1326},
    {1853, 1451},
};

/* Modules of a side, with the quiet zone on both ends. [ISO 18004 7.1] */
static uint32_t modules(uint32_t version)
{
    return 17 + 4 * version + 2 * LAYOUT_QUIET;
}

/* A wide screen gives the panel half: more text on a line is hard to read, and
 * larger modules are easier. */
uint32_t layout_panel_width(uint32_t width, uint32_t column)
{
    uint32_t text = TEXT_COLUMNS * column;

    if (text >= width || width - text > width / 2 ||
        width - text < PIXELS_GOOD * modules(LAYOUT_VERSION_MAX))
        return width / 2;
    return width - text;
}

/* Fills in everything that follows from version, level and pixels. Returns how
 * many bytes all codes of the panel hold together. */
static size_t fill(struct code_layout *l, uint32_t width, uint32_t height)
{
    /* Whole codes only; what is left over stays white. */
    l->characters = capacity[l->version][l->medium];
    l->side = modules(l->version) * l->pixels;
    l->across = width / l->side;
    l->down = height / l->side;
    /* As parts_divide() counts: the head first, then three characters for each
     * pair of bytes. */
    return (l->characters - PART_HEAD_MAX) / 3 * 2 * l->across * l->down;
}

/* The largest version that holds all bytes: it has the fewest codes. */
static bool try_versions(struct code_layout *l, uint32_t width, uint32_t height,
                         size_t bytes)
{
    for (l->version = LAYOUT_VERSION_MAX; l->version >= VERSION_MIN;
         l->version--) {
        if (fill(l, width, height) >= bytes)
            return true;
    }
    return false;
}

/* At a given size of a module, the better error correction first. */
static bool try_pixels(struct code_layout *l, uint32_t width, uint32_t height,
                       size_t bytes)
{
    l->medium = true;
    if (try_versions(l, width, height, bytes))
        return true;
    l->medium = false;
    return try_versions(l, width, height, bytes);
}

/* What holds most, of modules that a photograph still shows. */
static void choose_most(struct code_layout *layout, uint32_t width,
                        uint32_t height)
{
    struct code_layout l = {.pixels = PIXELS_GOOD};
    size_t most = 0, bytes;

    layout->across = 0;
    for (l.version = LAYOUT_VERSION_MAX; l.version >= VERSION_MIN;
         l.version--) {
        bytes = fill(&l, width, height);
        if (bytes > most) {
            most = bytes;
            *layout = l;
        }
    }
}

/* From the largest modules down, so the first that fits is the best. */
bool layout_choose(struct code_layout *layout, uint32_t width, uint32_t height,
                   size_t bytes)
{
    for (layout->pixels = PIXELS_MAX; layout->pixels >= PIXELS_MIN;
         layout->pixels--) {
        if (try_pixels(layout, width, height, bytes))
            return true;
    }
    choose_most(layout, width, height);
    return false;
}
