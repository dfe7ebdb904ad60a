# SPDX-License-Identifier: BSD-2-Clause
# Applications are built and run with the installed SDK alone.

# As `make lint` sees the application of C: with the headers of the sources.
SDK_LINT := -Iapp/include -Idrivers/include -Itests/sdk/app/include -DOF_ALL=11 -DOF_C=12
LINT_CFLAGS_tests/sdk/app := $(SDK_LINT)
LINT_CFLAGS_docs/examples/hello := $(SDK_LINT)
LINT_CFLAGS_docs/examples/echo := $(SDK_LINT)
LINT_CFLAGS_docs/examples/driver := $(GUEST_CFLAGS_driver)
LINT_CFLAGS_tests/sdk/driver := $(GUEST_CFLAGS_driver)
LINT_CFLAGS_docs/examples/compute := $(SDK_LINT)

TEST_BUILDS += $(SDK_DONE)

SUITES += sdk
.PHONY: suite-sdk
suite-sdk: $(SDK_DONE) $(HOSTLIB) $(BUILD)/deps-run.stamp \
    $(BUILD)/deps-test.stamp $(BUILD)/deps-images.stamp
	@VMBARE_CACHE='$(abspath $(CACHE))' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) tests/sdk/sdk_test.py '$(MAKE)' '$(abspath $(BUILD))'
