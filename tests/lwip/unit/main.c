/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs lwIP's own unit tests, with the guest's lwipopts.h, and prints TAP. Left
 * out are the tests of what is not in the guest: lwIP's heap (it is the C
 * library's there), its sockets, MQTT and PPP.
 */
#include <stdio.h>

#include "lwip_check.h"

#include "core/test_def.h"
#include "core/test_dns.h"
#include "core/test_netif.h"
#include "core/test_pbuf.h"
#include "core/test_timers.h"
#include "dhcp/test_dhcp.h"
#include "etharp/test_etharp.h"
#include "ip4/test_ip4.h"
#include "ip6/test_ip6.h"
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/stats.h>
#include "mdns/test_mdns.h"
#include "tcp/test_tcp.h"
#include "tcp/test_tcp_oos.h"
#include "tcp/test_tcp_state.h"
#include "udp/test_udp.h"

static suite_getter_fn *const suites[] = {
    ip4_suite,       ip6_suite,    udp_suite,  tcp_suite,   tcp_oos_suite,
    tcp_state_suite, def_suite,    dns_suite,  netif_suite, pbuf_suite,
    timers_suite,    etharp_suite, dhcp_suite, mdns_suite,
};

/* ---- what lwIP and its tests ask for ------------------------------------- */

u32_t lwip_sys_now; /* the tests set it, in milliseconds */

u32_t sys_now(void)
{
    return lwip_sys_now;
}

u32_t sys_jiffies(void)
{
    return lwip_sys_now;
}

uint32_t ip_random(void)
{
    return (uint32_t)rand();
}

/* Tests let lwIP's thread work once: what was sent to the stack itself
 * arrives. Here that is done without a thread. 0: nothing is left. */
int tcpip_thread_poll_one(void);
int tcpip_thread_poll_one(void)
{
    netif_poll_all();
    return 0;
}

/* Each test is a case of its own, so that each has a line. */
Suite *create_suite(const char *name, testfunc *tests, size_t count, SFun setup,
                    SFun teardown)
{
    Suite *suite = suite_create(name);

    for (size_t i = 0; i < count; i++) {
        TCase *one = tcase_create(name);

        if (setup || teardown)
            tcase_add_checked_fixture(one, setup, teardown);
        tcase_add_named_test(one, tests[i]);
        suite_add_tcase(suite, one);
    }
    return suite;
}

void lwip_check_ensure_no_alloc(unsigned int skip)
{
    if (!(skip & SKIP_HEAP))
        ck_assert_msg(lwip_stats.mem.used == 0, "%u bytes of the heap are left",
                      (unsigned)lwip_stats.mem.used);
    for (unsigned i = 0; i < MEMP_MAX; i++)
        if (!(skip & SKIP_POOL(i)))
            ck_assert_msg(lwip_stats.memp[i]->used == 0,
                          "%u elements of pool %u are left",
                          (unsigned)lwip_stats.memp[i]->used, i);
}

int main(void)
{
    SRunner *runner;
    int failed;

    lwip_init();
    runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
        srunner_add_suite(runner, suites[i]());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
