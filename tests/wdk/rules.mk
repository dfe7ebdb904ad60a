# Source written for the Windows Driver Kit: compiled here and against mingw-w64's DDK;
# and KMCL's prototypes against the documented ones.

WDK_FOLDERS += tests/wdk/driver tests/wdk/guest

# Both sample drivers on the loopback; the VSC alone, whose VSP is in minihv.
GUEST_TESTS += test-wdk test-wdk-client
test-wdk_SOURCES := $(WDK_LIBRARY) tests/wdk/guest/loopback.c \
    tests/wdk/guest/vsp_entry.c tests/wdk/guest/vsc_entry.c
test-wdk-client_SOURCES := $(WDK_SOURCES) tests/wdk/guest/client.c \
    tests/wdk/guest/vsc_entry.c
$(BUILD)/guest/tests/wdk/guest/%.o: GUEST_CFLAGS_driver += -I.

# minihv with the sample VSP as one of its devices.
MINIHV_WDK_SOURCES := $(WDK_LIBRARY) tests/wdk/minihv/platform.c \
    tests/wdk/minihv/device.c tests/wdk/driver/vsp.c
MINIHV_WDK_OBJECTS := $(patsubst %,$(BUILD)/minihv/%.o,$(MINIHV_WDK_SOURCES))

$(BUILD)/minihv/wdk/%.o: wdk/% $(BUILD)/newlib.stamp tests/minihv/rules.mk \
    $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HVCC    $<' >&2
	@$(CC_GUEST) $(MINIHV_CFLAGS) -Iwdk/include $(WDK_DIALECT) -MMD -MP -c $< \
	    -o $@

$(BUILD)/minihv/tests/wdk/%.o: tests/wdk/% $(BUILD)/newlib.stamp \
    tests/minihv/rules.mk $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HVCC    $<' >&2
	@$(CC_GUEST) $(MINIHV_CFLAGS) -Iwdk/include $(WDK_DIALECT) -MMD -MP -c $< \
	    -o $@

$(BUILD)/minihv-wdk.elf: $(MINIHV_OBJECTS) $(MINIHV_LIBRARY_OBJECTS) \
    $(MINIHV_WDK_OBJECTS) linker/vmbare.lds
	@echo '  LD      $@' >&2
	@$(CC_GUEST) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBGCC)

-include $(wildcard $(BUILD)/minihv/wdk/*/*.d $(BUILD)/minihv/tests/wdk/*/*.d)

# The companion on the build machine, with the sanitizers.
WDK_HOSTED_CFLAGS := -Itests/wdk/hosted -Iwdk/include $(HOSTED_INCLUDES) \
    $(WDK_DIALECT)
WDK_HOSTED_SOURCES := $(WDK_LIBRARY) $(sort $(wildcard tests/wdk/hosted/*.c))

$(BUILD)/wdk/%.o: %.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(WDK_HOSTED_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/wdk/hosted: $(WDK_HOSTED_SOURCES:%.c=$(BUILD)/wdk/%.o) \
    $(BUILD)/hosted-test/libkmcl.a $(HOSTED_LIBS)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

-include $(wildcard $(BUILD)/wdk/wdk/*/*.d $(BUILD)/wdk/tests/wdk/hosted/*.d)
LINT_CFLAGS_tests/wdk/hosted := $(WDK_HOSTED_CFLAGS)

SUITES += wdk
IMAGE_SUITES += wdk
TEST_BUILDS  += $(BUILD)/test-wdk.efi $(BUILD)/test-wdk-client.efi \
    $(BUILD)/minihv-wdk.efi
.PHONY: suite-wdk
WDK_RUN = PYTHONDONTWRITEBYTECODE=1 timeout --foreground 150 $(PYTHON) \
    tests/minihv/run.py
suite-wdk: $(BUILD)/test-wdk.efi $(BUILD)/test-wdk-client.efi \
    $(BUILD)/minihv.efi $(BUILD)/minihv-wdk.efi $(BUILD)/wdk/hosted \
    $(BUILD)/vmbare.efi $(BUILD)/app-offers.efi $(BUILD)/app-disk.efi \
    $(BUILD)/deps-run.stamp $(BUILD)/deps-wdk.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/wdk/prototypes.py
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/wdk/source.py $(BUILD)
	@ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 \
	    CMOCKA_MESSAGE_OUTPUT=TAP timeout --foreground 100 $(BUILD)/wdk/hosted
	@echo 1..3
	@$(WDK_RUN) $(BUILD)/test-wdk.efi --args 'exit no-bus' --smp 3 \
	    --config 'processors=2;deadline=90' --deadline 100 \
	    >$(BUILD)/wdk-loopback.log 2>&1; \
	if grep -q '1\.\.9, 0 failed' $(BUILD)/wdk-loopback.log && \
	    grep -q "QEMU's status 33" $(BUILD)/wdk-loopback.log; \
	then echo 'ok 1 - VSC and VSP in one image, on the loopback'; \
	else echo 'not ok 1 - VSC and VSP in one image, on the loopback'; \
	    sed 's/^/# /' $(BUILD)/wdk-loopback.log | tail -30; fi
	@$(WDK_RUN) $(BUILD)/test-wdk-client.efi --args exit \
	    --minihv $(BUILD)/minihv-wdk.efi --config 'devices=none' \
	    --deadline 100 >$(BUILD)/wdk-minihv.log 2>&1; \
	if grep -q 'vsp: closed after 23 requests' $(BUILD)/wdk-minihv.log && \
	    grep -q 'client: EvtDriverUnload' $(BUILD)/wdk-minihv.log && \
	    grep -q "QEMU's status 33" $(BUILD)/wdk-minihv.log; \
	then echo 'ok 2 - the VSC in the guest, the VSP in minihv'; \
	else echo 'not ok 2 - the VSC in the guest, the VSP in minihv'; \
	    sed 's/^/# /' $(BUILD)/wdk-minihv.log | tail -30; fi
	@$(WDK_RUN) $(BUILD)/test-wdk-client.efi --args exit \
	    --config 'devices=none' --deadline 100 \
	    >$(BUILD)/wdk-alone.log 2>&1; \
	if grep -q 'ended with 0xC000000E, STATUS_NO_SUCH_DEVICE' \
	    $(BUILD)/wdk-alone.log && \
	    ! grep -q "QEMU's status 33" $(BUILD)/wdk-alone.log; \
	then echo 'ok 3 - without a VSP the run fails, with the name of the status'; \
	else echo 'not ok 3 - without a VSP the run fails, with the name of the' \
	    'status'; sed 's/^/# /' $(BUILD)/wdk-alone.log | tail -30; fi

LINT_CFLAGS_tests/wdk/guest  := $(GUEST_CFLAGS_driver)
LINT_CFLAGS_tests/wdk/driver := $(GUEST_CFLAGS_driver)
LINT_CFLAGS_tests/wdk/minihv  = $(MINIHV_LINT) -Iwdk/include $(WDK_DIALECT)
