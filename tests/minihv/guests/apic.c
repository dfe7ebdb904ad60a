/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests IA32_APIC_BASE, the registers of x2APIC mode, the APIC's MSRs of
 * Hyper-V, and where its pages may lie: what the manuals allow works, what they
 * do not raises #GP. [SDM] 3A, "Extended xAPIC (x2APIC)"; [TLFS] 10 to 12. It
 * needs strict=0 and x2apic=1.
 */
#include "guest.h"

#define APIC     UINT64_C(0xFEE00000)
#define BEYOND   (UINT64_C(1) << 39)
#define TOO_HIGH (UINT64_C(1) << 32)

enum { VECTOR = 0x61, SPURIOUS = 0xF0, ID = 0x20, TPR = 0x80, EOI = 0xB0 };
enum { BASE = 0x1B, EXTD = 1 << 10, EN = 1 << 11, BOOT = 1 << 8 };
enum { X2_EOI = 0x80B, X2_LDR = 0x80D, X2_ICR = 0x830, X2_SELF = 0x83F };
enum { NONE, READ, WRITE, BOTH };

static uint64_t pages[3][512] __attribute__((aligned(4096)));
static volatile unsigned interrupts;
static bool x2;

INTERRUPT(on_interrupt)
{
    (void)frame;
    interrupts++;
    if (x2)
        msr_write(X2_EOI, 0);
    else
        mmio_write32(APIC + EOI, 0);
}

/* Returns true if the interrupt that was just sent has arrived. */
static bool arrived(void)
{
    unsigned before = interrupts;

    for (int i = 0; i < 1000 && interrupts == before; i++)
        let_in();
    return interrupts == before + 1;
}

/* ---- pages --------------------------------------------------------------- */

static void check_page(uint32_t msr, uint64_t *page, const char *beyond,
                       const char *below)
{
    uint64_t before = msr_read(msr), mark = 0x1122334455667788;

    page[511] = mark;
    check(beyond, msr_try_write(msr, (BEYOND | (uint64_t)page) | 1) &&
                      ((volatile uint64_t *)page)[511] == mark);
    check(below, msr_try_write(msr, (uint64_t)page | 1) &&
                     ((volatile uint64_t *)page)[511] != mark);
    msr_write(msr, before & ~UINT64_C(1));
}

static void check_pages(void)
{
    check("CPUID says that addresses have 39 bits",
          (cpuid(0x80000008, 0).eax & 0xFF) == 39);
    check_page(HV_SIMP, pages[0], "SIMP at 512 GiB covers nothing below",
               "SIMP in memory covers its page");
    check_page(HV_SIEFP, pages[1], "SIEFP at 512 GiB covers nothing below",
               "SIEFP in memory covers its page");
    check_page(HV_REFERENCE_TSC, pages[2],
               "the reference TSC page at 512 GiB covers nothing below",
               "the reference TSC page in memory covers its page");
    check("VP_ASSIST at 512 GiB is kept and covers nothing",
          msr_try_write(HV_VP_ASSIST, BEYOND | 1) &&
              msr_read(HV_VP_ASSIST) == (BEYOND | 1));
    msr_write(HV_VP_ASSIST, 0);
    msr_write(HV_GUEST_OS_ID, 1); /* without one the page stays off */
    check("a hypercall page at 512 GiB raises #GP",
          !msr_try_write(HV_HYPERCALL, BEYOND | 1));
    check("SIMP on the APIC's page raises #GP",
          !msr_try_write(HV_SIMP, APIC | 1));
    check("SIMP on the page of the HPET raises #GP",
          !msr_try_write(HV_SIMP, UINT64_C(0xFED00001)));
}

/* ---- the MSRs of Hyper-V ------------------------------------------------- */

static void check_hyperv(void)
{
    uint64_t v;

    check("a write of 0 to the MSR EOI works", msr_try_write(HV_EOI, 0));
    check("reserved bits of the MSR EOI raise #GP",
          !msr_try_write(HV_EOI, TOO_HIGH));
    check("a read of the MSR EOI raises #GP", !msr_try_read(HV_EOI, &v));
    check("the MSR TPR sets the APIC's task priority",
          msr_try_write(HV_TPR, 0x20) && mmio_read32(APIC + TPR) == 0x20);
    check("reserved bits of the MSR TPR raise #GP",
          !msr_try_write(HV_TPR, 0x100) && !msr_try_write(HV_TPR, TOO_HIGH) &&
              mmio_read32(APIC + TPR) == 0x20);
    msr_write(HV_TPR, 0);
}

/* ---- IA32_APIC_BASE ------------------------------------------------------ */

static bool apic_in_cpuid(void)
{
    return cpuid(1, 0).edx >> 9 & 1;
}

static void check_reserved_base(uint64_t base)
{
    check("reserved bits of IA32_APIC_BASE raise #GP",
          !msr_try_write(BASE, base | 1) && !msr_try_write(BASE, base | 512) &&
              !msr_try_write(BASE, base | UINT64_C(1) << 51));
    check("another base address raises #GP",
          !msr_try_write(BASE, base ^ 0x100000));
    check("EXTD without EN raises #GP",
          !msr_try_write(BASE, (base & ~(uint64_t)EN) | EXTD));
    check("IA32_APIC_BASE has kept its value", msr_read(BASE) == base);
}

static void check_off(uint64_t base)
{
    uint64_t off = base & ~(uint64_t)(EN | EXTD);

    check("x2APIC mode cannot go back to xAPIC mode",
          !msr_try_write(BASE, base));
    check("x2APIC mode can go off", msr_try_write(BASE, off));
    x2 = false;
    check("without EN CPUID shows no APIC", !apic_in_cpuid());
    check("without EN the APIC's page is empty",
          mmio_read32(APIC + ID) == UINT32_MAX);
    mmio_write32(APIC + TPR, 0x30);
    check("an APIC that is off cannot go to x2APIC mode at once",
          !msr_try_write(BASE, base | EXTD));
    check("an APIC that is off can go to xAPIC mode",
          msr_try_write(BASE, base));
    check("with EN CPUID shows the APIC again", apic_in_cpuid());
    check("the APIC has taken no write while it was off",
          mmio_read32(APIC + TPR) == 0);
    check("the APIC that was off is disabled by its spurious register",
          mmio_read32(APIC + SPURIOUS) == 0xFF);
    mmio_write32(APIC + SPURIOUS, 0x1FF);
    mmio_write32(APIC + 0x300, 1 << 18 | 1 << 14 | VECTOR);
    check("the APIC that was off delivers interrupts again", arrived());
}

/* ---- registers of x2APIC mode -------------------------------------------- */

/* Register 0x800 + number: how it may be used, a value that may be written, one
 * bit that may not. The order is that of the manual's table. */
static const struct {
    uint8_t first, last, access;
    uint32_t good, bad;
} registers[] = {
    {0x02, 0x03, READ, 0, 0},
    {0x08, 0x08, BOTH, 0, 0x100},
    {0x0A, 0x0A, READ, 0, 0},
    {0x0B, 0x0B, WRITE, 0, 1},
    {0x0D, 0x0D, READ, 0, 0},
    {0x0F, 0x0F, BOTH, 0x1FF, 0x2000},
    {0x10, 0x27, READ, 0, 0},
    {0x28, 0x28, BOTH, 0, 1},
    {0x30, 0x30, BOTH, 0xC4061, 0x2000},
    {0x32, 0x32, BOTH, 0x10000, 0x80000},
    {0x33, 0x34, BOTH, 0x10000, 0x20000},
    {0x35, 0x36, BOTH, 0x10000, 0x20000},
    {0x37, 0x37, BOTH, 0x10000, 0x700},
    {0x38, 0x38, BOTH, 0, 0},
    {0x39, 0x39, READ, 0, 0},
    {0x3E, 0x3E, BOTH, 0xB, 4},
    {0x3F, 0x3F, WRITE, VECTOR, 0x100},
};

static uint32_t find(uint32_t number)
{
    uint32_t i = 0;

    while (i < sizeof registers / sizeof registers[0] &&
           !(number >= registers[i].first && number <= registers[i].last))
        i++;
    return i;
}

/* Returns the first register whose uses are not those of the table, or 0. */
static uint32_t wrong_use(void)
{
    uint64_t v;

    for (uint32_t n = 0; n < 0x100; n++) {
        uint32_t i = find(n), msr = 0x800 + n;
        bool known = i < sizeof registers / sizeof registers[0];
        uint32_t access = known ? registers[i].access : NONE;

        if (msr_try_read(msr, &v) != !!(access & READ))
            return msr;
        if (n == 0x30)
            continue; /* it sends: tested alone */
        if (msr_try_write(msr, known ? registers[i].good : 0) !=
            !!(access & WRITE))
            return msr;
        let_in();
    }
    return 0;
}

/* Returns the first register that takes a reserved bit, or 0. The ICR alone has
 * 64 bits. */
static uint32_t takes_reserved(void)
{
    for (uint32_t n = 0; n < 0x100; n++) {
        uint32_t i = find(n), msr = 0x800 + n;

        if (i == sizeof registers / sizeof registers[0] ||
            !(registers[i].access & WRITE))
            continue;
        if (registers[i].bad &&
            msr_try_write(msr, registers[i].good | registers[i].bad))
            return msr;
        if (n != 0x30 && msr_try_write(msr, registers[i].good | TOO_HIGH))
            return msr;
    }
    return 0;
}

static void check_x2apic(void)
{
    uint32_t wrong = wrong_use();

    if (wrong)
        say("# MSR 0x%x\n", wrong);
    check("each x2APIC register can be read and written as the manual says",
          !wrong);
    wrong = takes_reserved();
    if (wrong)
        say("# MSR 0x%x\n", wrong);
    check("no x2APIC register takes reserved bits", !wrong);
    check("the logical id of APIC 0 is bit 0 of cluster 0",
          msr_read(X2_LDR) == 1);
    msr_write(X2_SELF, VECTOR);
    check("the self IPI arrives", arrived());
    msr_write(X2_ICR, VECTOR | 1 << 14);
    check("an interrupt by the ICR of x2APIC mode arrives", arrived());
    check("the ICR of x2APIC mode reads as it was written",
          msr_read(X2_ICR) == (VECTOR | 1 << 14));
}

void guest_main(const char *words)
{
    uint64_t base = msr_read(BASE), v;

    (void)words;
    set_gate(VECTOR, (void *)on_interrupt);
    mmio_write32(APIC + SPURIOUS, 0x1FF);
    check_pages();
    check_hyperv();
    check("the boot processor starts in xAPIC mode",
          base == (APIC | EN | BOOT));
    check_reserved_base(base);
    check("in xAPIC mode x2APIC's MSRs raise #GP", !msr_try_read(0x802, &v));
    check("xAPIC mode can go to x2APIC mode", msr_try_write(BASE, base | EXTD));
    x2 = true;
    check("in x2APIC mode the APIC's page is empty",
          mmio_read32(APIC + ID) == UINT32_MAX);
    check_x2apic();
    check_off(base);
}
