# Figures that the guest itself tells, on minihv under -icount: exact, and the
# same on every machine. What minihv does in its exits counts as well.

BENCHES += guest
FIGURES_SHIFT := 6

.PHONY: bench-guest
bench-guest: $(BUILD)/test-figures.efi $(BUILD)/minihv.efi
	@$(PYTHON) tests/minihv/run.py $(BUILD)/test-figures.efi \
	    --args 'exit quiet' --mem 256 --icount $(FIGURES_SHIFT) \
	    2>/dev/null | tests/bench/guest/figures $(FIGURES_SHIFT)
