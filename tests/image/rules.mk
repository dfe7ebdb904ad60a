# Searches the image's instructions for what must not be in it.

SUITES += image
.PHONY: suite-image
suite-image: $(BUILD)/vmbare.elf $(BUILD)/vmbare-direct.debug
	@mkdir -p $(BUILD)/image
	@$(CC_HOSTED) -O3 -mavx2 -c tests/image/bad.c -o $(BUILD)/image/bad.o
	@ld -o $(BUILD)/image/bad.elf $(BUILD)/image/bad.o --no-warn-rwx-segments \
	    -N -e bad_red_zone
	@status=0; for image in vmbare.elf vmbare-direct.debug; do \
	    tests/image/check $(BUILD)/$$image $(BUILD)/image/bad.elf || status=1; \
	done; exit $$status
