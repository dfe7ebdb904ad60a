/* SPDX-License-Identifier: BSD-2-Clause */
/* Begin and ends of the program as newlib knows them: constructors, exit,
 * abort, signals. */
#include "arch/libc/libc.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "arch/cpu/invariant.h"
#include "arch/acpi/power.h"

static void (*end_hook)(int status);

void libc_set_exit(void (*end)(int status))
{
    end_hook = end;
}

/* linker/ puts the pointers between these, those with a priority first. */
void libc_construct(void)
{
    extern void (*const __init_array_start[])(void);
    extern void (*const __init_array_end[])(void);

    for (void (*const *f)(void) = __init_array_start; f < __init_array_end; f++)
        (*f)();
}

/* Called by exit() after the program's own handlers and the streams' flush. */
_Noreturn void _exit(int status)
{
    if (end_hook)
        end_hook(status);
    power_off();
}

/* There is one process, and it has the number that a first one has. */
pid_t getpid(void)
{
    return 1;
}

/*
 * abort() and raise() come here. A program that aborts has a broken invariant,
 * so it gets the crash report. Signal 0 only asks whether the process exists.
 */
int kill(pid_t pid, int signal)
{
    if (pid == getpid() && signal != 0)
        invariant_failed("kill", "abort() or raise()",
                         "the application gave up");
    /* No other process exists, and signal 0 to this one succeeds. */
    errno = pid == getpid() ? 0 : ESRCH;
    return pid == getpid() ? 0 : -1;
}
