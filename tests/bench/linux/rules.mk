# The same read in an unmodified Linux, on the same host, counted by the same
# plugin. It takes two starts of Linux, so only `make bench` counts it.

BENCHES += linux
.PHONY: bench-linux
bench-linux: $(COUNTER) $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@VMBARE_CACHE='$(CACHE)' PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
	    tests/bench/linux/count.py $(BUILD)
