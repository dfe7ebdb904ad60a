# The console's font, from a package's PSF file to a C table.

FONT ?= /usr/share/consolefonts/Lat15-VGA16.psf.gz

$(BUILD)/tools/font2c: tools/font2c/main.c tools/font2c/psf.c \
    tools/font2c/psf.h $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HOSTCC  $@' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -o $@ $(filter %.c,$^)

# Two steps: what fails in a pipe's first half would go unnoticed.
$(BUILD)/generated/font_glyphs.h: $(BUILD)/tools/font2c \
    $(BUILD)/deps-build.stamp
	@mkdir -p $(@D)
	@echo '  FONT    $(notdir $(FONT))' >&2
	@gzip -dc $(FONT) >$(BUILD)/generated/font.psf
	@$(BUILD)/tools/font2c $(notdir $(FONT)) <$(BUILD)/generated/font.psf >$@
