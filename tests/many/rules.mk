# 2,000 channels at once on the build machine. vmbus/ and kmcl/ are compiled so
# that each block of code counts itself; the test, which defines the counter, and
# the platform are not.

MANY         := $(BUILD)/many
MANY_COUNTED := $(VMBUS_SOURCES) $(sort $(wildcard kmcl/*/*.c))
MANY_OTHERS  := tests/many/many_test.c tests/looped/looped.c \
    $(sort $(wildcard tests/peer/hosted*.c))
MANY_OBJECTS := $(MANY_COUNTED:%.c=$(MANY)/%.o) $(MANY_OTHERS:%.c=$(MANY)/%.o)

$(MANY_COUNTED:%.c=$(MANY)/%.o): MANY_CFLAGS := -fsanitize-coverage=trace-pc

$(MANY)/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) $(MANY_CFLAGS) -D_GNU_SOURCE \
	    $(HOSTED_INCLUDES) -Itests/peer -MMD -MP -c $< -o $@

$(MANY)/many_test: $(MANY_OBJECTS)
	@$(CC_HOSTED) -o $@ $^

SUITES += many
.PHONY: suite-many
suite-many: $(MANY)/many_test
	@timeout --foreground 120 $< || echo "not ok - $< ended early"

-include $(MANY_OBJECTS:.o=.d)

LINT_CFLAGS_tests/many := -D_GNU_SOURCE $(HOSTED_INCLUDES)
