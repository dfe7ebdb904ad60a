/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests that an interrupt at any place leaves every register as it was. */
#include "machine.h"

#include <string.h>

#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/irql.h"
#include "app/system/platform/platform.h"
#include "tests/guest/tap.h"

/* A nested interrupt takes 0.1 ms, so fewer interrupts run there. */
#define INTERRUPTS        1000000
#define INTERRUPTS_NESTED 20000

/* General registers but rsp, then flags, then xmm0-15: registers_spin.S. */
struct registers {
    uint64_t general[15];
    uint64_t flags;
    uint8_t xmm[16][16];
};

/*
 * Loads all registers with `in`, spins until *counter has reached `target`,
 * and stores them all in `out`. rax, rcx and rdx belong to the loop and are
 * not compared.
 */
void registers_spin(const struct registers *in, struct registers *out,
                    volatile uint64_t *counter, uint64_t target);

static volatile uint64_t taken;
static uint64_t wanted;
static struct deferred_item work;

/* Deferred work may use any register, SSE's included. */
static void disturb(void *arg)
{
    volatile double x = (double)taken;

    (void)arg;
    x = x * 3.5 + 1;
    __asm__ volatile("pcmpeqd %%xmm7, %%xmm7\n\t"
                     "pcmpeqd %%xmm15, %%xmm15\n\t"
                     "std; cld"
                     :
                     :
                     : "xmm7", "xmm15", "memory");
}

/* Sends the next interrupt at once, so they come as fast as possible. */
static void again(struct cpu_frame *frame)
{
    (void)frame;
    taken++;
    if (taken % 16 == 0)
        deferred_queue(&work, this_cpu()->index);
    if (taken < wanted)
        apic_send(this_cpu()->apic_id, (uint8_t)frame->vector);
}

static void fill(struct registers *r)
{
    uint8_t *p = (uint8_t *)r;

    for (unsigned i = 0; i < sizeof(*r); i++)
        p[i] = (uint8_t)(i * 37 + 11);
    r->flags = 0xad7; /* CF PF AF ZF SF IF DF OF: all flags that may be set */
}

#define VECTOR 0x30

void test_registers(void)
{
    static struct registers in, out;
    uint64_t before = this_cpu()->interrupts, from = clock_now();

    wanted = the_platform.hyperv ? INTERRUPTS_NESTED : INTERRUPTS;
    fill(&in);
    work = (struct deferred_item){.run = disturb, .level = IRQL_DISPATCH};
    interrupts_handle(VECTOR, again, false);
    apic_send(this_cpu()->apic_id, VECTOR);
    registers_spin(&in, &out, &taken, wanted);
    interrupts_handle(VECTOR, NULL, false);
    tap_note("%llu interrupts in %.1f s",
             (unsigned long long)(this_cpu()->interrupts - before),
             (double)(clock_now() - from) / CLOCK_UNITS_PER_S);
    tap_ok(memcmp(in.general, out.general, sizeof(in.general)) == 0,
           "general registers keep their values over %llu interrupts",
           (unsigned long long)wanted);
    tap_ok(memcmp(in.xmm, out.xmm, sizeof(in.xmm)) == 0,
           "xmm registers keep their values over %llu interrupts",
           (unsigned long long)wanted);
    tap_ok((in.flags & 0xcd5) == (out.flags & 0xcd5),
           "the flags keep their values over %llu interrupts",
           (unsigned long long)wanted);
}
