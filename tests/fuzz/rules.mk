# Fuzzers (libFuzzer): each folder NAME here with a file SRCS is one.
#
#   NAME/*.c     LLVMFuzzerTestOneInput and what it needs
#   NAME/SRCS    one line: the sources under test, from the root of the tree
#                (shell patterns allowed); their branches are the target
#   NAME/FLAGS   one line of compiler flags, and of sources that are needed but
#                are not the target; may be missing; $(HOSTED_INCLUDES)
#                and -Itests/fuzz/NAME are there already
#   NAME/ROUNDS  one line: how many inputs the suite 'fuzz' runs
#   NAME/corpus/ inputs; alone they reach 90 % of the target's branches
#   NAME/LIMIT   another percentage: branches of ip are for a caller's mistakes,
#                which tests/ip makes, and most of what it tests is lwIP's
#
# The suite 'fuzz' runs each corpus, then ROUNDS inputs, most of them new, or
# new ones for TEST_SECONDS when that is set. A commit runs every second fuzzer
# and the next one the others; all of them with ALL=1 or TEST_SECONDS. The
# suite 'plants' breaks the sources as plants/*.tsv tell (the format of
# tests/mutants) and gives the fuzzer 300 seconds to find each.

FUZZERS      := $(sort $(patsubst tests/fuzz/%/SRCS,%,\
    $(wildcard tests/fuzz/*/SRCS)))
FUZZ_CC      := clang
FUZZ_CFLAGS  := -O1 -g -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -fno-omit-frame-pointer
FUZZ_CHECKS  := -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all
FUZZ_COUNT   := -fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping

# lwIP for the fuzzer `ip`: somebody else's code, without warnings, and its
# branches do not count. It adds an offset to a pointer of an empty buffer.
FUZZ_LWIP_CFLAGS := $(filter-out -Werror,$(FUZZ_CFLAGS)) -w $(LWIP_CFLAGS)
$(BUILD)/fuzz/lwip/%.o: $(LWIP)/src/% $(LWIP_PORT) $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_LWIP_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize=pointer-overflow -fno-sanitize-recover=all -c $< -o $@
$(BUILD)/fuzz/lwip.count/%.o: $(LWIP)/src/% $(LWIP_PORT) \
    $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_LWIP_CFLAGS) -c $< -o $@
FUZZ_LIBS_ip  := $(BUILD)/fuzz/lwip/liblwip.a
FUZZ_COUNT_ip := $(BUILD)/fuzz/lwip.count/liblwip.a
$(FUZZ_LIBS_ip): $(LWIP_FILES:%=$(BUILD)/fuzz/lwip/%.o)
$(FUZZ_COUNT_ip): $(LWIP_FILES:%=$(BUILD)/fuzz/lwip.count/%.o)
$(FUZZ_LIBS_ip) $(FUZZ_COUNT_ip):
	@rm -f $@; ar rcs $@ $^
FUZZ_MORE_ip  := $(LWIP_CFLAGS)

# $(1): name
define fuzz_rules
FUZZ_WORDS_$(1)   := $$(shell cat tests/fuzz/$(1)/FLAGS 2>/dev/null) \
    $(FUZZ_MORE_$(1))
LINT_CFLAGS_tests/fuzz/$(1) := -D_GNU_SOURCE \
    $$(filter-out %.c,$$(FUZZ_WORDS_$(1)))
FUZZ_AMOUNT_$(1)  := $(if $(TEST_SECONDS),-max_total_time=$(TEST_SECONDS),\
    -runs=$$(shell cat tests/fuzz/$(1)/ROUNDS))
FUZZ_TARGET_$(1)  := $$(wildcard $$(shell cat tests/fuzz/$(1)/SRCS))
FUZZ_SOURCES_$(1) := $$(sort $$(wildcard tests/fuzz/$(1)/*.c)) \
    $$(FUZZ_TARGET_$(1))
FUZZ_FLAGS_$(1)   := $$(FUZZ_CFLAGS) $$(HOSTED_INCLUDES) -Itests/fuzz/$(1) \
    $$(FUZZ_WORDS_$(1))

$(BUILD)/fuzz/$(1): $$(FUZZ_SOURCES_$(1)) $$(wildcard tests/fuzz/$(1)/*.h \
    $$(filter %.c,$$(FUZZ_WORDS_$(1))) vmbus/*/*.h vmbus/*/*/*.h \
    kmcl/*/*.h kmcl/*/*/*.h) \
    $$(FUZZ_LIBS_$(1)) $(BUILD)/deps-test.stamp
	@mkdir -p $$(@D)
	@echo '  FUZZCC  $$@' >&2
	@tools/compile-each $$(FUZZ_CC) $$(FUZZ_FLAGS_$(1)) $$(FUZZ_CHECKS) -o $$@ \
	    $$(FUZZ_SOURCES_$(1)) $$(FUZZ_LIBS_$(1):%/liblwip.a=-L% -llwip)

$(BUILD)/fuzz/$(1).count: $(BUILD)/fuzz/$(1) $$(FUZZ_COUNT_$(1))
	@tools/compile-each $$(FUZZ_CC) $$(FUZZ_FLAGS_$(1)) $$(FUZZ_COUNT) -o $$@ \
	    $$(FUZZ_SOURCES_$(1)) $$(FUZZ_COUNT_$(1):%/liblwip.a=-L% -llwip)

.PHONY: suite-fuzz-$(1)
suite-fuzz-$(1): $(BUILD)/fuzz/$(1) $$(if $$(MUTANT),,$(BUILD)/fuzz/$(1).count)
	@tests/fuzz/run $(1) $(BUILD)/fuzz tests/fuzz/$(1)/corpus \
	    $$(FUZZ_AMOUNT_$(1)) $$(FUZZ_TARGET_$(1))
endef
$(foreach fuzzer,$(FUZZERS),$(eval $(call fuzz_rules,$(fuzzer))))

ifndef MUTANT
SUITES += fuzz plants
HELP   += 'fuzz|FUZZER=name: fuzz until stopped; new inputs in build/fuzz/'
endif

.PHONY: suite-fuzz suite-plants fuzz
FUZZ_PARTS := 2
FUZZ_TURN   = $(if $(ALL)$(TEST_SECONDS),$(FUZZERS),$(shell \
    $(PYTHON) tests/turn.py $(FUZZ_PARTS) $(FUZZERS)))
suite-fuzz:
	@echo '# of $(words $(FUZZERS)) fuzzers: $(FUZZ_TURN); ALL=1 runs every one'
	@$(MAKE) -s --no-print-directory $(patsubst %,suite-fuzz-%,$(FUZZ_TURN))

suite-plants: $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/run.py \
	    --build $(BUILD)/plants --seconds 300 --only '$(MUTANTS)' \
	    $(sort $(wildcard tests/fuzz/plants/*.tsv))

fuzz:
	@tools/check-names FUZZER '$(FUZZER)' '$(FUZZERS)'
	@[ $(words $(FUZZER)) = 1 ] || \
	    { echo 'FUZZER: found $(FUZZER), expected one of them' >&2; exit 2; }
	@$(MAKE) -s --no-print-directory $(BUILD)/fuzz/$(FUZZER)
	@mkdir -p $(BUILD)/fuzz/new.$(FUZZER)
	cd $(BUILD)/fuzz && ./$(FUZZER) -use_value_profile=1 new.$(FUZZER) \
	    $(CURDIR)/tests/fuzz/$(FUZZER)/corpus
