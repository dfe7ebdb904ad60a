/* SPDX-License-Identifier: BSD-2-Clause */
/* The zero page of the 64-bit Linux boot protocol: see direct.h. [linux
 * boot.rst] */
#include "boot/direct/direct.h"

#include <errno.h>

#include "boot/refuse.h"

/* More nodes than any loader has use for; a list that ends in itself has more.
 */
#define NODES_MAX 64u

/* What it says instead may tell which protocol it was. */
static int refuse_header(uint64_t at, const struct direct_zero_page *page)
{
    boot_refuse("expected a zero page of the 64-bit Linux boot protocol at "
                "0x%lx (boot flag 0xaa55, \"HdrS\"), found 0x%04x and 0x%08x",
                (unsigned long)at, page->boot_flag, page->header);
    return -EINVAL;
}

/* Adds a list of ranges behind the ones that are known. Whether it can be read
 * is seen when it is read. */
static int add_list(struct direct_told *told, uint64_t at, uint32_t ranges)
{
    if (told->lists == DIRECT_LISTS_MAX) {
        boot_refuse("the zero page's setup_data has more than %u lists of "
                    "memory ranges",
                    DIRECT_LISTS_MAX - 1);
        return -EINVAL;
    }
    told->list[told->lists].at = at;
    told->list[told->lists].ranges = ranges;
    told->list[told->lists].stride = sizeof(struct direct_range);
    told->lists++;
    return 0;
}

/* One node. Other types than ranges of memory are no business of ours. */
static int take_node(struct direct_told *told, uint64_t at,
                     const struct direct_setup_data *node)
{
    if (node->type != DIRECT_SETUP_E820)
        return 0;
    if (node->length % sizeof(struct direct_range) != 0) {
        boot_refuse("setup_data at 0x%lx has %u bytes of memory ranges; "
                    "expected a multiple of %u",
                    (unsigned long)at, node->length,
                    (unsigned)sizeof(struct direct_range));
        return -EINVAL;
    }
    return add_list(told, at + sizeof(*node),
                    node->length / (uint32_t)sizeof(struct direct_range));
}

/* Walks the list, which holds the ranges that the page has no room for. It is
 * as long as a loader likes, and may lead anywhere. */
static int take_setup_data(const struct acpi_reader *memory, uint64_t at,
                           struct direct_told *told)
{
    struct direct_setup_data node;

    for (uint32_t nodes = 0; at != 0; nodes++, at = node.next) {
        int status;

        if (nodes == NODES_MAX) {
            boot_refuse("the zero page's setup_data has more than %u nodes, "
                        "or leads back to itself",
                        NODES_MAX);
            return -EINVAL;
        }
        if (memory->read(memory->context, at, &node, sizeof(node)) < 0) {
            boot_refuse("the zero page's setup_data leads to 0x%lx, which is "
                        "not readable",
                        (unsigned long)at);
            return -EINVAL;
        }
        status = take_node(told, at, &node);
        if (status < 0)
            return status;
    }
    return 0;
}

/*
 * The header's version is not looked at: loaders that fill in a page for an ELF
 * file leave it 0, and no field that is read here has ever changed.
 */
int direct_read_zero_page(const struct acpi_reader *memory, uint64_t at,
                          struct direct_told *told)
{
    struct direct_zero_page page;
    int status;

    *told = (struct direct_told){0};
    /* Read the head once, and use this copy. Of the ranges it only says where
     * they lie: direct_read_ranges() reads each of them once. */
    if (memory->read(memory->context, at, &page, sizeof(page)) < 0) {
        boot_refuse("the zero page at 0x%lx (RSI) is not readable",
                    (unsigned long)at);
        return -EINVAL;
    }
    if (page.boot_flag != DIRECT_ZERO_PAGE_FLAG ||
        page.header != DIRECT_ZERO_PAGE_HEADER)
        return refuse_header(at, &page);
    if (page.ranges > sizeof(page.range) / sizeof(page.range[0])) {
        boot_refuse("the zero page counts %u memory ranges and has room for "
                    "%u",
                    page.ranges,
                    (unsigned)(sizeof(page.range) / sizeof(page.range[0])));
        return -EINVAL;
    }
    /* Addresses are only noted here; each reader checks its own. */
    told->rsdp = page.rsdp;
    told->cmdline = (uint64_t)page.cmdline_high << 32 | page.cmdline;
    status = add_list(told, at + offsetof(struct direct_zero_page, range),
                      page.ranges);
    return status < 0 ? status : take_setup_data(memory, page.setup_data, told);
}
