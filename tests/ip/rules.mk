# SPDX-License-Identifier: BSD-2-Clause
# drivers/ip on the build machine, with the sanitizers: two stacks in one
# program. Each is linked by itself, and its symbols get a prefix.

IP_TEST         := $(BUILD)/ip-test
IP_TEST_CFLAGS  := -Itests/ip -I. -Idrivers/include -Iapp/include $(LWIP_CFLAGS)
IP_TEST_SIDE    := $(filter-out %/open.c,$(wildcard drivers/ip/*.c \
    drivers/sockets/*.c)) tests/ip/side.c
IP_TEST_WORLD   := $(filter-out tests/ip/side.c,$(wildcard tests/ip/*.c \
    tests/ip/*/*.c))
LINT_CFLAGS_tests/ip := $(IP_TEST_CFLAGS)
LINT_CFLAGS_tests/ip/sockets := $(IP_TEST_CFLAGS)

$(IP_TEST)/lwip/%.o: $(LWIP)/src/% $(LWIP_PORT) $(FLAGS_HERE) \
    $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(LWIP_SANITIZED) $(LWIP_CFLAGS) -c $< -o $@

$(IP_TEST)/%.o: %.c $(BUILD)/lwip.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(IP_TEST_CFLAGS) -MMD -MP -c $< -o $@

$(IP_TEST)/side.o: $(IP_TEST_SIDE:%.c=$(IP_TEST)/%.o) \
    $(LWIP_FILES:%=$(IP_TEST)/lwip/%.o)
	@ld -r -o $@.all $^
	@objcopy --rename-section .vmbare_options=vmbare_options $@.all $@

# Every symbol that the stack defines for others.
$(IP_TEST)/%_side.o: $(IP_TEST)/side.o
	@nm -g --defined-only $< | awk '{print $$3, "$*_" $$3}' >$@.names
	@objcopy --redefine-syms=$@.names $< $@

$(IP_TEST)/ip_test: $(IP_TEST_WORLD:%.c=$(IP_TEST)/%.o) \
    $(IP_TEST)/a_side.o $(IP_TEST)/b_side.o
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

SUITES += ip
HELP += 'suite-ip|two IP stacks on the build machine'
.PHONY: suite-ip
suite-ip: $(IP_TEST)/ip_test
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    CMOCKA_MESSAGE_OUTPUT=TAP timeout --foreground 900 $< || \
	    [ $$? -lt 99 ] || echo "not ok - $< ended early"

-include $(shell find $(IP_TEST) -name '*.d' 2>/dev/null)
