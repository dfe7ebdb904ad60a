# SPDX-License-Identifier: BSD-2-Clause
# drivers/network/ on minihv's network device, about four minutes. By hand: `make
# test` has no time left for it.
.PHONY: suite-netvsc
suite-netvsc: $(BUILD)/minihv.efi $(BUILD)/app-network.efi \
    $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/netvsc/netvsc_suite.py $(BUILD)
