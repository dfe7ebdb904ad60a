# The host half alone, against a scripted guest (hosthalf), and against the
# guest half over the loopback (halves). One cmocka program per file.

HOSTHALF       := tests/hosthalf
HOSTHALF_TESTS := contact offers channel event gpadl save
HOSTHALF_LIB   := $(wildcard vmbus/*.c) tests/peer/hosted.c \
    tests/peer/hosted_memory.c $(HOSTHALF)/script.c
HOSTHALF_OBJ   := $(HOSTHALF_LIB:%.c=$(BUILD)/hosthalf/%.o)
HOSTHALF_FLAGS := $(TEST_CFLAGS) -Ivmbus -Itests/peer -I$(HOSTHALF) -MMD -MP

$(BUILD)/hosthalf/%.o: %.c $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(HOSTHALF_FLAGS) -c $< -o $@

$(BUILD)/hosthalf/%_test: $(BUILD)/hosthalf/$(HOSTHALF)/%_test.o \
    $(HOSTHALF_OBJ)
	@echo '  TESTLD  $@' >&2
	@$(CC_HOSTED) $(HOSTHALF_FLAGS) -o $@ $^ -lcmocka

-include $(wildcard $(BUILD)/hosthalf/*/*.d $(BUILD)/hosthalf/*/*/*.d)
.SECONDARY: $(HOSTHALF_OBJ)

# A sanitizer's report ends a program with 99, which no count of failures is.
HOSTHALF_RUN = for t in $^; do \
    CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=exitcode=99 \
    UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 timeout 60 $$t; \
    status=$$?; [ $$status -lt 99 ] || \
    echo "not ok - $$t ended with status $$status"; done

SUITES += hosthalf
.PHONY: suite-hosthalf
suite-hosthalf: $(HOSTHALF_TESTS:%=$(BUILD)/hosthalf/%_test)
	@$(HOSTHALF_RUN)
