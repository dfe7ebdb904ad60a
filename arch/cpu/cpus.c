/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of this machine's processors: see cpu.h. arch/smp fills it;
 * everybody may look a processor up in it.
 */
#include <stddef.h>

#include "arch/cpu/cpu.h"

static struct cpu *cpus[CPUS_MAX];
static uint32_t count;

/* The count is read first; the entries below it were stored before it grew. */
struct cpu *cpu_of(uint32_t index)
{
    return index < count ? cpus[index] : NULL;
}

uint32_t cpu_count(void)
{
    return count;
}

/* The release order makes the entry visible before the count that covers it:
 * other processors look at the table without a lock. */
void cpu_add(struct cpu *cpu)
{
    cpus[count] = cpu;
    __atomic_fetch_add(&count, 1, __ATOMIC_RELEASE);
}

/* The entry itself stays. Who looked it up a moment ago finds a processor that
 * is not online. */
void cpu_remove_last(void)
{
    __atomic_fetch_sub(&count, 1, __ATOMIC_RELEASE);
}
