/* Images of a host half: made, moved, restored, and made to be spoiled. */
#define _GNU_SOURCE /* memmem */
#include "save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmbus/wire/crc32.h"

struct image save(struct script *s)
{
    struct image i = {0};
    size_t again;

    assert_int_equal(vmbus_host_save(s->host, NULL, 0, &i.size), -ENOSPC);
    i.bytes = malloc(i.size);
    assert_non_null(i.bytes);
    assert_int_equal(vmbus_host_save(s->host, i.bytes, i.size - 1, &again),
                     -ENOSPC);
    assert_int_equal(again, i.size);
    assert_int_equal(vmbus_host_save(s->host, i.bytes, i.size, &again), 0);
    assert_int_equal(again, i.size);
    return i;
}

void image_free(struct image *i)
{
    free(i->bytes);
    i->bytes = NULL;
}

void replace(struct script *s, struct server *const *servers,
             const struct vmbus_host_config *config)
{
    unsigned count = 0;

    vmbus_host_reset(s->host);
    while (servers[count])
        count++;
    while (count-- > 0) {
        if (servers[count]->channel)
            withdraw(servers[count]);
        *servers[count] = (struct server){.script = s};
    }
    configure(s, config);
}

void restore_gives(struct script *s, const struct image *i, int status)
{
    assert_int_equal(vmbus_host_restore(s->host, i->bytes, i->size), status);
}

void resume(struct script *s, struct image *i, struct server *const *servers,
            const struct vmbus_host_config *config)
{
    replace(s, servers, config);
    restore_gives(s, i, 0);
    image_free(i);
}

void move(struct script *s, struct server *const *servers)
{
    struct image i = save(s);

    resume(s, &i, servers, &any_guest);
}

void move_one(struct script *s, struct server *v)
{
    move(s, SERVERS(v));
    claim(s, v);
}

void claim(struct script *s, struct server *v)
{
    publish(s, v, 0x11, 0x22, 0);
    vmbus_host_restore_end(s->host);
}

/* ---- images to spoil ---------------------------------------------------- */

struct image rich(struct script *s, void **pages)
{
    struct server v[3] = {{0}};
    uint64_t pfns[RICH_PAGES];
    struct bytes b = contact(0x00050003, 1);
    struct image i;

    *pages = seam_pages_alloc(s->seam, RICH_PAGES, pfns);
    v[1].holds_open = true;
    for (uint8_t n = 0; n < 3; n++)
        publish(s, &v[n], 1, n, 0);
    put64(&b, 24, pfns[58] << 12);
    put64(&b, 32, pfns[59] << 12);
    s->connection = 4;
    contact_gives(s, &b, 1, 0);
    take_offers(s);
    say_gpadl(s, 1, 1, pfns, 4);
    say_gpadl(s, 2, 2, pfns + 4, 30);
    say_open(s, 1, 1, 1, 1, 2);
    say_open(s, 2, 2, 2, 0xFFFFFFFF, 20);
    say_gpadl_header(s, 2, 3, RICH_PAGES * 4096, 0, pfns, RICH_PAGES);
    s->room = 0;
    say_gpadl(s, 1, 4, pfns, 1);
    withdraw(&v[2]);
    forget_heard(s);
    i = save(s);
    s->room = UINT32_MAX;
    replace(s, SERVERS(&v[0], &v[1], &v[2]), &any_guest);
    return i;
}

void rich_end(struct script *s, struct image *i, void *pages)
{
    image_free(i);
    seam_pages_free(s->seam, pages, RICH_PAGES);
}

void fix_crc(struct image *i)
{
    uint32_t crc = vmbus_crc32(0, i->bytes + 24, i->size - 24);

    for (unsigned n = 0; n < 4; n++)
        i->bytes[12 + n] = (uint8_t)(crc >> 8 * n);
}

void forged_gives(struct script *s, struct image *i, int status)
{
    fix_crc(i);
    restore_gives(s, i, status);
}

uint8_t *locate(const struct image *i, const void *bytes, size_t size)
{
    uint8_t *found = memmem(i->bytes, i->size, bytes, size);

    assert_non_null(found);
    assert_null(memmem(found + 1, i->size - (size_t)(found + 1 - i->bytes),
                       bytes, size));
    return found;
}
