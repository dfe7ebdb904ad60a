# The host half alone, against a scripted guest (hosthalf), and against the
# guest half over the loopback (halves). One cmocka program per file.

HOSTHALF_TESTS := contact contact_pages host message leave hv_sock offer \
    release delivery channel_open channel_close channel_rescind channel_target event gpadl \
    gpadl_range gpadl_map golden
HOSTHALF_SAVE_TESTS := save_bus save_channel save_gpadl save_damage save_check \
    save_refuse save_version
HOSTHALF_PROGRAMS := $(HOSTHALF_TESTS:%=$(BUILD)/hosthalf/%_test) \
    $(HOSTHALF_SAVE_TESTS:%=$(BUILD)/hosthalf/%_test)
HOSTHALF_SCRIPT := script script_server script_bytes script_talk script_steps
HALVES_PROGRAMS := $(patsubst %,$(BUILD)/hosthalf/halves_%_test,bus channel data)
HALVES_PAIR     := halves pair pair_echo pair_guest

$(BUILD)/hosthalf/%.o: tests/hosthalf/%.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -Itests/hosthalf \
	    -MMD -MP -c $< -o $@

$(HOSTHALF_PROGRAMS): %_test: %_test.o \
    $(HOSTHALF_SCRIPT:%=$(BUILD)/hosthalf/%.o) $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

$(HOSTHALF_SAVE_TESTS:%=$(BUILD)/hosthalf/%_test): $(BUILD)/hosthalf/save.o

$(HALVES_PROGRAMS): %_test: %_test.o \
    $(HALVES_PAIR:%=$(BUILD)/hosthalf/%.o) $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

$(BUILD)/hosthalf/loopback_test: $(BUILD)/hosthalf/loopback_test.o \
    $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

-include $(wildcard $(BUILD)/hosthalf/*.d)
.SECONDARY:

# A sanitizer's report ends a program with 99, which no count of failures is.
hosthalf_run = for t in $(1); do \
    CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=exitcode=99 \
    UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 timeout --foreground 120 $$t; \
    status=$$?; [ $$status -lt 99 ] || \
    echo "not ok - $$t ended with status $$status"; done

SUITES += hosthalf halves
.PHONY: suite-hosthalf suite-halves
suite-hosthalf: $(HOSTHALF_PROGRAMS)
	@$(call hosthalf_run,$^)

suite-halves: $(BUILD)/hosthalf/loopback_test $(HALVES_PROGRAMS)
	@$(call hosthalf_run,$^)

# suite-hosthalf-NAME is one program alone, for tests/mutants.
HOSTHALF_ALONE := $(HOSTHALF_PROGRAMS:$(BUILD)/hosthalf/%_test=suite-hosthalf-%)
.PHONY: $(HOSTHALF_ALONE)
$(HOSTHALF_ALONE): suite-hosthalf-%: $(BUILD)/hosthalf/%_test
	@$(call hosthalf_run,$<)
