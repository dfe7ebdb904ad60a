/* Images that are forged well: what each field is checked against. */
#include "save.h"

#include <errno.h>
#include <string.h>

/* A channel that is open on rings which do not fit. */
static void rings_of_an_image_are_checked(void **state)
{
    /* The GPADL's handle, and the page at which the second ring begins. */
    static const uint8_t rings[5] = {0x10, 0x1E, 0x0E, 0x00, 2};
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct image i = save(s);
    uint8_t *found = locate(&i, rings, sizeof(rings));

    replace(s, SERVERS(&v), &any_guest);
    found[4] = 3;
    forged_gives(s, &i, -EBADMSG);
    found[4] = 2;
    found[0]++;
    forged_gives(s, &i, -EBADMSG);
    image_free(&i);
    seam_pages_free(s->seam, pages, 4);
}

/* Two channels of one relid, else as they must be. */
static void relids_of_an_image_are_checked(void **state)
{
    /* relid 2, no monitor, not withdrawn, offered; its GPADL's relid */
    static const uint8_t second[7] = {2, 0, 0, 0, 0xFF, 0, 1};
    static const uint8_t its_gpadl[8] = {2, 0, 0, 0, 0x34, 0x12, 0xCD, 0xAB};
    const struct vmbus_host_config config = {.features = 0x01};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    void *pages;
    struct bytes b = open_message(2, 1, 0xABCD1234, 0, 2);
    struct image i;

    configure(s, &config);
    publish(s, &v, 1, 1, 0);
    publish(s, &w, 1, 2, 0);
    connect_with(s, 0x01);
    take_offers(s);
    pages = share_rings(s, 2, 0xABCD1234);
    b.size = 156;
    put32(&b, 148, 0x9999);
    put16(&b, 152, 44);
    say(s, &b);
    forget_heard(s);
    i = save(s);
    replace(s, SERVERS(&v, &w), &config);
    *locate(&i, second, sizeof(second)) = 1;
    *locate(&i, its_gpadl, sizeof(its_gpadl)) = 1;
    forged_gives(s, &i, -EBADMSG);
    image_free(&i);
    seam_pages_free(s->seam, pages, 4);
}

/* A closed channel has its own id, not one that another may get. */
static void connections_of_an_image_are_checked(void **state)
{
    static const uint8_t own[7] = {0x01, 0x20, 0, 0, 1, 0, 2};
    struct script *s = *state;
    struct server v = {0};
    struct image i;

    publish(s, &v, 1, 1, 0);
    i = save(s);
    replace(s, SERVERS(&v), &any_guest);
    for (unsigned n = 0; n < sizeof(own); n++) {
        uint8_t *found = locate(&i, own, sizeof(own));

        found[n] ^= 3;
        forged_gives(s, &i, -EBADMSG);
        found[n] ^= 3;
    }
    image_free(&i);
}

/* Two channels with the same GUIDs and sub-channel. */
static void identities_of_an_image_are_checked(void **state)
{
    static const uint8_t second[18] = {2, 2, 2, 2, 2, 2, 2, 2, 2,
                                       2, 2, 2, 2, 2, 2, 2, 0, 0};
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct image i;

    publish(s, &v, 9, 1, 0);
    publish(s, &w, 9, 2, 0);
    i = save(s);
    replace(s, SERVERS(&v, &w), &any_guest);
    memset(locate(&i, second, sizeof(second)), 1, 16);
    forged_gives(s, &i, -EBADMSG);
    image_free(&i);
}

/* Who is not connected has no features, pages, offers or channels. */
static void idle_images_are_checked(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct image i;

    publish(s, &v, 9, 1, 0);
    i = save(s);
    replace(s, SERVERS(&v), &any_guest);
    for (size_t at = 28 + 4; at < 28 + 58; at++) {
        i.bytes[at] ^= 1;
        fix_crc(&i);
        /* VP, SINT and client id may be anything; 85: a reset under way. */
        if (vmbus_host_restore(s->host, i.bytes, i.size) == 0) {
            assert_true((at >= 36 && at <= 40) || (at >= 45 && at < 61) ||
                        at == 85);
            vmbus_host_restore_end(s->host);
            configure(s, &any_guest);
        }
        i.bytes[at] ^= 1;
    }
    image_free(&i);
}

/* A message is due only for what has begun; what is released is not offered. */
static void states_that_cannot_be_are_checked(void **state)
{
    /* relid 1, no monitor, not withdrawn, offered, not released */
    static const uint8_t ends[8] = {1, 0, 0, 0, 0xFF, 0, 1, 0};
    /* Offers were asked for, and are told; not paused, no answer due. */
    enum { ASKED = 41, OFFERS_DUE, PAUSED, ANSWER_DUE };
    struct script *s = *state;
    struct server v = {0};
    struct image i;

    begin_offered(s, &v, 0x00040000);
    i = save(s);
    replace(s, SERVERS(&v), &any_guest);
    assert_memory_equal(&i.bytes[ASKED], "\1\0\0\0", 4);
    i.bytes[ASKED] = 0;
    i.bytes[OFFERS_DUE] = 1;
    forged_gives(s, &i, -EBADMSG);
    i.bytes[ASKED] = 1;
    i.bytes[OFFERS_DUE] = 0;
    i.bytes[ANSWER_DUE] = 1;
    forged_gives(s, &i, -EBADMSG);
    i.bytes[ANSWER_DUE] = 0;
    locate(&i, ends, sizeof(ends))[7] = 1;
    forged_gives(s, &i, -EBADMSG);
    image_free(&i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rings_of_an_image_are_checked),
        TEST(relids_of_an_image_are_checked),
        TEST(connections_of_an_image_are_checked),
        TEST(identities_of_an_image_are_checked),
        TEST(idle_images_are_checked),
        TEST(states_that_cannot_be_are_checked),
    };

    return cmocka_run_group_tests_name("hosthalf.save_check", tests, NULL,
                                       NULL);
}
