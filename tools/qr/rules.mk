# SPDX-License-Identifier: BSD-2-Clause
# The library that makes QR codes, from Debian's source package. Its two files
# go to generated/, where arch/ finds the header.

QRCODEGEN        := qr-code-generator
QRCODEGEN_VERSION := 1.8.0
QRCODEGEN_SHA256 := 2ec0a4d33d6f521c942eeaf473d42d5fe139abcfa57d2beffe10c5cf7d34ae60
QRCODEGEN_FILES  := $(BUILD)/generated/qrcodegen.c $(BUILD)/generated/qrcodegen.h

$(BUILD)/qrcodegen.stamp: tools/source tools/qr/rules.mk \
    $(BUILD)/deps-build.stamp
	@tools/source '$(CACHE)' $(QRCODEGEN) $(QRCODEGEN_SHA256) \
	    $(foreach f,$(QRCODEGEN_FILES),c/$(notdir $(f))=$(f))
	@touch $@
$(QRCODEGEN_FILES): $(BUILD)/qrcodegen.stamp ;

$(BUILD)/guest/arch/codes/codes.c.o: $(BUILD)/qrcodegen.stamp

# Somebody else's code: compiled as it is, without warnings. Its assertions are
# left out; arch/codes/ passes only what its own tests have tried.
$(BUILD)/guest/qrcodegen.o: $(BUILD)/qrcodegen.stamp $(BUILD)/guest/flags \
    $(BUILD)/newlib.stamp
	@mkdir -p $(@D)
	@echo '  CC      qrcodegen.c' >&2
	@$(CC_GUEST) $(GUEST_CFLAGS) -w -DNDEBUG \
	    -c $(BUILD)/generated/qrcodegen.c -o $@
