/* SPDX-License-Identifier: BSD-2-Clause */
/* The four questions before the first command, and hosts that answer badly. */
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

/* Newest to oldest, and packets of the agreed size. */
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

/* Each question answered by this lie: refused, and good again later. */
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
                  "found none within 5 seconds");
    CHECK_EQ((world_now(b->w) - begin) / 10000000, 20); /* 4 times 5 s */
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

/* No operation 13 ever comes: storage_host.c would fail. */
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
    {"the questions come in order", question_order},
    {"versions newest to oldest, each with its sizes", version_order},
    {"a host that takes no version", no_version},
    {"a question without an answer ends after 5 seconds", silence},
    {"a question's answer of 40 bytes", short_answers},
    {"a question's answer without bytes", no_bytes},
    {"a question's answer of 72 bytes", long_answers},
    {"a question's answer that is no completion", no_completion},
    {"a question's answer with a bad status", bad_status},
    {"the host goes during each question, and comes back", host_goes},
    {"the largest transfer is both sides'", largest_transfer},
    {"promised sub-channels are left alone", subchannels},
    {"what the host sends by itself is counted", notices},
    {0},
};
