# The long forms of suites that `make test` runs in part. Each ends with its
# count, the date and the commit, for the table in docs/testing.md.

LONG_SECONDS ?= 60

# NAME: the suite, and the variables that make it whole.
LONG_mutants-all  := mutants MUTANTS=all
LONG_plants-all   := plants MUTANTS=all
LONG_fuzz-long    := fuzz TEST_SECONDS=$(LONG_SECONDS)
LONG_model-long   := kmcl-model TEST_SECONDS=$(LONG_SECONDS)
LONG_balloon-long := balloon BALLOON_SECONDS=600
LONG_minihv-mutants := minihv-mutants MUTANTS=$(or $(MUTANTS),all)

LONG_COMMAND = $(MAKE) -s --no-print-directory suite-{} \
    $(wordlist 2,9,$(LONG_$@))

LONG_FORMS := mutants-all plants-all fuzz-long model-long balloon-long \
    minihv-mutants

HELP += 'mutants-all|every mutant; plants-all: every planted fault'
HELP += 'fuzz-long|each fuzzer for LONG_SECONDS=60; model-long: the model'
HELP += 'minihv-mutants|break minihv in one place at a time'
HELP += 'balloon-long|dynamic memory up and down for ten minutes'
.PHONY: $(LONG_FORMS)
$(LONG_FORMS): all $(BUILD)/deps-run.stamp $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/driver.py \
	    --logs $(BUILD)/long --minutes 600 --suite-minutes 600 \
	    --command '$(LONG_COMMAND)' $(firstword $(LONG_$@)); \
	status=$$?; \
	echo "$@: $$(date +%F), commit $$(git rev-parse --short HEAD)"; \
	exit $$status
