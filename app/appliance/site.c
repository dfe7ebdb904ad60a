/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The appliance's site (site.h): its pages, its option, and what they are made
 * of. Nothing on it changes the machine, and nobody is asked who he is:
 * SECURITY.md says what that means.
 *
 * The server listens as soon as the stack has a family to listen on, which is
 * before there is an address. So a page can be asked for by mDNS's name, or by
 * an address of IPv6, when DHCP has not answered.
 */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "vmbare_log.h"

static VMBARE_OPTION http_option = {
    .group = "appliance",
    .name = "http",
    .type = VMBARE_TEXT,
    .otherwise = "80",
    .help = "the TCP port of the page that shows this machine, or off",
};

static const struct http_page pages[] = {
    {"/", "text/html; charset=utf-8", site_html},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", site_metrics},
    {"/status.json", "application/json", site_json},
    {"/healthz", "text/plain; charset=utf-8", site_health},
    {"/log", "text/plain; charset=utf-8", site_log},
};

static struct http_site site = {
    .pages = pages,
    .count = sizeof(pages) / sizeof(*pages),
};

/* ---- from the start to the end --------------------------------------------
 */

/* 0: off. -1: neither a port nor off. */
static long port_of(const char *text)
{
    char *end;
    long port;

    if (strcmp(text, "off") == 0)
        return 0;
    port = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || port < 1 || port > UINT16_MAX)
        return -1;
    return port;
}

/* Before the network: the server waits for a family to come. Without a bus none
 * does, and there may be no clock to wait by. */
bool site_begin(bool bus)
{
    const char *text = vmbare_option_text(&http_option);
    long port = port_of(text);

    if (port < 0) {
        vmbare_log(VMBARE_LOG_ERROR,
                   "http: found %s, expected off or a port from 1 to 65535: "
                   "correct it, or leave it out",
                   text);
        return false;
    }
    site_facts_begin();
    site.port = (uint16_t)port;
    if (port && bus)
        (void)http_start(&site);
    return true;
}

/* Clients are closed before their network is. */
void site_end(void)
{
    http_stop();
}

/* The address stands in the lines before; a browser needs it as a whole. */
void site_print(void)
{
    struct address_facts f;
    char port[8] = "";

    network_facts(&f);
    if (!site.port || !f.open || f.ip.origin == IP_NO_ADDRESS)
        return;
    if (site.port != 80)
        snprintf(port, sizeof(port), ":%u", (unsigned)site.port);
    printf("page        http://%s%s/\n", f.ip.address, port);
}
