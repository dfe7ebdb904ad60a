# make bench: every benchmark's figures -> build/bench.tsv and a table beside
# the goals. A benchmark NAME is in BENCHES and has a target bench-NAME that
# prints lines 'name <tab> value <tab> unit' on standard output.

# Figures are counted on what gcc makes.
BENCH_LINT = $(if $(findstring clang,$(CC_GUEST)),-Wno-unknown-attributes)
LINT_CFLAGS_tests/bench/ring = -D_GNU_SOURCE $(BENCH_LINT)
LINT_CFLAGS_tests/bench/kmcl = $(BENCH_LINT)

include $(sort $(wildcard tests/bench/*/rules.mk))

# The smallest useful image: boot, bus, a KMCL client by plain functions, list of
# offers; and the same with KMCL's interface table.
SMALL_APP ?= test-small

BENCHES += size parts
HELP    += 'bench|figures beside their goals, also in build/bench.tsv'
.PHONY: bench benches bench-names bench-size bench-parts bench-figures suite-figures \
    figures-update

benches:
	@echo $(BENCHES)

bench-names:
	@tools/check-names BENCHES '$(BENCHES)' "$$(MAKEFLAGS= $(MAKE) -s benches)"

bench-size: $(BUILD)/vmbare.efi $(BUILD)/$(SMALL_APP).efi $(BUILD)/app-offers.efi
	@stat -L -c 'image.efi.bytes	%s	bytes' $(BUILD)/$(SMALL_APP).efi
	@stat -L -c 'image.query.efi.bytes	%s	bytes' $(BUILD)/app-offers.efi
	@stat -L -c 'appliance.efi.bytes	%s	bytes' $(BUILD)/vmbare.efi
	@tests/bench/code-lines boot arch hv vmbus kmcl

# The folders that image.efi.bytes consists of, and what of the default
# application is a part of its own.
bench-parts: $(BUILD)/test-small.elf $(BUILD)/vmbare.elf
	@tests/bench/parts image.part $(BUILD)/test-small.elf.map
	@tests/bench/parts --features appliance $(BUILD)/vmbare.elf.map

# $(1): the file of figures, $(2): benchmarks. A benchmark that fails leaves the
# old file.
run_benches = : >$(1).new; failed=0; for bench in $(2); do \
    echo "bench: $$bench" >&2; \
    $(MAKE) -s --no-print-directory bench-$$bench >>$(1).new || failed=1; \
    done; \
    if [ $$failed = 0 ]; \
    then grep "$$(printf '\t')" $(1).new | sort -u >$(1); rm $(1).new; fi

bench: bench-names $(BUILD)/vmbare.efi
	@$(call run_benches,$(BUILD)/bench.tsv,$(BENCHES)); \
	tests/bench/table $(BUILD)/bench.tsv tests/bench/goals.tsv || failed=1; \
	echo; PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/plot.py \
	    $(BUILD)/bench.tsv || failed=1; \
	exit $$failed

# ---- stored figures ---------------------------------------------------------

# Benchmarks that count only, and quickly: their figures are stored in
# docs/figures/, and the suite compares.
STORED_BENCHES := ring kmcl vmbus delivery size guest image

bench-figures: $(BUILD)/vmbare.efi
	@$(call run_benches,$(BUILD)/figures.tsv,$(STORED_BENCHES)); exit $$failed

SUITES       += figures
IMAGE_SUITES += figures
TEST_BUILDS  += $(BUILD)/$(SMALL_APP).efi $(BUILD)/app-offers.efi \
    $(BUILD)/test-figures.efi
suite-figures:
	@for test in figures plot parts; do PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/bench/$${test}_test.py || exit 1; done
	@$(MAKE) -s --no-print-directory bench-figures $(BUILD)/test-dearer.efi >&2
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/image/image_test.py $(BUILD)
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/suite.py \
	    $(BUILD)/figures.tsv

HELP += 'figures-update|store lower figures; WHY=, RAISE= names of higher ones'
figures-update: bench-figures
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/update.py \
	    $(BUILD)/figures.tsv '$(WHY)' $(RAISE)
