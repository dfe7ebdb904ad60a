/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: fixed, by DHCP, without an answer, after the link was away. */
#include "tests.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "dhcp_peer.h"
#include "vmbare_events.h"

/* A stack that asks a DHCP server. */
struct client {
    struct end end;
    struct dhcp_peer peer;
    struct ip_facts facts;
};

static const struct ip_settings usual = {.dhcp = true, .ipv6 = true};

static void begin(struct client *c, const struct ip_settings *settings)
{
    struct ip_link link;

    memset(c, 0, sizeof(*c));
    world_begin(1, NULL);
    dhcp_peer_begin(&c->peer);
    c->end.side = &a_side;
    world_wire(&c->end, &c->peer.end);
    link = world_link(&c->end, 1);
    assert_int_equal(a_side.start(&link, settings), 0);
}

static void dhcp_gives_all(void **state)
{
    struct client c;

    (void)state;
    begin(&c, &usual);
    assert_int_equal(a_side.wait(vmbare_after(0.1)), 0);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FROM_DHCP);
    assert_string_equal(c.facts.address, "10.0.0.50");
    assert_int_equal(c.facts.prefix, 24);
    assert_string_equal(c.facts.gateway, "10.0.0.254");
    assert_string_equal(c.facts.dns[0], "10.0.0.253");
    assert_string_equal(c.facts.name, "vmbare-ab01");
    assert_string_equal(c.facts.problem, "");
    assert_string_equal(c.peer.host, "vmbare-ab01");
    world_pass(0.1);
    assert_int_equal(c.peer.announcements, 1);
    dhcp_peer_greet(&c.peer);
    a_side.stop();
    world_pass(0.1);
    assert_int_equal(c.peer.releases, 1);
}

/* net.dns stands before what DHCP says, also when the lease is renewed. */
static void servers_of_the_settings_win(void **state)
{
    struct ip_settings own = usual;
    struct client c;

    (void)state;
    strcpy(own.dns[0], "10.0.0.3");
    begin(&c, &own);
    assert_int_equal(a_side.wait(vmbare_after(0.1)), 0);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FROM_DHCP);
    assert_string_equal(c.facts.dns[0], "10.0.0.3");
    world_pass(7200);
    a_side.facts(&c.facts);
    assert_string_equal(c.facts.dns[0], "10.0.0.3");
    a_side.stop();
}

static void dhcp_silent(void **state)
{
    struct client c;

    (void)state;
    begin(&c, &usual);
    c.peer.silent = true;
    assert_int_equal(a_side.wait(vmbare_after(5)), -ETIMEDOUT);
    a_side.facts(&c.facts);
    assert_string_equal(c.facts.problem,
                        "network: expected an answer from DHCP, found none for "
                        "5 s: set net.address if this network has no DHCP");
    /* Then an address of its own, and a server that comes later wins. */
    assert_int_equal(a_side.wait(vmbare_after(120)), 0);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_OWN_CHOICE);
    assert_memory_equal(c.facts.address, "169.254.", 8);
    c.peer.silent = false;
    world_pass(120);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FROM_DHCP);
    a_side.stop();
}

static void link_away(void **state)
{
    struct client c;

    (void)state;
    begin(&c, &usual);
    assert_int_equal(a_side.wait(vmbare_after(1)), 0);
    a_side.link(false);
    a_side.facts(&c.facts);
    assert_string_equal(c.facts.problem,
                        "network: expected a link, found none: connect the "
                        "adapter to a virtual switch");
    c.peer.last = 60; /* another network */
    a_side.link(true);
    world_pass(5);
    a_side.facts(&c.facts);
    assert_true(c.peer.requests >= 2);
    assert_string_equal(c.facts.address, "10.0.0.60");
    a_side.stop();
}

static void fixed_address(void **state)
{
    struct ip_settings settings = fixed_settings(1);
    struct client c;

    (void)state;
    memcpy(settings.gateway, (uint8_t[]){10, 0, 0, 254}, 4);
    strcpy(settings.dns[0], "10.0.0.3");
    strcpy(settings.dns[1], "fd00::53");
    strcpy(settings.name, "box");
    begin(&c, &settings);
    assert_int_equal(a_side.wait(VMBARE_NOW), 0);
    world_pass(5);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FIXED);
    assert_string_equal(c.facts.address, "10.0.0.1");
    assert_string_equal(c.facts.gateway, "10.0.0.254");
    assert_string_equal(c.facts.dns[0], "10.0.0.3");
    assert_string_equal(c.facts.dns[1], "FD00::53");
    assert_string_equal(c.facts.name, "box");
    assert_int_equal(c.facts.address6_count, 1);
    assert_string_equal(c.facts.address6[0], "FE80::215:5DFF:FE00:AB01");
    assert_int_equal(c.peer.discovers, 0);
    a_side.stop();
}

/* As a host asks for it by data exchange. */
static void other_settings(void **state)
{
    struct ip_settings settings = fixed_settings(7), read;
    struct client c;

    (void)state;
    assert_int_equal(a_side.change(&settings), -ENETDOWN);
    assert_false(a_side.now(&read));
    begin(&c, &usual);
    assert_int_equal(a_side.wait(vmbare_after(1)), 0);
    settings.ipv6 = true;
    assert_int_equal(a_side.change(&settings), 0);
    world_pass(10);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FIXED);
    assert_string_equal(c.facts.address, "10.0.0.7");
    assert_int_equal(c.facts.address6_count, 1);
    assert_true(a_side.now(&read));
    assert_memory_equal(&read, &settings, sizeof(read));
    /* And back. */
    assert_int_equal(a_side.change(&usual), 0);
    world_pass(10);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.origin, IP_FROM_DHCP);
    a_side.stop();
}

static void refused(void **state)
{
    struct ip_settings settings = fixed_settings(1);
    struct ip_link link;
    struct client c;

    (void)state;
    assert_int_equal(a_side.wait(VMBARE_NOW), -ENETDOWN);
    link = world_link(&c.end, 1);
    link.mtu = 500;
    assert_int_equal(a_side.start(&link, &settings), -EINVAL);
    link.mtu = 1500;
    settings.mtu = 9000;
    assert_int_equal(a_side.start(&link, &settings), -EINVAL);
    settings.mtu = 0;
    settings.prefix = 33;
    assert_int_equal(a_side.start(&link, &settings), -EINVAL);
    begin(&c, &usual);
    assert_int_equal(a_side.start(&link, &usual), -EALREADY);
    a_side.stop();
    a_side.stop(); /* once more changes nothing */
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.state, IP_STOPPED);
    assert_non_null(strstr(c.facts.problem, "was not started"));
}

/* Frames too short, too long, and after the end. */
static void odd_frames(void **state)
{
    static const uint8_t zeros[65536];
    struct client c;

    (void)state;
    begin(&c, &usual);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.frames_in, 0);
    a_side.frame(zeros, 13, false);
    a_side.frame(zeros, 65536, false);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.frames_in, 0);
    a_side.frame(zeros, 14, false);
    a_side.frame(zeros, 65535, false);
    a_side.facts(&c.facts);
    assert_int_equal(c.facts.frames_in, 2);
    a_side.stop();
    a_side.frame(zeros, 60, false);
    a_side.link(true);
    a_side.room();
}

int configure_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"DHCP gives address, router, server for names, and is told the end",
         dhcp_gives_all, 0, 0, 0},
        {"servers for names that the settings give stand before those of DHCP",
         servers_of_the_settings_win, 0, 0, 0},
        {"without DHCP the problem says so, and 169.254 follows", dhcp_silent,
         0, 0, 0},
        {"a link that was away asks DHCP again", link_away, 0, 0, 0},
        {"a fixed address is there at once, without DHCP", fixed_address, 0, 0,
         0},
        {"other settings give the address back and ask or set another",
         other_settings, 0, 0, 0},
        {"a start that cannot be is refused", refused, 0, 0, 0},
        {"frames of odd sizes and after the end are dropped", odd_frames, 0, 0,
         0},
    };

    return cmocka_run_group_tests_name("configure", tests, NULL, NULL);
}
