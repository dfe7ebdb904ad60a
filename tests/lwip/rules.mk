# SPDX-License-Identifier: BSD-2-Clause
# lwIP's own unit tests with the guest's lwipopts.h and the sanitizers.

LWIP_UNIT := $(BUILD)/lwip-unit
LWIP_UNIT_CFLAGS := -Itests/lwip/unit -I. $(LWIP_CFLAGS) -isystem $(LWIP)/test/unit
LWIP_UNIT_FILES := $(addsuffix .c,core/test_def core/test_dns core/test_netif \
    core/test_pbuf core/test_timers dhcp/test_dhcp etharp/test_etharp \
    ip4/test_ip4 ip6/test_ip6 mdns/test_mdns tcp/tcp_helper tcp/test_tcp \
    tcp/test_tcp_oos tcp/test_tcp_state udp/test_udp)
LWIP_UNIT_OBJECTS := $(LWIP_FILES:%=$(LWIP_UNIT)/src/%.o) \
    $(LWIP_UNIT_FILES:%=$(LWIP_UNIT)/test/%.o) $(LWIP_UNIT)/main.o
LINT_CFLAGS_tests/lwip/unit := $(LWIP_UNIT_CFLAGS)

# Somebody else's code: without warnings. It adds 0 to NULL, and an offset to a
# pointer of an empty buffer.
LWIP_SANITIZED := $(TEST_CFLAGS) -w -fno-sanitize=pointer-overflow

$(LWIP_UNIT)/src/%.o: $(LWIP)/src/% $(LWIP_PORT) $(FLAGS_HERE) \
    tests/lwip/unit/lwipopts.h $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(LWIP_SANITIZED) $(LWIP_UNIT_CFLAGS) -c $< -o $@

$(LWIP_UNIT)/test/%.o: $(BUILD)/lwip.stamp $(LWIP_PORT) $(FLAGS_HERE) \
    tests/lwip/unit/lwipopts.h $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(LWIP_SANITIZED) $(LWIP_UNIT_CFLAGS) \
	    -c $(LWIP)/test/unit/$* -o $@

$(LWIP_UNIT)/main.o: tests/lwip/unit/main.c $(BUILD)/lwip.stamp $(LWIP_PORT) \
    tests/lwip/unit/lwipopts.h $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(LWIP_UNIT_CFLAGS) -c $< -o $@

$(LWIP_UNIT)/lwip_unit: $(LWIP_UNIT_OBJECTS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcheck -lsubunit -lm -lrt -pthread

SUITES += lwip
HELP += 'suite-lwip|lwIP'"'"'s own unit tests with our lwipopts.h'
.PHONY: suite-lwip
suite-lwip: $(LWIP_UNIT)/lwip_unit
	@UBSAN_OPTIONS=print_stacktrace=1 CK_DEFAULT_TIMEOUT=300 \
	    timeout --foreground 900 $<
