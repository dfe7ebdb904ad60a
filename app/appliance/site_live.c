/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values that change while somebody looks (site.h). The page has each in an
 * element with its id, and the script puts those of /status.json there.
 *
 * One table is for both, so a value cannot be in one and not in the other. Each
 * is printed as JSON's strings are, which changes nothing in digits and words
 * of ours.
 */
#include <stdio.h>

#include "network.h"
#include "site.h"

#define MIB_PAGES 256u

/* The first line of what the screen says. */
static void print_network(const struct site_facts *f, struct http_text *text)
{
    struct address_words words;

    address_say(&f->network, &words);
    http_string(text, words.line[0]);
}

/* Hours may have more than two digits: days are not counted apart. */
static void print_uptime(const struct site_facts *f, struct http_text *text)
{
    uint64_t s = f->uptime;

    http_print(text, "%llu:%02u:%02u", (unsigned long long)(s / 3600),
               (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

/* Pages of the allocator; what malloc holds counts as used. */
static void print_free(const struct site_facts *f, struct http_text *text)
{
    http_print(text, "%llu of %llu MiB",
               (unsigned long long)(f->machine.memory_free_pages / MIB_PAGES),
               (unsigned long long)(f->machine.memory_pages / MIB_PAGES));
}

/* Frames are those of the stack: what the adapter drops before is not seen. */
static void print_in(const struct site_facts *f, struct http_text *text)
{
    http_print(text, "%llu", (unsigned long long)f->network.ip.frames_in);
}

static void print_out(const struct site_facts *f, struct http_text *text)
{
    http_print(text, "%llu", (unsigned long long)f->network.ip.frames_out);
}

/* No memory for a frame, or no room in the adapter's rings. */
static void print_lost(const struct site_facts *f, struct http_text *text)
{
    http_print(text, "%llu", (unsigned long long)f->network.ip.frames_lost);
}

/* This one included. */
static void print_requests(const struct site_facts *f, struct http_text *text)
{
    http_print(text, "%llu", (unsigned long long)f->http.requests);
}

static const struct site_live live[] = {
    {"network", "Network", print_network},
    {"uptime", "Up", print_uptime},
    {"memory", "Free memory", print_free},
    {"in", "Frames received", print_in},
    {"out", "Frames sent", print_out},
    {"lost", "Frames lost", print_lost},
    {"requests", "Requests", print_requests},
};

const struct site_live *site_live(unsigned index)
{
    return index < sizeof(live) / sizeof(*live) ? &live[index] : NULL;
}

/* The worst first: without VMBus nothing else matters. */
const char *site_problem(const struct site_facts *facts)
{
    if (facts->machine.refusal)
        return facts->machine.refusal;
    if (facts->machine.verdict != VMBARE_PASSED)
        return "the host did not give what was expected";
    if (facts->network.silent >= NETWORK_STUCK_SECONDS)
        return "the network's watch does not run any more";
    return NULL;
}
