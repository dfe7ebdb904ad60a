/*
 * A host that neither makes a GPADL nor takes it back: what it may still write
 * does not come back to the driver (items 124, 125).
 */
#include "raw.h"

#include "hosted.h"
#include "runner.h"
#include "wire.h"

static int (*post_before)(void *peer, uint32_t connection, uint32_t type,
                          const void *payload, uint32_t size);

/* The GPADL's messages are lost on their way. */
static int post_no_gpadl(void *peer, uint32_t connection, uint32_t type,
                         const void *payload, uint32_t size)
{
    const struct wire_header *header = payload;

    if (header->type == WIRE_GPADL_HEADER ||
        header->type == WIRE_GPADL_TEARDOWN)
        return 0;
    return post_before(peer, connection, type, payload, size);
}

static void rescind(void *host)
{
    raw_host_withdraw(host);
}

static void silent_host(struct world *w)
{
    struct seam *s = world_seam(w);
    struct raw_host *h = raw_pair(w, 2);
    void *page = world_pages(w, 1);
    uint64_t before = world_now(w);
    UINT32 handle = 0;

    post_before = s->post;
    s->post = post_no_gpadl;
    world_call_later(w, 60000, rescind, h);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle),
        STATUS_DEVICE_REMOVED);
    CHECK(world_now(w) - before >= 60 * SEAM_S);
    CHECK(!handle);
    s->post = post_before;
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
}

const struct test kmcl_tests_silent_gpadl[] = {
    {125, "memory that a silent host keeps does not come back", silent_host},
    {0, NULL, NULL},
};
