/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The samples, run: the guide's smallest client and server, and a driver of
 * the 1803 form against that server.
 */
#include "harness.h"

#include <stdlib.h>

#include "tests/kmcl/samples/samples.h"

const GUID SampleType = {0x73616d70, 0x6c65, 1, {1, 1, 1, 1, 1, 1, 1, 1}};
const GUID SampleInstance = {0x73616d70, 0x6c65, 2, {2, 2, 2, 2, 2, 2, 2, 2}};

static void windows_81(struct world *w)
{
    struct sample_client client = {0};
    struct sample_server server = {0};

    CHECK_STATUS(SampleClientStart(&client), STATUS_SUCCESS);
    CHECK_STATUS(SampleServerStart(&server), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(client.status, STATUS_SUCCESS);
    CHECK_EQ(client.answer, 2);
    CHECK_EQ(server.requests, 1);
    for (UINT64 i = 0; i < 3; i++)
        CHECK_STATUS(SampleServerNotify(&server, i), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(client.received, 3);
    SampleClientStop(&client);
    SampleServerStop(&server);
}

static void windows_1803(struct world *w)
{
    static struct sample_driver driver;
    struct sample_server server = {0};
    void *page = world_pages(w, 1);
    PMDL mdl = mdl_of(page, 4096);

    memset(&driver, 0, sizeof(driver));
    CHECK(mdl);
    CHECK_STATUS(SampleServerStart(&server), STATUS_SUCCESS);
    CHECK_STATUS(SampleDriverStart(&driver), STATUS_SUCCESS);
    world_run(w);
    CHECK(driver.open);
    for (int i = 0; i < 3; i++) {
        CHECK_STATUS(SampleDriverRead(&driver, mdl), STATUS_SUCCESS);
        world_run(w);
        CHECK(!driver.pending);
        CHECK_STATUS(driver.status, STATUS_SUCCESS);
        CHECK_EQ(driver.answered, 8);
    }
    CHECK_EQ(server.requests, 3);
    SampleDriverStop(&driver);
    CHECK(!driver.open);
    SampleServerStop(&server);
    IoFreeMdl(mdl);
}

/* Two notes wait for a client when the server is saved. The server that takes
 * over sends them. */
static void keeper(struct world *w)
{
    struct sample_keeper first = {0}, second = {0};
    struct sample_client client = {0};
    struct sample_state state = {0};

    CHECK_STATUS(SampleKeeperMake(&first), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperStart(&first), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperSend(&first, 30), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperSend(&first, 4), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperSave(&first, &state), STATUS_SUCCESS);
    SampleKeeperStop(&first);
    CHECK_EQ(first.sum, 0);
    CHECK_STATUS(SampleKeeperMake(&second), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperRestore(&second, &state), STATUS_SUCCESS);
    CHECK_STATUS(SampleKeeperStart(&second), STATUS_SUCCESS);
    CHECK_STATUS(SampleClientStart(&client), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(client.received, 2);
    CHECK_EQ(second.sum, 34);
    SampleClientStop(&client);
    SampleKeeperStop(&second);
    free(state.bytes);
}

static void memory(struct world *w)
{
    uint8_t *pages = world_pages(w, 2);
    VMBCHANNEL server = NULL;
    UINT64 sum = 0;

    for (int i = 0; i < 8192; i++)
        pages[i] = 1;
    client_make(w, &w->client);
    CHECK_STATUS(
        VmbClientChannelInitSetTargetPnp(w->client.ch, &SampleType, NULL, NULL),
        STATUS_SUCCESS);
    CHECK_STATUS(SampleAdderStart(&server), STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK_STATUS(SampleAddLent(w->client.ch, pages + 4000, 200, &sum),
                 STATUS_SUCCESS);
    CHECK_EQ(sum, 200);
    CHECK_STATUS(SampleAddShared(w->client.ch, pages, 8192, &sum),
                 STATUS_SUCCESS);
    CHECK_EQ(sum, 8192);
    pair_end(w);
    VmbChannelDisable(server);
    VmbChannelCleanup(server);
}

const struct test kmcl_tests_samples[] = {
    {0, "the samples in the form of Windows 8.1 run", windows_81},
    {0, "the sample in the form of Windows 10 1803 runs", windows_1803},
    {0, "the sample of saving and restoring runs", keeper},
    {0, "the sample of lent and shared memory runs", memory},
    {0, NULL, NULL},
};
