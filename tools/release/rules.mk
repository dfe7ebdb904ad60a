# The version (tools/release/version says where it comes from), and what
# `make release` hands out.

# Given from outside, or asked once and handed to every make below this one.
VMBARE_VERSION ?= $(shell tools/release/version)
export VMBARE_VERSION

# The two headers of the version, which VERSION_CFLAGS finds
# (tools/mk/toolchain.mk). Before any compiler runs; a header whose text is
# still right stays as it is, so only the files that show a version follow it.
VERSION_HEADERS = tools/release/version headers \
    $(BUILD)/generated/version '$(VMBARE_VERSION)'
ifneq ($(filter-out help clean suites,$(or $(MAKECMDGOALS),all)),)
VERSION_STATUS := $(shell $(VERSION_HEADERS) && echo done)
$(if $(filter done,$(VERSION_STATUS)),,$(error VERSION: the version of this \
    tree cannot be told; see the line above))
endif

# Of one application in app/ the files bear its name, of the usual one vmbare's.
DIST         ?= dist
RELEASE_STEM := vmbare$(if $(filter-out appliance,$(APP)),-$(APP))
RELEASE_FONT  = $(firstword $(subst ., ,$(notdir $(FONT))))

HELP += 'release|dist/: EFI, ELF, VHDX, VHD, ISO, checksums, bill of materials,'
HELP += '|  release notes, the SDK; DIST= another folder, APP= another application'
.PHONY: release
release: $(SDK_DONE) $(BUILD)/vmbare.efi $(BUILD)/vmbare-direct.elf \
    $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd $(BUILD)/vmbare.iso
	@tools/release/make-dist '$(DIST)' '$(RELEASE_STEM)' \
	    '$(VMBARE_VERSION)' '$(CC_GUEST)' '$(RELEASE_FONT)' '$(SDK)' \
	    $(filter-out $(SDK_DONE),$^)
	@echo '  DIST    $(DIST)/' >&2
