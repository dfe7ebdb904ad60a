# Suites that run the image on a host, one table of cases each.

SYSTEM_SUITES := tcg vmbus matrix faults crash power \
    inside inside-tcg inside-minihv \
    bus-host balloon kmcl-tcg kmcl-host
SUITES        += run $(SYSTEM_SUITES)

# The same images with lies.c around two of their functions: what proves that
# the suites can fail.
LYING := $(BUILD)/lying

.PHONY: lying
lying:
	@$(MAKE) -s --no-print-directory BUILD=$(LYING) \
	    EXTRA_SOURCES=tests/system/lies.c \
	    EXTRA_LDFLAGS='-Wl,--wrap=cmdline_parse -Wl,--wrap=log_write' \
	    $(LYING)/vmbare.efi $(LYING)/test-machine.efi \
	    $(LYING)/test-bus.efi $(LYING)/app-balloon.efi >&2

# Most suites run the appliance; these run a test program in its place.
suite_image = $(or $(IMAGE_$(1)),vmbare)
IMAGE_inside     := test-machine
IMAGE_inside-tcg := test-machine
IMAGE_inside-minihv := test-machine
IMAGE_bus-host    := test-bus
IMAGE_balloon     := app-balloon
IMAGE_kmcl-tcg    := test-kmcl
IMAGE_kmcl-host   := test-kmcl

.PHONY: $(SYSTEM_SUITES:%=suite-%)
$(SYSTEM_SUITES:%=suite-%): suite-%: $(BUILD)/vmbare.efi \
    $(BUILD)/test-machine.efi $(BUILD)/test-bus.efi $(BUILD)/app-balloon.efi \
    $(BUILD)/test-kmcl.efi $(BUILD)/minihv.efi lying $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/system/system.py $(subst -,_,$*) \
	    --image $(BUILD)/$(call suite_image,$*).efi \
	    --lying-image $(LYING)/$(call suite_image,$*).efi \
	    $(if $(ONLY),--only '$(ONLY)')

# `make run` itself: statuses, clean ends.
.PHONY: suite-run
suite-run: $(BUILD)/vmbare.efi $(BUILD)/app-balloon.efi $(BUILD)/minihv.efi \
    $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/system/run_test.py $<
