/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The samples, run: the guide's smallest client and server, and a driver of
 * the 1803 form against that server.
 */
#include "harness.h"
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

const struct test kmcl_tests_samples[] = {
    {0, "the samples in the form of Windows 8.1 run", windows_81},
    {0, "the sample in the form of Windows 10 1803 runs", windows_1803},
    {0, NULL, NULL},
};
