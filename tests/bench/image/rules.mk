# The shipped image on minihv: instructions by layer, counted by a QEMU plugin.

COUNTER := $(BUILD)/bench/image/counter.so

$(COUNTER): tests/bench/image/counter.c tests/bench/image/plugin.h $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

BENCHES     += image
TEST_BUILDS += $(BUILD)/test-counted.efi $(BUILD)/test-dearer.efi
.PHONY: bench-image
bench-image: $(COUNTER) $(BUILD)/test-counted.efi $(BUILD)/minihv.efi \
    $(BUILD)/deps-run.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/image/bench.py $(BUILD)
