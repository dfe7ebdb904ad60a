/* SPDX-License-Identifier: BSD-2-Clause */
/* Says what the kernel's input devices say, until Escape goes up. It is a
 * program of the guest, linked statically. Words: names of devices that must be
 * there. */
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEVICES = 8, REPEATED = 2 };

static struct pollfd devices[DEVICES];
static char names[DEVICES][64];
static int found;

static void find(void)
{
    for (int i = 0; i < DEVICES; i++) {
        char path[32];
        int fd;

        snprintf(path, sizeof path, "/dev/input/event%d", i);
        fd = open(path, O_RDONLY);
        if (fd < 0)
            continue;
        if (ioctl(fd, EVIOCGNAME(sizeof names[found]), names[found]) < 0)
            strcpy(names[found], "?");
        printf("# input: %s\n", names[found]);
        devices[found++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
}

static void say_range(int fd, unsigned axis, const char *name)
{
    struct input_absinfo range;

    if (!ioctl(fd, EVIOCGABS(axis), &range) && range.maximum)
        printf("# range: %s %d %d\n", name, range.minimum, range.maximum);
}

/* Repeated keys are the kernel's own: how many there are depends on time. */
static int take(const struct input_event *e)
{
    static const char *const kinds[] = {
        [EV_KEY] = "key", [EV_REL] = "rel", [EV_ABS] = "abs"};

    if (e->type < EV_KEY || e->type > EV_ABS ||
        (e->type == EV_KEY && e->value == REPEATED))
        return 0;
    printf("# event: %s %u %d\n", kinds[e->type], e->code, e->value);
    return e->type == EV_KEY && e->code == KEY_ESC && !e->value;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    find();
    for (int i = 0; i < found; i++) {
        say_range(devices[i].fd, ABS_X, "x");
        say_range(devices[i].fd, ABS_Y, "y");
    }
    printf("# listening\n");
    for (;;) {
        poll(devices, (nfds_t)found, -1);
        for (int i = 0; i < found; i++) {
            struct input_event e;

            if (devices[i].revents & POLLIN &&
                read(devices[i].fd, &e, sizeof e) == sizeof e && take(&e))
                return 0;
        }
    }
}
