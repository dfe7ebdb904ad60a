/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the pages are made of (site.h): asked for at each request, so that an
 * answer is of one moment, and nobody has to keep anything fresh.
 */
#include <malloc.h>
#include <string.h>

#include "network.h"
#include "site.h"

#define SECOND UINT64_C(10000000) /* of vmbare_now */

static uint64_t began;
static int64_t heap_before; /* 0: nobody has looked */

/* Not the machine's own time, which begins wherever the host likes. */
void site_facts_begin(void)
{
    began = vmbare_now();
}

/* newlib's number begins anywhere, and only after its first piece of memory:
 * its address counts as a size there. So only differences of it are told. */
static int64_t heap_in_use(void)
{
    return (int64_t)mallinfo().uordblks;
}

/* Each part asks whoever knows. */
void site_facts(struct site_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    vmbare_facts(&facts->machine);
    network_facts(&facts->network);
    http_counts(&facts->http);
    facts->uptime = (vmbare_now() - began) / SECOND;
    if (!heap_before)
        heap_before = heap_in_use();
    facts->heap = heap_in_use() - heap_before;
}
