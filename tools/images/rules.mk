# make images: disks for the owner of a Hyper-V machine (docs/hyper-v.md).

HELP += 'images|build/vmbare.vhdx and build/vmbare.vhd; ARGS= goes onto the disk'
.PHONY: images
images: $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd

# Rewritten only when the command line changes.
$(BUILD)/images.args: FORCE
	@mkdir -p $(@D)
	@echo '$(ARGS)' | cmp -s - $@ || echo '$(ARGS)' >$@

$(BUILD)/%.vhdx $(BUILD)/%.vhd: $(BUILD)/%.efi $(BUILD)/images.args \
    tools/images/make-image tools/images/settle $(BUILD)/deps-images.stamp
	@echo '  IMAGE   $(BUILD)/$*.vhdx, .vhd' >&2
	@tools/images/make-image $< $(BUILD)/$*.vhdx '$(ARGS)'
	@tools/images/make-image $< $(BUILD)/$*.vhd '$(ARGS)'
