/*
 * Waiting, the only way there is: process what is due, else sleep in HLT.
 * There are no threads; a blocking call is a loop around this.
 */
#ifndef ARCH_WAIT_H
#define ARCH_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#define WAIT_FOREVER UINT64_MAX

/*
 * Runs PASSIVE work and sleeps between interrupts until done(arg): 0, or
 * until the monotonic clock reaches `deadline`: -ETIMEDOUT. `what` names what
 * is awaited; with WAIT_FOREVER the log says so every 10 s. `done` is called
 * with interrupts off and must only look. PASSIVE, processor 0.
 */
int wait_until(bool (*done)(void *arg), void *arg, uint64_t deadline,
               const char *what);

/* Sleeps until `deadline`, processing what is due. PASSIVE, processor 0. */
void wait_sleep(uint64_t deadline);

/* The life of the other processors: HLT and deferred work. */
_Noreturn void wait_park(void);

/* Registers the hypervisor's way to idle instead of HLT: called with
 * interrupts off, returns with interrupts on after something happened. */
void wait_set_idle(void (*idle)(void));

#endif
