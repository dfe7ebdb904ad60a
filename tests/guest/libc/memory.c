/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, strings, sorting and searching. */
#include "libc_calls.h"

#include <malloc.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void call_memory(void)
{
    char *memory = malloc(1000), *more;
    char *zero = calloc(10, 100);

    WORKS(malloc, memory != NULL);
    memset(memory, 7, 1000);
    WORKS(calloc, zero && zero[0] == 0 && zero[999] == 0);
    more = realloc(memory, 100000);
    WORKS(realloc, more && more[0] == 7 && more[999] == 7);
    free(more);
    free(zero);
    memory = malloc(1000);
    WORKS(free, memory != NULL);
    free(memory);
    memory = memalign(4096, 10);
    WORKS(memalign, memory && (uintptr_t)memory % 4096 == 0);
    free(memory);
    REFUSED(malloc, ENOMEM, malloc(SIZE_MAX / 4) == NULL);
    REFUSED(sbrk, ENOMEM, sbrk(INTPTR_MAX) == (void *)-1);
}

void call_strings(void)
{
    char text[32] = "one,two", *state = NULL, *copy;

    WORKS(memcpy, memcpy(text + 10, "abc", 4) == text + 10);
    WORKS(memmove, memmove(text + 11, text + 10, 4) == text + 11 &&
                       strcmp(text + 10, "aabc") == 0);
    WORKS(strlen, strlen(text) == 7);
    WORKS(strcmp, strcmp(text, "one,tvo") > 0);
    WORKS(strstr, strstr(text, ",t") == text + 3);
    WORKS(strtok_r, strcmp(strtok_r(text, ",", &state), "one") == 0 &&
                        strcmp(strtok_r(NULL, ",", &state), "two") == 0);
    copy = strdup("copy");
    WORKS(strdup, copy && strcmp(copy, "copy") == 0);
    free(copy);
    WORKS(strerror, strcmp(strerror(ENOENT), "No such file or directory") == 0);
    WORKS(strtol, strtol("-0x10", NULL, 0) == -16);
    WORKS(strtod, strtod("1e3", NULL) == 1000.0);
    WORKS(strtold, strtold("0.5", NULL) == 0.5L);
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static bool table_finds(void)
{
    ENTRY entry = {.key = strdup("key"), .data = "data"};
    ENTRY *found;

    if (!entry.key || !hcreate(10) || !hsearch(entry, ENTER))
        return false;
    found = hsearch((ENTRY){.key = "key"}, FIND);
    return found && strcmp(found->data, "data") == 0;
}

void call_numbers(void)
{
    int values[] = {3, 1, 2}, two = 2, *found;
    void *root = NULL;
    unsigned seed = 1;

    qsort(values, 3, sizeof(*values), by_value);
    WORKS(qsort, values[0] == 1 && values[1] == 2 && values[2] == 3);
    found = bsearch(&two, values, 3, sizeof(*values), by_value);
    WORKS(bsearch, found == values + 1);
    WORKS(tsearch,
          tsearch(&two, &root, by_value) && root && **(int **)root == 2);
    WORKS(hcreate, table_finds());
    srand(1);
    two = rand();
    srand(1);
    WORKS(rand, rand() == two);
    WORKS(rand_r, rand_r(&seed) >= 0 && seed != 1);
    WORKS(random, random() >= 0);
    WORKS(drand48, drand48() < 1.0);
    WORKS(abs, abs(-4) == 4);
    WORKS(div, div(7, 2).quot == 3 && div(7, 2).rem == 1);
}
