# Each check must be able to fail: the tables name what is broken and which
# suite must see it. choice.py chooses the mutants that a commit tries;
# MUTANTS=text tries those whose name or suite has the text, MUTANTS=all every
# one.

MUTANT_TABLES := $(sort $(wildcard tests/mutants/*.tsv))
MUTANTS       ?=

# Not inside a mutant's own build.
ifndef MUTANT
SUITES += mutants
HELP   += 'suite-mutants|break the sources by turns; MUTANTS=all, MUTANTS=text'
endif
.PHONY: suite-mutants
suite-mutants: $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/run.py \
	    --build $(BUILD) --only '$(MUTANTS)' $(MUTANT_TABLES)

# The same without a table: takes out each check that stands in SWEEP, one by
# one (each costs two seconds, so this is not part of `make test`).
SWEEP        ?= $(sort $(wildcard kmcl/*/*.[ch]))
SWEEP_SUITES ?= kmcl kmcl-model
HELP += 'mutants-sweep|take out each check of SWEEP="kmcl/send/send.c ..." by turns'
.PHONY: mutants-sweep
mutants-sweep: $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/sweep.py \
	    --build $(BUILD) --suites '$(SWEEP_SUITES)' \
	    --accepted tests/mutants/accepted.txt $(SWEEP)
