/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records entered functions and taken locks: see counted.h.
 */
#include "counted.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmbus/seam.h"

#define RECORD_LIMIT 4096u
#define NO_ROUTINE   UINT32_MAX

void __cyg_profile_func_enter(void *function, void *site);
void __cyg_profile_func_exit(void *function, void *site);
uint8_t __real_seam_lock(struct seam *s, struct seam_lock *l);
uint8_t __wrap_seam_lock(struct seam *s, struct seam_lock *l);

/* A NULL function stands for a lock. */
static void *record[RECORD_LIMIT];
static uint32_t length, routine_at;
static bool running;

static void write_down(void *function)
{
    if (!running)
        return;
    if (length < RECORD_LIMIT)
        record[length] = function;
    length++;
}

void __cyg_profile_func_enter(void *function, void *site)
{
    (void)site;
    write_down(function);
}

void __cyg_profile_func_exit(void *function, void *site)
{
    (void)function;
    (void)site;
}

uint8_t __wrap_seam_lock(struct seam *s, struct seam_lock *l)
{
    write_down(NULL);
    return __real_seam_lock(s, l);
}

void counted_start(void)
{
    length = 0;
    routine_at = NO_ROUTINE;
    running = true;
}

void counted_routine(void)
{
    if (running && routine_at == NO_ROUTINE)
        routine_at = length;
}

void counted_print(const char *event)
{
    running = false;
    if (routine_at == NO_ROUTINE || length > RECORD_LIMIT) {
        fprintf(stderr,
                "delivery: %s: found %u entries and %s, expected at most %u "
                "and one call of the application's routine\n",
                event, length, routine_at == NO_ROUTINE ? "no call" : "a call",
                RECORD_LIMIT);
        exit(1);
    }
    for (uint32_t i = 0; i < length; i++) {
        const char *when = i < routine_at ? "before" : "after";

        if (record[i])
            printf("%s\t%s\t%p\n", event, when, record[i]);
        else
            printf("%s\t%s\tlock\n", event, when);
    }
}
