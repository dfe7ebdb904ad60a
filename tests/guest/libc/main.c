/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls each function of docs/libc.md. The options choose which calls, and how
 * the program ends; tests/libc looks at what it prints.
 */
#include "libc_calls.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/cpu/irql.h"
#include "vmbare.h"

static VMBARE_OPTION test_option = {
    .group = "test-libc",
    .name = "test",
    .type = VMBARE_WORD,
    .words = "all|no-files|left-out",
    .otherwise = "all",
    .help = "which calls are made",
};

static VMBARE_OPTION end_option = {
    .group = "test-libc",
    .name = "end",
    .type = VMBARE_WORD,
    .words = "exit|quick_exit|_exit",
    .otherwise = "exit",
    .help = "how the program ends",
};

void call_refused(void)
{
    char byte;

    REFUSED(system, ENOSYS, system("ls") == -1);
    tap_ok(system(NULL) == 0, "there is no shell");
    REFUSED(read, EBADF, read(STDOUT_FILENO, &byte, 1) == -1);
    REFUSED(write, EBADF, write(STDIN_FILENO, "x", 1) == -1);
    REFUSED(lseek, ESPIPE, lseek(STDOUT_FILENO, 0, SEEK_SET) == -1);
    tap_ok(close(STDOUT_FILENO) == 0 && isatty(STDIN_FILENO) == 1,
           "a standard file stays open");
    REFUSED(kill, ESRCH, kill(77, SIGTERM) == -1);
    tap_ok(kill(getpid(), 0) == 0 && getpid() == 1, "this process has number "
                                                    "1");
}

/* With standard input empty: at DISPATCH nothing may wait. */
static void call_without_waiting(void)
{
    uint8_t irql = irql_raise(IRQL_DISPATCH);
    char byte;
    int got, error;

    got = (int)read(STDIN_FILENO, &byte, 1);
    error = errno;
    irql_lower(irql);
    tap_ok(got == -1 && error == EAGAIN, "refused: read EAGAIN");
}

static void call_all(void)
{
    call_output();
    call_memory_text();
    call_memory();
    call_strings();
    call_numbers();
    call_mathematics();
    call_time();
    call_environment();
    call_files();
    call_changes();
    call_refused();
    printf("type now\n");
    call_input();
    call_without_waiting();
}

/* A start without a boot volume. */
static void call_no_files(void)
{
    struct stat status;

    REFUSED(fopen, ENOENT, fopen("hello.txt", "r") == NULL);
    REFUSED(stat, ENOENT, stat("hello.txt", &status) == -1);
    REFUSED(fopen, EROFS, fopen("hello.txt", "w") == NULL);
    REFUSED(fstat, EBADF, fstat(3, &status) == -1);
}

/* More files than there is room for, and names that cannot be. */
static void call_left_out(void)
{
    struct stat status;

    REFUSED(fopen, EFBIG, fopen("large.bin", "r") == NULL);
    tap_ok(stat("large.bin", &status) == 0 && status.st_size == (16 << 20) + 1,
           "a file that is left out has its size");
    tap_ok(fopen("small.txt", "r") != NULL, "the other file is there");
    REFUSED(fopen, ENOENT,
            fopen("f\xfc"
                  "r.txt",
                  "r") == NULL);
    REFUSED(fopen, ENOENT, fopen("f?r.txt", "r") == NULL);
}

static void say_exit(void)
{
    printf("out atexit\n");
}

static void say_on_exit(int status, void *argument)
{
    printf("out on_exit %d %s\n", status, (const char *)argument);
}

static void say_quick_exit(void)
{
    write(STDOUT_FILENO, "out at_quick_exit\n", 18);
}

int main(void)
{
    const char *test = vmbare_option_text(&test_option);
    const char *end = vmbare_option_text(&end_option);
    uint8_t seed[32];
    int status;

    printf("# seed: %u bytes\n", (unsigned)vmbare_seed(seed, sizeof(seed)));
    if (strcmp(test, "no-files") == 0)
        call_no_files();
    else if (strcmp(test, "left-out") == 0)
        call_left_out();
    else
        call_all();
    status = tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
    fflush(stdout);
    atexit(say_exit);
    on_exit(say_on_exit, "argument");
    if (at_quick_exit(say_quick_exit))
        status = VMBARE_FAILED;
    if (strcmp(end, "quick_exit") == 0)
        quick_exit(status);
    if (strcmp(end, "_exit") == 0)
        _exit(status);
    exit(status);
}
