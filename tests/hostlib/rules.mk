# vmbus/ and kmcl/ as a library for any program on the build machine. Its only
# needs are the seam and four functions of memory; tests/hostlib/run proves it.

HOSTLIB         := $(BUILD)/hosted/libvmbare.a
HOSTLIB_OBJECTS := $(patsubst %.c,$(BUILD)/hosted/%.o,\
    $(wildcard vmbus/*/*.c kmcl/*/*.c))

$(BUILD)/hosted/%.o: %.c
	@mkdir -p $(@D)
	@echo '  HOSTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -ffreestanding -fno-stack-protector \
	    $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(HOSTLIB): $(HOSTLIB_OBJECTS)
	@rm -f $@
	@ar qcs $@ $^

HELP += 'hostlib|build/hosted/libvmbare.a, see docs/hosted-library.md'
.PHONY: hostlib
hostlib: $(HOSTLIB)

$(BUILD)/hosted/example: $(wildcard docs/examples/*.[ch]) $(HOSTLIB)
	@echo '  TESTCC  $@' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) -Ivmbus/include -Idocs/examples -o $@ \
	    $(filter %.c %.a,$^)

SUITES += hostlib
.PHONY: suite-hostlib
suite-hostlib: $(HOSTLIB) $(BUILD)/hosted/example
	@tests/hostlib/run $(BUILD)/hosted '$(CC_HOSTED)'

-include $(wildcard $(BUILD)/hosted/*/*/*.d)
