# What `make release` hands out, and the version it bears.

SUITES += release
.PHONY: suite-release
suite-release: $(SDK_DONE) $(BUILD)/vmbare.efi $(BUILD)/vmbare-direct.elf \
    $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd \
    $(BUILD)/vmbare.iso
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/release/release_test.py \
	    '$(BUILD)' '$(VMBARE_VERSION)' '$(CC_GUEST)' '$(RELEASE_FONT)' '$(SDK)'
