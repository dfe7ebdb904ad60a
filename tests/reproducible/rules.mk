# The same sources give the same bytes, wherever they are built.

SUITES += reproducible
.PHONY: suite-reproducible
suite-reproducible: $(BUILD)/vmbare.efi
	@tests/reproducible/run '$(BUILD)' '$(MAKE)' APP='$(APP)'
