/*
 * MDLs at their edges (85).
 */
#include "harness.h"

static void mdl_allocate(struct world *w)
{
    uint8_t *page = world_pages(w, 1);
    MDL own;

    CHECK(!IoAllocateMdl(page, 0, FALSE, FALSE, NULL));
    world_fail_allocation(w, 1);
    CHECK(!IoAllocateMdl(page, 8, FALSE, FALSE, NULL));
    world_fail_allocation(w, 0);
    CHECK_ASSERTS(w, "no IRPs",
                  (void)IoAllocateMdl(page, 8, TRUE, FALSE, NULL));
    CHECK_ASSERTS(w, "no IRPs",
                  (void)IoAllocateMdl(page, 8, FALSE, FALSE, page));
    MmInitializeMdl(&own, NULL, 0);
    CHECK(!MmGetSystemAddressForMdlSafe(&own, NormalPagePriority));
    CHECK_ASSERTS(w, "only an MDL from IoAllocateMdl", IoFreeMdl(&own));
    CHECK_ASSERTS(w, "only an MDL from IoAllocateMdl", IoFreeMdl(NULL));
}

static void mdl_part(struct world *w)
{
    uint8_t *pages = world_pages(w, 4);
    PMDL whole = mdl_of(pages + 100, 3 * 4096 - 100);
    PMDL part = IoAllocateMdl(pages + 4096, 4096, FALSE, FALSE, NULL);

    CHECK_ASSERTS(w, "VirtualAddress must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 99, 8));
    CHECK_ASSERTS(w, "VirtualAddress must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 3 * 4096 + 1, 0));
    CHECK_ASSERTS(w, "part must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 2 * 4096, 4097));
    CHECK_ASSERTS(w, "too few frames",
                  IoBuildPartialMdl(whole, part, pages + 4095, 8));
    IoBuildPartialMdl(whole, part, pages + 2 * 4096 + 8, 0); /* to the end */
    CHECK_EQ(MmGetMdlByteCount(part), 4096 - 8);
    CHECK_EQ(MmGetMdlByteOffset(part), 8);
    CHECK_EQ(MmGetMdlPfnArray(part)[0], world_pfn(w, pages + 2 * 4096));
    IoFreeMdl(part);
    IoFreeMdl(whole);
}

const struct test kmcl_tests_mdl[] = {
    {85, "MDLs: what cannot be allocated or freed", mdl_allocate},
    {85, "MDLs: a part lies inside the whole", mdl_part},
    {0, NULL, NULL},
};
