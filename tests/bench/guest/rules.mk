# Figures that the guest itself prints, on minihv under -icount, which are the
# same on every machine. With exact=1 the guest's time stamp counter does not
# count minihv's work, except some 15 instructions per exit.
#
# bench-exits prints boot.entry_to_app again with all of minihv's work in the
# exits, which differs by some percent from snapshot to snapshot: it is shown,
# and not stored.

BENCHES += guest exits
FIGURES_SHIFT := 6
FIGURES_RUN = $(PYTHON) tests/minihv/run.py $(BUILD)/test-figures.efi \
    --args 'exit quiet' --mem 256 --icount $(FIGURES_SHIFT)

.PHONY: bench-guest bench-exits
bench-guest: $(BUILD)/test-figures.efi $(BUILD)/minihv.efi
	@$(FIGURES_RUN) --config exact=1 2>/dev/null | \
	    tests/bench/guest/figures $(FIGURES_SHIFT)

bench-exits: $(BUILD)/test-figures.efi $(BUILD)/minihv.efi
	@$(FIGURES_RUN) 2>/dev/null | tests/bench/guest/figures $(FIGURES_SHIFT) | \
	    sed -n 's/^boot.entry_to_app/boot.entry_to_app.with_exits/p'
