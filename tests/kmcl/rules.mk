# KMCL's acceptance tests on the build machine.

KMCL_TEST_INCLUDES := -Itests/kmcl $(HOSTED_INCLUDES)
KMCL_TEST_SOURCES  := $(sort $(wildcard tests/kmcl/*.c tests/kmcl/samples/*.c))

$(BUILD)/hosted-test/kmcl/%.o: kmcl/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/hosted-test/libkmcl.a: $(patsubst kmcl/%.c,\
    $(BUILD)/hosted-test/kmcl/%.o,$(wildcard kmcl/*/*.c))
	@rm -f $@
	@ar qcs $@ $^

$(BUILD)/kmcl/%.o: tests/kmcl/%.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(KMCL_TEST_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/kmcl/acceptance: $(patsubst tests/kmcl/%.c,$(BUILD)/kmcl/%.o,\
    $(KMCL_TEST_SOURCES)) $(BUILD)/hosted-test/libkmcl.a $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^

SUITES += kmcl
.PHONY: suite-kmcl test-kmcl
suite-kmcl: $(BUILD)/kmcl/acceptance
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    timeout --foreground 900 $<
	@$(PYTHON) tests/kmcl/guide.py

HELP += 'test-kmcl|KMCL acceptance tests, one per item of the list'
test-kmcl: suite-kmcl

# The same inside the guest on minihv; on other hosts: tests/system.
SUITES += kmcl-minihv
IMAGE_SUITES += kmcl-minihv
KMCL_IMAGES  := $(addprefix $(BUILD)/,test-kmcl.efi test-sample.efi \
    test-heartbeat.efi)
TEST_BUILDS  += $(KMCL_IMAGES)
.PHONY: suite-kmcl-minihv
suite-kmcl-minihv: $(KMCL_IMAGES) $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/kmcl/minihv_suite.py $(BUILD)

# Random sequences against a reference model: MODEL_ROUNDS seeds from 1 on, or
# TEST_SECONDS of them.
MODEL_ROUNDS ?= 2500
KMCL_WORLD := $(addprefix $(BUILD)/kmcl/,world.o world_bus.o hosted_world.o \
    hosted_check.o raw_host.o raw_guest.o raw_ring.o)

$(BUILD)/kmcl/model/model: $(patsubst tests/kmcl/%.c,$(BUILD)/kmcl/%.o,\
    $(wildcard tests/kmcl/model/*.c)) $(KMCL_WORLD) \
    $(BUILD)/hosted-test/libkmcl.a $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^

SUITES += kmcl-model
.PHONY: suite-kmcl-model
suite-kmcl-model: $(BUILD)/kmcl/model/model
	@case '$(SEED)' in *[!0-9]*) echo "SEED: found '$(SEED)', expected" \
	    "the number that a failure printed" >&2; exit 2 ;; esac
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    ROUNDS='$(MODEL_ROUNDS)' TEST_SECONDS='$(TEST_SECONDS)' \
	    $(SEED:%=SEED=%) $<

-include $(wildcard $(BUILD)/kmcl/model/*.d \
    $(BUILD)/hosted-test/kmcl/*/*.d) $(wildcard $(BUILD)/kmcl/*.d $(BUILD)/kmcl/samples/*.d)
LINT_CFLAGS_tests/kmcl/model := -Itests/kmcl
LINT_CFLAGS_tests/kmcl/samples/app := -Itests/kmcl/samples -Iapp/include
LINT_CFLAGS_tests/kmcl/samples/heartbeat := -Iapp/include
