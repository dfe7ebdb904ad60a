# SPDX-License-Identifier: BSD-2-Clause
# Part of vmbare.mk: runs the application, and packs it for Hyper-V.

PYTHON ?= python3
HOST   ?= auto
BOOT   ?= uefi
CACHE  ?= $(or $(VMBARE_CACHE),$(HOME)/.cache/vmbare)

vmbare_image = $(vmbare_out)/$(vmbare_app)$(if \
    $(filter direct,$(BOOT)),-direct.elf,.efi)
$(if $(filter-out uefi direct,$(BOOT))$(word 2,$(BOOT)),$(error BOOT: found \
    $(BOOT), expected uefi or direct))

include $(VMBARE_SDK)/options.mk

# What minihv saves between runs goes to the cache: the SDK's own folder may
# belong to somebody else.
run: $(vmbare_image)
	@VMBARE_CACHE='$(CACHE)' $(VMBARE_SDK)/bin/deps run $(if $(GDB),gdb)
	@VMBARE_CACHE='$(CACHE)' VMBARE_SNAPSHOTS='$(CACHE)/minihv-snapshots' \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    $(VMBARE_SDK)/host/tests/rig/run.py --image=$< \
	    --folder=$(vmbare_out) $(RUN_VARIABLES)

images: $(vmbare_out)/$(vmbare_app).efi
	@VMBARE_CACHE='$(CACHE)' $(VMBARE_SDK)/bin/deps images
	@for ending in vhdx vhd iso; do \
	    medium=$(vmbare_out)/$(vmbare_app).$$ending; \
	    echo "  IMAGE  $$medium" >&2; \
	    $(VMBARE_SDK)/bin/make-image $< $$medium '$(ARGS)' \
	        $(call run_quoted,$(FILES)) || exit 1; done

help:
	@echo "An application for vmbare $$(cat $(VMBARE_SDK)/version), in $(CURDIR):"
	@echo "  make          $(vmbare_out)/$(vmbare_app).efi and -direct.elf"
	@echo "  make run      on a virtual machine; HOST=auto|kvm|nested|minihv|tcg,"
	@echo "                SMP= processors, MEM= MiB, ARGS='options', STAY=1,"
	@echo "                FILES=folder whose files it can open,"
	@echo "                SCREEN=vnc shows its screen, PORT=8080:80 makes port 80"
	@echo "                of the guest port 8080 here (HOST=minihv),"
	@echo "                TIMEOUT= seconds, BOOT=direct without firmware, GDB=1"
	@echo "                waits for gdb, DRY=1 prints the QEMU command line"
	@echo "  make HEAP=check   links the checks that ARGS=heap=check uses"
	@echo "  make images   $(vmbare_out)/$(vmbare_app).vhdx, .vhd and .iso for Hyper-V;"
	@echo "                ARGS= and the files of FILES=folder go onto them"
	@echo "  make clean    removes $(vmbare_out)/"
	@echo "Variables of the build: the head of $(VMBARE_SDK)/vmbare.mk"
