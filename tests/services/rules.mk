# SPDX-License-Identifier: BSD-2-Clause
# drivers/services/ on minihv's services, driven by minihvctl. By hand: `make test`
# has no time left for it.
HELP += 'suite-services|the integration services of the guest, on minihv'
.PHONY: suite-services
suite-services: $(BUILD)/minihv.efi $(BUILD)/vmbare.efi \
    $(BUILD)/test-services.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/services/services_suite.py $(BUILD)
