# The image: all sources by folder -> static-PIE ELF -> PE.
# EXTRA_SOURCES, EXTRA_LDFLAGS: more of both, for builds that tests make.
# IMAGE_OBJECTS: objects from other sources; a rules.mk before this one adds them.

COMMON_SOURCES := $(sort $(wildcard boot/*.c arch/*.c arch/*/*.c arch/*/*.S \
    hv/*.c hv/*.S $(VMBUS_SOURCES) $(KMCL_SOURCES) drivers/*/*.c \
    drivers/*/*/*.c app/system/*/*.c)) \
    $(EXTRA_SOURCES)
# Two doors: by UEFI's firmware, or without one.
IMAGE_SOURCES  := $(sort $(wildcard boot/efi/*.c)) $(COMMON_SOURCES)
DIRECT_SOURCES := $(sort $(wildcard boot/direct/*.[cS])) $(COMMON_SOURCES)
# An application of WDK source (docs/wdk.md) says so in app/NAME/app.mk:
# WDK_APPS += NAME. WDK_FOLDERS: the folders that get the flags of such source.
WDK_APPS :=
-include $(sort $(wildcard app/*/app.mk))
WDK_FOLDERS   += $(WDK_APPS:%=app/%)
APP_SOURCES   = $(sort $(wildcard app/$(1)/*.c)) \
    $(if $(filter $(1),$(WDK_APPS)),$(WDK_SOURCES))
APPS          := $(filter-out system include,$(patsubst app/%/,%,\
    $(sort $(wildcard app/*/))))
$(if $(filter-out $(APPS),$(or $(APP),nothing))$(word 2,$(APP)),$(error \
    APP: found $(or $(APP),nothing), expected one of: $(APPS); \
    your own is a folder app/NAME, see app/README.md))

# Said at once, and not by whichever command comes first.
UNWRITABLE := $(if $(filter-out help,$(or $(MAKECMDGOALS),all)),$(shell \
    at='$(BUILD)'; while [ ! -e "$$at" ]; do at=$$(dirname "$$at"); done; \
    [ -d "$$at" ] && [ -w "$$at" ] || echo "$$at"))
$(if $(UNWRITABLE),$(error BUILD: expected to make the folder $(BUILD), found \
    that $(UNWRITABLE) cannot be written; name one of yours: make BUILD=FOLDER))

guest_objects = $(patsubst %,$(BUILD)/guest/%.o,$(1))

# For speed: what every packet passes, and what most of the start is spent in.
GUEST_FAST := vmbus/ring/% boot/memory_map% boot/efi/descriptors% \
    arch/memory/frames.% arch/memory/frames_bits% arch/memory/frames_take% \
    arch/memory/paging.% arch/memory/paging_run% \
    arch/memory/pages_frames% arch/memory/pages_window% arch/console/format% \
    arch/interrupts/interrupts% arch/interrupts/deferred% arch/cpu/irql% \
    hv/synic% app/system/platform/seam% vmbus/pump/% \
    vmbus/guest/channel/pump% vmbus/guest/channel/signal% \
    kmcl/send/send% kmcl/send/outgoing% kmcl/send/external% \
    kmcl/base/reader% kmcl/receive/run% kmcl/receive/drain% \
    kmcl/receive/deliver% kmcl/receive/complete% \
    drivers/storage/vstor_request% drivers/storage/block_io% \
    drivers/storage/scsi%

# Without the gaps that align functions and loops, 3,600 bytes of an image. clang
# knows not all of these.
FAST_FLAGS := -O2 -fno-align-functions -fno-align-loops -fno-align-jumps \
    -fno-align-labels
ifneq ($(findstring clang,$(CC_GUEST)),)
FAST_FLAGS := -O2
endif

layer = $(firstword $(subst /, ,$(1)))

# Not empty if the two texts differ.
unequal = $(if $(and $(findstring [$(1)],[$(2)]),$(findstring [$(2)],[$(1)])),,yes)

# app/NAME/ writes log lines as NAME (app/include/vmbare_log.h).
app_name = -DVMBARE_NAME=\"$(word 2,$(subst /, ,$(1)))\"

# An app's folder is its own layer, app/system/ another; tests see all layers.
# A folder of WDK source sees the companion, and has 16-bit wchar_t.
layer_flags = $(strip $(if $(filter $(GUEST_FAST),$(1)),$(FAST_FLAGS)) $(if \
    $(filter $(addsuffix /%,$(WDK_FOLDERS)),$(1)),\
    $(GUEST_CFLAGS_driver) -I$(patsubst %/,%,$(dir $(1))),\
    $(if $(filter app/system/% tests/%,$(1)),\
    $(GUEST_CFLAGS_system) $(if $(filter tests/%,$(1)),\
        -I$(patsubst %/,%,$(dir $(1))) -Itests/guest $(GUEST_CFLAGS_tests)),\
    $(if $(filter app/%,$(1)),$(GUEST_CFLAGS_app) $(app_name) -I$(patsubst %/,%,$(dir $(1))),\
    $(GUEST_CFLAGS_$(if $(filter boot/efi/%,$(1)),efi,$(call layer,$(1))))))))

# ---- what the build needs -------------------------------------------------

$(BUILD)/deps-%.stamp: tools/deps
	@mkdir -p $(@D)
	@VMBARE_CACHE='$(abspath $(CACHE))' tools/deps $*
	@touch $@

$(BUILD)/newlib.stamp: tools/newlib tools/mk/toolchain.mk linker/hidden.h \
    $(BUILD)/deps-build.stamp
	@tools/newlib '$(CACHE)' $(NEWLIB) '$(CC_GUEST)' '$(NEWLIB_FLAGS)' \
	    linker/hidden.h
	@touch $@

# ---- compile --------------------------------------------------------------

# Rewritten only when the flags change, so that everything follows.
$(BUILD)/guest/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC_GUEST) $(GUEST_CFLAGS) $(GUEST_LDFLAGS) $(EXTRA_LDFLAGS)' | \
	    cmp -s - $@ || \
	    echo '$(CC_GUEST) $(GUEST_CFLAGS) $(GUEST_LDFLAGS) $(EXTRA_LDFLAGS)' >$@

# The same for the flags of one source, which may be none. Where they are the same
# the recipe is empty, which starts no shell. Several makes may run at once, so the
# file is replaced. strip: make 4.3 leaves the newline of a longer file.
own_flags = $(strip own: $(call layer_flags,$(1)))
.PRECIOUS: $(BUILD)/guest/%.flags
$(BUILD)/guest/%.flags: FORCE
	$(if $(call unequal,$(call own_flags,$*),$(strip $(file <$@))),@mkdir -p $(@D); \
	    new=$@.$$$$; echo '$(call own_flags,$*)' >$$new; mv $$new $@)

$(BUILD)/guest/%.c.o: %.c $(BUILD)/guest/flags $(BUILD)/guest/%.c.flags \
    $(BUILD)/newlib.stamp
	@mkdir -p $(@D)
	@echo '  CC      $<' >&2
	@$(CC_GUEST) $(GUEST_CFLAGS) $(call layer_flags,$<) -MMD -MP -c $< -o $@

$(BUILD)/guest/%.S.o: %.S $(BUILD)/guest/flags $(BUILD)/guest/%.S.flags \
    $(BUILD)/newlib.stamp
	@mkdir -p $(@D)
	@echo '  AS      $<' >&2
	@$(CC_GUEST) $(GUEST_CFLAGS) $(call layer_flags,$<) -MMD -MP -c $< -o $@

# ---- link -----------------------------------------------------------------

# Rewritten only when it changes, so that the images follow.
$(BUILD)/guest/heap: FORCE
	@mkdir -p $(@D)
	@echo '$(HEAP)' | cmp -s - $@ || echo '$(HEAP)' >$@

# $(1): file to link, without its ending, $(2): that ending, $(3): sources,
# $(4): flags, $(5): linker script. Several makes may run at once, so the list of
# objects is replaced, never rewritten.
define link_rules
$(1).objects: FORCE
	@mkdir -p $$(@D)
	@new=$$@.$$$$$$$$; \
	echo '$(call guest_objects,$(3))' | tr ' ' '\n' >$$$$new; \
	if cmp -s $$$$new $$@; then rm $$$$new; else mv $$$$new $$@; fi

$(1)$(2): $(1).objects $(5) $(BUILD)/newlib.stamp $$(IMAGE_OBJECTS) \
    $(BUILD)/guest/heap $(call guest_objects,$(3))
	@echo '  LD      $$@' >&2
	@$(CC_GUEST) $(4) $(if $(HEAP),$(HEAP_LDFLAGS)) $(EXTRA_LDFLAGS) -o $$@ @$$< $$(IMAGE_OBJECTS) \
	    $(NEWLIB)/lib/libc.a $(NEWLIB)/lib/libm.a \
	    $(NEWLIB)/lib/libc.a $(LIBGCC)
endef

# $(1): name of the image in build/, $(2): sources of its application.
image_rules = $(call link_rules,$(BUILD)/$(1),.elf,$(IMAGE_SOURCES) $(2),\
    $(GUEST_LDFLAGS) $($(1)_LDFLAGS),linker/vmbare.lds)
direct_rules = $(call link_rules,$(BUILD)/$(1)-direct,.debug,\
    $(DIRECT_SOURCES) $(2),$(DIRECT_LDFLAGS) $($(1)_LDFLAGS),linker/direct.lds)

both_rules = $(eval $(call image_rules,$(1),$(2)))$(eval \
    $(call direct_rules,$(1),$(2)))

# make bench says what the default application consists of.
vmbare_LDFLAGS := -Wl,-Map=$$@.map
$(call both_rules,vmbare,$(call APP_SOURCES,$(APP)))
$(foreach app,$(APPS),\
    $(call both_rules,app-$(app),$(call APP_SOURCES,$(app))))
# Test programs as applications: a rules.mk under tests/ adds NAME to
# GUEST_TESTS and sets NAME_SOURCES (and NAME_LDFLAGS); the image is build/NAME.efi.
$(foreach test,$(GUEST_TESTS),\
    $(call both_rules,$(test),$($(test)_SOURCES)))

$(BUILD)/%.efi: $(BUILD)/%.elf $(BUILD)/tools/elf2pe
	@echo '  PE      $@' >&2
	@$(BUILD)/tools/elf2pe $< $@

# What a loader reads, without the symbols, which are ten times as much.
$(BUILD)/%-direct.elf: $(BUILD)/%-direct.debug
	@echo '  STRIP   $@' >&2
	@objcopy --strip-all $< $@

.PHONY: FORCE
.SECONDARY:
FORCE:

-include $(shell find $(BUILD)/guest $(BUILD)/tools -name '*.d' 2>/dev/null)
