# The README's commands on a fresh system; by hand, not part of `make test`.

.PHONY: test-fresh

HELP += 'test-fresh|the README commands in a fresh Debian 12 (root, 15 min)'
test-fresh: $(BUILD)/deps-fresh.stamp
	@tests/fresh/fresh.sh
