#include "harness.h"
static void t34(struct world *w)
{
    pair_run(w);
    CHECK(!w->client.not_passive);
    pair_end(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_TEXT(w->server.trace, "OSPXC");
}
const struct test kmcl_tests_open[] = {{34, "order", t34}, {0, NULL, NULL}};
