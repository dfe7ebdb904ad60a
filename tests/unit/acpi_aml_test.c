/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the AML reader: sound and broken packages of \_S5, byte by byte. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/acpi/acpi.h"

#define NAME 0x08, '_', 'S', '5', '_'

static const struct {
    const char *what;
    int status;
    uint8_t a, b;
    uint8_t size;
    uint8_t aml[32];
} packages[] = {
    {"zeros", 0, 0, 0, 10, {NAME, 0x12, 0x04, 0x02, 0x00, 0x00}},
    {"ones", 0, 1, 1, 10, {NAME, 0x12, 0x04, 0x02, 0x01, 0x01}},
    {"root",
     0,
     1,
     0,
     11,
     {0x08, '\\', '_', 'S', '5', '_', 0x12, 0x04, 0x02, 0x01, 0x00}},
    {"words", 0, 7, 3, 14, {NAME, 0x12, 0x08, 0x02, 0x0B, 7, 0, 0x0B, 3, 0}},
    {"dwords",
     0,
     2,
     4,
     18,
     {NAME, 0x12, 0x0C, 0x02, 0x0C, 2, 0, 0, 0, 0x0C, 4, 0, 0, 0}},
    {"length of two bytes",
     0,
     1,
     2,
     12,
     {NAME, 0x12, 0x46, 0x00, 0x02, 0x01, 0x0A, 2}},
    {"length of four bytes",
     0,
     1,
     2,
     14,
     {NAME, 0x12, 0xC8, 0x00, 0x00, 0x00, 0x02, 0x01, 0x0A, 2}},
    {"four elements",
     0,
     5,
     0,
     13,
     {NAME, 0x12, 0x07, 0x04, 0x0A, 5, 0x00, 0x00, 0x00}},
    {"second is right",
     0,
     3,
     0,
     21,
     {NAME, 0x70, NAME, 0x12, 0x05, 0x02, 0x0A, 3, 0x00}},
    {"long package", 0, 1, 2, 28, {NAME, 0x12, 0x16, 0x04, 0x0C, 1, 0,    0,
                                   0,    0x0C, 2,    0,    0,    0, 0x0C, 3,
                                   0,    0,    0,    0x0C, 4,    0, 0,    0}},
    {"long package, length of two bytes",
     0,
     1,
     2,
     29,
     {NAME, 0x12, 0x47, 0x01, 0x04, 0x0C, 1, 0,    0, 0, 0x0C, 2, 0,
      0,    0,    0x0C, 3,    0,    0,    0, 0x0C, 4, 0, 0,    0}},
    {"nothing", -ENOENT, 0, 0, 0, {0}},
    {"one element, two there",
     -EINVAL,
     0,
     0,
     10,
     {NAME, 0x12, 0x04, 0x01, 0x01, 0x01}},
    {"root's mark at the very start",
     -ENOENT,
     0,
     0,
     10,
     {'\\', '_', 'S', '5', '_', 0x12, 0x04, 0x02, 0x01, 0x01}},
    {"name only, no definition",
     -ENOENT,
     0,
     0,
     10,
     {0x70, '_', 'S', '5', '_', 0x12, 0x04, 0x02, 0x01, 0x01}},
    {"name at the very start",
     -ENOENT,
     0,
     0,
     9,
     {'_', 'S', '5', '_', 0x12, 0x04, 0x02, 0x01, 0x01}},
    {"ends in the name", -ENOENT, 0, 0, 4, {0x08, '_', 'S', '5'}},
    {"ends behind the name", -EINVAL, 0, 0, 5, {NAME}},
    {"ends behind the package", -EINVAL, 0, 0, 6, {NAME, 0x12}},
    {"ends in the length", -EINVAL, 0, 0, 7, {NAME, 0x12, 0x80}},
    {"ends in an element", -EINVAL, 0, 0, 9, {NAME, 0x12, 0x03, 0x02, 0x0B}},
    {"no package", -EINVAL, 0, 0, 10, {NAME, 0x11, 0x04, 0x02, 0x01, 0x01}},
    {"one element", -EINVAL, 0, 0, 9, {NAME, 0x12, 0x03, 0x01, 0x01}},
    {"length 0", -EINVAL, 0, 0, 10, {NAME, 0x12, 0x00, 0x02, 0x01, 0x01}},
    {"length too long",
     -EINVAL,
     0,
     0,
     10,
     {NAME, 0x12, 0x05, 0x02, 0x01, 0x01}},
    {"length too short",
     -EINVAL,
     0,
     0,
     10,
     {NAME, 0x12, 0x03, 0x02, 0x01, 0x01}},
    {"wild length",
     -EINVAL,
     0,
     0,
     13,
     {NAME, 0x12, 0xCF, 0xFF, 0xFF, 0xFF, 0x02, 0x01, 0x01}},
    {"value 8", -EINVAL, 0, 0, 12, {NAME, 0x12, 0x06, 0x02, 0x0A, 8, 0x0A, 0}},
    {"second value 8",
     -EINVAL,
     0,
     0,
     12,
     {NAME, 0x12, 0x06, 0x02, 0x0A, 0, 0x0A, 8}},
    {"high bytes",
     -EINVAL,
     0,
     0,
     13,
     {NAME, 0x12, 0x07, 0x02, 0x0B, 0, 1, 0x0A, 0}},
    {"a name as element",
     -EINVAL,
     0,
     0,
     13,
     {NAME, 0x12, 0x07, 0x02, 'A', 'B', 'C', 'D', 0}},
};

static void each_s5_package_gives_its_values_or_its_error(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(packages); i++) {
        /* A heap block of its own, so that ASan sees a read outside it. */
        uint8_t *aml = malloc(packages[i].size);
        uint8_t a = 99, b = 99;
        int status;

        memcpy(aml, packages[i].aml, packages[i].size);
        status = acpi_aml_find_s5(aml, packages[i].size, &a, &b);
        if (status != packages[i].status)
            fail_msg("%s: status %d", packages[i].what, status);
        assert_int_equal(a, status == 0 ? packages[i].a : 99);
        assert_int_equal(b, status == 0 ? packages[i].b : 99);
        free(aml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_s5_package_gives_its_values_or_its_error),
    };

    return cmocka_run_group_tests_name("acpi_aml", tests, NULL, NULL);
}
