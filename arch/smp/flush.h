/* SPDX-License-Identifier: BSD-2-Clause */
/* TLB flushes on all processors ("shootdown"), behind paging_flush. */
#ifndef ARCH_SMP_FLUSH_H
#define ARCH_SMP_FLUSH_H

/** Register the handler of VECTOR_FLUSH, and with paging_flush the function
 * that asks the other processors. Once, before the second one starts. */
void smp_flush_setup(void);

#endif
