# make images: disks and a disc for the owner of a Hyper-V machine
# (docs/hyper-v.md).

# IMAGE= names another program, whose media have its name.
MEDIA_OF  = $(if $(filter command,$(firstword $(origin IMAGE))),$(IMAGE),\
    $(BUILD)/vmbare.efi)
MEDIA     = $(addprefix $(BUILD)/$(basename $(notdir $(MEDIA_OF))),\
    .vhdx .vhd .iso)

HELP += 'images|build/vmbare.vhdx, .vhd and .iso; ARGS= goes onto them,'
HELP += '|  and the files of FILES=folder (docs/libc.md);'
HELP += '|  IMAGE=FILE.efi packs another program'
.PHONY: images
images: images-name $(MEDIA)
	@for file in $(MEDIA); do \
	    echo "  $$file, $$(($$(wc -c <"$$file") / 1024)) KiB"; done
	@echo 'next: on a Hyper-V machine docs/hyper-v.md;' \
	    'Azure takes the .vhd'

.PHONY: images-name
images-name:
	@case '$(strip $(MEDIA_OF))' in *' '*|*.efi/*) ok=no ;; \
	    *.efi) ok=yes ;; *) ok=no ;; esac; \
	[ $$ok = yes ] || { echo "images: found IMAGE=$(strip $(MEDIA_OF))," \
	    "expected one FILE.efi: a disk is started by firmware" >&2; exit 2; }

# Rewritten only when the command line changes.
$(BUILD)/images.args: FORCE
	@mkdir -p $(@D)
	@echo '$(ARGS)' | cmp -s - $@ || echo '$(ARGS)' >$@

# What the files are, so that the media follow them.
IMAGES_FILES = $(call run_quoted,$(FILES))
$(BUILD)/images.files: FORCE
	@mkdir -p $(@D)
	@rm -f $@.new; : >$@.new; \
	[ -z $(IMAGES_FILES) ] || { \
	    tools/images/check-files $(IMAGES_FILES) >/dev/null || exit 2; \
	    (cd $(IMAGES_FILES) && find . -type f -exec sha256sum {} +) | \
	        LC_ALL=C sort >$@.new; }; \
	cmp -s $@.new $@ || cp $@.new $@; rm -f $@.new

$(BUILD)/%.vhdx $(BUILD)/%.vhd $(BUILD)/%.iso: $(BUILD)/%.efi \
    $(BUILD)/images.args $(BUILD)/images.files \
    tools/images/make-image tools/images/settle tools/images/check-files \
    $(BUILD)/deps-images.stamp
	@echo '  IMAGE   $(BUILD)/$*.vhdx, .vhd, .iso' >&2
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.vhdx '$(ARGS)' \
	    $(IMAGES_FILES)
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.vhd '$(ARGS)' \
	    $(IMAGES_FILES)
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.iso '$(ARGS)' \
	    $(IMAGES_FILES)

# A program that is not in the folder of the build.
ifneq ($(filter-out $(BUILD)/%,$(filter %.efi,$(strip $(MEDIA_OF)))),)
$(BUILD)/$(notdir $(strip $(MEDIA_OF))): $(strip $(MEDIA_OF))
	@mkdir -p $(@D)
	@cp $< $@
endif
