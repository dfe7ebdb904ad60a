/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor of fake_machine.h, and what deferred.c asks of others. */
#include "fake_machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/cpu/invariant.h"
#include "arch/cpu/vectors.h"
#include "arch/interrupts/apic.h"

struct cpu fake_cpu = {.last = &fake_cpu.first};
bool fake_interrupts = true;

struct cpu *cpu_of(uint32_t index)
{
    return index ? NULL : &fake_cpu;
}

void apic_send(uint32_t id, uint8_t vector)
{
    (void)id, (void)vector;
}

void vectors_call_on_stack(void (*function)(void *), void *arg, uint64_t stack)
{
    (void)stack;
    function(arg);
}

_Noreturn void invariant_failed(const char *function, const char *expression,
                                const char *hint)
{
    fprintf(stderr, "# %s: %s (%s)\n", function, expression, hint);
    abort();
}
