# SPDX-License-Identifier: BSD-2-Clause
# drivers/hvsock in the guest, on minihv's hv_sock. By hand: 100 MB each way take
# minutes.
HELP += 'suite-hvsock|streams between guest and host, on minihv'"'"'s hv_sock'
.PHONY: suite-hvsock
suite-hvsock: $(BUILD)/minihv.efi $(BUILD)/test-hvsock.efi \
    $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/hvsock/hvsock_suite.py $(BUILD)
