/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program whose instructions are counted from outside: one scenario of
 * client.h for each run, chosen by the option `count`. What it counts is the
 * system under it, which is built as for every image.
 */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "marks.h"
#include "vmbare.h"

static VMBARE_OPTION count_option = {
    .group = "counted",
    .name = "count",
    .type = VMBARE_WORD,
    .words = "boot|known|idle|alone|batch|large|interrupts|loopback|reads",
    .otherwise = "boot",
    .help = "what is done while instructions are counted",
};

static bool boot(void)
{
    return true;
}

/* To test the counter: 1,000 instructions, and the mark behind them. */
static bool known(void)
{
    MARK(PHASE_ROUNDS);
    __asm__ volatile(".rept 1000\n\tnop\n\t.endr");
    MARK(PHASE_NONE);
    return true;
}

/* Counted is what happens after main(). */
static bool idle(void)
{
    MARK(PHASE_ROUNDS);
    return true;
}

static bool alone(void)
{
    return counted_echo(64, 1);
}

static bool batch(void)
{
    return counted_echo(64, 32);
}

static bool large(void)
{
    return counted_echo(1500, 1);
}

static const struct scenario {
    const char *name;
    bool (*run)(void);
} scenarios[] = {
    {"boot", boot},
    {"known", known},
    {"idle", idle},
    {"alone", alone},
    {"batch", batch},
    {"large", large},
    {"loopback", counted_loopback},
    {"interrupts", counted_interrupts},
    {"reads", counted_reads},
};

/* Ends the phase that a plan began with the machine. Not inlined: its place
 * tells where the image was loaded. */
__attribute__((noinline)) static void counted_base(void)
{
    MARK(PHASE_NONE);
}

int main(void)
{
    const char *name;

    counted_base();
    name = vmbare_option_text(&count_option);
    for (unsigned i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
        if (!strcmp(name, scenarios[i].name) && !scenarios[i].run()) {
            printf("counted: %s failed\n", name);
            return VMBARE_FAILED;
        }
    return VMBARE_PASSED;
}
