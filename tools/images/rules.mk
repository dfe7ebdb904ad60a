# make images: disks and a disc for the owner of a Hyper-V machine
# (docs/hyper-v.md).

# IMAGE= names another program, whose media have its name.
MEDIA_OF  = $(if $(filter command,$(firstword $(origin IMAGE))),$(IMAGE),\
    $(BUILD)/vmbare.efi)
MEDIA     = $(addprefix $(BUILD)/$(basename $(notdir $(MEDIA_OF))),\
    .vhdx .vhd .iso)

HELP += 'images|build/vmbare.vhdx, .vhd and .iso; ARGS= goes onto them;'
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

$(BUILD)/%.vhdx $(BUILD)/%.vhd $(BUILD)/%.iso: $(BUILD)/%.efi \
    $(BUILD)/images.args \
    tools/images/make-image tools/images/settle $(BUILD)/deps-images.stamp
	@echo '  IMAGE   $(BUILD)/$*.vhdx, .vhd, .iso' >&2
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.vhdx '$(ARGS)'
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.vhd '$(ARGS)'
	@tools/alive "image" tools/images/make-image $< $(BUILD)/$*.iso '$(ARGS)'

# A program that is not in the folder of the build.
ifneq ($(filter-out $(BUILD)/%,$(filter %.efi,$(strip $(MEDIA_OF)))),)
$(BUILD)/$(notdir $(strip $(MEDIA_OF))): $(strip $(MEDIA_OF))
	@mkdir -p $(@D)
	@cp $< $@
endif
