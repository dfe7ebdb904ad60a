# What the hosted library (tools/install/rules.mk) needs, what it shows, and a
# program that uses it: tests/hostlib/run.

$(BUILD)/hosted/example: $(wildcard docs/examples/*.[ch]) $(HOSTLIB) \
    $(FLAGS_HERE)
	@echo '  TESTCC  $@' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) -Ivmbus/include -Idocs/examples -o $@ \
	    $(filter %.c %.a,$^)

SUITES += hostlib
.PHONY: suite-hostlib
suite-hostlib: $(HOSTLIB) $(BUILD)/hosted/example
	@tests/hostlib/run $(BUILD)/hosted '$(CC_HOSTED)' $(HOSTLIB_OBJECTS)
