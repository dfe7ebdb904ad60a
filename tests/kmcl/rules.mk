# KMCL's acceptance tests on the build machine.

KMCL_TEST_INCLUDES := -Itests/kmcl $(HOSTED_INCLUDES)
KMCL_TEST_SOURCES  := $(sort $(wildcard tests/kmcl/*.c tests/kmcl/samples/*.c))

$(BUILD)/hosted-test/kmcl/%.o: kmcl/%.c
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/hosted-test/libkmcl.a: $(patsubst kmcl/%.c,\
    $(BUILD)/hosted-test/kmcl/%.o,$(wildcard kmcl/*/*.c))
	@rm -f $@
	@ar qcs $@ $^

$(BUILD)/kmcl/%.o: tests/kmcl/%.c
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
TEST_BUILDS  += $(BUILD)/test-kmcl.efi $(BUILD)/test-sample.efi
.PHONY: suite-kmcl-minihv
suite-kmcl-minihv: $(BUILD)/test-kmcl.efi $(BUILD)/test-sample.efi \
    $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/minihv/run.py $< \
	    --args 'exit quiet' --config deadline=600 --deadline 900 \
	    >$(BUILD)/kmcl-minihv.log 2>&1; \
	ended=$$?; echo 1..3; \
	if grep '^# kmcl acceptance: 150 of 150' $(BUILD)/kmcl-minihv.log && \
	    grep -q "QEMU's status 33" $(BUILD)/kmcl-minihv.log; \
	then echo 'ok 1 - KMCL inside the guest, on minihv'; \
	else echo "not ok 1 - KMCL inside the guest, on minihv ($$ended)"; \
	    grep -E '^(not ok|# )' $(BUILD)/kmcl-minihv.log | head -20; fi
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/minihv/run.py \
	    $(BUILD)/test-sample.efi --args 'exit quiet no-bus' \
	    >$(BUILD)/kmcl-sample.log 2>&1; \
	if grep -q '^1 was answered with 2' $(BUILD)/kmcl-sample.log && \
	    grep -q "QEMU's status 33" $(BUILD)/kmcl-sample.log; \
	then echo 'ok 2 - the sample application, client and server'; \
	else echo 'not ok 2 - the sample application, client and server'; \
	    sed 's/^/# /' $(BUILD)/kmcl-sample.log | tail -20; fi
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/minihv/run.py $< \
	    --args 'exit quiet item=145' --deadline 300 \
	    --config 'without=reftsc;slow=150' >$(BUILD)/kmcl-slow.log 2>&1; \
	if grep -q '^# kmcl acceptance: 1 of 150' $(BUILD)/kmcl-slow.log && \
	    grep -q "QEMU's status 33" $(BUILD)/kmcl-slow.log; \
	then echo 'ok 3 - item 145 ends where each look at the clock is slow'; \
	else echo 'not ok 3 - item 145 ends where each look at the clock is' \
	    'slow'; sed 's/^/# /' $(BUILD)/kmcl-slow.log | tail -20; fi

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
