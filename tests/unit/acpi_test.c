/* The ACPI reader: sound tables, and every way in which they can be wrong. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "acpi_sample.h"

static struct sample s;
static struct acpi acpi;
static struct acpi_table table;

/* One table "TEST" under an XSDT, opened. Its RSDP's address. */
static uint64_t open_one(uint64_t *address)
{
    uint64_t rsdp;

    sample_begin(&s);
    *address = sample_table(&s, "TEST", "content", 7);
    rsdp = sample_root(&s, address, 1, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    return rsdp;
}

static void expect_error(int status, int wanted, const char *text)
{
    assert_int_equal(status, wanted);
    assert_non_null(strstr(acpi.error, text));
}

/* ---- the way to the tables ----------------------------------------------- */

static void test_find(void **state)
{
    uint64_t tables[3];
    uint64_t rsdp;

    (void)state;
    for (int old = 0; old <= 1; old++) {
        sample_begin(&s);
        tables[0] = sample_table(&s, "AAAA", "", 0);
        tables[1] = sample_table(&s, "BBBB", "12345678", 8);
        tables[2] = sample_table(&s, "BBBB", "second", 6);
        rsdp = sample_root(&s, tables, 3, old);
        assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
        assert_int_equal(acpi.entry_size, old ? 4 : 8);
        assert_int_equal(acpi_find(&acpi, "AAAA", &table), 0);
        assert_int_equal(table.address, tables[0]);
        assert_int_equal(table.length, 36);
        assert_int_equal(acpi_find(&acpi, "BBBB", &table), 0);
        assert_int_equal(table.address, tables[1]);
        assert_int_equal(table.length, 44);
        expect_error(acpi_find(&acpi, "CCCC", &table), -ENOENT,
                     "no CCCC among 3 tables");
    }
}

static void test_no_rsdp(void **state)
{
    uint64_t address, rsdp = open_one(&address);

    (void)state;
    expect_error(acpi_open(&acpi, &s.reader, 0x1000), -EFAULT, "not readable");
    expect_error(acpi_open(&acpi, &s.reader, UINT64_MAX), -EFAULT,
                 "not readable");
    expect_error(acpi_open(&acpi, &s.reader, rsdp + 16), -EINVAL, "no RSDP");
    /* Cut off by the end of memory, in either half. */
    memcpy(sample_at(&s, SAMPLE_BASE + SAMPLE_SIZE - 20), sample_at(&s, rsdp),
           20);
    expect_error(acpi_open(&acpi, &s.reader, SAMPLE_BASE + SAMPLE_SIZE - 20),
                 -EFAULT, "not readable");
    expect_error(acpi_open(&acpi, &s.reader, SAMPLE_BASE + SAMPLE_SIZE - 10),
                 -EFAULT, "not readable");
}

/* Any bit wrong in the RSDP is found by one of its two sums. */
static void test_rsdp_sums(void **state)
{
    uint64_t address, rsdp = open_one(&address);

    (void)state;
    for (unsigned bit = 0; bit < sizeof(struct acpi_rsdp) * 8; bit++) {
        uint8_t *byte = sample_at(&s, rsdp + bit / 8);

        *byte ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
        *byte ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
}

/* Both sums count: old firmware knows the first only. */
static void test_rsdp_first_sum(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_rsdp *r = sample_at(&s, rsdp);

    (void)state;
    r->checksum++;
    r->extended_checksum--;
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "RSDP: bytes");
}

static void test_rsdp_length(void **state)
{
    static const uint32_t lengths[] = {0, 20, 35, 257, UINT32_MAX};
    uint64_t address, rsdp = open_one(&address);
    struct acpi_rsdp *r = sample_at(&s, rsdp);

    (void)state;
    for (unsigned i = 0; i < COUNT(lengths); i++) {
        r->length = lengths[i];
        expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL,
                     "RSDP has length");
    }
}

static void test_root_wrong(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_header *root = sample_at(&s, s.root);

    (void)state;
    root->signature[0] = 'Y';
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "no XSDT");
    root->signature[0] = 'X';
    root->oem[3] ^= 1;
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "sum to 0x");
    root->oem[3] ^= 1;
    root->length = 35;
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "length 35");
    root->length = 1024 * 1024 + 1;
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "length");
    root->length = 1024 * 1024;
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EFAULT, "not readable");
}

/* A root of the old kind must not be read with the new one's entries, nor
 * the other way round. */
static void test_root_kind(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_header *root = sample_at(&s, s.root);

    (void)state;
    memcpy(root->signature, "RSDT", 4);
    sample_sum(&s, s.root);
    expect_error(acpi_open(&acpi, &s.reader, rsdp), -EINVAL, "no XSDT");
}

static void test_empty_root(void **state)
{
    uint64_t rsdp;

    (void)state;
    sample_begin(&s);
    rsdp = sample_root(&s, NULL, 0, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    expect_error(acpi_find(&acpi, "TEST", &table), -ENOENT, "among 0 tables");
}

/* Entries that point nowhere hide only themselves. */
static void test_entries_to_nowhere(void **state)
{
    uint64_t tables[4];
    uint64_t rsdp;

    (void)state;
    sample_begin(&s);
    memcpy(s.low, "TEST", 4); /* address 0 is readable here */
    tables[0] = 0;
    tables[1] = 0x1000;
    tables[2] = UINT64_MAX;
    tables[3] = sample_table(&s, "TEST", "content", 7);
    rsdp = sample_root(&s, tables, 4, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    assert_int_equal(acpi_find(&acpi, "TEST", &table), 0);
    assert_int_equal(table.address, tables[3]);
}

static void test_table_sum(void **state)
{
    uint64_t address;

    (void)state;
    open_one(&address);
    ((uint8_t *)sample_at(&s, address))[40] ^= 0x80;
    expect_error(acpi_find(&acpi, "TEST", &table), -EINVAL,
                 "TEST: bytes sum to 0x80, not to 0");
}

/* ---- FADT ---------------------------------------------------------------- */

static const uint8_t s5_aml[] = {0x08, '_',  'S',  '5',  '_',  0x12,
                                 0x06, 0x04, 0x0A, 0x05, 0x0A, 0x06};

static struct acpi_fadt fadt;
static struct acpi_power power;

static void default_fadt(void)
{
    memset(&fadt, 0, sizeof(fadt));
    fadt.smi_command = 0xB2;
    fadt.acpi_enable = 0xF1;
    fadt.pm1a_control = 0x604;
    fadt.pm1b_control = 0x704;
    fadt.pm_timer = 0x608;
    fadt.flags = ACPI_FADT_RESET | ACPI_FADT_TIMER_32;
    fadt.reset = (struct acpi_gas){ACPI_SPACE_IO, 8, 0, 1, 0xCF9};
    fadt.reset_value = 0x0F;
}

/* Leaves no zeros where the next call has its locals. */
static __attribute__((noinline)) void dirty_stack(void)
{
    volatile uint8_t bytes[2048];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = 0xEE;
}

/* The FADT of `length` bytes, a DSDT of these bytes; reads them. */
static int read_power_of(uint32_t length, const void *aml, uint32_t size)
{
    uint64_t tables[1], rsdp;

    sample_begin(&s);
    fadt.dsdt = (uint32_t)sample_table(&s, "DSDT", aml, size);
    tables[0] = sample_table(&s, "FACP", &fadt.header + 1,
                             length - (uint32_t)sizeof(fadt.header));
    rsdp = sample_root(&s, tables, 1, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    dirty_stack();
    return acpi_read_power(&acpi, &power);
}

static int read_power(void)
{
    return read_power_of(sizeof(fadt), s5_aml, sizeof(s5_aml));
}

static void test_fadt_ports(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x604);
    assert_int_equal(power.pm1a_control.space, ACPI_SPACE_IO);
    assert_int_equal(power.pm1b_control.address, 0x704);
    assert_int_equal(power.pm_timer.address, 0x608);
    assert_true(power.pm_timer_32);
    assert_int_equal(power.reset.address, 0xCF9);
    assert_int_equal(power.reset_value, 0x0F);
    assert_int_equal(power.smi_command, 0xB2);
    assert_int_equal(power.acpi_enable, 0xF1);
    assert_false(power.hardware_reduced);
    assert_true(power.s5_found);
    assert_int_equal(power.s5_a, 5);
    assert_int_equal(power.s5_b, 6);
}

/* As Hyper-V has it: the old fields are zero. */
static void test_fadt_x_fields(void **state)
{
    (void)state;
    default_fadt();
    fadt.pm1a_control = fadt.pm1b_control = fadt.pm_timer = 0;
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    fadt.x_pm_timer = (struct acpi_gas){ACPI_SPACE_IO, 32, 0, 3, 0x408};
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x404);
    assert_int_equal(power.pm1b_control.address, 0);
    assert_int_equal(power.pm_timer.address, 0x408);
}

static void test_fadt_x_fields_win(void **state)
{
    (void)state;
    default_fadt();
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x404);
    /* A space that nobody here can write to does not. */
    fadt.x_pm1a_control.space = 2;
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x604);
}

static void test_fadt_flags(void **state)
{
    (void)state;
    default_fadt();
    fadt.flags = ACPI_FADT_HARDWARE_REDUCED;
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.reset.address, 0);
    assert_false(power.pm_timer_32);
    assert_true(power.hardware_reduced);
}

/* Every length: what a shorter table does not have is not there. */
static void test_fadt_length(void **state)
{
    (void)state;
    default_fadt();
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    for (uint32_t length = 36; length <= sizeof(fadt); length++) {
        int status = read_power_of(length, s5_aml, sizeof(s5_aml));

        if (length < ACPI_FADT_1_SIZE) {
            expect_error(status, -EINVAL, "FACP has");
            continue;
        }
        assert_int_equal(status, 0);
        assert_int_equal(power.pm1a_control.address,
                         length >= 220 ? 0x404 : 0x604);
        assert_int_equal(power.reset.address,
                         length >= ACPI_FADT_2_SIZE ? 0xCF9 : 0);
    }
}

static void test_fadt_alone(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    assert_int_equal(acpi_read_fadt(&acpi, &power), 0);
    assert_false(power.s5_found);
    assert_int_equal(power.pm1a_control.address, 0x604);
}

static void test_no_fadt(void **state)
{
    uint64_t address;

    (void)state;
    open_one(&address);
    expect_error(acpi_read_power(&acpi, &power), -ENOENT, "no FACP");
    assert_int_equal(power.pm1a_control.address, 0);
}

static void test_dsdt_wrong(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    ((uint8_t *)sample_at(&s, fadt.dsdt))[40] ^= 1;
    assert_int_equal(acpi_read_power(&acpi, &power), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "DSDT: bytes sum"));
    fadt.x_dsdt = 0x1000; /* wins over the right one */
    assert_int_equal(read_power(), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "not readable"));
}

/* Wherever in the DSDT it is: the windows of the scan must overlap. */
static void test_s5_everywhere(void **state)
{
    static uint8_t aml[1700];

    (void)state;
    default_fadt();
    for (uint32_t at = 0; at <= sizeof(aml) - sizeof(s5_aml); at++) {
        memset(aml, 0xA3, sizeof(aml));
        memcpy(aml + at, s5_aml, sizeof(s5_aml));
        assert_int_equal(read_power_of(sizeof(fadt), aml, sizeof(aml)), 0);
        assert_true(power.s5_found);
        assert_int_equal(power.s5_a, 5);
        assert_int_equal(power.s5_b, 6);
    }
}

static void test_s5_missing(void **state)
{
    static const uint8_t broken[] = {0x08, '_', 'S',  '5', '_',
                                     0x12, 3,   0x02, 0x70};

    (void)state;
    default_fadt();
    assert_int_equal(read_power_of(sizeof(fadt), "nothing", 7), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "no \\_S5"));
    assert_int_equal(read_power_of(sizeof(fadt), "", 0), 0);
    assert_false(power.s5_found);
    assert_int_equal(read_power_of(sizeof(fadt), broken, sizeof(broken)), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "no package of constants"));
}

/* ---- AML ------------------------------------------------------------------
 */

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

static void test_aml(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(packages); i++) {
        /* Of its own on the heap, so that ASan sees reads around it. */
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

/* ---- MADT -----------------------------------------------------------------
 */

static struct acpi_processor processors[4];
static uint32_t count;

static int read_madt(const void *entries, uint32_t size)
{
    uint8_t content[256] = {0};
    uint64_t tables[1], rsdp;

    memcpy(content + 8, entries, size); /* behind address and flags */
    sample_begin(&s);
    tables[0] = sample_table(&s, "APIC", content, 8 + size);
    rsdp = sample_root(&s, tables, 1, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    memset(processors, 0xEE, sizeof(processors));
    count = 99;
    return acpi_read_processors(&acpi, processors, COUNT(processors), &count);
}

#define LAPIC(uid, id, flags) 0, 8, uid, id, flags, 0, 0, 0
#define X2APIC(uid, id, flags) \
    9, 16, 0, 0, id, 1, 0, 0, flags, 0, 0, 0, uid, 0, 0, 0

static void test_processors(void **state)
{
    static const uint8_t entries[] = {
        LAPIC(1, 0x10, 1), /* there */
        1,
        12,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,                  /* an I/O APIC */
        LAPIC(2, 0x11, 2),  /* may come */
        LAPIC(3, 0x12, 0),  /* neither */
        LAPIC(4, 0xFF, 1),  /* nobody */
        X2APIC(5, 0x13, 1), /* id 0x113 */
        LAPIC(1, 0x10, 1),  /* the first again */
        200,
        2, /* of the future */
    };

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 3);
    assert_int_equal(processors[0].apic_id, 0x10);
    assert_int_equal(processors[0].uid, 1);
    assert_true(processors[0].enabled);
    assert_int_equal(processors[1].apic_id, 0x11);
    assert_false(processors[1].enabled);
    assert_int_equal(processors[2].apic_id, 0x113);
    assert_int_equal(processors[2].uid, 5);
    assert_true(processors[2].enabled);
}

static void test_x2apic_nobody(void **state)
{
    static const uint8_t entries[] = {9, 16, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                                      1, 0,  0, 0, 0,    0,    0,    0};

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 0);
}

static void test_more_than_room(void **state)
{
    static const uint8_t entries[] = {
        LAPIC(0, 0, 1), LAPIC(1, 1, 1), LAPIC(2, 2, 1),
        LAPIC(3, 3, 1), LAPIC(4, 4, 1), LAPIC(5, 5, 1),
    };

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 6);
    assert_int_equal(processors[3].apic_id, 3);
    assert_int_equal(acpi_read_processors(&acpi, NULL, 0, &count), 0);
    assert_int_equal(count, 6);
}

/* Nothing behind the table's end is read: there is no memory. */
static void test_madt_at_the_end(void **state)
{
    static const uint8_t entries[] = {200,           4, 0, 0, LAPIC(1, 1, 1),
                                      LAPIC(2, 2, 1)};
    uint8_t content[8 + sizeof(entries)] = {0};
    uint64_t tables[1], rsdp;

    (void)state;
    memcpy(content + 8, entries, sizeof(entries));
    sample_begin(&s);
    tables[0] = SAMPLE_BASE + SAMPLE_SIZE - 36 - sizeof(content);
    rsdp = sample_root(&s, tables, 1, false);
    s.used = SAMPLE_SIZE - 36 - sizeof(content);
    assert_int_equal(sample_table(&s, "APIC", content, sizeof(content)),
                     tables[0]);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    assert_int_equal(acpi_read_processors(&acpi, processors, 4, &count), 0);
    assert_int_equal(count, 2);
}

static void test_entries_wrong(void **state)
{
    static const uint8_t zero[] = {LAPIC(0, 0, 1), 0, 0};
    static const uint8_t one[] = {0, 1, 0, 0};
    static const uint8_t odd[] = {LAPIC(0, 0, 1), 7};
    static const uint8_t behind[] = {0, 8, 0, 0, 1, 0, 0};
    static const uint8_t shorter[] = {0, 7, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t shorter_x2[] = {9, 15, 0, 0, 0, 0, 0, 0,
                                         1, 0,  0, 0, 0, 0, 0, 0};

    (void)state;
    expect_error(read_madt(zero, sizeof(zero)), -EINVAL, "length 0");
    expect_error(read_madt(one, sizeof(one)), -EINVAL, "length 1");
    expect_error(read_madt(odd, sizeof(odd)), -EINVAL, "a byte too many");
    expect_error(read_madt(behind, sizeof(behind)), -EINVAL, "7 are left");
    expect_error(read_madt(shorter, sizeof(shorter)), -EINVAL, "of 7 bytes");
    expect_error(read_madt(shorter_x2, sizeof(shorter_x2)), -EINVAL,
                 "of 15 bytes");
}

static void test_madt_too_short(void **state)
{
    uint64_t tables[1], rsdp;

    (void)state;
    sample_begin(&s);
    tables[0] = sample_table(&s, "APIC", "1234567", 7);
    rsdp = sample_root(&s, tables, 1, false);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    expect_error(acpi_read_processors(&acpi, processors, 4, &count), -EINVAL,
                 "APIC has length 43");
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_no_rsdp),
        cmocka_unit_test(test_rsdp_sums),
        cmocka_unit_test(test_rsdp_first_sum),
        cmocka_unit_test(test_rsdp_length),
        cmocka_unit_test(test_root_wrong),
        cmocka_unit_test(test_root_kind),
        cmocka_unit_test(test_empty_root),
        cmocka_unit_test(test_entries_to_nowhere),
        cmocka_unit_test(test_table_sum),
        cmocka_unit_test(test_fadt_ports),
        cmocka_unit_test(test_fadt_x_fields),
        cmocka_unit_test(test_fadt_x_fields_win),
        cmocka_unit_test(test_fadt_flags),
        cmocka_unit_test(test_fadt_length),
        cmocka_unit_test(test_fadt_alone),
        cmocka_unit_test(test_no_fadt),
        cmocka_unit_test(test_dsdt_wrong),
        cmocka_unit_test(test_s5_everywhere),
        cmocka_unit_test(test_s5_missing),
        cmocka_unit_test(test_aml),
        cmocka_unit_test(test_processors),
        cmocka_unit_test(test_x2apic_nobody),
        cmocka_unit_test(test_more_than_room),
        cmocka_unit_test(test_madt_at_the_end),
        cmocka_unit_test(test_entries_wrong),
        cmocka_unit_test(test_madt_too_short),
    };

    return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
