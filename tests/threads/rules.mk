# Both halves and KMCL on real threads, once with ThreadSanitizer and once with
# AddressSanitizer and UndefinedBehaviorSanitizer. run.py runs both, and builds
# the sources again with each race that is planted on purpose.

THREADS         := $(BUILD)/threads
THREADS_SOURCES := $(sort $(wildcard tests/threads/*.c tests/looped/*.c \
    kmcl/*/*.c)) $(VMBUS_SOURCES)
THREADS_CFLAGS  := -O1 -g -std=gnu11 $(WARNINGS) -fno-omit-frame-pointer \
    -D_GNU_SOURCE -Itests/threads

# ThreadSanitizer does not know the ring's full fence, and gcc says so. The
# fence orders two sides whose memory has two addresses here, so that nothing
# depends on it.
THREADS_CFLAGS_thread  := $(THREADS_CFLAGS) -fsanitize=thread -Wno-tsan
THREADS_CFLAGS_address := $(THREADS_CFLAGS) -fsanitize=address,undefined \
    -fno-sanitize-recover=all

THREADS_OBJECTS_thread  := $(THREADS_SOURCES:%.c=$(THREADS)/thread/%.o)
THREADS_OBJECTS_address := $(THREADS_SOURCES:%.c=$(THREADS)/address/%.o)

$(THREADS)/thread/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(THREADS_CFLAGS_thread) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(THREADS)/address/%.o: %.c $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  TESTCC  $<' >&2
	@$(CC_HOSTED) $(THREADS_CFLAGS_address) $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

$(THREADS)/thread/threads_test: $(THREADS_OBJECTS_thread)
	@$(CC_HOSTED) -fsanitize=thread -o $@ $^ -lpthread

$(THREADS)/address/threads_test: $(THREADS_OBJECTS_address)
	@$(CC_HOSTED) -fsanitize=address,undefined -o $@ $^ -lpthread

SUITES += threads
.PHONY: suite-threads
suite-threads: $(THREADS)/thread/threads_test $(THREADS)/address/threads_test
	@CC_thread='$(CC_HOSTED) $(THREADS_CFLAGS_thread) $(HOSTED_INCLUDES)' \
	    CC_address='$(CC_HOSTED) $(THREADS_CFLAGS_address) $(HOSTED_INCLUDES)' \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/threads/run.py $(THREADS)

-include $(THREADS_OBJECTS_thread:.o=.d) $(THREADS_OBJECTS_address:.o=.d)

LINT_CFLAGS_tests/threads := -D_GNU_SOURCE $(HOSTED_INCLUDES)
