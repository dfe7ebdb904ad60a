# make images: disks for the owner of a Hyper-V machine (docs/hyper-v.md).

HELP += 'images|build/vmbare.vhdx and build/vmbare.vhd (fixed, whole MiB)'
.PHONY: images
images: $(BUILD)/vmbare.vhdx $(BUILD)/vmbare.vhd

$(BUILD)/%.vhdx $(BUILD)/%.vhd: $(BUILD)/%.efi tools/images/make-image \
    tools/images/settle $(BUILD)/deps-images.stamp
	@echo '  IMAGE   $(BUILD)/$*.vhdx, .vhd' >&2
	@tools/images/make-image $< $(BUILD)/$*.vhdx
	@tools/images/make-image $< $(BUILD)/$*.vhd
