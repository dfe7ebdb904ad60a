# SPDX-License-Identifier: BSD-2-Clause
# Keys on their way from a terminal to a program's standard input.

SUITES += input
IMAGE_SUITES += input
TEST_BUILDS  += $(BUILD)/test-input.efi
.PHONY: suite-input
suite-input: $(BUILD)/test-input.efi $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) tests/input/input_suite.py $(BUILD)
