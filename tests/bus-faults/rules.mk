# One thing after the other goes wrong; see faults.c.

$(BUILD)/bus-faults: tests/bus-faults/faults.c $(HOSTED_LIBS)
	@echo '  TESTCC  $@' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -o $@ \
	    $(filter %.c %.a,$^)

SUITES += bus-faults
.PHONY: suite-bus-faults
suite-bus-faults: $(BUILD)/bus-faults
	@timeout 120 $<

-include $(wildcard $(BUILD)/bus-faults*.d)
