# SPDX-License-Identifier: BSD-2-Clause
# drivers/http without its sockets, as one more program of the suite 'unit', and
# the appliance's pages on minihv.

HTTP_TEST        := $(BUILD)/http-test
HTTP_TEST_CFLAGS := -Itests/unit -I. -Idrivers/include -Iapp/include \
    $(LLHTTP_CFLAGS)
HTTP_TEST_SOURCES := $(addprefix drivers/http/,connection.c reply.c request.c \
    text.c) tests/http/http_test.c
LINT_CFLAGS_tests/http := $(HTTP_TEST_CFLAGS)

$(HTTP_TEST)/llhttp/%.o: $(LLHTTP)/% $(FLAGS_HERE) $(BUILD)/deps-test.stamp
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(TEST_CFLAGS) -w $(LLHTTP_CFLAGS) -c $< -o $@

$(HTTP_TEST)/%.o: %.c $(BUILD)/deps-build.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(TEST_CFLAGS) $(HTTP_TEST_CFLAGS) -MMD -MP -c $< -o $@

$(HTTP_TEST)/http_test: $(HTTP_TEST_SOURCES:%.c=$(HTTP_TEST)/%.o) \
    $(LLHTTP_FILES:%=$(HTTP_TEST)/llhttp/%.o)
	@$(CC_HOSTED) $(TEST_CFLAGS) -o $@ $^ -lcmocka

suite-unit: $(HTTP_TEST)/http_test

-include $(shell find $(HTTP_TEST) -name '*.d' 2>/dev/null)

# By hand: it takes some minutes.
HELP += 'suite-http|the appliance'"'"'s pages, on minihv'"'"'s network'
.PHONY: suite-http
suite-http: $(BUILD)/minihv.efi $(BUILD)/vmbare.efi $(BUILD)/deps-run.stamp \
    $(BUILD)/deps-http.stamp
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/http/http_suite.py $(BUILD)
