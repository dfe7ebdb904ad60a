/* SPDX-License-Identifier: BSD-2-Clause */
/* Says what the kernel's ethtool interface says of a network device. It is a
 * program of the guest, linked statically. */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int device;
static struct ifreq request;

/* Returns 0, or -1 where the kernel refuses. */
static int ask(void *command)
{
    request.ifr_data = command;
    return ioctl(device, SIOCETHTOOL, &request);
}

static void say_value(const char *name, unsigned command)
{
    struct ethtool_value value = {.cmd = command};

    if (ask(&value))
        printf("# ethtool: %s refused\n", name);
    else
        printf("# ethtool: %s 0x%x\n", name, value.data);
}

int main(int count, char **words)
{
    struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
    struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

    if (count != 2)
        return 2;
    device = socket(AF_INET, SOCK_DGRAM, 0);
    strncpy(request.ifr_name, words[1], sizeof request.ifr_name - 1);
    if (ask(&driver) || ask(&channels))
        return 1;
    printf("# ethtool: driver %s\n", driver.driver);
    printf("# ethtool: combined %u of %u\n", channels.combined_count,
           channels.max_combined);
    say_value("rx-checksum", ETHTOOL_GRXCSUM);
    say_value("tx-checksum", ETHTOOL_GTXCSUM);
    say_value("tso", ETHTOOL_GTSO);
    say_value("scatter-gather", ETHTOOL_GSG);
    say_value("flags", ETHTOOL_GFLAGS);
    return 0;
}
