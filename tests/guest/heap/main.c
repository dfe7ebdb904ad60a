/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mistakes in the use of the heap, one at a time: test=NAME chooses it. With
 * heap=check each must end in its report; with test=none, and without
 * heap=check, nothing may be reported.
 */
#define _GNU_SOURCE 1 /* asprintf */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/cpu/irql.h"
#include "arch/libc/cxx.h"
#include "vmbare.h"

static VMBARE_OPTION test_option = {
    .group = "test-heap",
    .name = "test",
    .type = VMBARE_WORD,
    .words = "none|behind|before|twice|foreign|inside|after|end|resize|delete|"
             "dispatch|leak",
    .otherwise = "none",
    .help = "the mistake to make",
};

/* The compiler shall not see what is wrong here. */
static void *hidden(void *pointer)
{
    __asm__ volatile("" : "+r"(pointer));
    return pointer;
}

static void write_behind(void)
{
    char *block = hidden(malloc(100));

    block[103] = 'A';
    free(block);
}

static void write_before(void)
{
    char *block = hidden(calloc(10, 10));

    block[-2] = 'B';
    free(block);
}

static void free_twice(void)
{
    char *block = malloc(40), *again = hidden(block);

    free(block);
    free(again);
}

static void free_foreign(void)
{
    static char never[64];

    free(hidden(never));
}

static void free_inside(void)
{
    char *block = hidden(malloc(64));

    free(hidden(block + 24));
}

/* The quarantine ends when enough was freed after it. */
static void write_after(void)
{
    char *block = malloc(200), *again = hidden(block);

    free(block);
    again[17] = 'C';
    for (unsigned i = 0; i < 1000; i++)
        free(hidden(malloc(50)));
}

/* Found when the application is done, because little is freed after it. */
static void write_late(void)
{
    char *block = malloc(200), *again = hidden(block);

    free(block);
    again[0] = 'D';
}

static void resize_freed(void)
{
    char *block = malloc(30), *again = hidden(block);

    free(block);
    free(hidden(realloc(again, 60)));
}

static void delete_twice(void)
{
    char *object = _Znwm(24), *again = hidden(object);

    _ZdlPvm(object, 24);
    _ZdaPv(again);
}

static void at_dispatch(void)
{
    uint8_t before = irql_raise(IRQL_DISPATCH);
    char *block = hidden(memalign(64, 10));

    block[10] = 'E';
    free(block);
    irql_lower(before);
}

/* 1, 2, ... 10 and 1000 bytes, and a text. */
static void lose(void)
{
    for (size_t size = 1; size <= 10; size++)
        hidden(malloc(size));
    hidden(memalign(256, 1000));
    hidden(strdup("four"));
}

/* More than there is; the compiler shall not complain about it. */
static volatile size_t huge = SIZE_MAX / 4, none = 0;

/* Everything that is right, with each function; the end of each block is
 * written to. */
static bool use_well(void)
{
    char *a = malloc(none), *b = calloc(3, 5), *c = realloc(NULL, 7),
         *text = NULL;
    char *d = memalign(4096, 33), *e = aligned_alloc(64, 64), *f = _Znwm(0);
    char *g = strndup("longer than four", 4);
    bool good;

    memset(c, 'c', 7);
    memset(d, 'd', 33);
    memset(e, 'e', 64);
    good = (uintptr_t)d % 4096 == 0 && (uintptr_t)e % 64 == 0 && b[14] == 0 &&
           strcmp(g, "long") == 0 && a != f;
    c = realloc(c, 70000);
    good = good && c[0] == 'c' && c[6] == 'c';
    c = realloc(c, 2);
    good = good && c[1] == 'c' && malloc_usable_size(d) >= 33;
    /* stdio's own buffers, and a text that it allocates. */
    good = asprintf(&text, "%.3f", 1.5) == 5 && good;
    good = good && strcmp(text, "1.500") == 0;
    errno = 0;
    good = good && !hidden(malloc(huge)) && errno == ENOMEM &&
           !hidden(calloc(huge, 5)) && !hidden(realloc(d, huge));
    free(d);
    free(a);
    free(b);
    free(c);
    free(e);
    free(g);
    free(text);
    free(NULL);
    _ZdlPv(f);
    return good;
}

static const struct {
    const char *name;
    void (*make)(void);
} mistakes[] = {
    {"behind", write_behind}, {"before", write_before},
    {"twice", free_twice},    {"foreign", free_foreign},
    {"inside", free_inside},  {"after", write_after},
    {"end", write_late},      {"resize", resize_freed},
    {"delete", delete_twice}, {"dispatch", at_dispatch},
    {"leak", lose},
};

int main(void)
{
    const char *name = vmbare_option_text(&test_option);

    if (!use_well()) {
        printf("test-heap: the heap does not do what it should\n");
        return VMBARE_FAILED;
    }
    for (unsigned i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
        if (strcmp(mistakes[i].name, name) == 0)
            mistakes[i].make();
    }
    printf("test-heap: %s is done\n", name);
    return VMBARE_PASSED;
}
