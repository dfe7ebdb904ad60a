/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network in words (address.h). The first line is what a person came for:
 * an address to open, or the reason why there is none and what to do about it.
 *
 *     10.0.2.15/24 by DHCP, vmbare-0203.local
 *     fe80::215:5dff:fe01:203
 *     adapter 00:15:5d:01:02:03, the first of 2: net.adapter chooses
 *
 * A reason may take more than a line: it is cut between words.
 */
#include "address.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where the next line of a text ends: before the last blank that fits. */
static size_t line_end(const char *text)
{
    size_t end = ADDRESS_WIDTH - 1;

    if (strlen(text) <= end)
        return strlen(text);
    while (end > 0 && text[end] != ' ')
        end--;
    return end ? end : ADDRESS_WIDTH - 1;
}

/* Adds a text, in as many lines as it needs. */
static void add(struct address_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct address_words *words, const char *format, ...)
{
    char text[IP_PROBLEM_MAX + IP_NAME_MAX];
    const char *rest = text;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    /* What does not fit is left out: the first lines matter most. */
    while (*rest && words->count < ADDRESS_LINES) {
        size_t end = line_end(rest);

        memcpy(words->line[words->count], rest, end);
        words->line[words->count++][end] = '\0';
        rest += end;
        rest += *rest == ' ';
    }
}

/* ---- why there is none --------------------------------------------------- */

/* The stack does not run: nothing could be opened. */
static void say_closed(const struct address_facts *f,
                       struct address_words *words)
{
    if (!f->bus)
        add(words, "none: without VMBus nobody offers an adapter");
    else if (*f->problem)
        add(words, "none: %s", f->problem);
    else
        add(words, "none: the host offers no network adapter; add one to the "
                   "virtual machine");
}

/* It runs, on an adapter without a network. */
static void say_no_link(const struct address_facts *f,
                        struct address_words *words)
{
    if (!f->adapters)
        add(words, "no link: the host has taken the adapter away");
    else
        add(words, "no link: connect the adapter to a virtual switch");
}

/* It runs, on a network that does not answer. */
static void say_no_answer(const struct address_facts *f,
                          struct address_words *words)
{
    add(words,
        "no answer from DHCP for %u s; set net.address if this network has "
        "none",
        (unsigned)f->ip.seconds);
}

/* ---- what there is ------------------------------------------------------- */

static const char *const origins[] = {
    [IP_NO_ADDRESS] = "",
    [IP_FIXED] = "as net.address says",
    [IP_FROM_DHCP] = "by DHCP",
    [IP_OWN_CHOICE] = "of its own choice",
};

/* In small letters: RFC 5952, 4.3. */
static void say_ipv6(const char *address, struct address_words *words)
{
    char text[IP_TEXT_MAX];
    size_t i = 0;

    for (; i < sizeof(text) - 1 && address[i]; i++)
        text[i] = (char)tolower((unsigned char)address[i]);
    text[i] = '\0';
    add(words, "%s", text);
}

/* Without a link the addresses that are left are of no use. */
static void say_addresses(const struct address_facts *f,
                          struct address_words *words)
{
    const struct ip_facts *ip = &f->ip;

    if (ip->state == IP_NO_LINK) {
        say_no_link(f, words);
        return;
    }
    if (ip->origin == IP_NO_ADDRESS)
        say_no_answer(f, words);
    else
        add(words, "%s/%u %s, %s.local", ip->address, (unsigned)ip->prefix,
            origins[ip->origin], ip->name);
    if (ip->origin == IP_OWN_CHOICE)
        say_no_answer(f, words);
    for (unsigned i = 0; i < ip->address6_count; i++)
        say_ipv6(ip->address6[i], words);
}

/* Which one it is matters where there are several. */
static void say_adapter(const struct address_facts *f,
                        struct address_words *words)
{
    const uint8_t *mac = f->ip.mac;
    char which[48] = "";

    if (f->adapters > 1)
        snprintf(which, sizeof(which),
                 f->chosen ? ", one of %u, as net.adapter "
                             "says"
                           : ", the first of %u: "
                             "net.adapter chooses",
                 f->adapters);
    add(words, "adapter %02x:%02x:%02x:%02x:%02x:%02x%s", mac[0], mac[1],
        mac[2], mac[3], mac[4], mac[5], which);
}

void address_say(const struct address_facts *facts, struct address_words *words)
{
    memset(words, 0, sizeof(*words));
    if (!facts->open) {
        say_closed(facts, words);
        return;
    }
    say_addresses(facts, words);
    say_adapter(facts, words);
}

uint32_t address_milestone(uint32_t seconds)
{
    static const uint32_t milestones[] = {3600, 600, 60, 10};

    for (unsigned i = 0; i < sizeof(milestones) / sizeof(*milestones); i++)
        if (seconds >= milestones[i])
            return milestones[i];
    return 0;
}
