# What hosted suites share: vmbus/ with the sanitizers, the hosted seam and
# the scripted peer. A suite links $(HOSTED_LIBS) and gets its headers by
# $(HOSTED_INCLUDES), both of tools/mk/toolchain.mk.

$(BUILD)/hosted-test/vmbus/%.o: vmbus/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/hosted-test/peer/%.o: tests/peer/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/hosted-test/libvmbus.a: $(patsubst vmbus/%.c,\
    $(BUILD)/hosted-test/vmbus/%.o,$(VMBUS_SOURCES))
	@rm -f $@
	@ar qcs $@ $^

$(BUILD)/hosted-test/libpeer.a: $(patsubst tests/peer/%.c,\
    $(BUILD)/hosted-test/peer/%.o,$(wildcard tests/peer/*.c))
	@rm -f $@
	@ar qcs $@ $^

-include $(wildcard $(BUILD)/hosted-test/*/*.d \
    $(BUILD)/hosted-test/*/*/*.d $(BUILD)/hosted-test/*/*/*/*.d)
