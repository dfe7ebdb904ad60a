# SPDX-License-Identifier: BSD-2-Clause
# What `make install` puts down is enough: tests/install/run builds
# docs/examples from the installed files alone.

SUITES += install
.PHONY: suite-install
suite-install: $(HOSTLIB) $(SDK_DONE) $(BUILD)/deps-test.stamp
	@tests/install/run $(BUILD)/install-test '$(MAKE)' '$(CC_HOSTED)'
