/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What app/system/events asks of the platform (its platform.h). An image whose
 * application does not use vmbare_events.h contains none of this, because
 * nothing else refers to it.
 */
#include "app/system/events/platform.h"

#include "app/system/platform/platform.h"
#include "arch/console/serial.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/apic.h"
#include "arch/interrupts/interrupts.h"
#include "arch/libc/input.h"
#include "arch/time/wait.h"

_Static_assert(EVENTS_PROCESSORS == CPUS_MAX, "a queue for each processor");

static struct events_state state;
static void (*sleep_hook)(void); /* the one before; NULL: HLT */
static bool (*work_waits)(void);
static void (*run_work)(void);

/* In the image's zeroed data. */
struct events_state *events_state(void)
{
    return &state;
}

/* That of the real bus is there without a bus, too; a loopback's has the
 * same clock, timers and locks. */
struct seam *events_seam(void)
{
    return &the_platform.seam;
}

/* The index is the number that applications see. */
uint32_t events_processor(void)
{
    return this_cpu()->index;
}

/* The interrupt alone does it: a wait looks again after each, and a parked
 * processor goes round its loop. */
void events_wake(uint32_t processor)
{
    apic_send(cpu_of(processor)->apic_id, VECTOR_WAKE);
}

/* What a processor does that has nothing else to do, called with interrupts
 * off: work before sleep. */
static void idle(void)
{
    if (this_cpu()->index != 0 && work_waits()) {
        interrupts_on();
        run_work();
    } else if (sleep_hook) {
        sleep_hook();
    } else {
        interrupts_await();
    }
}

/* All is kept before anybody can call the new hook. */
void events_park(bool (*waits)(void), void (*run)(void))
{
    work_waits = waits;
    run_work = run;
    sleep_hook = wait_idle();
    wait_set_idle(idle);
}

/* It must not take the byte: vmbare_key() does. */
bool events_key_waiting(void)
{
    return serial_waiting();
}

/* This edits the line with the bytes that have come. */
bool events_line_waiting(void)
{
    return input_ready();
}
