/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MDLs at their edges (85).
 */
#include "harness.h"
#include "raw.h"

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

/* Takes a part of lent memory: before and after the whole has an address. */
static void part_of_lent(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL whole, early, late;
    uint8_t *bytes;
    PVOID at;

    CHECK_STATUS(
        VmbChannelPacketGetExternalData(
            pc, VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY, &whole),
        STATUS_SUCCESS);
    at = (PVOID)((uintptr_t)MmGetMdlVirtualAddress(whole) + 16);
    early = IoAllocateMdl(at, 16, FALSE, FALSE, NULL);
    late = IoAllocateMdl(at, 16, FALSE, FALSE, NULL);
    IoBuildPartialMdl(whole, early, at, 16);
    bytes = MmGetSystemAddressForMdlSafe(whole, NormalPagePriority);
    CHECK(bytes);
    IoBuildPartialMdl(whole, late, at, 16);
    CHECK(MmGetSystemAddressForMdlSafe(early, NormalPagePriority) ==
          bytes + 16);
    CHECK(MmGetSystemAddressForMdlSafe(late, NormalPagePriority) == bytes + 16);
    CHECK_EQ(MmGetMdlPfnArray(late)[0], MmGetMdlPfnArray(whole)[0]);
    CHECK(late->Flags & KMCL_MDL_READ_ONLY);
    IoFreeMdl(early);
    IoFreeMdl(late);
    e->context = bytes;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void mdl_part_of_lent(struct world *w)
{
    void *page = world_pages(w, 1);
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, TRUE);
    w->server.on_packet = part_of_lent;
    server_start(&w->server);
    g = raw_guest_open(w);
    raw_guest_lend(g, 0, world_pfn(w, page));
    world_run(w);
    CHECK(w->server.context);
    raw_guest_end(w, g);
}

const struct test kmcl_tests_mdl[] = {
    {85, "IoAllocateMdl and IoFreeMdl refuse what they cannot do",
     mdl_allocate},
    {85, "IoBuildPartialMdl asserts that the part lies inside the source",
     mdl_part},
    {85, "a part of an MDL that KMCL made has the address of its bytes",
     mdl_part_of_lent},
    {0, NULL, NULL},
};
