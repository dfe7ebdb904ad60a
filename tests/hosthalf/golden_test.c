/*
 * What an unmodified Linux said (tests/golden) goes to the host half, and what
 * it was told comes out, byte for byte. Only the addresses of its pages are
 * replaced by those of pages that this test has.
 */
#include "script.h"

#include <stdio.h>
#include <string.h>

#define RECORD "tests/golden/linux-6.1-protocol-5.3.txt"
#define PAGES  512u

struct replay {
    struct script *s;
    struct server server[4];
    unsigned offers, said, heard;
    uint64_t pfns[PAGES];
    uint32_t used;
};

/* The next line of the record: its direction and bytes. */
static bool next(FILE *file, bool *from_guest, struct bytes *b)
{
    char line[1024], direction[16], text[512];

    if (!fgets(line, sizeof(line), file))
        return false;
    assert_int_equal(
        sscanf(line, "minihv: message %15s %*d %*s %511s", direction, text), 2);
    *from_guest = strcmp(direction, "from-guest") == 0;
    *b = hex(text);
    return true;
}

/* The servers that Linux saw, from their offers. */
static void publish_recorded(struct replay *r, const struct bytes *b)
{
    struct server *v = &r->server[r->offers++];
    struct vmbus_host_offer o = {.flags = (uint16_t)get16(b, 56)};

    memcpy(o.type.bytes, &b->at[8], 16);
    memcpy(o.instance.bytes, &b->at[24], 16);
    memcpy(o.user_data, &b->at[60], 120);
    o.mmio_megabytes = (uint16_t)get16(b, 58);
    o.subchannel = (uint16_t)get16(b, 180);
    publish_offer(r->s, v, &o);
}

static void replace_frames(struct replay *r, struct bytes *b, uint32_t from)
{
    for (; from + 8 <= b->size; from += 8) {
        assert_true(r->used < PAGES);
        put64(b, from, r->pfns[r->used++]);
    }
}

static void replace_addresses(struct replay *r, struct bytes *b)
{
    switch (get32(b, 0)) {
    case 8:
        replace_frames(r, b, 28);
        break;
    case 9:
        replace_frames(r, b, 16);
        break;
    case 14:
        put64(b, 24, r->pfns[r->used++] << 12);
        put64(b, 32, r->pfns[r->used++] << 12);
        break;
    }
}

static void recorded_messages_of_linux_are_understood(void **state)
{
    struct replay r = {.s = *state};
    void *pages = seam_pages_alloc(r.s->seam, PAGES, r.pfns);
    FILE *file = fopen(RECORD, "r");
    struct bytes b, found;
    bool from_guest;

    assert_non_null(file);
    while (next(file, &from_guest, &b)) {
        if (!from_guest && get32(&b, 0) == 1)
            publish_recorded(&r, &b);
    }
    rewind(file);
    r.s->connection = 4;
    while (next(file, &from_guest, &b)) {
        if (from_guest) {
            replace_addresses(&r, &b);
            say(r.s, &b);
            r.said++;
            continue;
        }
        found = hear(r.s);
        assert_int_equal(found.size, b.size);
        assert_memory_equal(found.at, b.at, b.size);
        r.heard++;
    }
    fclose(file);
    hear_nothing(r.s);
    broke_nothing(r.s);
    assert_true(r.said >= 8 && r.heard >= 8);
    assert_int_equal(status_of(r.s).open_channels, r.offers);
    vmbus_host_reset(r.s->host);
    while (r.offers > 0)
        withdraw(&r.server[--r.offers]);
    seam_pages_free(r.s->seam, pages, PAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(recorded_messages_of_linux_are_understood),
    };

    return cmocka_run_group_tests_name("hosthalf.golden", tests, NULL, NULL);
}
