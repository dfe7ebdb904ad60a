# Running the image on a host; see README.md here.

PYTHON    ?= python3
HOST      ?= auto
SMP       ?= 1
MEM       ?= 512
MACHINE   ?= q35
FIRMWARE  ?= 13
ARGS      ?=
IMAGE     ?= $(BUILD)/vmbare.efi
RUN_FLAGS ?=

RUN = VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
    $(PYTHON) tests/rig/run.py

RUN_OPTIONS = --image $(IMAGE) --host $(HOST) --smp $(SMP) --mem $(MEM) \
    --machine $(MACHINE) --firmware $(FIRMWARE) \
    $(if $(TIMEOUT),--timeout $(TIMEOUT)) $(if $(STAY),--stay) \
    $(if $(HV),--hv='$(HV)') $(if $(CPUFLAGS),--cpu='$(CPUFLAGS)') \
    $(if $(filter undefined,$(origin DEVICES)),,--devices='$(DEVICES)') \
    $(if $(DISK),--disk '$(DISK)') $(if $(CONFIG),--config='$(CONFIG)') --args='$(ARGS)' $(RUN_FLAGS)

# The picture is taken when the console shows this.
WHEN ?= end of report

.PHONY: run rig screenshot

HELP += 'run|run the image on a VMBus host; HOST=, SMP=, MEM=, ARGS=,'
HELP += '|  TIMEOUT=, STAY=1 (see docs/testing.md)'
run: $(IMAGE) $(BUILD)/deps-run.stamp \
    $(if $(filter minihv,$(HOST)),$(BUILD)/minihv.efi)
	@$(RUN) $(RUN_OPTIONS)

HELP += 'rig|download and build the test host now (else on first use)'
rig: $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' $(PYTHON) tests/rig/l1.py

HELP += 'screenshot|build/screen.png of a running guest'
screenshot: $(IMAGE) $(BUILD)/deps-run.stamp
	@$(RUN) $(RUN_OPTIONS) --stay --screenshot $(BUILD)/screen.png \
	    --when '$(WHEN)'
