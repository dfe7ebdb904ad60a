/* SPDX-License-Identifier: BSD-2-Clause */
/* The line editor: see line.h. After every key the terminal shows the line and
 * its cursor stands at `cursor`. */
#include "arch/console/line.h"

#include <string.h>

/* ---- what the terminal shows --------------------------------------------- */

/* Backspaces to move, blanks to wipe out. */
static void show_many(const struct line *l, char c, uint32_t count)
{
    while (count-- > 0)
        l->show(&c, 1);
}

/* Draws the text from the cursor on, blanks what was longer, and goes back to
 * the cursor. */
static void redraw(const struct line *l, uint32_t length_before)
{
    uint32_t blanks = 0;

    if (length_before > l->length)
        blanks = length_before - l->length;
    l->show(l->text + l->cursor, l->length - l->cursor);
    show_many(l, ' ', blanks);
    show_many(l, '\b', blanks + l->length - l->cursor);
}

/* To the right by showing again what stands there, since no other way of moving
 * is known to every terminal. */
static void move_to(struct line *l, uint32_t position)
{
    if (position < l->cursor)
        show_many(l, '\b', l->cursor - position);
    else
        l->show(l->text + l->cursor, position - l->cursor);
    l->cursor = position;
}

/* ---- changing the text --------------------------------------------------- */

/* Takes out `count` characters before the cursor. */
static void take_out(struct line *l, uint32_t count)
{
    uint32_t before = l->length, end = l->cursor;

    /* The cursor goes back first, so that what follows is drawn from there. */
    move_to(l, end - count);
    memmove(l->text + l->cursor, l->text + end, l->length - end);
    l->length -= count;
    redraw(l, before);
}

/* One sound for all that does not fit, however much it is. */
static void insert(struct line *l, char c)
{
    if (l->length == LINE_MAX) {
        if (!l->cut)
            l->show("\a", 1);
        l->cut = true;
        return;
    }
    /* What is behind the cursor moves on by one, here and on the terminal. */
    memmove(l->text + l->cursor + 1, l->text + l->cursor,
            l->length - l->cursor);
    l->text[l->cursor] = c;
    l->length++;
    l->show(&c, 1);
    l->cursor++;
    redraw(l, l->length);
}

/* The number of characters of the word before the cursor, and of the blanks
 * between the two. */
static uint32_t word_before(const struct line *l)
{
    uint32_t at = l->cursor;

    while (at > 0 && l->text[at - 1] == ' ')
        at--;
    while (at > 0 && l->text[at - 1] != ' ')
        at--;
    return l->cursor - at;
}

/* The same as Right and Backspace. */
static void delete_at_cursor(struct line *l)
{
    if (l->cursor == l->length)
        return;
    move_to(l, l->cursor + 1);
    take_out(l, 1);
}

/* ---- the lines before ---------------------------------------------------- */

/* Another text instead of the whole line, with the cursor behind it. */
static void replace(struct line *l, const char *text)
{
    uint32_t before = l->length;

    /* The new text goes over the old one; what sticks out is blanked. */
    move_to(l, 0);
    l->length = (uint32_t)strlen(text);
    memcpy(l->text, text, l->length);
    redraw(l, before);
    move_to(l, l->length);
}

/* The new line is kept apart while an old one is shown. What is changed in an
 * old one is given up with the next step. */
static void show_kept(struct line *l, uint32_t number)
{
    /* Only a new line is worth keeping: the others are kept already. */
    if (l->shown == l->lines) {
        memcpy(l->draft, l->text, l->length);
        l->draft[l->length] = '\0';
    }
    l->shown = number;
    replace(l,
            number == l->lines ? l->draft : l->history[number % LINE_HISTORY]);
}

/* The oldest lines were overwritten by newer ones. */
static void step_back(struct line *l)
{
    uint32_t oldest = l->lines > LINE_HISTORY ? l->lines - LINE_HISTORY : 0;

    if (l->shown > oldest)
        show_kept(l, l->shown - 1);
}

/* Past the newest kept line is the new one. */
static void step_forward(struct line *l)
{
    if (l->shown < l->lines)
        show_kept(l, l->shown + 1);
}

/* An empty line is not kept, and neither is the same one twice in a row. */
static void keep(struct line *l)
{
    char *place = l->history[l->lines % LINE_HISTORY];

    l->text[l->length] = '\0';
    if (l->length == 0 ||
        (l->lines > 0 &&
         strcmp(l->history[(l->lines - 1) % LINE_HISTORY], l->text) == 0))
        return;
    memcpy(place, l->text, l->length + 1);
    l->lines++;
}

/* ---- keys ---------------------------------------------------------------- */

void line_begin(struct line *line)
{
    /* The history stays: an empty line is the one after the newest. */
    line->length = line->cursor = 0;
    line->cut = false;
    line->shown = line->lines;
}

/* The terminal's cursor leaves the line from its end, wherever it stood. */
static enum line_state end(struct line *l, enum line_state state)
{
    move_to(l, l->length);
    l->show("\n", 1);
    if (state == LINE_DONE)
        keep(l);
    return state;
}

/* Keys that leave the text as it is, or show another one. */
static void move_key(struct line *l, unsigned key)
{
    if (key == KEY_LEFT && l->cursor > 0)
        move_to(l, l->cursor - 1);
    else if (key == KEY_RIGHT && l->cursor < l->length)
        move_to(l, l->cursor + 1);
    else if (key == KEY_HOME)
        move_to(l, 0);
    else if (key == KEY_END)
        move_to(l, l->length);
    else if (key == KEY_UP)
        step_back(l);
    else if (key == KEY_DOWN)
        step_forward(l);
}

/* Keys that take something out. */
static void kill_key(struct line *l, unsigned key)
{
    if (key == KEY_BACKSPACE && l->cursor > 0)
        take_out(l, 1);
    else if (key == KEY_DELETE || key == KEY_EOF)
        delete_at_cursor(l);
    else if (key == KEY_KILL_WORD)
        take_out(l, word_before(l));
    else if (key == KEY_KILL_LINE || key == KEY_KILL_END) {
        uint32_t from = key == KEY_KILL_END ? l->cursor : 0;

        /* Taken out backwards, as all that is taken out. */
        move_to(l, l->length);
        take_out(l, l->length - from);
    }
}

enum line_state line_key(struct line *line, unsigned key)
{
    /* These two end the line, whatever is in it. */
    if (key == KEY_ENTER)
        return end(line, LINE_DONE);
    if (key == KEY_EOF && line->length == 0)
        return end(line, LINE_EOF);
    if (key >= 0x20 && key < 0x7F)
        insert(line, (char)key);
    else if (key >= KEY_LEFT && key <= KEY_DOWN)
        move_key(line, key);
    else if (key >= KEY_BACKSPACE && key <= KEY_EOF)
        kill_key(line, key);
    return LINE_EDITING;
}
