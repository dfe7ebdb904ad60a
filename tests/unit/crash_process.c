/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs each crash report in a process of its own: see crash_process.h. */
#include "crash_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "arch/codes/codes.h"
#include "arch/crash/debug_exit.h"
#include "arch/cpu/halt.h"
#include "arch/cpu/vectors.h"
#include "arch/acpi/power.h"

char report_text[65536];

/* ---- inside the process -------------------------------------------------- */

void report_show(struct log_sink *sink, enum log_level level, const char *bytes,
                 size_t length)
{
    (void)sink;
    (void)level;
    fwrite(bytes, 1, length, stdout);
}

struct log_sink report_sink = {.threshold = LOG_INFO, .write = report_show};

void halt_interrupts_off(void)
{
}

_Noreturn void halt_forever(void)
{
    puts("HALT");
    exit(0);
}

void debug_exit(enum exit_status status)
{
    printf("DEBUG-EXIT %x\n", status);
}

_Noreturn void power_reset(void)
{
    puts("RESET");
    exit(0);
}

/* The same stack does: only that it was asked for is to be seen. */
_Noreturn void vectors_enter_stack(void (*function)(void *), void *arg,
                                   uint64_t stack_top)
{
    printf("STACK %lx\n", (unsigned long)stack_top);
    function(arg);
    abort();
}

bool report_codes;
bool report_without_codes;

static void begin_codes(void)
{
    puts("CODES-BEGIN");
}

static bool end_codes(void)
{
    return report_codes;
}

static void show_codes(uint32_t page, struct codes_shown *shown)
{
    *shown = (struct codes_shown){.first = 1, .last = 2, .parts = 3};
    printf("CODES page %u\n", page);
}

static const struct crash_codes report_codes_shown = {
    .begin = begin_codes,
    .end = end_codes,
    .show = show_codes,
};

/* ---- outside of it ------------------------------------------------------- */

/* cmocka cuts long messages, and their newline with them. */
static void fail_with_text(const char *what)
{
    fprintf(stderr, "%s\n", report_text);
    fail_msg("what is wrong in the text above: '%s'", what);
}

void report_run(const struct crash_info *info, void (*prepare)(void))
{
    int ends[2];
    size_t length = 0;
    ssize_t got;
    pid_t child;
    int status;

    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        log_add_sink(&report_sink);
        if (!report_without_codes)
            crash_set_codes(&report_codes_shown);
        if (prepare)
            prepare();
        crash_report(info);
    }
    close(ends[1]);
    while ((got = read(ends[0], report_text + length,
                       sizeof(report_text) - 1 - length)) > 0)
        length += (size_t)got;
    report_text[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_with_text("an end by itself");
}

void expect_report(const char *const *wanted)
{
    const char *at = report_text;

    for (; *wanted != NULL; wanted++) {
        const char *found = strstr(at, *wanted);

        if (found == NULL)
            fail_with_text(*wanted);
        else
            at = found + strlen(*wanted);
    }
}

void expect_not_reported(const char *unwanted)
{
    if (strstr(report_text, unwanted) != NULL)
        fail_with_text(unwanted);
}
