# minihv: a small Hyper-V under plain QEMU TCG. Its folders are MINIHV_WINGS; a
# header is included by its own name.

MINIHV          := tests/minihv
MINIHV_WINGS    := load cpu interrupts bus devices net input video services sock memory
MINIHV_SOURCES  := $(wildcard $(foreach folder,$(MINIHV) \
    $(addprefix $(MINIHV)/,$(MINIHV_WINGS)),$(folder)/*.c $(folder)/*.S))
MINIHV_EFI      := program gather acpi start direct initrd
MINIHV_OBJECTS  := $(patsubst $(MINIHV)/%,$(BUILD)/minihv/%.o,$(MINIHV_SOURCES))

# The guest's vector registers stay in the processor while the host runs, so no
# host code may use them.
MINIHV_CFLAGS := $(GUEST_COMMON) $(WARNINGS) -mgeneral-regs-only \
    -fno-stack-protector $(VERSION_CFLAGS) -include linker/hidden.h \
    -ffile-prefix-map=$(CURDIR)=. -nostdinc -isystem $(NEWLIB)/include \
    -isystem $(shell $(CC_GUEST) -print-file-name=include) \
    -I. -I$(MINIHV) $(addprefix -I$(MINIHV)/,$(MINIHV_WINGS)) \
    -Ikmcl/include -Ivmbus/include

# A handler may call any function: no code here uses vector registers.
MINIHV_LINT = $(MINIHV_CFLAGS) $(filter-out -I%,$(GUEST_CFLAGS_efi)) \
    -Wno-interrupt-service-routine
LINT_CFLAGS_$(MINIHV)        = $(MINIHV_LINT)
$(foreach folder,guests $(MINIHV_WINGS),\
    $(eval LINT_CFLAGS_$(MINIHV)/$(folder) = $$(MINIHV_LINT)))

$(addprefix $(BUILD)/minihv/load/,$(addsuffix .c.o,$(MINIHV_EFI))): \
    MINIHV_CFLAGS += $(filter-out -I%,$(GUEST_CFLAGS_efi))

$(BUILD)/minihv/%.o: $(MINIHV)/% $(BUILD)/newlib.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HVCC    $<' >&2
	@$(CC_GUEST) $(MINIHV_CFLAGS) -MMD -MP -c $< -o $@

# KMCL for the devices, and the bus under it: all of it, since KMCL refers to
# both halves.
MINIHV_LIBRARY := $(VMBUS_SOURCES) $(KMCL_SOURCES)
MINIHV_LIBRARY_OBJECTS := $(patsubst %,$(BUILD)/minihv/%.o,$(MINIHV_LIBRARY))

define minihv_library
$(BUILD)/minihv/$(1)/%.o: $(1)/% $(BUILD)/newlib.stamp $(FLAGS_HERE)
	@mkdir -p $$(@D)
	@echo '  HVCC    $$<' >&2
	@$$(CC_GUEST) $$(MINIHV_CFLAGS) -MMD -MP -c $$< -o $$@
endef
$(foreach folder,vmbus kmcl,$(eval $(call minihv_library,$(folder))))

$(BUILD)/minihv.elf: $(MINIHV_OBJECTS) $(MINIHV_LIBRARY_OBJECTS) \
    linker/vmbare.lds
	@echo '  LD      $@' >&2
	@$(CC_GUEST) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBGCC)

HELP += 'minihv|build/minihv.efi, the Hyper-V to test with'
.PHONY: minihv
minihv: $(BUILD)/minihv.efi

-include $(wildcard $(BUILD)/minihv/*.d $(BUILD)/minihv/*/*.d \
    $(BUILD)/minihv/*/*/*.d)

# ---- small guests of its own ----------------------------------------------

MINIHV_GUESTS := $(filter-out guest bus,$(basename $(notdir \
    $(wildcard $(MINIHV)/guests/*.c))))
MINIHV_GUEST_RING := $(wildcard vmbus/ring/*.c)

$(BUILD)/minihv/guests/%.o: MINIHV_CFLAGS += \
    $(filter-out -I%,$(GUEST_CFLAGS_efi)) -I$(MINIHV)/guests

$(BUILD)/minihv-%.elf: $(addprefix $(BUILD)/minihv/guests/,\
    %.c.o guest.c.o bus.c.o) $(addprefix $(BUILD)/minihv/,text.c.o mem.c.o) \
    $(patsubst %,$(BUILD)/minihv/%.o,$(MINIHV_GUEST_RING)) linker/vmbare.lds
	@echo '  LD      $@' >&2
	@$(CC_GUEST) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBGCC)

minihv-guests: $(patsubst %,$(BUILD)/minihv-%.efi,$(MINIHV_GUESTS))
.PHONY: minihv-guests

# ---- the suite ------------------------------------------------------------

IMAGE_SUITES += minihv linux disk
TEST_BUILDS  += $(BUILD)/minihv.efi minihv-guests $(BUILD)/app-disk.efi

SUITES += minihv
.PHONY: suite-minihv
suite-minihv: $(BUILD)/minihv.efi minihv-guests $(BUILD)/vmbare.efi $(BUILD)/test-early.efi \
    $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $(MINIHV)/minihv_suite.py $(BUILD)

SUITES += linux
.PHONY: suite-linux
suite-linux: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/linux_suite.py $(BUILD)

# Linux and every device of an appliance for a moment, in one start.
SUITES += minihv-devices
.PHONY: suite-minihv-devices
suite-minihv-devices: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp \
    $(BUILD)/deps-services.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/devices_suite.py $(BUILD)

# The long forms, by hand: `make test` has no time for them. Linux and the network.
# NET=long: every case, other versions and a switch that loses frames too, and
# load on a tap device.
.PHONY: suite-minihv-net
suite-minihv-net: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp \
    $(if $(filter long,$(NET)),$(BUILD)/deps-net.stamp)
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/net_suite.py $(if $(filter long,$(NET)),--long) \
	    $(BUILD) $(if $(filter long,$(NET)),; status=$$?; \
	    VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 unshare -rn \
	    $(PYTHON) $(MINIHV)/net_load.py $(BUILD) && exit $$status)

# Linux, the keyboard and the mouse, likewise.
.PHONY: suite-minihv-input
suite-minihv-input: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/input_suite.py $(BUILD)

# Linux and the integration services, with Debian's daemons, likewise.
.PHONY: suite-minihv-services
suite-minihv-services: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp \
    $(BUILD)/deps-services.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/services_suite.py $(BUILD)

# Linux and the screen, likewise.
.PHONY: suite-minihv-video
suite-minihv-video: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/video_suite.py $(BUILD)

# Linux and hv_sock, likewise.
.PHONY: suite-minihv-sock
suite-minihv-sock: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/sock_suite.py $(BUILD)

# Linux and dynamic memory, likewise.
.PHONY: suite-minihv-dynamic
suite-minihv-dynamic: $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) $(MINIHV)/dynamic_suite.py $(BUILD)

# The suite 'disk' runs app/disk on minihv's disk, whose contents it knows.
SUITES += disk
.PHONY: suite-disk
suite-disk: $(BUILD)/minihv.efi $(BUILD)/app-disk.efi $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $(MINIHV)/disk_suite.py $(BUILD)

BENCHES += minihv
.PHONY: bench-minihv
bench-minihv: $(BUILD)/minihv.efi minihv-guests $(BUILD)/vmbare.efi \
    $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $(MINIHV)/bench.py $(BUILD)

# `make minihv-mutants` shows that each check can fail: it breaks minihv in one
# place at a time. It takes some minutes, so `make test` does not run it.
.PHONY: suite-minihv-short suite-minihv-smp suite-minihv-mutants
suite-minihv-short: $(BUILD)/minihv.efi minihv-guests $(BUILD)/vmbare.efi $(BUILD)/test-early.efi
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $(MINIHV)/minihv_suite.py --short \
	    $(BUILD)

suite-minihv-smp: $(BUILD)/minihv.efi minihv-guests
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) $(MINIHV)/minihv_suite.py --smp \
	    $(BUILD)

suite-minihv-mutants: $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/mutants/run.py \
	    --build $(BUILD) --only '$(or $(MUTANTS),all)' \
	    $(MINIHV)/mutants.tsv
