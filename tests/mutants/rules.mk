# Each check must be able to fail: the tables name what is broken and which
# suite must see it. MUTANTS=text runs those whose name or suite has the text.

MUTANT_TABLES := $(sort $(wildcard tests/mutants/*.tsv))
MUTANTS       ?=

# Not inside a mutant's own build.
ifndef MUTANT
SUITES += mutants
HELP   += 'suite-mutants|break the sources one by one; MUTANTS=text for some'
endif
.PHONY: suite-mutants
suite-mutants: $(BUILD)/deps-test.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/run.py \
	    --build $(BUILD) --only '$(MUTANTS)' $(MUTANT_TABLES)
