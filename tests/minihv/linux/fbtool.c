/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws on the kernel's first frame buffer, and says what it is. It is a
 * program of the guest, linked statically. Each pixel has a colour of its own
 * place, so that a picture that is shifted or cut differs. */
#include <fcntl.h>
#include <linux/fb.h>
#include <linux/kd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static uint32_t colour(uint32_t x, uint32_t y)
{
    return (x * 3 & 0xFF) << 16 | (y * 5 & 0xFF) << 8 |
           ((x / 16 ^ y / 16) & 0xFF);
}

/* The console would draw over it. */
static void keep_console_away(void)
{
    int tty = open("/dev/tty1", O_RDWR);

    if (tty < 0 || ioctl(tty, KDSETMODE, KD_GRAPHICS))
        printf("not ok - the console leaves the screen alone\n");
}

/* By a mapping, because the driver does not see what write() has changed. */
static int draw(int fd, const struct fb_var_screeninfo *v, uint32_t pitch)
{
    size_t bytes = (size_t)pitch * v->yres;
    uint32_t *pixels =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (pixels == MAP_FAILED)
        return 0;
    for (uint32_t y = 0; y < v->yres; y++)
        for (uint32_t x = 0; x < v->xres; x++)
            pixels[(size_t)y * pitch / 4 + x] = colour(x, y);
    return !fsync(fd);
}

int main(void)
{
    struct fb_fix_screeninfo fix;
    struct fb_var_screeninfo var;
    int fd = open("/dev/fb0", O_RDWR);

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (fd < 0 || ioctl(fd, FBIOGET_FSCREENINFO, &fix) ||
        ioctl(fd, FBIOGET_VSCREENINFO, &var)) {
        printf("not ok - there is a frame buffer\n");
        return 1;
    }
    printf("# screen: %s %ux%u %u bits\n", fix.id, var.xres, var.yres,
           var.bits_per_pixel);
    keep_console_away();
    if (var.bits_per_pixel != 32 || !draw(fd, &var, fix.line_length)) {
        printf("not ok - the frame buffer takes a picture\n");
        return 1;
    }
    printf("# drawn\n");
    return 0;
}
