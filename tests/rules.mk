# `make test`: every suite that a rules.mk put into SUITES.

TEST_MINUTES ?= 70

# Suites that run images, or need one, and what they need: built before the
# lanes of the driver ask for it at the same time. A rules.mk adds to both.
IMAGE_SUITES += run image images release \
    reproducible docs lint
TEST_BUILDS  += $(BUILD)/vmbare.efi

.PHONY: test suites test-names test-builds
test-builds: $(BUILD)/deps-run.stamp
	@$(MAKE) -s -j2 --no-print-directory $(TEST_BUILDS)

HELP += 'suites|names of the suites'
suites:
	@echo $(SUITES)

# Before anything is built. The names are asked for without SUITES= of the
# command line, which stands above all that rules.mk files add.
test-names:
	@tools/check-names SUITES '$(SUITES)' "$$(MAKEFLAGS= $(MAKE) -s suites)"
	@case '$(TEST_SECONDS)' in *[!0-9]*) echo "TEST_SECONDS: found" \
	    "'$(TEST_SECONDS)', expected whole seconds" >&2; exit 2 ;; esac

suite-%:
	@tools/check-names suite '$*' "$$(MAKEFLAGS= $(MAKE) -s suites)"
	@echo "suite: there is no part '$*' of a suite" >&2; exit 2

HELP += 'test|run all suites; SUITES="a b" some; TEST_SECONDS= for timed ones'
test: test-names $(BUILD)/deps-run.stamp $(BUILD)/deps-test.stamp all
	@$(if $(word 2,$(filter $(IMAGE_SUITES),$(SUITES))),\
	    $(MAKE) -s --no-print-directory test-builds)
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/driver.py \
	    --logs $(BUILD)/test --minutes $(TEST_MINUTES) \
	    --together '$(TOGETHER)' $(SUITES)
