# Tests drivers/storage and app/disk on the build machine against a false host.

DISK_TEST_CFLAGS := -Itests/disk -Iapp/include -Idrivers/include $(TEST_CFLAGS)
DISK_TEST_OBJECTS := \
    $(patsubst tests/disk/%.c,$(BUILD)/disk/%.o,$(wildcard tests/disk/*.c)) \
    $(patsubst %.c,$(BUILD)/disk/drivers/%.o,\
        $(notdir $(wildcard drivers/storage/*.c))) \
    $(patsubst app/disk/%.c,$(BUILD)/disk/app/%.o,\
        $(filter-out app/disk/main.c,$(wildcard app/disk/*.c))) \
    $(addprefix $(BUILD)/kmcl/,world.o world_bus.o hosted_world.o \
        hosted_check.o hosted_apart.o raw_host.o raw_guest.o raw_ring.o)
LINT_CFLAGS_tests/disk := -Iapp/include -Idrivers/include

# Driver and application get the same include folders as in the guest.
$(BUILD)/disk/drivers/%.o: drivers/storage/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) -I. -Idrivers/include -Iapp/include \
	    -Ikmcl/include -MMD -MP -c $< -o $@

$(BUILD)/disk/app/%.o: app/disk/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) -Iapp/disk -Iapp/include \
	    -Idrivers/include -Ikmcl/include -MMD -MP -c $< -o $@

$(BUILD)/disk/%.o: tests/disk/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(DISK_TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/disk/lies: $(DISK_TEST_OBJECTS) $(BUILD)/hosted-test/libkmcl.a \
    $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^

SUITES += disk-lies
.PHONY: suite-disk-lies
suite-disk-lies: $(BUILD)/disk/lies
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    timeout --foreground 900 $<

-include $(wildcard $(BUILD)/disk/*.d $(BUILD)/disk/app/*.d \
    $(BUILD)/disk/drivers/*.d)
