/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard input from COM1: see input.h. */
#include "arch/libc/input.h"

#include <errno.h>
#include <string.h>

#include "arch/console/keys.h"
#include "arch/console/line.h"
#include "arch/console/log.h"
#include "arch/console/serial.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/irql.h"
#include "arch/time/clock.h"
#include "arch/time/wait.h"

/* Within LIVELY after a byte the next one is looked for every SOON: a UART
 * holds 16 bytes, and a paste would take minutes otherwise. */
#define SOON   UINT64_C(2000)   /* 200 us */
#define LIVELY UINT64_C(500000) /* 50 ms */

static void show(const char *text, size_t length);

static struct line line; /* in edit(): a value here would fill the file */
static struct keys keys;
static enum line_state state;
static uint32_t taken;     /* bytes of a finished line that were read */
static uint64_t last_byte; /* when one came */

/* What the editor shows, collected so that a paste does not fill the log with
 * lines of one character. */
static struct {
    char text[LOG_TEXT_MAX];
    size_t length;
} echo;

/* Through the log, so that it is on the screen as well and in order. */
static void show_now(void)
{
    if (echo.length > 0)
        log_write(echo.text, echo.length);
    echo.length = 0;
}

static void show(const char *text, size_t length)
{
    while (length-- > 0) {
        /* As much as one piece of the log holds. */
        if (echo.length == sizeof(echo.text))
            show_now();
        echo.text[echo.length++] = *text++;
    }
}

/* What a wait looks at: it must not take the byte. */
static bool has_byte(void *unused)
{
    (void)unused;
    return serial_waiting();
}

/* Bytes behind the line's end stay in the UART, for the next line. */
static void edit(void)
{
    int byte;

    line.show = show;
    /* A UART that is emptied at once asks its other side for more. */
    while (state == LINE_EDITING && (byte = serial_read()) >= 0) {
        last_byte = clock_now();
        state = line_key(&line, keys_take(&keys, (uint8_t)byte));
    }
    show_now();
    /* Said once, and not in the middle of the line. */
    if (state == LINE_DONE && line.cut) {
        log_printf(LOG_WARNING,
                   "input: found a line of more than %u characters, the most "
                   "that it may have: the rest is left out",
                   LINE_MAX);
        line.cut = false;
    }
}

bool input_ready(void)
{
    edit();
    return state != LINE_EDITING || !serial_present();
}

/* Above PASSIVE a wait would keep everything else out. */
static bool may_wait(void)
{
    return irql_current() == IRQL_PASSIVE && this_cpu()->index == 0;
}

/* The next line, once all of this one was read. */
static void begin(void)
{
    taken = 0;
    state = LINE_EDITING;
    line_begin(&line);
}

/* The newline stands in for the zero after the text. */
static int take(char *out, size_t size)
{
    size_t left = line.length + 1 - taken;

    /* One read gives bytes of one line, as a terminal does. */
    if (size > left)
        size = left;
    line.text[line.length] = '\n';
    memcpy(out, line.text + taken, size);
    taken += (uint32_t)size;
    if (size == left)
        begin();
    return (int)size;
}

/* Whoever else runs during the wait may read the line: then it goes on. */
int input_read(char *out, size_t size)
{
    /* A program that waited for a line would never end. */
    if (!serial_present())
        return 0;
    if (may_wait()) {
        while (!input_ready()) {
            uint64_t now = clock_now();
            /* Neither late for a paste nor awake for nothing. */
            uint64_t pause = now - last_byte < LIVELY ? SOON : INPUT_PAUSE;

            (void)wait_until(has_byte, NULL, now + pause, "input");
        }
    }
    /* A line, or a part of it; no line, and no waiting; or the end. */
    if (state == LINE_DONE)
        return take(out, size);
    if (state == LINE_EDITING)
        return -EAGAIN;
    begin();
    return 0;
}
