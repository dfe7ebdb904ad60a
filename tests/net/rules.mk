# SPDX-License-Identifier: BSD-2-Clause
# The IP stack in the guest, on minihv's network, with servers of Debian's outside
# of it; by hand. NET=long runs every case, with 100 MB both ways, and app/echo on
# QEMU's user network.

# How long the guest takes to an address, of QEMU's DHCP.
BENCHES += address
.PHONY: bench-address
bench-address: $(BUILD)/minihv.efi $(BUILD)/test-net.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/net/bench.py $(BUILD)

HELP += 'suite-net|the IP stack in the guest; NET=long: every case'
.PHONY: suite-net
suite-net: $(BUILD)/minihv.efi $(BUILD)/test-net.efi $(BUILD)/app-echo.efi \
    $(BUILD)/deps-run.stamp $(BUILD)/deps-net.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/net/net_suite.py $(BUILD) \
	    --only '$(ONLY)' $(if $(filter long,$(NET)),--long --amount 100000000)
ifeq ($(NET),long)
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/net/echo_suite.py $(BUILD) \
	    --only '$(ONLY)'
endif
