/*
 * Save and restore for a scripted guest: the host half is saved, thrown away
 * and restored into a new one, and the guest goes on as if nothing had
 * happened.
 */
#ifndef TESTS_HOSTHALF_SAVE_H
#define TESTS_HOSTHALF_SAVE_H

#include "script.h"

struct image {
    uint8_t *bytes;
    size_t size;
};

/* Servers that lose their channels with the host half, in the order in which
 * they were published. */
#define SERVERS(...) ((struct server *const[]){__VA_ARGS__, NULL})
#define NOBODY       SERVERS(NULL)

/* The image of the host half as it is. */
struct image save(struct script *s);
void image_free(struct image *i);

/* Throws the host half away without a word to the guest, as a process that
 * ends does, and puts a new one of `config` in its place. */
void replace(struct script *s, struct server *const *servers,
             const struct vmbus_host_config *config);

/* Restoring comes to `status`. */
void restore_gives(struct script *s, const struct image *i, int status);

/* Replaces the host half and restores the image, which is freed. */
void resume(struct script *s, struct image *i, struct server *const *servers,
            const struct vmbus_host_config *config);

/* Saves and resumes at once; the second has its only server claim its channel,
 * and ends the restoring. */
void move(struct script *s, struct server *const *servers);
void move_one(struct script *s, struct server *v);

/* `v`, of begin_offered or begin_open, claims its channel; then nobody else
 * does. */
void claim(struct script *s, struct server *v);

/* ---- images to spoil */

#define RICH_PAGES 60u

/* The image of a state with something of everything. The host half is new, the
 * servers are gone; the guest's pages are in `*pages`. */
struct image rich(struct script *s, void **pages);
void rich_end(struct script *s, struct image *i, void *pages);

/* Sets the checksum right; the second then restores, which gives `status`. */
void fix_crc(struct image *i);
void forged_gives(struct script *s, struct image *i, int status);

/* Finds `size` bytes that are in the image once. */
uint8_t *locate(const struct image *i, const void *bytes, size_t size);

#endif
