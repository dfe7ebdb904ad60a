# make images: disks and a disc for the owner of a Hyper-V machine
# (docs/hyper-v.md).

HELP += 'images|build/vmbare.vhdx, .vhd and .iso; ARGS= goes onto them'
.PHONY: images
images: $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd $(BUILD)/vmbare.iso

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
