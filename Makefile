# vmbare: one EFI program that is the operating system of a Hyper-V VM.
# `make help` lists what can be asked for; each folder's rules.mk adds its own.

BUILD ?= build
APP   ?= appliance

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

# A misspelt name would go unseen, and the run would do something else.
GIVEN := $(strip $(foreach name,$(.VARIABLES),$(if $(findstring \
    command line,$(origin $(name))),$(name))))
UNKNOWN := $(filter-out $(shell sed -n 's/^\([A-Z_]\{1,\}\) .*/\1/p' \
    tools/mk/variables),$(GIVEN))
$(if $(UNKNOWN),$(shell tools/check-variables '$(GIVEN)' tools/mk/variables)\
    $(error found variables that nothing reads: $(UNKNOWN)))

# What every rules.mk may add to:
#   HELP    lines 'target|what it does' that `make help` prints
#   SUITES  names of test suites in the order of running; a suite NAME has a
#           target suite-NAME that prints TAP on standard output
#   BENCHES names of benchmarks; bench-NAME prints lines of build/bench.tsv
HELP    :=
SUITES  :=
BENCHES :=

include tools/mk/toolchain.mk
include $(sort $(wildcard */rules.mk tests/*/rules.mk tools/*/rules.mk))

.PHONY: all help clean
HELP += 'all|build/vmbare.efi and vmbare-direct.elf (the default);'
HELP += '|  APP=name for another application in app/,'
HELP += '|  BUILD=, CACHE= folders, NO_INSTALL=1 installs no packages'
all: $(BUILD)/vmbare.efi $(BUILD)/vmbare-direct.elf

HELP += 'clean|remove build/; downloads and newlib stay in the cache'
clean:
	rm -rf $(BUILD)
	@$(if $(filter-out clean,$(MAKECMDGOALS)),$(VERSION_HEADERS))

HELP += 'help|this list'
help:
	@echo "vmbare: targets (make TARGET [NAME=value ...])"
	@printf '%s\n' $(HELP) '' 'NAME=value|a line for each NAME is in tools/mk/variables' | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'
