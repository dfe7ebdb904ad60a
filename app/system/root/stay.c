/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows when the application is done: see root.h. The machine that stays
 * shows its result, the codes of a report that the application has made, and
 * the time that passes, and it takes keys from COM1. Devices, timers and
 * callbacks go on meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "app/system/platform/platform.h"
#include "app/system/options/options.h"
#include "app/system/root/root.h"
#include "arch/console/format.h"
#include "arch/console/log.h"

/* Codes that do not fit on the screen at once take turns. */
#define PAGE_SECONDS 10

/* How often keys are asked for, in a second. An idle machine does no more. */
#define LOOKS 10

static bool ends; /* vmbare_end() was called */

bool vmbare_stays(void)
{
    return !ends && !vmbare_option_flag(&option_exit);
}

/* Where main() has returned, its exit() has run the handlers already, and this
 * one runs none. */
VMBARE_NORETURN void vmbare_end(enum vmbare_verdict verdict)
{
    ends = true;
    exit((int)verdict);
}

bool vmbare_quiet(void)
{
    return vmbare_option_flag(&option_quiet);
}

/* Not the log: `quiet` is for a test, and a person wants to see the end. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    char line[LOG_TEXT_MAX];
    va_list arguments;

    va_start(arguments, format);
    format_print_v(line, sizeof(line), format, arguments);
    va_end(arguments);
    log_write(line, strlen(line));
}

/* Shows the first of the report's codes and says what they are. True: there
 * are more of them than fit on the screen. */
static bool show_first_codes(void)
{
    struct vmbare_codes codes;

    if (!the_platform.show_codes || !the_platform.show_codes(0, &codes))
        return false;
    say("QR codes %u to %u of %u hold this report", codes.first, codes.last,
        codes.parts);
    if (codes.last < codes.parts)
        say("; the others follow every %u seconds", PAGE_SECONDS);
    say(".\n");
    return codes.last < codes.parts;
}

/* Time passes in one line that is written over, not in a growing log. */
static void show_time(uint64_t seconds, bool more)
{
    struct vmbare_codes codes;

    if (more && seconds % PAGE_SECONDS == 0)
        the_platform.show_codes((unsigned)(seconds / PAGE_SECONDS), &codes);
    say("\rup %u:%02u:%02u ", (unsigned)(seconds / 3600),
        (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

/* Any other key gets the list of those that do something. */
static void take_key(int key, enum vmbare_verdict verdict)
{
    if (key == 'e') {
        say("\n");
        system_finish(verdict);
    } else if (key == 'r') {
        say("\n");
        vmbare_reset();
    } else if (key >= 0) {
        say("\nkeys: e ends the machine with the verdict, r resets it\n");
    }
}

static _Noreturn void stay(enum vmbare_verdict verdict)
{
    bool more = show_first_codes();

    say("vmbare: the application is done, verdict: %s. The machine stays; on "
        "COM1 the key e ends it, r resets it.\n",
        system_verdict_words(verdict));
    for (uint64_t looks = 0;; looks++) {
        if (looks % LOOKS == 0)
            show_time(looks / LOOKS, more);
        take_key(vmbare_key(), verdict);
        vmbare_sleep(1.0 / LOOKS);
    }
}

_Noreturn void system_application_done(enum vmbare_verdict verdict)
{
    if (vmbare_stays())
        stay(verdict);
    system_finish(verdict);
}
