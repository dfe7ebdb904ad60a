/* SPDX-License-Identifier: BSD-2-Clause */
#include "gpadl_pages.h"

static uint64_t pfns[VMBUS_GPADL_PAGES_MAX + 1];

struct vmbus_pages gpadl_pages(uint32_t count)
{
    struct vmbus_pages p = {
        .pfns = pfns, .count = count, .bytes = count * SEAM_PAGE_SIZE};

    for (uint32_t i = 0; i < count && i <= VMBUS_GPADL_PAGES_MAX; i++)
        pfns[i] = 0x12345 + i;
    return p;
}

int gpadl_create(struct fixture *f, uint32_t count, uint32_t *handle)
{
    struct vmbus_pages p = gpadl_pages(count);

    return vmbus_gpadl_create(f->c, &p, handle);
}

void gpadl_start(struct fixture *f, uint32_t count, uint32_t *handle)
{
    struct vmbus_pages p = gpadl_pages(count);

    assert_int_equal(
        vmbus_gpadl_create_start(f->c, &p, handle, outcome_done, &f->outcome),
        0);
}

uint32_t gpadl_of_three(struct fixture *f)
{
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(gpadl_create(f, 3, &handle), 0);
    return handle;
}
