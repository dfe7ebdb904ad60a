# Honest ends on processors that preempt each other at every lock. Without
# sanitizers, because many stacks are switched between.

LIVENESS         := $(BUILD)/liveness
LIVENESS_SOURCES := $(sort $(wildcard tests/liveness/*.c tests/looped/*.c \
    kmcl/*/*.c)) $(VMBUS_SOURCES) tests/peer/hosted_memory.c tests/peer/hosted_cpu.c
LIVENESS_OBJECTS := $(LIVENESS_SOURCES:%.c=$(LIVENESS)/%.o)

# Timers that look for lost signals wait for an hour: no signal is lost here.
$(LIVENESS)/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -D_GNU_SOURCE $(HOSTED_INCLUDES) \
	    -Itests/liveness -Itests/peer -DPUMP_ACCESS='"pump_access.h"' \
	    -DPUMP_LOOK_AGAIN='(3600*SEAM_S)' -MMD -MP -c $< -o $@

$(LIVENESS)/liveness_test: $(LIVENESS_OBJECTS)
	@$(CC_HOSTED) -o $@ $^

SUITES += liveness
.PHONY: suite-liveness
suite-liveness: $(LIVENESS)/liveness_test
	@$(SEED:%=SEED=%) timeout --foreground 300 $< || [ $$? -lt 99 ] || \
	    echo "not ok - $< ended early"

-include $(LIVENESS_OBJECTS:.o=.d)

LINT_CFLAGS_tests/looped := $(HOSTED_INCLUDES)
LINT_CFLAGS_tests/liveness := -D_GNU_SOURCE $(HOSTED_INCLUDES) -Itests/peer
