# make house: measures of the tree, before and now, beside their limits.

HOUSE_BUILT = $(APPS:%=$(BUILD)/app-%.elf) $(BUILD)/vmbare.elf \
    $(BUILD)/app-appliance-direct.debug
HOUSE_NOW   = $(BUILD)/house.tsv

HELP += 'house|tables of the tree: floors, circles, comments, locks per packet'
.PHONY: house house-now house-limits house-places house-reach
house: house-now
	@tools/house/house show tools/house/before.tsv $(HOUSE_NOW) \
	    tools/house/limits

# The applications and the delivery of a lone packet, as they are now.
house-now:
	@$(MAKE) -s --no-print-directory $(HOUSE_BUILT)
	@$(MAKE) -s --no-print-directory bench-delivery >$(HOUSE_NOW).delivery
	@tools/alive 'measures' tools/house/house measure . $(BUILD) >$(HOUSE_NOW).new
	@sed -n 's/^delivery\.\([^\t]*\)\t\([^\t]*\)\t.*/delivery\t\1\t\2/p' \
	    $(HOUSE_NOW).delivery >>$(HOUSE_NOW).new
	@mv $(HOUSE_NOW).new $(HOUSE_NOW)

# For lint: a value that is worse than its limit.
house-limits: house-now
	@tools/house/house check $(HOUSE_NOW) tools/house/limits

# For lint: external symbols that only tests reach, or nobody.
house-reach:
	@$(MAKE) -s --no-print-directory $(HOUSE_BUILT)
	@tools/alive 'symbols' tools/house/house reach . $(BUILD)

HELP += 'house-places|where each value comes from: PLACES="ROOM [MEASURE]"'
house-places:
	@$(MAKE) -s --no-print-directory $(HOUSE_BUILT)
	@tools/house/house places . $(BUILD) $(PLACES)
