/*
 * What only the build machine can do: a host that does not answer, memory
 * that cannot be mapped, and events at DISPATCH while PASSIVE waits.
 */
#include "harness.h"

#include "hosted.h"
#include "runner.h"
#include "wire.h"

/* ---- a host that does not answer ---------------------------------------- */

static int (*post_before)(void *peer, uint32_t connection, uint32_t type,
                          const void *payload, uint32_t size);

/* Teardowns are lost on their way. */
static int post_no_teardown(void *peer, uint32_t connection, uint32_t type,
                            const void *payload, uint32_t size)
{
    const struct wire_header *header = payload;

    if (header->type == WIRE_GPADL_TEARDOWN)
        return 0;
    return post_before(peer, connection, type, payload, size);
}

static void silent_close(struct world *w)
{
    struct seam *s = world_seam(w);

    pair_run(w);
    post_before = s->post;
    s->post = post_no_teardown;
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK(world_logged(w, "its ring pages stay with it"));
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    world_abandon(w);
}

const struct test kmcl_tests_hosted[] = {
    {0, "a close that is not confirmed ends, and says so", silent_close},
    {0, NULL, NULL},
};
