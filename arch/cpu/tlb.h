/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This processor's translation cache (TLB). After a page table entry was
 * removed or restricted, every processor must forget the old one. Who asks all
 * of them is paging_flush (arch/memory); this is the part of one processor.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

/**
 * Forget all translations of the running processor, and mark a flush that
 * another processor has asked for as done.
 *
 * IRQL: any. No page of ours is global, so that a load of CR3 drops them all
 * [Intel SDM 3A 4.10.4.1].
 */
void tlb_flush(void);

/**
 * Do tlb_flush() if another processor has asked for it, else nothing. Whoever
 * spins with interrupts off calls this in the loop: the processor that asked
 * waits for all others.
 *
 * IRQL: any.
 */
void tlb_serve(void);

#endif
