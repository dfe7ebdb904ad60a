# The guest half of the bus against the scripted peer: NAME_test.c is one
# cmocka program of the suite 'bus'; the other sources are in each of them.

BUS_TESTS := $(patsubst tests/bus/%_test.c,%,\
    $(sort $(wildcard tests/bus/*_test.c)))
BUS_SHARED := $(filter-out %_test.c,$(wildcard tests/bus/*.c))

$(BUILD)/bus/%.o: tests/bus/%.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -Itests/bus -MMD -MP \
	    -c $< -o $@

$(BUILD)/bus/%_test: $(BUILD)/bus/%_test.o \
    $(BUS_SHARED:tests/%.c=$(BUILD)/%.o) $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

# A sanitizer's report ends a program with 99, which no count of failures is.
bus_run = for t in $(1); do \
    CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=exitcode=99 \
    UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 timeout --foreground 60 $$t; \
    status=$$?; [ $$status -lt 99 ] || \
    echo "not ok - $$t ended with status $$status"; done

SUITES += bus
.PHONY: suite-bus
.SECONDARY: $(BUS_TESTS:%=$(BUILD)/bus/%_test.o)
suite-bus: $(BUS_TESTS:%=$(BUILD)/bus/%_test)
	@$(call bus_run,$^)

# suite-bus-NAME is one program alone, for tests/mutants.
.PHONY: $(BUS_TESTS:%=suite-bus-%)
$(BUS_TESTS:%=suite-bus-%): suite-bus-%: $(BUILD)/bus/%_test
	@$(call bus_run,$<)

-include $(wildcard $(BUILD)/bus/*.d)
