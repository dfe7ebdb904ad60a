# The ring and its packets: NAME_test.c is one cmocka program of the suite
# 'ring', built with the sanitizers, and again on the hosted objects that
# `make bench` counts.

RING_TESTS   := $(patsubst tests/ring/%_test.c,%,\
    $(sort $(wildcard tests/ring/*_test.c)))
RING_SOURCES := $(sort $(wildcard vmbus/ring/*.c))
RING_OBJECTS := $(RING_SOURCES:vmbus/ring/%.c=$(BUILD)/ring/%.o)
LINT_CFLAGS_tests/ring := -D_GNU_SOURCE -Itests/ring

RING_FLAGS   := -D_GNU_SOURCE -I. -Ivmbus/include -Itests/ring -MMD -MP

$(BUILD)/ring/%.o: vmbus/ring/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HOSTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) $(RING_FLAGS) -c $< -o $@

$(BUILD)/ring/%.checked.o: vmbus/ring/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(RING_FLAGS) -c $< -o $@

$(BUILD)/ring/%.test.o: tests/ring/%.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(RING_FLAGS) -c $< -o $@

$(BUILD)/ring/%_test: $(BUILD)/ring/%_test.test.o $(BUILD)/ring/place.test.o \
    $(RING_OBJECTS:%.o=%.checked.o)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

$(BUILD)/ring/%_test_o2: $(BUILD)/ring/%_test.test.o \
    $(BUILD)/ring/place.test.o $(RING_OBJECTS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

RING_PROGRAMS := $(RING_TESTS:%=$(BUILD)/ring/%_test)
ifndef MUTANT
RING_PROGRAMS += $(RING_TESTS:%=$(BUILD)/ring/%_test_o2)
endif

define RING_RUN
@for t in $^; do \
    CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=exitcode=99 \
    UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 timeout --foreground 600 $$t; \
    status=$$?; [ $$status -lt 99 ] || \
    echo "not ok - $$t ended with status $$status"; done
endef

SUITES += ring
.PHONY: suite-ring $(RING_TESTS:%=suite-ring-%)
.SECONDARY: $(RING_TESTS:%=$(BUILD)/ring/%_test.test.o)
suite-ring: $(RING_PROGRAMS)
	$(RING_RUN)

# One program alone: a mutant is quick to judge.
$(RING_TESTS:%=suite-ring-%): suite-ring-%: $(BUILD)/ring/%_test
	$(RING_RUN)

-include $(wildcard $(BUILD)/ring/*.d)
