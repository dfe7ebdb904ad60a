/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /metrics: the numbers for Prometheus, in its text format 0.0.4 and named by
 * its conventions: base units, and _total behind what only grows.
 *
 * Names are a promise: whoever collects them has them in queries and alarms, so
 * one that is there keeps its meaning, and new ones are added. Labels have few
 * values, all known when the machine starts: each value is a series of its own
 * for the collector.
 */
#include <string.h>

#include "drivers/services.h"
#include "site.h"

#define PAGE UINT64_C(4096)

/* Help and type stand once before all lines of a name. */
static void describe(struct http_text *text, const char *name, const char *type,
                     const char *help)
{
    http_print(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A number that may fall. */
static void gauge(struct http_text *text, const char *name, const char *help,
                  uint64_t value)
{
    describe(text, name, "gauge", help);
    http_print(text, "%s %llu\n", name, (unsigned long long)value);
}

/* A number that only grows: whoever collects it takes differences. */
static void counter(struct http_text *text, const char *name, const char *help,
                    uint64_t value)
{
    describe(text, name, "counter", help);
    http_print(text, "%s %llu\n", name, (unsigned long long)value);
}

/* The value of a label, in quotes. `before` has the comma or the bracket that
 * comes before it. */
static void label(struct http_text *text, const char *before, const char *words)
{
    http_print(text, "%s=\"", before);
    http_string(text, words);
    http_print(text, "\"");
}

/* Words stand in labels of a number that is always 1. */
static void add_info(struct http_text *text, const struct vmbare_facts *m)
{
    describe(text, "vmbare_info", "gauge", "What runs where.");
    label(text, "vmbare_info{version", m->version);
    label(text, ",host", m->host);
    label(text, ",protocol", m->bus_version);
    http_print(text, "} 1\n");
}

/* How many channels of each class the host offers. */
static void add_channels(struct http_text *text)
{
    struct vmbare_offer offer, other;

    /* Each class is told where it comes first, with all of its kind counted. */
    describe(text, "vmbare_channels", "gauge",
             "Channels that the host offers.");
    for (unsigned i = 0, k; vmbare_offer(i, &offer); i++) {
        unsigned count = 0;
        bool told = false;

        for (k = 0; vmbare_offer(k, &other); k++) {
            bool same = strcmp(offer.class_name, other.class_name) == 0;

            count += same;
            told |= same && k < i;
        }
        if (told)
            continue;
        label(text, "vmbare_channels{class", offer.class_name);
        http_print(text, "} %u\n", count);
    }
}

/* All lines of a number stand together. */
static void add_services(struct http_text *text)
{
    struct services_facts s;

    describe(text, "vmbare_service_ready", "gauge",
             "1: the host may ask this integration service.");
    for (unsigned i = 0; services_facts(i, &s); i++) {
        label(text, "vmbare_service_ready{service", s.name);
        http_print(text, "} %u\n", s.state == SERVICES_READY);
    }
    describe(text, "vmbare_service_requests_total", "counter",
             "Requests of the host that were answered.");
    for (unsigned i = 0; services_facts(i, &s); i++) {
        label(text, "vmbare_service_requests_total{service", s.name);
        http_print(text, "} %llu\n", (unsigned long long)s.requests);
    }
}

/* Zeros while the stack does not run. */
static void add_network(struct http_text *text, const struct ip_facts *ip)
{
    describe(text, "vmbare_network_frames_total", "counter",
             "Ethernet frames of the IP stack.");
    http_print(text,
               "vmbare_network_frames_total{direction=\"received\"} %llu\n"
               "vmbare_network_frames_total{direction=\"sent\"} %llu\n",
               (unsigned long long)ip->frames_in,
               (unsigned long long)ip->frames_out);
    counter(text, "vmbare_network_lost_frames_total",
            "Frames that found no memory or no room.", ip->frames_lost);
    gauge(text, "vmbare_network_link", "1: the adapter has a link.",
          ip->state == IP_LINK);
}

/* What the server itself does; the answer that is being made counts already. */
static void add_http(struct http_text *text, const struct http_counts *h)
{
    gauge(text, "vmbare_http_connections", "Connections now.", h->open);
    counter(text, "vmbare_http_connections_total",
            "Connections since the start.", h->connections);
    counter(text, "vmbare_http_requests_total", "Requests that were answered.",
            h->requests);
    counter(text, "vmbare_http_refused_requests_total",
            "Requests that were answered with 4xx or 5xx.", h->refused);
    counter(text, "vmbare_http_late_connections_total",
            "Connections that were closed for being slow.", h->late);
    counter(text, "vmbare_http_crowded_connections_total",
            "Quiet connections that gave their place to another.", h->crowded);
}

/* The order is that of a person who reads it: what it is, whether it is well,
 * what it has, what it does. */
void site_metrics(void *context, struct http_text *text)
{
    struct site_facts f;

    (void)context;
    site_facts(&f);
    add_info(text, &f.machine);
    gauge(text, "vmbare_healthy", "1: /healthz says ok.", !site_problem(&f));
    gauge(text, "vmbare_uptime_seconds", "Since the application has begun.",
          f.uptime);
    gauge(text, "vmbare_processors", "Processors that run.",
          f.machine.processors);
    gauge(text, "vmbare_memory_bytes", "Memory of this machine.",
          f.machine.memory_pages * PAGE);
    gauge(text, "vmbare_memory_free_bytes", "Memory that nobody uses.",
          f.machine.memory_free_pages * PAGE);
    describe(
        text, "vmbare_heap_growth_bytes", "gauge",
        "Memory that malloc has given since the first look, less what came "
        "back.");
    http_print(text, "vmbare_heap_growth_bytes %lld\n", (long long)f.heap);
    add_channels(text);
    add_services(text);
    add_network(text, &f.network.ip);
    add_http(text, &f.http);
}
