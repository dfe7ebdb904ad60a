# make lint: every tool over every C file. What a tool has passed is not
# looked at again until the file or a header of it changes; what clang-tidy has
# passed stays in LINT_PASSED, also for the next build folder.

LINT_DIRS    := boot arch hv vmbus kmcl drivers wdk app tools tests docs
LINT_C       := $(sort $(shell find $(LINT_DIRS) -name '*.c' 2>/dev/null))
LINT_HEADERS := $(sort $(shell find $(LINT_DIRS) -name '*.h' 2>/dev/null))
LINT_ASM     := $(sort $(shell find $(LINT_DIRS) -name '*.S' 2>/dev/null))

# Optimised as the tests are. A hosted file sees its own folder and every layer; what else a folder needs
# stands in LINT_CFLAGS_<folder>, set by its rules.mk.
LINT_HOSTED := -O1 -std=gnu11 $(WARNINGS) $(HOSTED_INCLUDES)

lint_dir   = $(patsubst %/,%,$(dir $(1)))
lint_guest = boot/% arch/% hv/% vmbus/% kmcl/% drivers/% wdk/% app/% tests/guest/%
lint_flags = -Wvla $(if $(filter $(lint_guest),$(1)),\
    $(GUEST_CFLAGS) $(call layer_flags,$(1)),\
    $(LINT_HOSTED) -I$(call lint_dir,$(1)) $(LINT_CFLAGS_$(call lint_dir,$(1))))
lint_deps  = -MP -MF $(1:.ok=.d) -MT $(1)

LINT_PASSED := $(abspath $(CACHE))/lint
# $(1): a stamp of clang's, whose list of headers is whole; $(2): other files.
lint_verdict = tools/lint/verdict $(LINT_PASSED) $(1:.ok=.d) $(2) \
    $(BUILD)/lint/versions --

# The static analyzer leaves a function after so many steps. Most time goes to the
# few functions that reach the usual 225000, where it took three times as long
# and found nothing either; LINT_DEPTH=225000 goes there.
LINT_DEPTH ?= 75000
lint_depth = $(foreach word,-Xclang -analyzer-config -Xclang \
    max-nodes=$(LINT_DEPTH),--extra-arg=$(word))

.PHONY: lint-versions
$(BUILD)/lint/versions: lint-versions
	@mkdir -p $(@D)
	@{ clang-tidy --version; cppcheck --version; echo $(LINT_DEPTH); } >$@.new
	@cmp -s $@.new $@ || mv $@.new $@

$(BUILD)/lint/gcc/%.ok: % tools/lint/rules.mk tools/mk/toolchain.mk
	@mkdir -p $(@D)
	@gcc $(call lint_flags,$<) -MMD $(call lint_deps,$@) -c -o $(@:.ok=.o) $<
	@touch $@

# Run with CC_GUEST=clang, like the next.
$(BUILD)/lint/clang/%.ok: % tools/lint/rules.mk tools/mk/toolchain.mk
	@mkdir -p $(@D)
	@clang $(call lint_flags,$<) -MD $(call lint_deps,$@) -fsyntax-only $<
	@touch $@

TIDY_CONFIG := .clang-tidy tests/.clang-tidy
$(BUILD)/lint/tidy/%.ok: % $(BUILD)/lint/clang/%.ok $(TIDY_CONFIG) \
    $(BUILD)/lint/versions
	@mkdir -p $(@D)
	@$(call lint_verdict,$(BUILD)/lint/clang/$*.ok,$(TIDY_CONFIG)) \
	    clang-tidy --quiet $(lint_depth) $< -- $(call lint_flags,$<) \
	    2>$@.err || { cat $@.err; exit 1; }
	@touch $@

# One configuration, the real one (-D__x86_64__).
$(BUILD)/lint/cppcheck/%.ok: % $(BUILD)/lint/clang/%.ok \
    tools/lint/cppcheck.cfg tools/lint/cppcheck.suppress \
    $(BUILD)/lint/versions
	@mkdir -p $(@D)
	@cppcheck --quiet --std=c11 --platform=unix64 --error-exitcode=1 \
	    --enable=warning,performance,portability --inline-suppr \
	    --library=tools/lint/cppcheck.cfg -D__x86_64__=1 \
	    --suppressions-list=tools/lint/cppcheck.suppress \
	    $(filter -I%,$(call lint_flags,$<)) $<
	@touch $@

define lint_all
.PHONY: lint-$(1)
lint-$(1): $$(LINT_C:%=$$(BUILD)/lint/$(1)/%.ok)
ifneq ($$(filter lint-%,$$(MAKECMDGOALS)),)
-include $$(wildcard $$(LINT_C:%=$$(BUILD)/lint/$(1)/%.d))
endif
endef
$(foreach tool,gcc clang tidy cppcheck,$(eval $(call lint_all,$(tool))))

LINT_MAKE := $(MAKE) -s -k -j2 --no-print-directory BUILD=$(BUILD)
LINT_TAP  := tools/lint/tap

SUITES += lint
HELP   += 'lint|format, warnings, clang-tidy, cppcheck, layers, limits of the tree'
.PHONY: lint suite-lint
lint: suite-lint

# The image first: some headers are made by the build.
suite-lint: $(BUILD)/vmbare.elf $(BUILD)/deps-lint.stamp
	@echo 1..12; failed=0; \
	$(LINT_TAP) 1 clang-format clang-format --dry-run -Werror \
	    $(LINT_C) $(LINT_HEADERS) || failed=1; \
	$(LINT_TAP) 2 'gcc -Wall -Wextra' $(LINT_MAKE) lint-gcc || failed=1; \
	$(LINT_TAP) 3 'clang -Wall -Wextra' $(LINT_MAKE) CC_GUEST=clang \
	    lint-clang || failed=1; \
	$(LINT_TAP) 4 clang-tidy $(LINT_MAKE) CC_GUEST=clang lint-tidy || \
	    failed=1; \
	$(LINT_TAP) 5 cppcheck $(LINT_MAKE) CC_GUEST=clang lint-cppcheck || \
	    failed=1; \
	$(LINT_TAP) 6 check-layers tools/check-layers || failed=1; \
	$(LINT_TAP) 7 check-length tools/check-length \
	    $(LINT_C) $(LINT_HEADERS) $(LINT_ASM) || failed=1; \
	$(LINT_TAP) 8 'the checks find what they are for' tests/lint/run || \
	    failed=1; \
	$(LINT_TAP) 9 'house measures what it says' tests/lint/house_test.py || \
	    failed=1; \
	$(LINT_TAP) 10 'limits of the tree' $(LINT_MAKE) house-limits || \
	    failed=1; \
	$(LINT_TAP) 11 'every external symbol is reached' \
	    $(LINT_MAKE) house-reach || failed=1; \
	$(LINT_TAP) 12 'a verdict is kept for the same bytes alone' \
	    $(PYTHON) tests/lint/verdict_test.py || failed=1; \
	find $(LINT_PASSED) -type f -mtime +60 -delete 2>/dev/null; \
	exit $$failed
