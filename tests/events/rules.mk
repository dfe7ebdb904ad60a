# Events, timers, messages and work of applications (app/system/events): a model
# of two processors in every interleaving, the contract on the hosted platform
# with the sanitizers, and real threads with ThreadSanitizer and AddressSanitizer.

EVENTS         := $(BUILD)/events
EVENTS_SOURCES := $(sort $(wildcard app/system/events/*.c))
EVENTS_CFLAGS  := $(HOSTED_INCLUDES) -Iapp/include

# Without sanitizers: the explorer copies stacks to and fro.
EVENTS_MODEL := $(EVENTS_SOURCES) tests/events/model_platform.c \
    tests/events/model_test.c tests/delivery/explore.c

$(EVENTS)/model/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -D_GNU_SOURCE $(EVENTS_CFLAGS) \
	    -DEVENTS_PROCESSORS=2u -MMD -MP -c $< -o $@

$(EVENTS)/model_test: $(EVENTS_MODEL:%.c=$(EVENTS)/model/%.o)
	@$(CC_HOSTED) -o $@ $^

.PHONY: suite-events-model
suite-events-model: $(EVENTS)/model_test
	@timeout --foreground 300 $< || [ $$? -lt 99 ] || \
	    echo "not ok - $< ended early"

# The contract, with the sanitizers.
EVENTS_HOSTED := $(EVENTS_SOURCES) tests/events/hosted_test.c

$(EVENTS)/hosted/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(EVENTS_CFLAGS) -MMD -MP -c $< -o $@

$(EVENTS)/hosted_test: $(EVENTS_HOSTED:%.c=$(EVENTS)/hosted/%.o) $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

.PHONY: suite-events-hosted
suite-events-hosted: $(EVENTS)/hosted_test
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    CMOCKA_MESSAGE_OUTPUT=TAP timeout --foreground 100 $< || \
	    [ $$? -lt 99 ] || echo "not ok - $< ended early"

# Real threads, on the platform of tests/threads, whose objects serve here too.
EVENTS_THREADS  := $(EVENTS_SOURCES) tests/events/threads_test.c
EVENTS_PLATFORM := $(filter-out %/threads_test.c,$(wildcard tests/threads/*.c \
    tests/looped/*.c kmcl/*/*.c)) $(VMBUS_SOURCES)

define events_threads_rules
$(EVENTS)/$(1)/%.o: %.c $(BUILD)/deps-test.stamp tests/threads/rules.mk \
    $(FLAGS_HERE)
	@mkdir -p $$(@D)
	@echo '  TESTCC  $$<' >&2
	@$$(CC_HOSTED) $$(THREADS_CFLAGS_$(1)) $$(EVENTS_CFLAGS) -MMD -MP -c $$< -o $$@

$(EVENTS)/$(1)/threads_test: $(EVENTS_THREADS:%.c=$(EVENTS)/$(1)/%.o) \
    $(EVENTS_PLATFORM:%.c=$(BUILD)/threads/$(1)/%.o)
	@$$(CC_HOSTED) $$(THREADS_CFLAGS_$(1)) -o $$@ $$^ -lpthread
endef
EVENTS_SANITIZERS := thread address
$(foreach sanitizer,$(EVENTS_SANITIZERS),\
    $(eval $(call events_threads_rules,$(sanitizer))))

.PHONY: suite-events-threads
suite-events-threads: $(EVENTS_SANITIZERS:%=$(EVENTS)/%/threads_test)
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/events/threads.py $(EVENTS)

# Inside the guest.
.PHONY: suite-events-guest
EVENTS_IMAGES := $(foreach image,test-events app-compute,\
    $(BUILD)/$(image).efi $(BUILD)/$(image)-direct.elf)
suite-events-guest: $(EVENTS_IMAGES) $(BUILD)/app-offers.efi $(BUILD)/minihv.efi \
    $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/events/guest.py $(BUILD)

SUITES       += events
IMAGE_SUITES += events
TEST_BUILDS  += $(EVENTS_IMAGES)
.PHONY: suite-events
suite-events: suite-events-model suite-events-hosted suite-events-threads \
    suite-events-guest

-include $(wildcard $(EVENTS)/*/*/*/*.d $(EVENTS)/*/*/*/*/*.d)
LINT_CFLAGS_tests/events := -D_GNU_SOURCE $(EVENTS_CFLAGS)
