/* SPDX-License-Identifier: BSD-2-Clause */
/* The TLB of one processor: see tlb.h. */
#include "arch/cpu/tlb.h"

#include "arch/cpu/cpu.h"

void tlb_flush(void)
{
    uint64_t tables;

    __asm__ volatile("movq %%cr3, %0\n\t"
                     "movq %0, %%cr3"
                     : "=r"(tables)
                     :
                     : "memory");
    /* After the load: the processor that asked reuses the pages as soon as it
     * sees the mark gone. */
    __atomic_store_n(&this_cpu()->flush, 0, __ATOMIC_RELEASE);
}

void tlb_serve(void)
{
    /* Acquire: the page table entries that were changed before the mark was
     * set are seen by the translations after it. */
    if (__atomic_load_n(&this_cpu()->flush, __ATOMIC_ACQUIRE))
        tlb_flush();
}
