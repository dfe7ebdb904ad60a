/* SPDX-License-Identifier: BSD-2-Clause */
/* What the appliance shows by HTTP. */
#ifndef APPLIANCE_SITE_H
#define APPLIANCE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "drivers/http.h"
#include "vmbare.h"

/**
 * Start the server as the option `http` says.
 *
 * @bus     is there a VMBus? Without one nobody can connect.
 * @return  false: the option has a value that cannot be, which was logged
 *
 * IRQL: PASSIVE on processor 0, as for all here.
 */
bool site_begin(bool bus);

/** Stop it. Without site_begin() nothing happens. */
void site_end(void);

/**
 * Print the line of the report that says where to look. Nothing without a
 * server.
 */
void site_print(void);

/* ---- what the pages share -------------------------------------------------
 */

/* All that is known at one moment. */
struct site_facts {
    struct vmbare_facts machine;
    struct address_facts network;
    struct http_counts http;
    uint64_t uptime; /* seconds since main() began */
    int64_t heap;    /* bytes that malloc has given since the first look, less
                           what came back */
};

/** The site begins now: its time counts from here. */
void site_facts_begin(void);

/** Fills it in. */
void site_facts(struct site_facts *facts);

/**
 * Is the machine in order? Pure.
 *
 * @facts   what is known
 * @return  NULL: it is; else why not
 */
const char *site_problem(const struct site_facts *facts);

/* A number or a word that changes, for the page and its script. */
struct site_live {
    const char *id, *title;
    void (*print)(const struct site_facts *facts, struct http_text *text);
};

/**
 * One of these values. Pure.
 *
 * @index   0 for the first
 * @return  NULL: no more
 */
const struct site_live *site_live(unsigned index);

/* ---- the pages: http.h ----------------------------------------------------
 */

void site_html(void *context, struct http_text *text);    /* / */
void site_metrics(void *context, struct http_text *text); /* /metrics */
void site_json(void *context, struct http_text *text);    /* /status.json */
void site_health(void *context, struct http_text *text);  /* /healthz */
void site_log(void *context, struct http_text *text);     /* /log */

#endif
