/* SPDX-License-Identifier: BSD-2-Clause */
/* From a report's text to codes on the screen: see codes.h. */
#include "arch/codes/codes.h"

#include "arch/codes/capture.h"
#include "arch/codes/deflate.h"
#include "arch/codes/layout.h"
#include "arch/codes/parts.h"
#include "arch/console/screen.h"
#include "qrcodegen.h"

/* A module is a bit; the library has a byte more for the size. */
#define CODE_BYTES qrcodegen_BUFFER_LEN_FOR_VERSION((int)LAYOUT_VERSION_MAX)

/* The report that codes_end() has compressed, and where its codes lie. They
 * stay until the next report, so that its pages can take turns. */
static uint8_t compressed[DEFLATE_SIZE(CAPTURE_SIZE)];
static struct code_parts parts;
static struct code_layout layout;
static struct screen_panel panel;

/* One code at a time. The working memory also holds the packed characters. */
static char text[LAYOUT_CHARACTERS_MAX + 1];
static uint8_t work[CODE_BYTES], code[CODE_BYTES];

/* The panel comes before the text: what is written from now on wraps before it
 * instead of being covered later. */
void codes_begin(void)
{
    uint32_t width, height, column;

    /* Without a screen all three are 0, and so is the panel. */
    screen_pixels(&width, &height, &column);
    screen_reserve(width ? layout_panel_width(width, column) : 0, &panel);
    capture_begin();
}

/* The checksum is of the text and not of the compressed bytes, so that it also
 * proves what the reader's decompressor made of them. */
bool codes_end(void)
{
    const char *report;
    size_t length = capture_end(&report);

    /* Nothing to show, or nowhere to show it. */
    if (!panel.width || !length)
        return false;
    parts = (struct code_parts){
        .data = compressed,
        .size = deflate_text(compressed, report, length),
        .report = parts_crc32(report, length),
    };
    /* Where not all parts fit, the layout holds what fits at once. */
    layout_choose(&layout, panel.width, panel.height, parts.size);
    if (!layout.across || !layout.down)
        return false;
    parts_divide(&parts, layout.characters);
    return true;
}

/* The modules of `code`, at a place of the panel. Light ones are there. */
static void draw(uint32_t left, uint32_t top)
{
    int size = qrcodegen_getSize(code);

    /* Module by module: some 7,000 small rectangles of a large code take a few
     * milliseconds, once. */
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
            if (qrcodegen_getModule(code, x, y))
                screen_fill(left + (uint32_t)x * layout.pixels,
                            top + (uint32_t)y * layout.pixels, layout.pixels,
                            layout.pixels, SCREEN_BLACK);
        }
    }
}

/* The level may come out better than asked for, where there is room. */
static bool make_code(uint32_t index)
{
    enum qrcodegen_Ecc level =
        layout.medium ? qrcodegen_Ecc_MEDIUM : qrcodegen_Ecc_LOW;
    struct qrcodegen_Segment segment;

    parts_text(&parts, index, text);
    /* The packed characters lie in `work`, which the library then reuses. */
    segment = qrcodegen_makeAlphanumeric(text, work);
    return qrcodegen_encodeSegmentsAdvanced(
        &segment, 1, level, (int)layout.version, (int)layout.version,
        qrcodegen_Mask_AUTO, true, work, code);
}

/* White first: it is the quiet zone of every code, and covers the codes of the
 * page before. */
void codes_show(uint32_t page, struct codes_shown *shown)
{
    uint32_t each = layout.across * layout.down;
    uint32_t pages = (parts.count + each - 1) / each;
    uint32_t first = page % pages * each;
    uint32_t quiet = LAYOUT_QUIET * layout.pixels;

    *shown = (struct codes_shown){.first = first + 1, .parts = parts.count};
    screen_fill(panel.left, panel.top, panel.width, panel.height, SCREEN_WHITE);
    /* Row by row from the top; the last page may have fewer. */
    for (uint32_t i = 0; i < each && first + i < parts.count; i++) {
        /* It has room for every part: the layout's table says so. */
        if (!make_code(first + i))
            break;
        draw(panel.left + i % layout.across * layout.side + quiet,
             panel.top + i / layout.across * layout.side + quiet);
        shown->last = first + i + 1;
    }
}
