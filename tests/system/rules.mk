# Suites that run the image on a host, one table of cases each.

SYSTEM_SUITES := tcg vmbus matrix faults crash power
SUITES        += $(SYSTEM_SUITES)

# The same sources with tests/system's lies compiled in: what proves that the
# suites can fail.
LYING_IMAGE := $(BUILD)/lying/vmbare.efi

.PHONY: $(LYING_IMAGE)
$(LYING_IMAGE):
	@$(MAKE) -s --no-print-directory BUILD=$(BUILD)/lying \
	    GUEST_DEFINES=-DVMBARE_TEST_LIES $@ >&2

.PHONY: $(SYSTEM_SUITES:%=suite-%)
$(SYSTEM_SUITES:%=suite-%): suite-%: $(BUILD)/vmbare.efi $(LYING_IMAGE) \
    $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/system/system.py $* --image $< --lying-image $(LYING_IMAGE) \
	    $(if $(ONLY),--only '$(ONLY)')
