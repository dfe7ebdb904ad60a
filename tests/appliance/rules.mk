# SPDX-License-Identifier: BSD-2-Clause
# The default image and its network, on minihv: three minutes. By hand: `make
# test` has no time left for it.
HELP += 'suite-appliance|the address on the screen, on minihv'"'"'s network'
.PHONY: suite-appliance
suite-appliance: $(BUILD)/minihv.efi $(BUILD)/vmbare.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/appliance/appliance_suite.py \
	    $(BUILD)
