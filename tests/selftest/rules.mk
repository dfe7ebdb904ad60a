# Tests of the tests: the driver, the judge and the rig's own parts.

SUITES := selftest $(SUITES)

SELFTESTS := $(sort $(wildcard tests/selftest/*_test.py))

.PHONY: suite-selftest
suite-selftest:
	@status=0; for test in $(SELFTESTS); do \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $$test || status=1; \
	done; exit $$status
