/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The integration services, as a host outside asks for them (tests/services).
 * The guest says each second what has come of it, until the host wants it to
 * end; then the heap must be as it was before.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drivers/services.h"
#include "vmbare.h"

static VMBARE_OPTION busy = {
    .group = "test",
    .name = "busy",
    .type = VMBARE_FLAG,
    .help = "compute, and do not wait, until the host wants the end",
};

static VMBARE_OPTION hold = {
    .group = "test",
    .name = "hold",
    .type = VMBARE_FLAG,
    .help = "let only a forced shutdown through",
};

static int heap_before;

/* Newlib's header says that its numbers are size_t; the library, which is
 * compiled, returns ten of int. The eighth counts the bytes in use. */
static int heap_used(void)
{
    struct mallinfo info = mallinfo();
    int numbers[10];

    memcpy(numbers, &info, sizeof(numbers));
    return numbers[7];
}

static void say_services(void)
{
    struct services_facts f;

    for (unsigned i = 0; services_facts(i, &f); i++)
        printf("# %s: %s%s%s, %llu openings, %llu answers, %llu refused, "
               "%llu ignored\n",
               f.name, services_state_words(f.state), f.version[0] ? " " : "",
               f.version, (unsigned long long)f.openings,
               (unsigned long long)f.requests, (unsigned long long)f.refused,
               (unsigned long long)f.ignored);
}

/* What a second has brought. */
static void say_state(void)
{
    time_t seconds = time(NULL);
    struct tm utc;
    char value[32];

    if (gmtime_r(&seconds, &utc))
        printf("# year %d\n", utc.tm_year + 1900);
    if (!services_value("colour", value, sizeof(value)))
        printf("# colour %s\n", value);
    fflush(stdout);
}

static enum vmbare_verdict ending(void *context, enum services_end how)
{
    int after;

    (void)context;
    printf("# the host wants a %s\n",
           how == SERVICES_RESTART ? "restart" : "shutdown");
    say_services();
    services_stop();
    after = heap_used();
    printf("%s 1 - the heap has %d bytes in use, as before: %d\n",
           after == heap_before ? "ok" : "not ok", after, heap_before);
    return after == heap_before ? VMBARE_PASSED : VMBARE_FAILED;
}

/* Counts for ever; only interrupts run beside it. */
static void compute(void)
{
    volatile uint64_t sum = 0;

    printf("# busy\n");
    fflush(stdout);
    while (vmbare_wait_for(services_ending(), VMBARE_NOW) != VMBARE_OK)
        for (uint64_t i = 0; i < 1000000; i++)
            sum = sum + i;
}

int main(void)
{
    static const struct services_settings settings = {.ending = ending};
    char problem[SERVICES_PROBLEM_MAX] = "";

    /* What stays from a first use is no leak. */
    if (!services_start(&settings, problem))
        services_stop();
    say_state();
    heap_before = heap_used();
    if (vmbare_option_flag(&hold))
        services_hold();
    (void)services_publish("made-by", "the guest itself");
    if (services_start(&settings, problem)) {
        printf("# %s\n", problem);
        return VMBARE_FAILED;
    }
    if (vmbare_option_flag(&busy))
        compute();
    for (;;) {
        vmbare_sleep(1);
        say_state();
    }
}
