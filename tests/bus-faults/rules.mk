# One thing after the other goes wrong; see faults.c.

$(BUILD)/bus-faults: tests/bus-faults/faults.c $(HOSTED_LIBS) $(FLAGS_HERE)
	@echo '  TESTCC  $@' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -o $@ \
	    $(filter %.c %.a,$^)

SUITES += bus-faults
.PHONY: suite-bus-faults
suite-bus-faults: $(BUILD)/bus-faults
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    timeout --foreground 120 $<; \
	status=$$?; [ $$status -lt 99 ] || \
	    echo "not ok - it ended with status $$status"

-include $(wildcard $(BUILD)/bus-faults*.d)
