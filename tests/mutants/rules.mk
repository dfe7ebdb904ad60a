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

# The same without a table: takes out each check in FILES (files or folders),
# one by one. Each costs some seconds, so this is not part of `make test`.
# SWEEP_SUITES names the suites instead of sweep_suites.txt.
SWEEP_SUITES ?=
HELP += 'mutants-sweep|take out each check of FILES="vmbus/host kmcl/..." by turns'
.PHONY: mutants-sweep
mutants-sweep: $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/sweep.py \
	    --build $(BUILD) --suites tests/mutants/sweep_suites.txt \
	    --accepted tests/mutants/accepted.txt --only '$(SWEEP_SUITES)' $(or $(FILES),kmcl vmbus)
