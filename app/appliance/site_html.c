/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page for people: whole without a script, which only keeps some values
 * fresh. It loads nothing from anywhere. Colours follow the system's, and a
 * phone shows it in one column.
 *
 * The answer's head forbids a browser to fetch anything from elsewhere
 * (drivers/http/reply.c), so style and script stand in the page itself. Rows
 * and cells have no end tags, as HTML allows. What is not ours, a host's name
 * or an option's value, goes through http_html().
 */
#include <stdio.h>
#include <string.h>

#include "drivers/services.h"
#include "site.h"

/* The colours are the browser's own for both schemes; only the lines between
 * rows and the warning have one. */
static const char top[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:16px/1.4 system-ui,sans-serif;max-width:60em;margin:auto;"
    "padding:1em}\n"
    "h2{font-size:1.1em;margin:1.5em 0 .3em}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;padding:.2em .6em .2em 0;vertical-align:top;"
    "overflow-wrap:anywhere;border-bottom:1px solid #8884}\n"
    "th{font-weight:normal;opacity:.75;width:11em}\n"
    "pre{overflow:auto;font-size:.85em;max-height:24em}\n"
    ".gone::before{content:'The machine does not answer any more.';"
    "color:#c33}\n"
    "</style>\n";

/* Every two seconds, one request over the connection that the page came by. An
 * answer that does not come leaves the old values, with a line above them. The
 * values go into the page as text, so nothing in them can become markup. */
static const char script[] =
    "<script>\n"
    "setInterval(async () => {\n"
    "  try {\n"
    "    const live = (await (await fetch('/status.json')).json()).live;\n"
    "    for (const id in live)\n"
    "      document.getElementById(id).textContent = live[id];\n"
    "    document.body.className = '';\n"
    "  } catch (e) { document.body.className = 'gone'; }\n"
    "}, 2000);\n"
    "</script>\n";

/* Words of our own: nothing in them has to be written in another way. */
static void add_words(struct http_text *text, const char *words)
{
    http_add(text, words, strlen(words));
}

/* A row of a table whose values are words of others. */
static void add_row(struct http_text *text, const char *title,
                    const char *words)
{
    add_words(text, "<tr><th>");
    http_html(text, title);
    add_words(text, "<td>");
    http_html(text, words);
    add_words(text, "\n");
}

/* Each part has a title, which a reader of the page without sight jumps to. */
static void begin_table(struct http_text *text, const char *title)
{
    http_print(text, "<h2>%s</h2><table>\n", title);
}

static void end_table(struct http_text *text)
{
    add_words(text, "</table>\n");
}

/* ---- parts of the page ----------------------------------------------------
 */

/* The name that mDNS answers for, because a person with several machines looks
 * at the tab of the browser; then whether there is something to do. */
static void add_title(struct http_text *text, const struct site_facts *f)
{
    const char *name = f->network.open ? f->network.ip.name : "vmbare";
    const char *problem = site_problem(f);

    add_words(text, "<title>");
    http_html(text, name);
    add_words(text, "</title></head><body>\n<h1>");
    http_html(text, name);
    add_words(text, "</h1>\n<p>");
    http_html(text, problem ? problem : "Everything is in order.");
    add_words(text, "</p>\n");
}

/* What the script keeps fresh. */
static void add_live(struct http_text *text, const struct site_facts *f)
{
    const struct site_live *live;

    begin_table(text, "Now");
    for (unsigned i = 0; (live = site_live(i)) != NULL; i++) {
        http_print(text, "<tr><th>%s<td id=\"%s\">", live->title, live->id);
        live->print(f, text);
        add_words(text, "\n");
    }
    end_table(text);
}

/* What does not change, and the rest of what the screen says of the network:
 * its first line stands among the live values. */
static void add_machine(struct http_text *text, const struct site_facts *f)
{
    const struct vmbare_facts *m = &f->machine;
    struct address_words words;
    char number[24];

    begin_table(text, "Machine");
    add_row(text, "vmbare", m->version);
    add_row(text, "Host", m->host);
    add_row(text, "VMBus protocol", m->bus_version);
    snprintf(number, sizeof(number), "%u", (unsigned)m->processors);
    add_row(text, "Processors", number);
    add_row(text, "Clock", m->clock);
    add_row(text, "Timer", m->timer);
    address_say(&f->network, &words);
    for (unsigned i = 1; i < words.count; i++)
        add_row(text, "", words.line[i]);
    end_table(text);
}

/* In the order of the offers, which is the host's. */
static void add_devices(struct http_text *text)
{
    struct vmbare_offer offer;
    char words[64];

    begin_table(text, "Channels that the host offers");
    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        snprintf(words, sizeof(words), "%s, relid %u", offer.instance,
                 (unsigned)offer.relid);
        add_row(text, offer.class_name, words);
    }
    end_table(text);
}

/* All that this image can answer, those too that the host has not offered. */
static void add_services(struct http_text *text)
{
    struct services_facts s;
    char words[96];

    begin_table(text, "Services for the host");
    for (unsigned i = 0; services_facts(i, &s); i++) {
        snprintf(words, sizeof(words), "%s%s%s, %llu requests",
                 services_state_words(s.state), *s.version ? ", version " : "",
                 s.version, (unsigned long long)s.requests);
        add_row(text, s.name, words);
    }
    end_table(text);
}

/* Every value that is in force, and where it came from: the first question of
 * whoever wonders why a machine is as it is. */
static void add_options(struct http_text *text)
{
    const struct vmbare_option *o = NULL;
    char origin[VMBARE_ORIGIN_MAX];

    begin_table(text, "Options");
    while ((o = vmbare_option_next(o)) != NULL) {
        const char *value = vmbare_option_text(o);

        if (!value)
            continue;
        add_words(text, "<tr><th>");
        http_html(text, o->name);
        add_words(text, "<td>");
        http_html(text, value[0] ? value : "given");
        add_words(text, "<td>");
        http_html(text, vmbare_option_origin(o, origin));
        add_words(text, "\n");
    }
    end_table(text);
}

/* Without the script's values a reader still has a whole page, because each
 * part is written with what is so now. */
void site_html(void *context, struct http_text *text)
{
    struct site_facts facts;

    (void)context;
    site_facts(&facts);
    add_words(text, top);
    add_title(text, &facts);
    add_live(text, &facts);
    add_machine(text, &facts);
    add_devices(text);
    add_services(text);
    add_options(text);
    add_words(text, "<p><a href=\"/log\">log</a> "
                    "<a href=\"/status.json\">status.json</a> "
                    "<a href=\"/metrics\">metrics</a></p>\n");
    add_words(text, script);
    add_words(text, "</body></html>\n");
}
