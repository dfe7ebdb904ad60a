# Suites that run the image on a host, one table of cases each.

SYSTEM_SUITES := tcg vmbus matrix faults crash power \
    inside inside-tcg inside-minihv early heap \
    bus-host balloon kmcl-tcg kmcl-host
SUITES        += run gdb direct $(SYSTEM_SUITES)
IMAGE_SUITES  += direct

# The same images with lies.c around two of their functions: what proves that
# the suites can fail.
LYING := $(BUILD)/lying

LINT_CFLAGS_tests/system := -Iapp/include

# With firmware and without.
both_doors = $(1).efi $(1)-direct.elf

.PHONY: lying
lying:
	@$(MAKE) -s --no-print-directory BUILD=$(LYING) \
	    EXTRA_SOURCES=tests/system/lies.c \
	    EXTRA_LDFLAGS='-Wl,--wrap=system_main -Wl,--wrap=log_write -Wl,--wrap=deflate_text' \
	    $(foreach image,vmbare test-machine test-early test-bus test-heap app-balloon,\
	        $(call both_doors,$(LYING)/$(image))) >&2

# Suites on QEMU's VMBus: where that host is an emulated machine, they share
# one. `make test` runs them by suites-together.
TOGETHER ?= vmbus matrix crash power inside bus-host balloon kmcl-host

SYSTEM_IMAGES := vmbare test-machine test-early test-bus test-heap \
    app-balloon test-kmcl

SYSTEM_NEEDS := $(foreach image,$(SYSTEM_IMAGES),\
    $(call both_doors,$(BUILD)/$(image))) $(BUILD)/minihv.efi lying \
    $(BUILD)/deps-run.stamp $(BUILD)/deps-qr.stamp
IMAGE_SUITES += $(SYSTEM_SUITES)
TEST_BUILDS  += $(SYSTEM_NEEDS)
RUN_SYSTEM    = VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
    tests/system/system.py --images $(BUILD) --lying-images $(LYING) \
    $(if $(ONLY),--only '$(ONLY)') $(if $(ALL),--all) \
    $(if $(filter command,$(firstword $(origin BOOT))),--boot '$(BOOT)')

.PHONY: suites-together $(SYSTEM_SUITES:%=suite-%)
$(SYSTEM_SUITES:%=suite-%): suite-%: $(SYSTEM_NEEDS)
	@$(RUN_SYSTEM) $*

# The start without firmware, by both protocols: QEMU's PVH, minihv's loader.
.PHONY: suite-direct
suite-direct: $(SYSTEM_NEEDS)
	@status=0; for table in direct direct-minihv; do \
	    $(RUN_SYSTEM) $$table || status=1; done; exit $$status

suites-together: $(SYSTEM_NEEDS)
	@$(RUN_SYSTEM) $(TOGETHER)

# Machines as firmware and earlier software leave them (tests/firmware), on
# three hosts. `suite-left` is the one without a hypervisor.
SUITES       += firmware
IMAGE_SUITES += firmware
TEST_BUILDS  += $(BUILD)/firmware-layer.efi
.PHONY: suite-firmware suite-left
suite-firmware: $(BUILD)/firmware-layer.efi $(SYSTEM_NEEDS)
	@status=0; for table in firmware firmware-minihv firmware-host; do \
	    $(RUN_SYSTEM) $$table || status=1; done; exit $$status

suite-left: $(BUILD)/firmware-layer.efi $(SYSTEM_NEEDS)
	@$(RUN_SYSTEM) firmware

# `make run GDB=1` with a gdb.
IMAGE_SUITES += gdb
.PHONY: suite-gdb
suite-gdb: $(BUILD)/vmbare.efi $(BUILD)/vmbare-direct.elf $(BUILD)/minihv.efi \
    $(BUILD)/deps-run.stamp $(BUILD)/deps-gdb.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) tests/system/gdb_test.py $(BUILD)

# `make run` itself: statuses, clean ends.
.PHONY: suite-run
suite-run: $(BUILD)/vmbare.efi $(BUILD)/app-balloon.efi \
    $(BUILD)/app-disk.efi $(BUILD)/minihv.efi $(BUILD)/test-machine.efi \
    $(BUILD)/vmbare-direct.elf \
    $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/system/run_test.py $<
