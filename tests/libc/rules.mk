# SPDX-License-Identifier: BSD-2-Clause
# docs/libc.md against a program that calls each function of it.

SUITES += libc
IMAGE_SUITES += libc
TEST_BUILDS  += $(BUILD)/test-libc.efi $(BUILD)/test-libc-direct.elf
.PHONY: suite-libc
suite-libc: $(BUILD)/test-libc.efi $(BUILD)/test-libc-direct.elf \
    $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) tests/libc/libc_suite.py $(BUILD)
