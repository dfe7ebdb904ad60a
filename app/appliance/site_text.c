/* SPDX-License-Identifier: BSD-2-Clause */
/* /status.json for programs, the first of which is the page's own script;
 * /healthz for whoever only wants to know whether all is well; and /log.
 *
 * JSON is written as text, for there is no more of it than this. Each function
 * writes whole members with the comma behind them; the last one alone has
 * none. */
#include <string.h>

#include "site.h"
#include "vmbare_log.h"

/* "name":"words", with a comma behind it. */
static void member(struct http_text *text, const char *name, const char *words)
{
    http_print(text, "\"%s\":\"", name);
    http_string(text, words);
    http_print(text, "\",\n");
}

/* The same for a number. All of them fit into a double, which is what most
 * readers of JSON have. */
static void number(struct http_text *text, const char *name, uint64_t value)
{
    http_print(text, "\"%s\":%llu,\n", name, (unsigned long long)value);
}

/* The lines of the screen, so that a program shows what a person sees there. */
static void add_network(struct http_text *text, const struct address_facts *f)
{
    struct address_words words;

    address_say(f, &words);
    http_print(text, "\"network\":[");
    for (unsigned i = 0; i < words.count; i++) {
        http_print(text, i ? ",\"" : "\"");
        http_string(text, words.line[i]);
        http_print(text, "\"");
    }
    http_print(text, "],\n");
}

/* Names of classes and GUIDs are ours, so they need no care. */
static void add_devices(struct http_text *text)
{
    struct vmbare_offer o;

    http_print(text, "\"channels\":[");
    for (unsigned i = 0; vmbare_offer(i, &o); i++)
        http_print(text,
                   "%s\n{\"class\":\"%s\",\"instance\":\"%s\",\"relid\":%u}",
                   i ? "," : "", o.class_name, o.instance, (unsigned)o.relid);
    http_print(text, "],\n");
}

/* The last member, which has no comma behind it. */
static void add_live(struct http_text *text, const struct site_facts *f)
{
    const struct site_live *live;

    http_print(text, "\"live\":{");
    for (unsigned i = 0; (live = site_live(i)) != NULL; i++) {
        http_print(text, "%s\"%s\":\"", i ? "," : "", live->id);
        live->print(f, text);
        http_print(text, "\"");
    }
    http_print(text, "}");
}

/* The members that never change come first, the live ones last. */
void site_json(void *context, struct http_text *text)
{
    const char *problem;
    struct site_facts f;

    (void)context;
    site_facts(&f);
    /* "" for a machine in order, so the member is always there. */
    problem = site_problem(&f);
    http_print(text, "{");
    member(text, "version", f.machine.version);
    member(text, "host", f.machine.host);
    member(text, "protocol", f.machine.bus_version);
    member(text, "problem", problem ? problem : "");
    number(text, "uptime_seconds", f.uptime);
    number(text, "processors", f.machine.processors);
    number(text, "memory_pages", f.machine.memory_pages);
    number(text, "memory_free_pages", f.machine.memory_free_pages);
    add_network(text, &f.network);
    add_devices(text);
    add_live(text, &f);
    http_print(text, "}\n");
}

/* One line for a program that only looks at the status, and for the person who
 * is called because of it. */
void site_health(void *context, struct http_text *text)
{
    struct site_facts f;
    const char *problem;

    (void)context;
    site_facts(&f);
    problem = site_problem(&f);
    if (problem)
        text->status = 503;
    http_print(text, "%s\n", problem ? problem : "ok");
}

/* A text of standard output may end in the middle of its line. */
void site_log(void *context, struct http_text *text)
{
    struct vmbare_log_place place = {0, 0};
    struct vmbare_log_line line;
    bool middle = false;

    (void)context;
    while (vmbare_log_read(&place, &line)) {
        size_t size = strlen(line.text);

        /* The ring is small, and a reader who finds a gap should know of it. */
        if (line.lost)
            http_print(text, "(%llu lines before were written over)\n",
                       (unsigned long long)line.lost);
        if (line.raw) {
            http_add(text, line.text, size);
            middle = size && line.text[size - 1] != '\n';
            continue;
        }
        http_print(text, "%s[%4llu.%06llu] %s\n", middle ? "\n" : "",
                   (unsigned long long)(line.time / 10000000),
                   (unsigned long long)(line.time / 10 % 1000000), line.text);
        middle = false;
    }
}
