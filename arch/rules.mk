# SPDX-License-Identifier: BSD-2-Clause
# The font is made at build time: tools/font2c.
GUEST_CFLAGS_arch += -I$(BUILD)/generated
$(BUILD)/guest/arch/console/font.c.o: $(BUILD)/generated/font_glyphs.h
# The library that makes QR codes: tools/qr.
IMAGE_OBJECTS += $(BUILD)/guest/qrcodegen.o
