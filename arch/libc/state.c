/* SPDX-License-Identifier: BSD-2-Clause */
/* One newlib state per processor and level: see state.h. */
#include "arch/libc/state.h"

#include <errno.h>
#include <reent.h>
#include <string.h>

#include "arch/memory/pages.h"

_Static_assert(2 * sizeof(struct _reent) <= PAGE_SIZE,
               "both states of a processor share a page");

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

int libc_state_create(struct cpu *cpu)
{
    struct _reent *states = pages_alloc(1, NULL);

    if (!states)
        return -ENOMEM;
    /* Pages come zeroed, and most of a state begins so. */
    _REENT_INIT_PTR_ZEROED(&states[0]);
    _REENT_INIT_PTR_ZEROED(&states[1]);
    /* Processor 0 keeps the global state: static constructors have used it. */
    if (!cpu->reent)
        cpu->reent = &states[0];
    cpu->reent_deferred = &states[1];
    return 0;
}
