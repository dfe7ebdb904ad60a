# Running the image on a host; see README.md here.

PYTHON    ?= python3
HOST      ?= auto
SMP       ?= 1
MEM       ?= 512
ARGS      ?=
BOOT      ?= uefi
IMAGE     ?= $(BUILD)/vmbare$(if $(filter direct,$(BOOT)),-direct.elf,.efi)
RUN_FLAGS ?=

RUN = VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
    $(PYTHON) tests/rig/run.py

include tests/rig/options.mk
RUN_OPTIONS = $(call run_option,IMAGE,image) $(call run_option,BUILD,folder) \
    $(RUN_VARIABLES)

# Said at once, and not by whatever starts first.
$(if $(filter-out uefi direct,$(BOOT))$(word 2,$(BOOT)),$(error BOOT: found \
    $(BOOT), expected uefi or direct))

# The picture is taken when the console shows this.
WHEN ?= hold this report

.PHONY: run rig screenshot

HELP += 'run|run the image on a VMBus host; HOST=, SMP=, MEM=, ARGS=,'
HELP += '|  BOOT=direct without firmware, BOOT=uefi (the default) with;'
HELP += '|  FILES=folder whose files it can open; SCREEN=vnc shows the screen;'
HELP += '|  TIMEOUT=, STAY=1; DRY=1 prints the QEMU command line; QEMU=,'
HELP += '|  QEMU_ARGS=; GDB=1 waits for gdb (docs/testing.md, debugging.md)'
run: $(IMAGE) $(BUILD)/deps-run.stamp \
    $(if $(filter minihv,$(HOST)),$(BUILD)/minihv.efi) \
    $(if $(GDB),$(BUILD)/deps-gdb.stamp)
	@$(RUN) $(RUN_OPTIONS)

HELP += 'rig|download and build the test host now (else on first use)'
rig: $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' $(PYTHON) tests/rig/l1.py

HELP += 'screenshot|build/screen.png of a running guest'
screenshot: $(IMAGE) $(BUILD)/deps-run.stamp
	@$(RUN) $(RUN_OPTIONS) --stay --screenshot $(BUILD)/screen.png \
	    --when '$(WHEN)'
