# The ring's own source between two processors, all interleavings. Without
# sanitizers: the explorer copies stacks to and fro, and each state's work is
# checked by suite 'ring' already.

INTERLEAVE         := $(BUILD)/interleave
INTERLEAVE_SOURCES := $(sort $(wildcard tests/interleave/*.c)) \
    $(filter-out vmbus/ring/packet_%,$(wildcard vmbus/ring/*.c))
INTERLEAVE_OBJECTS := $(INTERLEAVE_SOURCES:%.c=$(INTERLEAVE)/%.o)

$(INTERLEAVE)/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -D_GNU_SOURCE -I. -Ivmbus/include -Itests/interleave \
	    -DRING_ACCESS='"model_access.h"' -MMD -MP -c $< -o $@

$(INTERLEAVE)/interleave_test: $(INTERLEAVE_OBJECTS)
	@$(CC_HOSTED) -o $@ $^

SUITES += interleave
.PHONY: suite-interleave
suite-interleave: $(INTERLEAVE)/interleave_test
	@timeout --foreground 900 $< || [ $$? -lt 99 ] || echo "not ok - $< ended early"

-include $(INTERLEAVE_OBJECTS:.o=.d)

LINT_CFLAGS_tests/interleave := -D_GNU_SOURCE
