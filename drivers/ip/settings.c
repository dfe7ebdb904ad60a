/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of the network, and what a person may write there.
 *
 * The system has checked numbers against their ranges before main() runs. Texts
 * are checked here, each as a whole: what is behind a value that would be right
 * makes it wrong. A refusal says which option it is about, what was found, what
 * was expected and what to do, and nothing is started with half of the
 * settings.
 *
 * Where two options contradict each other (a router beside DHCP), the one that
 * is of no use is refused, because a person who wrote it expects something of
 * it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ip/private.h"
#include <lwip/ip4_addr.h>
#include <lwip/ip6_addr.h>
#include <lwip/ip_addr.h>
#include "vmbare_options.h"

#define TEXT_MOST 160u /* the longest value of an option here */

static VMBARE_OPTION address = {
    .group = "network",
    .name = "net.address",
    .type = VMBARE_TEXT,
    .otherwise = "dhcp",
    .help = "dhcp, or an address and its prefix: 192.168.1.10/24",
};
static VMBARE_OPTION gateway = {
    .group = "network",
    .name = "net.gateway",
    .type = VMBARE_TEXT,
    .help = "the router, with a fixed net.address",
};
static VMBARE_OPTION address6 = {
    .group = "network",
    .name = "net.address6",
    .type = VMBARE_TEXT,
    .otherwise = "auto",
    .help = "auto, off, or an address of IPv6 beside those of the routers",
};
static VMBARE_OPTION dns = {
    .group = "network",
    .name = "net.dns",
    .type = VMBARE_TEXT,
    .help = "servers for names, at most three, with commas between them",
};
static VMBARE_OPTION name = {
    .group = "network",
    .name = "net.name",
    .type = VMBARE_TEXT,
    .help = "this machine's name; without it vmbare- and the end of the MAC "
            "address",
};
static VMBARE_OPTION time_server = {
    .group = "network",
    .name = "net.time",
    .type = VMBARE_TEXT,
    .help = "a server for the time (SNTP), or off; without it the one that "
            "DHCP names",
};
static VMBARE_OPTION adapter = {
    .group = "network",
    .name = "net.adapter",
    .type = VMBARE_TEXT,
    .help = "the MAC address of the adapter to use, 00:15:5d:01:02:03; without "
            "it the first one",
};
static VMBARE_OPTION mtu = {
    .group = "network",
    .name = "net.mtu",
    .type = VMBARE_NUMBER,
    .least = 1280,
    .most = 9000,
    .help = "the largest packet, if it is to be smaller than the adapter's",
};
static VMBARE_OPTION vlan = {
    .group = "network",
    .name = "net.vlan",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = 4094,
    .help = "the VLAN that frames are tagged with",
};

/* ---- one value ----------------------------------------------------------- */

/* Says what is wrong with an option's value. */
static int refuse(const struct vmbare_option *option, const char *expected,
                  char *problem)
{
    snprintf(problem, IP_PROBLEM_MAX,
             "%s: found %.60s, expected %s: correct it, or leave it out",
             option->name, vmbare_option_text(option), expected);
    return -EINVAL;
}

/* All of `text` is an IPv4 address in four parts. lwIP's own function takes
 * shorter forms and octal numbers as well, which a person hardly means. */
static bool read_ipv4(const char *text, uint8_t bytes[4])
{
    unsigned part[4];
    int end = 0;

    if (sscanf(text, "%3u.%3u.%3u.%3u%n", &part[0], &part[1], &part[2],
               &part[3], &end) != 4 ||
        text[end] || strspn(text, "0123456789.") != strlen(text))
        return false;
    for (unsigned i = 0; i < 4; i++) {
        if (part[i] > 255)
            return false;
        bytes[i] = (uint8_t)part[i];
    }
    return true;
}

/* "192.168.1.10/24": an address that a machine can have. */
static bool read_address(struct ip_settings *s, const char *text)
{
    char copy[TEXT_MOST];
    char *slash, *end;
    unsigned long prefix;

    snprintf(copy, sizeof(copy), "%s", text);
    slash = strchr(copy, '/');
    if (!slash || slash[1] < '0' || slash[1] > '9')
        return false;
    *slash = 0;
    prefix = strtoul(slash + 1, &end, 10);
    s->prefix = (uint8_t)prefix;
    return !*end && prefix >= 1 && prefix <= 32 &&
           read_ipv4(copy, s->address) && s->address[0] != 0 &&
           s->address[0] < 224;
}

/* Six pairs of hexadecimal digits, with colons, or with hyphens as Windows
 * writes them. */
static bool read_mac(const char *text, uint8_t mac[6])
{
    unsigned part[6];
    int end = 0;

    if (strspn(text, "0123456789abcdefABCDEF:-") != strlen(text))
        return false;
    if (sscanf(text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n",
               &part[0], &part[1], &part[2], &part[3], &part[4], &part[5],
               &end) != 6 ||
        text[end])
        return false;
    for (unsigned i = 0; i < 6; i++)
        mac[i] = (uint8_t)part[i];
    return true;
}

/* Letters, digits and hyphens, none at an end: RFC 1123. */
static bool good_name(const char *text)
{
    size_t length = strlen(text);

    return length && length < IP_NAME_MAX && text[0] != '-' &&
           text[length - 1] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

/* Addresses, of IPv4 or IPv6: who answers for names cannot have one itself. */
static bool read_servers(struct ip_settings *s, const char *text)
{
    ip_addr_t server;
    unsigned count = 0;

    for (;;) {
        size_t length = strcspn(text, ",");

        if (count == IP_DNS_MAX || length >= IP_TEXT_MAX)
            return false;
        memcpy(s->dns[count], text, length);
        s->dns[count][length] = 0;
        if (!ipaddr_aton(s->dns[count++], &server))
            return false;
        if (!text[length])
            return true;
        text += length + 1;
    }
}

/* ---- the options --------------------------------------------------------- */

/* A router without an address of one's own is a mistake: DHCP names its own. */
static int read_addresses(struct ip_settings *s, char *problem)
{
    const char *text = vmbare_option_text(&address);
    const char *router = vmbare_option_text(&gateway);

    s->dhcp = strcmp(text, "dhcp") == 0;
    if (!s->dhcp && !read_address(s, text))
        return refuse(&address,
                      "dhcp or an address with its prefix, 192.168.1.10/24",
                      problem);
    if (router && s->dhcp)
        return refuse(&gateway, "none with net.address=dhcp", problem);
    if (router && !read_ipv4(router, s->gateway))
        return refuse(&gateway, "an address, 192.168.1.1", problem);
    return 0;
}

/* An address of everybody's or of nobody's cannot be a machine's. */
static int read_address6(struct ip_settings *s, char *problem)
{
    const char *text = vmbare_option_text(&address6);
    ip6_addr_t fixed;

    s->ipv6 = strcmp(text, "off") != 0;
    if (!s->ipv6 || strcmp(text, "auto") == 0)
        return 0;
    if (!ip6addr_aton(text, &fixed) || ip6_addr_ismulticast(&fixed) ||
        ip6_addr_isany(&fixed))
        return refuse(&address6, "auto, off or an address, fd00::10", problem);
    memcpy(s->address6, fixed.addr, sizeof(s->address6));
    return 0;
}

/* Texts are cut nowhere: what does not fit is refused. */
static int read_names(struct ip_settings *s, char *problem)
{
    const char *own = vmbare_option_text(&name);
    const char *servers = vmbare_option_text(&dns);
    const char *clock = vmbare_option_text(&time_server);

    if (own && !good_name(own))
        return refuse(&name, "letters, digits and hyphens, 63 at most",
                      problem);
    if (own)
        snprintf(s->name, sizeof(s->name), "%s", own);
    if (servers && !read_servers(s, servers))
        return refuse(&dns, "one to three addresses with commas between them",
                      problem);
    if (clock && (!*clock || strlen(clock) >= IP_NAME_MAX))
        return refuse(&time_server, "a name or an address, or off", problem);
    if (clock)
        snprintf(s->time, sizeof(s->time), "%s", clock);
    return 0;
}

/* The ranges of the two numbers were checked with their declarations. */
static int read_adapter(struct ip_settings *s, char *problem)
{
    const char *mac = vmbare_option_text(&adapter);

    if (mac && !read_mac(mac, s->mac))
        return refuse(&adapter, "a MAC address, 00:15:5d:01:02:03", problem);
    s->mtu = (uint16_t)vmbare_option_number(&mtu);
    s->vlan = (uint16_t)vmbare_option_number(&vlan);
    return 0;
}

int ip_settings_read(struct ip_settings *settings, char *problem)
{
    int result;

    memset(settings, 0, sizeof(*settings));
    result = read_addresses(settings, problem);
    if (!result)
        result = read_address6(settings, problem);
    if (!result)
        result = read_names(settings, problem);
    if (!result)
        result = read_adapter(settings, problem);
    return result;
}
