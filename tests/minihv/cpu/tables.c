/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's page tables, GDT and IDT. All physical memory is mapped at its own
 * address, and one window maps guest frames (window.c). A host exception is a
 * bug of minihv, which is reported and ends the run.
 */
#include "minihv.h"
#include "window.h"

struct gate {
    uint16_t offset_0, selector;
    uint8_t ist, attributes;
    uint16_t offset_1;
    uint32_t offset_2, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "64 bit gate");

/* code 0x08, data 0x10 */
static uint64_t gdt[3] = {0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF};
static struct gate idt[32];
static uint64_t root[512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t giants[512] __attribute__((aligned(PAGE_SIZE)));

extern uint8_t exception_stubs[];

enum { PRESENT_WRITE = 3, LARGE = 0x80, INTERRUPT_GATE = 0x8E };

void tables_prepare(void)
{
    for (uint64_t i = 0; i < 512; i++)
        giants[i] = i << 30 | PRESENT_WRITE | LARGE;
    root[0] = (uint64_t)giants | PRESENT_WRITE;
    root[WINDOW_ROOT_SLOT] = window_prepare() | PRESENT_WRITE;
    for (int i = 0; i < 32; i++) {
        uint64_t stub = (uint64_t)exception_stubs + 16 * (uint64_t)i;

        idt[i] = (struct gate){
            .offset_0 = (uint16_t)stub,
            .selector = 8,
            .attributes = INTERRUPT_GATE,
            .offset_1 = (uint16_t)(stub >> 16),
            .offset_2 = (uint32_t)(stub >> 32),
        };
    }
}

uint64_t tables_root(void)
{
    return (uint64_t)root;
}

void tables_gdt(struct table_register *out)
{
    *out = (struct table_register){sizeof gdt - 1, (uint64_t)gdt};
}

void tables_load(void)
{
    struct table_register g, i = {sizeof idt - 1, (uint64_t)idt};

    tables_gdt(&g);
    __asm__ volatile("lgdt %0" : : "m"(g));
    __asm__ volatile("lidt %0" : : "m"(i));
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
    load_segments();
}

/* exceptions.S calls it; frame is error code, RIP, CS, RFLAGS, RSP, SS. */
_Noreturn void host_exception(uint64_t vector, const uint64_t *frame);
_Noreturn void host_exception(uint64_t vector, const uint64_t *frame)
{
    minihv_failed("exception %lu, error 0x%lx, at 0x%lx (image + 0x%lx), "
                  "address 0x%lx, stack 0x%lx",
                  vector, frame[0], frame[1], frame[1] - hv.boot.self.base,
                  CR_READ(2), frame[4]);
}
