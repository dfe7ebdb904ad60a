/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/efi/ against a firmware whose answers may be wrong: all but the
 * memory map. */
#include "unit.h"

#include <string.h>

#include "boot_start.h"
#include "fake_firmware.h"

static void exit_boot_services_is_tried_again_then_given_up(void **state)
{
    (void)state;
    fake_firmware_reset();
    assert_int_equal(boot(), 0); /* from here on there is room for the map */
    fake_firmware_reset();
    firmware.stale_keys = 1;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.exit_attempts, 2);
    assert_int_equal(firmware.maps_read, 2);
    fake_firmware_reset();
    firmware.stale_keys = 100;
    is_refused("refuses ExitBootServices");
    fake_firmware_reset();
    firmware.exit_status = EFI_DEVICE_ERROR;
    is_refused("refuses ExitBootServices");
    fake_firmware_reset();
    firmware.image.ImageBase = NULL;
    is_refused("no loaded-image protocol");
}

/* ---- seed ---------------------------------------------------------------- */

static void seed_is_taken_where_the_firmware_has_one(void **state)
{
    (void)state;
    fake_firmware_reset();
    wants_seed = true;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.seed_size, 0);
    assert_int_equal(firmware.located, 1);
    fake_firmware_reset();
    firmware.has_rng = true;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.seed_size, 32);
    assert_int_equal(info.seed[0], 1);
    assert_int_equal(info.seed[31], 32);
    /* One that fails has given nothing. */
    fake_firmware_reset();
    firmware.has_rng = true;
    firmware.rng_status = EFI_DEVICE_ERROR;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.seed_size, 0);
    wants_seed = false;
}

static void seed_is_not_asked_for_where_nobody_uses_it(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.has_rng = true;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.seed_size, 0);
    assert_int_equal(firmware.located, 0);
}

/* ---- screen, command line ------------------------------------------------ */

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION blt_only = {
    .HorizontalResolution = 640,
    .VerticalResolution = 480,
    .PixelFormat = PixelBltOnly,
    .PixelsPerScanLine = 640,
};
static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION linear = {
    .HorizontalResolution = 800,
    .VerticalResolution = 600,
    .PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
    .PixelsPerScanLine = 800,
};

static void add_screen(EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode,
                       uint64_t base)
{
    firmware.screen[firmware.screens].Info = mode;
    firmware.screen[firmware.screens].FrameBufferBase = base;
    firmware.screen[firmware.screens++].FrameBufferSize = 800 * 600 * 4;
}

static void screen_is_taken_from_gop_when_it_is_usable(void **state)
{
    (void)state;
    fake_firmware_reset();
    assert_int_equal(boot(), 0);
    assert_int_equal(info.framebuffer.width, 0);
    add_screen(&blt_only, 0xc0000000);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.framebuffer.width, 0);
    fake_firmware_reset();
    add_screen(&linear, 0xc0000000);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.framebuffer.width, 800);
    assert_int_equal(info.framebuffer.red_mask, 0xff0000);
}

/* A console that writes to several screens has no memory of its own, and one
 * that is not set up has no mode. */
static void second_screen_is_taken_when_the_first_has_no_memory(void **state)
{
    (void)state;
    fake_firmware_reset();
    add_screen(&blt_only, 0xb0000000);
    add_screen(NULL, 0xb0000000);
    add_screen(&linear, 0);
    add_screen(&linear, 0xc0000000);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.framebuffer.width, 800);
    assert_int_equal(info.framebuffer.base, 0xc0000000);
}

static void first_sound_acpi_root_is_taken_and_a_new_one_first(void **state)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;
    static const EFI_GUID acpi10 = ACPI_TABLE_GUID;
    static uint8_t old[20] = "RSD PTR ", new[20] = "RSD PTR ", bad[20];

    (void)state;
    fake_firmware_reset();
    old[8] = new[8] =
        (uint8_t)(0 - ('R' + 'S' + 'D' + ' ' + 'P' + 'T' + 'R' + ' '));
    memcpy(bad, new, sizeof(bad));
    bad[8]++;
    firmware.system.NumberOfTableEntries = 4;
    firmware.table[0] = (EFI_CONFIGURATION_TABLE){acpi20, NULL};
    firmware.table[1] = (EFI_CONFIGURATION_TABLE){acpi20, bad};
    firmware.table[2] = (EFI_CONFIGURATION_TABLE){acpi10, old};
    firmware.table[3] = (EFI_CONFIGURATION_TABLE){acpi20, new};
    assert_int_equal(boot(), 0);
    assert_int_equal(info.rsdp, (uint64_t)(uintptr_t) new);
    firmware.system.NumberOfTableEntries = 3;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.rsdp, (uint64_t)(uintptr_t)old);
    firmware.system.NumberOfTableEntries = 2;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.rsdp, 0);
}

/* The text is on the heap, so that ASan sees a read past its end. */
static const char *option(const CHAR16 *text, unsigned characters)
{
    static struct boot_info own;
    CHAR16 *copy = test_malloc(characters * sizeof(*copy) + 1);

    memset(&own, 0, sizeof(own));
    memcpy(copy, text, characters * sizeof(*copy));
    firmware.image.LoadOptions = copy;
    firmware.image.LoadOptionsSize = characters * sizeof(*copy) + 1;
    boot_find_cmdline(&own, &firmware.image);
    test_free(copy);
    return own.cmdline;
}

static void load_options_become_a_bounded_command_line(void **state)
{
    static CHAR16 many[3 * BOOT_CMDLINE_SIZE];
    static const CHAR16 binary[] = {'e', 0x1f, 'x'};

    (void)state;
    fake_firmware_reset();
    assert_string_equal(option(L"exit quiet", 11), "exit quiet");
    assert_string_equal(option(L"exit quiet", 4),
                        "exit"); /* no zero at the end */
    assert_string_equal(option(L"", 0), "");
    assert_string_equal(option(binary, 3), "");
    for (unsigned i = 0; i < COUNT(many); i++)
        many[i] = 'a';
    assert_int_equal(strlen(option(many, COUNT(many))), BOOT_CMDLINE_SIZE - 1);
}

/* ---- files beside the image ---------------------------------------------- */

static void put_file(const char *path, const void *bytes, UINTN size)
{
    struct fake_file *file = &firmware.file[firmware.files++];

    file->path = path;
    file->bytes = bytes;
    file->size = size;
}

static void texts_beside_the_image_are_read(void **state)
{
    (void)state;
    fake_firmware_reset();
    put_file("\\EFI\\BOOT\\vmbare.cmd", "exit\n", 5);
    put_file("\\EFI\\BOOT\\vmbare.conf", "\xff", 1);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size, 5);
    assert_memory_equal(info.cmd.bytes, "exit\n", 5);
    assert_int_equal(info.conf.size, 1);
    assert_memory_equal(info.conf.bytes, "\xff", 1);
    assert_int_equal(firmware.opened, firmware.closed);
    assert_true(firmware.opened > 0);
}

static void a_missing_text_or_volume_is_as_an_empty_text(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.image.DeviceHandle = NULL; /* loaded from memory */
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size + info.conf.size, 0);
    fake_firmware_reset();
    firmware.volume_status = EFI_DEVICE_ERROR;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size + info.conf.size, 0);
    fake_firmware_reset();
    put_file("\\EFI\\BOOT\\vmbare.cmd", "exit\n", 5);
    put_file("\\EFI\\BOOT\\vmbare.conf", "x", 1);
    firmware.file[0].status = EFI_DEVICE_ERROR;
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size, 0);
    assert_int_equal(info.conf.size, 1);
    assert_int_equal(firmware.opened, firmware.closed);
}

static void a_text_that_is_too_long_says_so_by_its_size(void **state)
{
    static char long_text[2 * BOOT_TEXT_SIZE];

    (void)state;
    fake_firmware_reset();
    memset(long_text, 'a', sizeof(long_text));
    put_file("\\EFI\\BOOT\\vmbare.cmd", long_text, BOOT_TEXT_SIZE);
    put_file("\\EFI\\BOOT\\vmbare.conf", long_text, BOOT_TEXT_SIZE + 1);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size, BOOT_TEXT_SIZE);
    assert_true(info.conf.size > BOOT_TEXT_SIZE);
    /* A firmware that claims to have read more than there was room for. */
    firmware.file[0].claims = sizeof(long_text);
    assert_int_equal(boot(), 0);
    assert_int_equal(info.cmd.size, 0);
}

/* ---- early words -------------------------------------------------------- */

static void
one_line_on_the_firmwares_console_comes_before_the_exit(void **state)
{
    (void)state;
    fake_firmware_reset();
    assert_int_equal(boot(), 0);
    assert_non_null(strstr(firmware.said, "vmbare "));
    assert_non_null(strstr(firmware.said, ": started; leaving the firmware"));
    assert_ptr_equal(strchr(firmware.said, '\n'),
                     firmware.said + strlen(firmware.said) - 1);
}

static void a_firmware_without_a_console_is_no_reason_to_stop(void **state)
{
    (void)state;
    fake_firmware_reset();
    firmware.system.ConOut = NULL;
    assert_int_equal(boot(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_boot_services_is_tried_again_then_given_up),
        cmocka_unit_test(seed_is_taken_where_the_firmware_has_one),
        cmocka_unit_test(seed_is_not_asked_for_where_nobody_uses_it),
        cmocka_unit_test(screen_is_taken_from_gop_when_it_is_usable),
        cmocka_unit_test(second_screen_is_taken_when_the_first_has_no_memory),
        cmocka_unit_test(first_sound_acpi_root_is_taken_and_a_new_one_first),
        cmocka_unit_test(load_options_become_a_bounded_command_line),
        cmocka_unit_test(texts_beside_the_image_are_read),
        cmocka_unit_test(a_missing_text_or_volume_is_as_an_empty_text),
        cmocka_unit_test(a_text_that_is_too_long_says_so_by_its_size),
        cmocka_unit_test(
            one_line_on_the_firmwares_console_comes_before_the_exit),
        cmocka_unit_test(a_firmware_without_a_console_is_no_reason_to_stop),
    };

    return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
