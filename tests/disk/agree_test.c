/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the four questions before the first command, answered well or not.
 */
#include "disk_world.h"

static void question_order(struct bench *b)
{
    static const uint32_t order[] = {OP_BEGIN, OP_VERSION, OP_PROPERTIES,
                                     OP_END, OP_SRB};

    must_open(b);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(b->host->operations[i], order[i]);
    CHECK_EQ(b->disk->vstor.version, 0x0602);
    CHECK_EQ(b->host->last_size, 64);
}

/* The driver asks from the newest version to the oldest, and then sends packets
 * of the agreed version's size. */
static void version_order(struct bench *b)
{
    static const uint16_t versions[] = {0x0602, 0x0600, 0x0501, 0x0402, 0x0200};

    for (int i = 0; i < 5; i++) {
        b->host->newest = versions[i];
        b->host->asked_versions = 0;
        must_open(b);
        CHECK_EQ(b->disk->vstor.version, versions[i]);
        CHECK_EQ(b->host->asked_versions, i + 1);
        for (int k = 0; k <= i; k++)
            CHECK_EQ(b->host->versions[k], versions[k]);
        CHECK_EQ(b->host->last_size, i < 3 ? 64 : 48);
        CHECK_EQ(b->host->last[12], i < 3 ? 0x34 : 0x24);
        CHECK_EQ(b->host->last[21], i < 3 ? 20 : 18);
        block_close(b->disk);
    }
}

static void no_version(struct bench *b)
{
    b->host->newest = 0x0100;
    must_not_open(b, STATUS_NOT_SUPPORTED, "the host takes none");
    CHECK_EQ(b->host->asked_versions, 5);
}

static const struct {
    uint32_t operation;
    const char *name;
} questions[] = {{OP_BEGIN, "the beginning"},
                 {OP_VERSION, "the version query"},
                 {OP_PROPERTIES, "the properties"},
                 {OP_END, "the end"}};

/* Answers each question with this lie. The driver must refuse it, and open the
 * disk when the host is honest again. */
static void each_question(struct bench *b, struct lie lie, const char *says)
{
    for (int i = 0; i < 4; i++) {
        lie.operation = questions[i].operation;
        host_lie(b->host, lie);
        must_not_open(b, STATUS_NOT_SUPPORTED, says);
        must_say(b->disk, questions[i].name);
        host_be_honest(b->host);
    }
    must_open(b);
}

static void silence(struct bench *b)
{
    uint64_t begin = world_now(b->w);

    each_question(b, (struct lie){.kind = LIE_SILENCE},
                  "found none within 180 seconds");
    CHECK_EQ((world_now(b->w) - begin) / 10000000, 720); /* 4 times 180 s */
}

static void short_answers(struct bench *b)
{
    each_question(b, (struct lie){.kind = LIE_SIZE, .value = 40},
                  "found one of fewer than 48 bytes");
}

static void no_bytes(struct bench *b)
{
    each_question(b, (struct lie){.kind = LIE_SIZE, .value = 0},
                  "found one of fewer than 48 bytes");
}

static void long_answers(struct bench *b)
{
    each_question(b, (struct lie){.kind = LIE_SIZE, .value = 72},
                  "found one of more than 64 bytes");
}

static void no_completion(struct bench *b)
{
    each_question(
        b,
        (struct lie){.kind = LIE_ANSWER, .at = 0, .width = 4, .value = OP_SRB},
        "found one that is no completion");
}

static void bad_status(struct bench *b)
{
    static const uint32_t plain[] = {OP_BEGIN, OP_PROPERTIES, OP_END};

    for (int i = 0; i < 3; i++) {
        host_lie(b->host, (struct lie){.kind = LIE_ANSWER,
                                       .operation = plain[i],
                                       .at = 8,
                                       .width = 4,
                                       .value = 0xc0000184});
        must_not_open(b, STATUS_NOT_SUPPORTED, "found 0xc0000184");
        host_be_honest(b->host);
    }
    must_open(b);
}

static void host_goes(struct bench *b)
{
    for (int i = 0; i < 4; i++) {
        host_lie(b->host, (struct lie){.kind = LIE_WITHDRAW,
                                       .operation = questions[i].operation,
                                       .times = 1});
        must_not_open(b, STATUS_NOT_SUPPORTED, "that the channel closed");
        let_pass(b, 10);
        host_offer(b->host);
    }
    must_open(b);
}

static void largest_transfer(struct bench *b)
{
    static const uint32_t promised[] = {4096, 10000, 262144, 8 << 20};
    static const uint32_t used[] = {4096, 8192, 262144, 262144};

    for (int i = 0; i < 4; i++) {
        b->host->max_transfer = promised[i];
        must_open(b);
        CHECK_EQ(b->disk->vstor.max_transfer, used[i]);
        block_close(b->disk);
    }
    b->host->max_transfer = 4095;
    must_not_open(b, STATUS_NOT_SUPPORTED,
                  "expected transfers of at least 4096 bytes, found 4095");
}

/* The driver must not send operation 13 (create sub-channels). The host in
 * storage_host.c fails the test if it does. */
static void subchannels(struct bench *b)
{
    b->host->subchannels = 3;
    must_open(b);
    CHECK_EQ(b->disk->vstor.subchannels, 3);
}

static void notices(struct bench *b)
{
    must_open(b);
    host_notify(b->host, 2);
    host_notify(b->host, 11);
    host_notify(b->host, 99);
    let_pass(b, 1);
    CHECK_EQ(b->disk->vstor.notices, 3);
    CHECK_STATUS(block_ready(b->disk), 0);
}

const struct disk_test agree_tests[] = {
    {"the driver asks its four questions in order", question_order},
    {"the driver asks from the newest version on and keeps its sizes",
     version_order},
    {"a host that accepts no version is refused", no_version},
    {"a question without an answer fails after 180 seconds", silence},
    {"an answer of 40 bytes to a question is refused", short_answers},
    {"an answer without bytes to a question is refused", no_bytes},
    {"an answer of 72 bytes to a question is refused", long_answers},
    {"an answer to a question that is no completion is refused", no_completion},
    {"an answer with an error status to a question is refused", bad_status},
    {"the disk opens again after the host left during any question", host_goes},
    {"the largest transfer is the smaller of both sides' limits",
     largest_transfer},
    {"the driver creates no sub-channels when the host offers them",
     subchannels},
    {"packets that the host sends unasked are counted", notices},
    {0},
};
