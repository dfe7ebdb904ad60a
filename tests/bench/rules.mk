# make bench: every benchmark's figures -> build/bench.tsv and a table beside
# the goals. A benchmark NAME is in BENCHES and has a target bench-NAME that
# prints lines 'name <tab> value <tab> unit' on standard output.

# Figures are counted on what gcc makes.
LINT_CFLAGS_tests/bench/ring = -D_GNU_SOURCE \
    $(if $(findstring clang,$(CC_GUEST)),-Wno-unknown-attributes)

include $(sort $(wildcard tests/bench/*/rules.mk))

# The smallest useful image (boot, bus, KMCL, list of offers).
SMALL_APP ?= offers

BENCHES += size
HELP    += 'bench|figures beside their goals, also in build/bench.tsv'
.PHONY: bench benches bench-names bench-size

benches:
	@echo $(BENCHES)

bench-names:
	@tools/check-names BENCHES '$(BENCHES)' "$$(MAKEFLAGS= $(MAKE) -s benches)"

bench-size: $(BUILD)/vmbare.efi $(BUILD)/app-$(SMALL_APP).efi
	@stat -L -c 'image.efi.bytes	%s	bytes' $(BUILD)/app-$(SMALL_APP).efi
	@stat -L -c 'appliance.efi.bytes	%s	bytes' $(BUILD)/vmbare.efi
	@tests/bench/code-lines boot arch hv vmbus kmcl drivers

bench: bench-names $(BUILD)/vmbare.efi
	@: >$(BUILD)/bench.tsv.new
	@failed=0; for bench in $(BENCHES); do \
	    echo "bench: $$bench" >&2; \
	    $(MAKE) -s --no-print-directory bench-$$bench \
	        >>$(BUILD)/bench.tsv.new || failed=1; \
	done; \
	grep "$$(printf '\t')" $(BUILD)/bench.tsv.new | \
	    sort -u >$(BUILD)/bench.tsv; \
	rm $(BUILD)/bench.tsv.new; \
	tests/bench/table $(BUILD)/bench.tsv tests/bench/goals.tsv || failed=1; \
	exit $$failed
