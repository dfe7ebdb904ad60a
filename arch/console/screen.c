/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text console: cells in memory. screen_draw.c draws them.
 *
 * A cell is two bytes, and its picture is 128 pixels or more in memory that is
 * slow to write. So a line of text changes cells only, and a flush draws those
 * cells that differ from what the screen shows.
 */
#include "arch/console/screen.h"

#include <string.h>

#include "arch/console/screen_draw.h"

#define TAB 8u

/* How far the console has come; each state includes those before it. */
enum screen_state {
    SCREEN_ABSENT,  /* no framebuffer, or screen_init() did not run */
    SCREEN_READY,   /* the cells have memory and are not filled yet */
    SCREEN_WRITTEN, /* the cells are blank or written */
    SCREEN_SHOWN,   /* the framebuffer is ours and shows `shown` */
};

/*
 * What each cell shall show (`wanted`), and what it shows now (`shown`). The
 * wanted rows are a ring that begins at `first`, so that scrolling moves no
 * cells; the shown ones lie as on the screen.
 */
static struct {
    enum screen_state state;
    struct screen_surface surface;
    screen_cell *wanted;
    screen_cell *shown;
    uint32_t first;       /* row of `wanted` that is the top of the screen */
    uint32_t row, column; /* the cursor */
    uint32_t limit;       /* columns for text, from the left */
    uint32_t dirty_from;  /* rows to compare in the next flush: */
    uint32_t dirty_to;    /* none when from >= to */
} screen;

static uint32_t columns(void)
{
    return screen.surface.geometry.columns;
}

static uint32_t rows(void)
{
    return screen.surface.geometry.rows;
}

/* The wanted and the shown cells. */
size_t screen_memory_size(const struct screen_geometry *geometry)
{
    return 2 * sizeof(screen_cell) * geometry->columns * geometry->rows;
}

static void blank(screen_cell *cells, uint32_t count)
{
    while (count-- > 0)
        *cells++ = SCREEN_BLANK;
}

/* The cells are made blank at the first text, not here. */
int screen_init(const struct boot_framebuffer *framebuffer, void *pixels,
                void *memory)
{
    uint32_t cells;
    int status = screen_surface_init(&screen.surface, framebuffer, pixels);

    if (status < 0)
        return status;
    cells = columns() * rows();
    screen.wanted = memory;
    screen.shown = screen.wanted + cells;
    screen.first = screen.row = screen.column = 0;
    screen.limit = columns();
    screen.dirty_from = screen.dirty_to = 0;
    screen.state = SCREEN_READY;
    return 0;
}

void screen_size(uint32_t *columns_out, uint32_t *rows_out)
{
    *columns_out = screen.state ? columns() : 0;
    *rows_out = screen.state ? rows() : 0;
}

/* ---- writing ------------------------------------------------------------ */

/* Row 0 is the top of the screen, wherever the ring begins. */
static screen_cell *wanted_row(uint32_t row)
{
    return screen.wanted + (screen.first + row) % rows() * columns();
}

/* Keeps one range of rows that holds everything that has changed. */
static void mark_dirty(uint32_t from, uint32_t to)
{
    /* Nothing is dirty yet. */
    if (screen.dirty_from >= screen.dirty_to) {
        screen.dirty_from = from;
        screen.dirty_to = to;
        return;
    }
    if (from < screen.dirty_from)
        screen.dirty_from = from;
    if (to > screen.dirty_to)
        screen.dirty_to = to;
}

/* Scroll by an eighth of the screen at once. A scroll redraws nearly every
 * cell, so line by line it would cost eight times as much. */
static void scroll(void)
{
    uint32_t count = rows() / 8 > 0 ? rows() / 8 : 1;

    /* The top of the screen moves along the ring, and the rows that come in at
     * the bottom become blank. */
    screen.first = (screen.first + count) % rows();
    for (uint32_t row = rows() - count; row < rows(); row++)
        blank(wanted_row(row), columns());
    screen.row -= count;
    mark_dirty(0, rows());
}

/* The last row stays the last: the text above it moves up. */
static void new_line(void)
{
    screen.column = 0;
    if (++screen.row == rows())
        scroll();
}

static void put(screen_cell cell)
{
    /* Only when there is something for it: a text that fills its line and
     * then ends it takes no empty line. */
    if (screen.column >= screen.limit)
        new_line();
    wanted_row(screen.row)[screen.column++] = cell;
    mark_dirty(screen.row, screen.row + 1);
}

/* At least one blank, then up to the next multiple of TAB. */
static void put_tab(enum log_level level)
{
    do
        put(screen_cell_make(level, ' '));
    while (screen.column % TAB != 0 && screen.column < screen.limit);
}

/* Not before there is a text: blanking some 10,000 cells is half of what the
 * whole way to the application may cost. */
static void make_written(void)
{
    if (screen.state != SCREEN_READY)
        return;
    blank(screen.wanted, 2 * columns() * rows());
    screen.state = SCREEN_WRITTEN;
}

void screen_write(enum log_level level, const char *text, size_t length)
{
    if (screen.state == SCREEN_ABSENT)
        return;
    make_written();
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '\n':
            new_line();
            break;
        case '\r':
            screen.column = 0;
            break;
        case '\b':
            screen.column -= screen.column > 0;
            break;
        case '\t':
            put_tab(level);
            break;
        default:
            put(screen_cell_make(level, (unsigned char)text[i]));
        }
    }
}

/* ---- showing ------------------------------------------------------------ */

/* Draws those cells of a row that differ from what the screen shows. */
static void flush_row(uint32_t row)
{
    const screen_cell *wanted = wanted_row(row);
    screen_cell *shown = screen.shown + row * columns();

    for (uint32_t column = 0; column < columns(); column++) {
        if (wanted[column] == shown[column])
            continue;
        shown[column] = wanted[column];
        screen_draw_cell(&screen.surface, column, row, wanted[column]);
    }
}

/* The first flush takes the framebuffer over from the firmware, whose picture
 * is still there. */
void screen_flush(void)
{
    if (screen.dirty_from >= screen.dirty_to)
        return;
    if (screen.state == SCREEN_WRITTEN) {
        screen_draw_nothing(&screen.surface);
        screen.state = SCREEN_SHOWN;
    }
    /* Only the rows that have changed since the last flush are compared. */
    for (uint32_t row = screen.dirty_from; row < screen.dirty_to; row++)
        flush_row(row);
    screen.dirty_from = screen.dirty_to = 0;
}

/* ---- the panel ---------------------------------------------------------- */

void screen_pixels(uint32_t *width, uint32_t *height, uint32_t *column)
{
    bool there = screen.state != SCREEN_ABSENT;

    *width = there ? screen.surface.width : 0;
    *height = there ? screen.surface.height : 0;
    *column = there ? screen.surface.geometry.cell_width : 0;
}

/* Cells behind the limit become blank and stay so: no flush draws them again.
 */
void screen_reserve(uint32_t width, struct screen_panel *panel)
{
    const struct screen_geometry *g = &screen.surface.geometry;
    uint32_t left = screen.surface.width - width;

    *panel = (struct screen_panel){0};
    if (screen.state == SCREEN_ABSENT || width == 0 ||
        left < g->left + 2 * g->cell_width)
        return;
    make_written();
    /* One column stays empty between the text and the panel. */
    screen.limit = (left - g->left) / g->cell_width - 1;
    for (uint32_t row = 0; row < rows(); row++)
        blank(wanted_row(row) + screen.limit, columns() - screen.limit);
    mark_dirty(0, rows());
    *panel = (struct screen_panel){
        .left = left, .width = width, .height = screen.surface.height};
}

/* What has been written is drawn first: it is older than the rectangle. */
void screen_fill(uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                 enum screen_colour colour)
{
    if (screen.state == SCREEN_ABSENT)
        return;
    screen_flush();
    screen_draw_rectangle(&screen.surface, left, top, width, height,
                          colour == SCREEN_WHITE);
}

/* ---- the log's sink ----------------------------------------------------- */

static void sink_write(struct log_sink *sink, enum log_level level,
                       const char *text, size_t length)
{
    (void)sink;
    screen_write(level, text, length);
}

static void sink_flush(struct log_sink *sink)
{
    (void)sink;
    screen_flush();
}

struct log_sink *screen_sink(void)
{
    static struct log_sink sink = {
        .threshold = LOG_INFO,
        .write = sink_write,
        .flush = sink_flush,
    };

    return &sink;
}
