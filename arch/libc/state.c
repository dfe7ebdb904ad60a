/* SPDX-License-Identifier: BSD-2-Clause */
/* One newlib state per processor and level: see state.h. */
#include "arch/libc/state.h"

#include <errno.h>
#include <reent.h>

#include "arch/memory/pages.h"

/* A processor that is started and its states: on x86-64, 72 bytes less than a
 * page. */
struct started {
    struct cpu cpu;
    struct _reent states[2];
};

_Static_assert(sizeof(struct started) <= LIBC_STATE_CPU_PAGES * PAGE_SIZE,
               "a processor and its states fit");

/* newlib asks here wherever it would otherwise use its global pointer. */
struct _reent *__getreent(void)
{
    return this_cpu()->reent;
}

void libc_state_first(struct cpu *cpu)
{
    cpu->reent = _GLOBAL_REENT;
    cpu->reent_deferred = _GLOBAL_REENT;
}

/* The memory is zero, and most of a state begins so. */
int libc_state_create(struct cpu *cpu)
{
    struct _reent *states = ((struct started *)cpu)->states;

    /* Processor 0 keeps the global state, because static constructors have used
     * it, and lies in the image. */
    if (cpu->reent) {
        states = pages_alloc(1, NULL);
        if (!states)
            return -ENOMEM;
    } else {
        _REENT_INIT_PTR_ZEROED(&states[1]);
        cpu->reent = &states[1];
    }
    _REENT_INIT_PTR_ZEROED(&states[0]);
    cpu->reent_deferred = &states[0];
    return 0;
}
