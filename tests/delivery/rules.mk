# The pump and KMCL's receiving half between two processors, all interleavings.
# Without sanitizers: the explorer copies stacks to and fro.

DELIVERY         := $(BUILD)/delivery
DELIVERY_SOURCES := $(sort $(wildcard tests/delivery/*.c kmcl/*/*.c)) $(VMBUS_SOURCES)
DELIVERY_OBJECTS := $(DELIVERY_SOURCES:%.c=$(DELIVERY)/%.o)

$(DELIVERY)/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -D_GNU_SOURCE $(HOSTED_INCLUDES) \
	    -Itests/delivery -DPUMP_ACCESS='"pump_access.h"' \
	    -DKMCL_READ_AHEAD=2u -MMD -MP -c $< -o $@

$(DELIVERY)/delivery_test: $(DELIVERY_OBJECTS)
	@$(CC_HOSTED) -o $@ $^

SUITES += delivery
.PHONY: suite-delivery
suite-delivery: $(DELIVERY)/delivery_test
	@timeout --foreground 900 $< || [ $$? -lt 99 ] || echo "not ok - $< ended early"

-include $(DELIVERY_OBJECTS:.o=.d)

LINT_CFLAGS_tests/delivery := -D_GNU_SOURCE $(HOSTED_INCLUDES)
