# Checks that the media of `make images` boot and are the same every time.

SUITES += images
.PHONY: suite-images
suite-images: $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd \
    $(BUILD)/vmbare.iso $(BUILD)/deps-run.stamp
	@tests/images/run '$(BUILD)'
