/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of the library: the platform's, counted.
 */
#include "kmcl/base/root.h"

void *kmcl_alloc(struct kmcl *kmcl, size_t size)
{
    /* Counted, so that tests and benchmarks see that a send allocates nothing.
     */
    kmcl_count(&kmcl->stats.allocations, 1);
    return seam_alloc(kmcl->s, size);
}

void kmcl_free(struct kmcl *kmcl, void *p, size_t size)
{
    seam_free(kmcl->s, p, size);
}
