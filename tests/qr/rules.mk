# SPDX-License-Identifier: BSD-2-Clause
# Reports as QR codes: drawn by the guest's own sources in programs here, then
# by the guest itself (tests/system/qr_screen.py), photographed and read back.

SUITES       += qr
IMAGE_SUITES += qr

QR_SOURCES := $(wildcard arch/codes/*.c) arch/console/screen.c \
    arch/console/screen_draw.c arch/console/screen_geometry.c \
    arch/console/font.c arch/console/log.c arch/console/log_ring.c \
    arch/console/format.c tests/unit/log_lock_hosted.c

$(BUILD)/qr/screen: tests/qr/screen.c $(QR_SOURCES) \
    $(BUILD)/generated/qrcodegen.c $(BUILD)/generated/font_glyphs.h \
    $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $@' >&2
	@tools/compile-each $(CC_HOSTED) $(TEST_CFLAGS) -I. -I$(BUILD)/generated \
	    -o $@ $(filter %.c,$^)

$(BUILD)/qr/pack: tests/qr/pack.c arch/codes/deflate.c \
    $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $@' >&2
	@tools/compile-each $(CC_HOSTED) $(TEST_CFLAGS) -I. -o $@ \
	    $(filter %.c,$^)

.PHONY: suite-qr
suite-qr: $(BUILD)/qr/screen $(BUILD)/qr/pack $(BUILD)/vmbare.efi lying \
    $(BUILD)/deps-qr.stamp $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/qr/qr_test.py $(BUILD); \
	status=$$?; $(RUN_SYSTEM) qr-screen && exit $$status
