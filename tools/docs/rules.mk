# make docs: the API reference, from the public headers and the guides.

DOCS_OUT     := $(BUILD)/docs
DOCS_HEADERS := $(sort $(wildcard kmcl/include/*.h kmcl/include/kmcl/*.h \
    drivers/include/drivers/*.h vmbus/include/vmbus/*.h app/include/*.h))
DOCS_PAGES   := $(sort $(wildcard docs/*.md docs/*/*.md) README.md \
    CHANGELOG.md CONTRIBUTING.md SECURITY.md $(wildcard */README.md) \
    $(wildcard drivers/*/README.md tests/*/README.md))

HELP += 'docs|build/docs/html/: the API reference; a missing contract fails'
.PHONY: docs
docs: $(BUILD)/deps-docs.stamp
	@DOCS_PAGES='$(DOCS_PAGES)' PYTHONDONTWRITEBYTECODE=1 \
	    tools/alive 'reference' tools/docs/make-docs '$(DOCS_OUT)' '$(VMBARE_VERSION)' \
	    $(DOCS_HEADERS) $(DOCS_PAGES)
	@echo '  DOCS    $(DOCS_OUT)/html/index.html' >&2
