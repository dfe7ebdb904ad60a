# Figures that the guest itself prints, on minihv under -icount, which are the
# same on every machine. With exact=1 the guest's time stamp counter does not
# count minihv's work, except some 15 instructions per exit.
#
# bench-exits prints boot.entry_to_app again with all of minihv's work in the
# exits, which differs by some percent from snapshot to snapshot: it is shown,
# and not stored.
#
# boot.cpu.bytes is how much more memory is in use with a second processor.

BENCHES += guest exits
FIGURES_SHIFT := 6
FIGURES_RUN = $(PYTHON) tests/minihv/run.py $(BUILD)/test-figures.efi \
    --args 'exit quiet' --mem 256 --icount $(FIGURES_SHIFT)

.PHONY: bench-guest bench-exits
bench-guest: $(BUILD)/test-figures.efi $(BUILD)/minihv.efi
	@$(FIGURES_RUN) --config exact=1 2>/dev/null | \
	    tests/bench/guest/figures $(FIGURES_SHIFT) >$(BUILD)/figures-one.tsv
	@cat $(BUILD)/figures-one.tsv
	@$(FIGURES_RUN) --smp 2 --config processors=2 2>/dev/null | \
	    tests/bench/guest/figures $(FIGURES_SHIFT) | \
	    cat $(BUILD)/figures-one.tsv - | awk -F '\t' '$$1 == "image.ram.bytes" \
	        {more = $$2 - more; runs++} END {if (runs != 2) exit 1; \
	        printf "boot.cpu.bytes\t%d\tbytes\n", more}'

bench-exits: $(BUILD)/test-figures.efi $(BUILD)/minihv.efi
	@$(FIGURES_RUN) 2>/dev/null | tests/bench/guest/figures $(FIGURES_SHIFT) | \
	    sed -n 's/^boot.entry_to_app/boot.entry_to_app.with_exits/p'
