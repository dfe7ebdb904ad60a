# Checks that the media of `make images` boot, are the same every time, and that
# the VHDX is what its specification says.

SUITES += images
.PHONY: suite-images
suite-images: $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd \
    $(BUILD)/vmbare.iso $(BUILD)/deps-run.stamp
	@status=0; \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/images/vhdx_test.py || status=1; \
	tests/images/run '$(BUILD)' || status=1; exit $$status
