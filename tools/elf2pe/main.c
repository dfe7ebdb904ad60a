/* elf2pe INPUT.elf OUTPUT.efi */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf2pe.h"

/* The whole file, to be freed; NULL with errno set. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long length;

    if (!in)
        return NULL;
    if (fseek(in, 0, SEEK_END) == 0 && (length = ftell(in)) >= 0 &&
        fseek(in, 0, SEEK_SET) == 0) {
        *size = (size_t)length;
        bytes = malloc(*size + 1);
        if (bytes && fread(bytes, 1, *size, in) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(in);
    return bytes;
}

static int write_file(const struct image *image, const char *path)
{
    FILE *out = fopen(path, "wb");
    int status;

    if (!out) {
        fprintf(stderr, "elf2pe: %s: %s\n", path, strerror(errno));
        return -1;
    }
    status = pe_write(image, out, stderr);
    if (fclose(out) != 0 && status == 0) {
        fprintf(stderr, "elf2pe: %s: %s\n", path, strerror(errno));
        status = -1;
    }
    if (status < 0)
        remove(path);
    return status;
}

int main(int argc, char **argv)
{
    struct image image;
    uint8_t *elf;
    size_t size;
    int status;

    if (argc != 3) {
        fprintf(stderr, "usage: elf2pe INPUT.elf OUTPUT.efi\n");
        return 2;
    }
    elf = read_file(argv[1], &size);
    if (!elf) {
        fprintf(stderr, "elf2pe: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    status = elf_read(elf, size, &image, stderr);
    free(elf);
    if (status == 0) {
        status = write_file(&image, argv[2]);
        image_free(&image);
    }
    return status == 0 ? 0 : 1;
}
