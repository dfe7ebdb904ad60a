/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * States of the machine that a firmware, or a boot loader, may leave behind.
 *
 * The linker puts __wrap_arch_start in the place of arch_start (--wrap), so it
 * runs after ExitBootServices and before anything of arch/. It makes the states
 * that the option left=NAME,NAME names, and goes on to the real arch_start.
 */
#include <stdbool.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/cpu/cpu.h"
#include "arch/memory/image.h"

#define EFER_SCE (1u << 0)

#define CR4_DE     (UINT64_C(1) << 3)
#define CR4_UMIP   (UINT64_C(1) << 11)
#define CR4_SMEP   (UINT64_C(1) << 20)
#define CR4_SMAP   (UINT64_C(1) << 21)
#define DR7_LOCAL0 UINT64_C(1) /* an instruction breakpoint at DR0 */

_Noreturn void __real_arch_start(struct boot_info *info);
_Noreturn void __wrap_arch_start(struct boot_info *info);
void left_five_levels(uint64_t top);
int main(void);

/* Page tables of our own: bss of the image, which a firmware must map. */
#define TABLES 160
static uint64_t tables[TABLES][512] __attribute__((aligned(4096)));
static uint32_t used;

/* Does the command line have this name after left= ? */
static bool wanted(const struct boot_info *info, const char *name)
{
    const char *list = strstr(info->cmdline, "left=");
    const char *end = list ? strchr(list, ' ') : NULL;
    const char *found = list ? strstr(list, name) : NULL;

    return found && (!end || found < end);
}

/* The application does not know the option, and a run that passes has none
 * that nobody knows. */
static void forget_option(struct boot_info *info)
{
    char *at = strstr(info->cmdline, "left=");

    while (at && *at && *at != ' ')
        *at++ = ' ';
}

/* ---- tables that map no more than they must ------------------------------ */

static uint64_t *below(uint64_t *entry)
{
    if (!*entry) {
        if (used == TABLES)
            __builtin_trap();
        *entry = (uint64_t)(uintptr_t)tables[used++] | 3;
    }
    return (uint64_t *)(uintptr_t)(*entry & UINT64_C(0x000ffffffffff000));
}

static void map(uint64_t *top, uint64_t from, uint64_t to, uint64_t bits)
{
    for (uint64_t at = from; at < to; at += PAGE_SIZE) {
        uint64_t *table = below(&top[at >> 39 & 511]);

        table = below(&table[at >> 30 & 511]);
        table = below(&table[at >> 21 & 511]);
        table[at >> 12 & 511] = at | bits;
    }
}

#define NO_EXECUTE (UINT64_C(1) << 63)
#define PRESENT    UINT64_C(1)
#define WRITE      UINT64_C(2)

/*
 * The image, each page with the rights of its section; boot services' data,
 * where the stack lies, without execution. Page zero and all free memory are
 * not mapped: no firmware need map either after ExitBootServices [UEFI 2.3.4].
 */
static void load_sparse_tables(const struct boot_info *info)
{
    uint64_t *top = tables[used++];

    for (uint32_t i = 0; i < info->regions; i++) {
        const struct boot_memory_region *r = &info->region[i];

        if (r->kind == BOOT_MEMORY_SERVICES && r->base)
            map(top, r->base, r->base + r->pages * PAGE_SIZE,
                PRESENT | WRITE | NO_EXECUTE);
    }
    map(top, image_text_start(), image_text_end(), PRESENT);
    map(top, image_const_start(), image_const_end(), PRESENT | NO_EXECUTE);
    map(top, image_data_start(), image_data_end(),
        PRESENT | WRITE | NO_EXECUTE);
    msr_write(0xc0000080, msr_read(0xc0000080) | 1u << 11);
    __asm__ volatile("movq %0, %%cr3" : : "r"(top) : "memory");
}

/* The present tables, one level deeper: their top is entry 0 of a new one. */
static void add_a_level(void)
{
    uint64_t *top = tables[used++];
    uint64_t old;

    __asm__ volatile("movq %%cr3, %0" : "=r"(old));
    top[0] = (old & UINT64_C(0x000ffffffffff000)) | PRESENT | WRITE;
    left_five_levels((uint64_t)(uintptr_t)top);
}

/* ---- registers ----------------------------------------------------------- */

static void set_control_bits(void)
{
    msr_write(0xc0000080, msr_read(0xc0000080) | EFER_SCE);
    __asm__ volatile("movq %%cr4, %%rax\n\t"
                     "orq %0, %%rax\n\t"
                     "movq %%rax, %%cr4"
                     :
                     : "r"(CR4_DE | CR4_UMIP | CR4_SMEP | CR4_SMAP)
                     : "rax", "memory");
}

static void arm_breakpoint(void)
{
    __asm__ volatile("movq %0, %%dr0\n\t"
                     "movq %1, %%dr7"
                     :
                     : "r"((uint64_t)(uintptr_t)main), "r"(DR7_LOCAL0));
}

static void mask_interrupts(void)
{
    __asm__ volatile("movq %0, %%cr8" : : "r"(UINT64_C(15)));
}

__attribute__((no_stack_protector)) _Noreturn void
__wrap_arch_start(struct boot_info *info)
{
    __asm__ volatile("cli" : : : "memory");
    if (wanted(info, "sparse"))
        load_sparse_tables(info);
    if (wanted(info, "levels"))
        add_a_level();
    if (wanted(info, "control"))
        set_control_bits();
    if (wanted(info, "debug"))
        arm_breakpoint();
    if (wanted(info, "priority"))
        mask_interrupts();
    forget_option(info);
    __real_arch_start(info);
}
