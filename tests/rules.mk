# `make test`: every suite that a rules.mk put into SUITES.

TEST_MINUTES ?= 70

# Suites that start hosts wait for them most of the time: they run beside the
# others, which use processors.
BESIDE = run $(SYSTEM_SUITES) minihv disk kmcl-minihv linux image images \
    reproducible

.PHONY: test

HELP += 'test|run all suites; SUITES="a b" some; TEST_SECONDS= for timed ones'
test: $(BUILD)/deps-run.stamp $(BUILD)/deps-test.stamp all
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/driver.py \
	    --logs $(BUILD)/test --minutes $(TEST_MINUTES) \
	    --beside '$(BESIDE)' $(SUITES)
