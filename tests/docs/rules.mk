# The reference that `make docs` makes, what it must refuse, and the tables of
# docs/libc.md.

SUITES += docs
.PHONY: suite-docs
suite-docs: $(BUILD)/vmbare.elf $(BUILD)/deps-docs.stamp
	@DOCS_PAGES='$(DOCS_PAGES)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) tests/docs/docs_test.py '$(BUILD)' '$(VMBARE_VERSION)' \
	    '$(CC_GUEST) $(GUEST_LDFLAGS) $(IMAGE_OBJECTS)' \
	    '$(NEWLIB)/lib/libc.a $(NEWLIB)/lib/libm.a $(LIBGCC)' \
	    $(DOCS_HEADERS) $(DOCS_PAGES)
