# `make check`: the suites of the changed files, their lint, and one boot.

CHECK = PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/check/check.py \
    --build $(BUILD) --since '$(SINCE)' --image-suites '$(IMAGE_SUITES)'

HELP += 'check|for everyday work: suites of the changed files, their lint and'
HELP += '|  one boot, in less than 3 minutes; SINCE=commit'
.PHONY: check check-list
check: all $(BUILD)/deps-run.stamp $(BUILD)/deps-test.stamp \
    $(BUILD)/deps-lint.stamp
	@$(CHECK)

HELP += 'check-list|what `make check` would run, and why'
check-list:
	@$(CHECK) --list

# Its own two suites. CHECK_FILES: the C files to look at.
CHECK_C := $(filter %.c,$(CHECK_FILES))
CHECK_LINT = $(LINT_MAKE) LINT_C='$(CHECK_C)'

.PHONY: suite-check-lint suite-check-boot
suite-check-lint: $(BUILD)/vmbare.elf
	@echo 1..7; failed=0; \
	$(LINT_TAP) 1 clang-format clang-format --dry-run -Werror \
	    $(filter %.c %.h,$(CHECK_FILES)) || failed=1; \
	$(LINT_TAP) 2 'gcc -Wall -Wextra' $(CHECK_LINT) lint-gcc || failed=1; \
	$(LINT_TAP) 3 'clang -Wall -Wextra' $(CHECK_LINT) CC_GUEST=clang \
	    lint-clang || failed=1; \
	$(LINT_TAP) 4 clang-tidy $(CHECK_LINT) CC_GUEST=clang lint-tidy || \
	    failed=1; \
	$(LINT_TAP) 5 cppcheck $(CHECK_LINT) CC_GUEST=clang lint-cppcheck || \
	    failed=1; \
	$(LINT_TAP) 6 check-layers tools/check-layers || failed=1; \
	$(LINT_TAP) 7 check-length tools/check-length $(CHECK_FILES) || \
	    failed=1; \
	exit $$failed

# run.py believes the guest only as far as minihv recorded the same.
suite-check-boot: $(BUILD)/vmbare.efi $(BUILD)/minihv.efi
	@echo 1..1; $(LINT_TAP) 1 'the appliance boots on minihv' \
	    env $(RUN) --image $(BUILD)/vmbare.efi --host minihv \
	    --args 'exit claims'
