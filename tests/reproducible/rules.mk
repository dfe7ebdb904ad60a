# The same sources give the same bytes, wherever they are built; another
# version compiles what shows it and nothing else.

SUITES += reproducible
.PHONY: suite-reproducible
suite-reproducible: $(BUILD)/vmbare.efi $(BUILD)/vmbare-direct.elf \
    $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd $(BUILD)/vmbare.iso
	@tests/reproducible/run '$(BUILD)' '$(MAKE)' APP='$(APP)' \
	    VMBARE_VERSION='$(VMBARE_VERSION)'
