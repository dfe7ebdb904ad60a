/*
 * One-shot timers, run as deferred work of the processor that set them.
 * The interrupt comes from whatever hv/ or arch/ registers as the device.
 */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Storage is the caller's; zero before the first use. */
struct timer {
    struct timer *next;
    uint64_t due; /* monotonic, 100 ns */
    void (*run)(void *arg);
    void *arg;
    bool armed;
};

/* Runs `run` at DISPATCH at or after `due`; an armed timer is moved (from
 * another processor, too). <= DISPATCH. */
void timer_set(struct timer *t, uint64_t due);

/* True: it was armed and will not run. False: it was not; on another
 * processor it may be running. <= DISPATCH. */
bool timer_cancel(struct timer *t);

/*
 * Registers the device: arm(due) asks for one interrupt on the running
 * processor at or after `due`, arm(0) for none. Early and needless interrupts
 * do no harm. `name` is for the log.
 */
void timer_set_device(void (*arm)(uint64_t due), const char *name);
const char *timer_device_name(void);

/* For the device's interrupt handler: timers of this processor may be due. */
void timer_interrupt(void);

#endif
