# How many branches of vmbus/ the hosted suites take: they are built once more
# with counters and run; COVERAGE_LIMIT percent are wanted.

COVERAGE_SUITES := bus bus-faults ring hosthalf halves kmcl
COVERAGE_CFLAGS := -O0 -g -std=gnu11 $(WARNINGS) --coverage
COVERAGE_LIMIT  ?= 95

ifndef MUTANT
SUITES += coverage
HELP   += 'coverage|branch coverage of vmbus/ by the hosted suites, by file'
endif
.PHONY: suite-coverage coverage
coverage: suite-coverage
suite-coverage: $(BUILD)/deps-test.stamp
	@find $(BUILD)/coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) -s --no-print-directory BUILD=$(BUILD)/coverage \
	    TEST_CFLAGS='$(COVERAGE_CFLAGS)' \
	    $(COVERAGE_SUITES:%=suite-%) > $(BUILD)/coverage.log 2>&1 || \
	    { tail -n 20 $(BUILD)/coverage.log >&2; false; }
	@tests/coverage/run.py --build $(BUILD)/coverage --source vmbus \
	    --limit $(COVERAGE_LIMIT)
