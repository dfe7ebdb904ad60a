/* SPDX-License-Identifier: BSD-2-Clause */
/* Output, text in memory, input. The host sees what the output calls write. */
#define _GNU_SOURCE /* asprintf */
#include "libc_calls.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int forward(const char *format, ...)
{
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vprintf(format, arguments);
    va_end(arguments);
    return written;
}

void call_output(void)
{
    WORKS(printf, printf("out printf %lld %zu %a %.3f\n", -5000000000LL,
                         (size_t)7, 1.0, 2.5) > 0);
    WORKS(fprintf, fprintf(stderr, "out fprintf %05d\n", 42) == 18);
    WORKS(puts, puts("out puts") >= 0);
    WORKS(putchar, (putchar)('!') == '!' && (putchar)('\n') == '\n');
    WORKS(fwrite, fwrite("out fwrite\n", 1, 11, stdout) == 11);
    WORKS(fputs, fputs("out fputs\n", stdout) >= 0);
    WORKS(vprintf, forward("out vprintf %s\n", "x") == 14);
    errno = EDOM;
    perror("out perror");
    WORKS(perror, errno == EDOM);
}

static bool streams_in_memory(void)
{
    char *text = NULL, line[16];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    FILE *in;
    bool good;

    if (!out)
        return false;
    fprintf(out, "%d and more\n", 12);
    fclose(out);
    in = fmemopen(text, size, "r");
    good = size == 12 && in && fgets(line, sizeof(line), in) &&
           strcmp(line, "12 and more\n") == 0;
    if (in)
        fclose(in);
    free(text);
    return good;
}

void call_memory_text(void)
{
    char text[64], *made = NULL, word[8];
    int number = 0;
    double real = 0;
    bool good;

    WORKS(snprintf,
          snprintf(text, 4, "%d", 123456) == 6 && strcmp(text, "123") == 0);
    WORKS(sprintf,
          sprintf(text, "%x %s", 255, "a") == 4 && strcmp(text, "ff a") == 0);
    WORKS(asprintf,
          asprintf(&made, "%g", 0.25) == 4 && strcmp(made, "0.25") == 0);
    free(made);
    WORKS(sscanf,
          sscanf("17 word 2.5", "%d %7s %lf", &number, word, &real) == 3 &&
              number == 17 && strcmp(word, "word") == 0 && real == 2.5);
    good = streams_in_memory();
    WORKS(fmemopen, good);
    WORKS(open_memstream, good);
}

/* The host types four lines: "c", "a line", "12 34", "block". */
void call_input(void)
{
    char line[32], block[8];
    int first = (getchar)(), second = (getchar)();

    WORKS(getchar, first == 'c' && second == '\n');
    WORKS(fgets,
          fgets(line, sizeof(line), stdin) && strcmp(line, "a line\n") == 0);
    WORKS(scanf, scanf("%d %d", &first, &second) == 2 && first == 12 &&
                     second == 34 && getc(stdin) == '\n');
    WORKS(fread,
          fread(block, 1, 6, stdin) == 6 && memcmp(block, "block\n", 6) == 0);
}
