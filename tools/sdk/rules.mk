# SPDX-License-Identifier: BSD-2-Clause
# The SDK: what an application in any folder is built and run with, without this
# tree. `make sdk` fills build/sdk/vmbare; `make install` copies it to
# PREFIX/lib/vmbare, `make release` packs it. docs/sdk.md is for its users. SDK and
# SDK_DONE are set in tools/mk/toolchain.mk.

SDK_LIBS  := $(addprefix $(BUILD)/sdk/,libsystem.a libefi.a libdirect.a libwdk.a)
SDK_FLAGS := $(BUILD)/sdk/flags.mk
# Copied as they are, to the same places below host/: make run of an application.
SDK_HOST  := $(filter-out %/rules.mk,$(wildcard tests/rig/*.py) \
    tests/rig/l1-init $(addprefix tests/minihv/,machine.py messages.py \
    minihv_host.py) tools/symbolize tools/images/check-files)
SDK_TOOLS := tools/deps tools/symbolize tools/sdk/explain-link \
    tools/images/make-image tools/images/check-files \
    tools/images/settle $(BUILD)/tools/elf2pe
SDK_MAKE  := $(addprefix tools/sdk/,vmbare.mk run.mk data.S features.h) \
    tests/rig/options.mk linker/vmbare.lds linker/direct.lds linker/hidden.h
SDK_HEADERS := app/include drivers/include kmcl/include
SDK_WDK     := wdk/include
SDK_EXAMPLES := hello echo driver compute

# Of each object the whole path counts, so members may bear the same name.
define sdk_library
$(BUILD)/sdk/$(1).a: $(2)
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar qcsD $$@ $(2)
endef
$(eval $(call sdk_library,libsystem,$(call guest_objects,$(COMMON_SOURCES)) \
    $(IMAGE_OBJECTS)))
$(eval $(call sdk_library,libefi,$(call guest_objects,\
    $(filter-out $(COMMON_SOURCES),$(IMAGE_SOURCES)))))
$(eval $(call sdk_library,libdirect,$(call guest_objects,\
    $(filter-out $(COMMON_SOURCES),$(DIRECT_SOURCES)))))

$(eval $(call sdk_library,libwdk,$(call guest_objects,$(WDK_SOURCES))))

# The language's version is the application's own choice, the place of the
# linker script that of the SDK.
define sdk_flags
# Made by vmbare $(VMBARE_VERSION): the flags of its own objects.
VMBARE_CFLAGS := $(filter-out -std=%,$(GUEST_BASE))
VMBARE_LDFLAGS := $(COMMON_LDFLAGS)
VMBARE_HEAP_LDFLAGS := $(HEAP_LDFLAGS)
VMBARE_WDK_CFLAGS := $(WDK_DIALECT)
VMBARE_EFI_LDFLAGS := -static-pie -Wl,-T,$$(VMBARE_SDK)/linker/vmbare.lds
VMBARE_DIRECT_LDFLAGS := -static -no-pie -Wl,-T,$$(VMBARE_SDK)/linker/direct.lds
endef
export sdk_flags

$(SDK_FLAGS): tools/sdk/rules.mk tools/mk/toolchain.mk $(BUILD)/guest/flags \
    $(BUILD)/generated/version/name.h
	@mkdir -p $(@D)
	@printf '%s\n' "$$sdk_flags" >$@

# The file `version` comes last, so it is there when all is.
$(SDK_DONE): tools/sdk/make-sdk tools/sdk/rules.mk $(SDK_LIBS) $(SDK_FLAGS) \
    $(SDK_HOST) $(SDK_TOOLS) $(SDK_MAKE) $(BUILD)/minihv.efi \
    $(shell find $(SDK_HEADERS) $(SDK_WDK) $(SDK_EXAMPLES:%=docs/examples/%) -type f) \
    LICENSE NOTICES $(BUILD)/generated/version/name.h
	@echo '  SDK     $(SDK)' >&2
	@tools/sdk/make-sdk '$(SDK)' '$(VMBARE_VERSION)' '$(NEWLIB)' \
	    lib $(SDK_LIBS) make $(SDK_MAKE) $(SDK_FLAGS) bin $(SDK_TOOLS) \
	    host $(SDK_HOST) $(BUILD)/minihv.efi include $(SDK_HEADERS) \
	    wdk $(SDK_WDK) \
	    examples $(SDK_EXAMPLES)

HELP += 'sdk|build/sdk/vmbare: builds applications in any folder (docs/sdk.md)'
.PHONY: sdk
sdk: $(SDK_DONE)
