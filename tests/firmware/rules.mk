# The firmware layer: an EFI program that starts an image, and leaves it the
# machine as a firmware or a boot loader may leave it. See README.md here.

FIRMWARE_LAYER   := tests/firmware/layer
FIRMWARE_SOURCES := $(sort $(wildcard $(FIRMWARE_LAYER)/*.[cS])) \
    boot/efi/options.c boot/efi/text.c
FIRMWARE_OBJECTS := $(FIRMWARE_SOURCES:%=$(BUILD)/firmware/%.o)

# No vector registers: an interrupt handler is among the code.
FIRMWARE_CFLAGS := $(GUEST_COMMON) $(WARNINGS) -mgeneral-regs-only \
    -fno-stack-protector -include linker/hidden.h \
    -ffile-prefix-map=$(CURDIR)=. -nostdinc -isystem $(NEWLIB)/include \
    -isystem $(shell $(CC_GUEST) -print-file-name=include) \
    $(filter-out -I%,$(GUEST_CFLAGS_efi)) -I. -I$(FIRMWARE_LAYER) \
    -Ivmbus/include
LINT_CFLAGS_$(FIRMWARE_LAYER) = $(FIRMWARE_CFLAGS) \
    -DLAYER_IMAGE='"$(BUILD)/test-left.efi"' -Wno-interrupt-service-routine

$(BUILD)/firmware/%.o: % $(BUILD)/newlib.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  FWCC    $<' >&2
	@$(CC_GUEST) $(FIRMWARE_CFLAGS) -DLAYER_IMAGE='"$(BUILD)/test-left.efi"' \
	    -MMD -MP -c $< -o $@
$(BUILD)/firmware/$(FIRMWARE_LAYER)/payload.S.o: $(BUILD)/test-left.efi

$(BUILD)/firmware-layer.elf: $(FIRMWARE_OBJECTS) linker/vmbare.lds
	@echo '  LD      $@' >&2
	@$(CC_GUEST) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) \
	    $(NEWLIB)/lib/libc.a $(LIBGCC)

-include $(wildcard $(BUILD)/firmware/*/*.d $(BUILD)/firmware/*/*/*.d)
