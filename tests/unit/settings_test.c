/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of options: which values they accept, which source wins, what is said
 * of wrong ones, and what `help` prints. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "app/system/options/help.h"
#include "app/system/options/sources.h"

enum { EXIT, CPUS, SPEED, WRITE, NAME, LOG, OPTIONS };

static const struct vmbare_option declared[OPTIONS] = {
    [EXIT] = {.group = "system",
              .name = "exit",
              .type = VMBARE_FLAG,
              .help = "end"},
    [CPUS] = {.group = "system",
              .name = "cpus",
              .type = VMBARE_NUMBER,
              .least = 1,
              .most = 256,
              .help = "start no more"},
    [SPEED] = {.group = "disk",
               .name = "speed",
               .type = VMBARE_NUMBER,
               .most = UINT64_MAX,
               .otherwise = "0x10",
               .help = "how fast"},
    [WRITE] = {.group = "disk",
               .name = "write",
               .type = VMBARE_WORD,
               .words = "|keep|twice",
               .help = "write"},
    [NAME] = {.group = "disk",
              .name = "name",
              .type = VMBARE_TEXT,
              .help = "a name"},
    [LOG] = {.group = "system",
             .name = "log",
             .type = VMBARE_WORD,
             .words = "info|debug",
             .otherwise = "info",
             .help = "how loud"},
};

#define T(test) cmocka_unit_test_setup(test, begin)

static struct vmbare_option option[OPTIONS + 1];
static char said[8][SETTINGS_LINE_MAX];
static unsigned saids;
static struct cmdline room[2];

static void complain(const char *line)
{
    assert_in_range(saids, 0, COUNT(said) - 1);
    snprintf(said[saids++], SETTINGS_LINE_MAX, "%s", line);
}

static struct settings settings = {
    .option = option, .count = OPTIONS, .complain = complain};

static int begin(void **state)
{
    (void)state;
    memcpy(option, declared, sizeof(declared));
    memset(said, 0, sizeof(said));
    saids = 0;
    settings.count = OPTIONS;
    settings_begin(&settings);
    return 0;
}

static void line(const char *text)
{
    sources_read_line(&settings, &room[0], text, strlen(text),
                      VMBARE_FROM_LINE);
}

static void cmd(const char *text)
{
    sources_read_cmd(&settings, &room[1], text, strlen(text));
}

/* On the heap, so that ASan sees a read past the end. */
static char *conf_text;

static void conf_of(const char *text, size_t size)
{
    free(conf_text);
    conf_text = malloc(size + 1);
    memcpy(conf_text, text, size);
    conf_text[size] = 'x';
    sources_read_conf(&settings, conf_text, size);
}

static void conf(const char *text)
{
    conf_of(text, strlen(text));
}

static void has(unsigned which, const char *text,
                enum vmbare_option_source source)
{
    if (text)
        assert_string_equal(vmbare_option_text(&option[which]), text);
    else
        assert_null(vmbare_option_text(&option[which]));
    assert_int_equal(option[which].source, source);
}

/* The next complaint has these parts, in this order. */
static void complained(const char *first, const char *second, const char *third)
{
    const char *at = said[0];

    assert_true(saids > 0);
    assert_int_equal(settings.complaints, saids);
    at = strstr(at, first);
    assert_non_null(at);
    at = strstr(at, second);
    assert_non_null(at);
    assert_non_null(strstr(at, third));
    memmove(said[0], said[1], sizeof(said) - sizeof(said[0]));
    saids--;
    settings.complaints--;
}

static void is_content(void)
{
    if (saids)
        print_message("%s\n", said[0]);
    assert_int_equal(saids, 0);
    assert_int_equal(settings.complaints, 0);
}

/* ---- which value is in force --------------------------------------------- */

static void options_begin_with_their_default_or_without_a_value(void **state)
{
    (void)state;
    has(EXIT, NULL, VMBARE_FROM_NOWHERE);
    has(SPEED, "0x10", VMBARE_FROM_DEFAULT);
    assert_int_equal(vmbare_option_number(&option[SPEED]), 16);
    assert_false(vmbare_option_given(&option[SPEED]));
    assert_false(vmbare_option_flag(&option[EXIT]));
    is_content();
}

static void the_command_line_outranks_cmd_which_outranks_conf(void **state)
{
    static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (unsigned i = 0; i < COUNT(orders); i++) {
        begin(state);
        for (unsigned k = 0; k < 3; k++) {
            if (orders[i][k] == 0)
                line("cpus=1");
            else if (orders[i][k] == 1)
                cmd("cpus=2 name=b");
            else
                conf("cpus = 3\nname = c\nlog = debug\n");
        }
        has(CPUS, "1", VMBARE_FROM_LINE);
        assert_int_equal(vmbare_option_number(&option[CPUS]), 1);
        has(NAME, "b", VMBARE_FROM_CMD);
        has(LOG, "debug", VMBARE_FROM_CONF);
        assert_int_equal(option[LOG].line, 3);
        assert_int_equal(option[CPUS].line, 0);
        is_content();
    }
}

static void a_flag_of_a_lower_rank_can_be_taken_back(void **state)
{
    (void)state;
    conf("exit\n");
    assert_true(vmbare_option_flag(&option[EXIT]));
    cmd("exit=no");
    assert_false(vmbare_option_flag(&option[EXIT]));
    line("exit=yes");
    assert_true(vmbare_option_flag(&option[EXIT]));
    is_content();
}

static void the_last_of_two_on_a_command_line_counts(void **state)
{
    (void)state;
    line("cpus=1 cpus=2");
    has(CPUS, "2", VMBARE_FROM_LINE);
    is_content();
}

static void the_origin_is_said_in_words(void **state)
{
    char text[VMBARE_ORIGIN_MAX];

    (void)state;
    assert_string_equal(settings_origin(VMBARE_FROM_CONF, 4294967295u, text),
                        "vmbare.conf line 4294967295");
    assert_string_equal(settings_origin(VMBARE_FROM_CMD, 0, text),
                        "vmbare.cmd");
    assert_string_equal(settings_origin(VMBARE_FROM_LINE, 0, text),
                        "command line");
    assert_string_equal(settings_origin(VMBARE_FROM_DEFAULT, 0, text),
                        "default");
    assert_string_equal(settings_origin(VMBARE_FROM_NOWHERE, 0, text),
                        "not given");
}

/* ---- which values an option accepts -------------------------------------- */

static void takes(const char *text, unsigned which, const char *value)
{
    begin(NULL);
    line(text);
    is_content();
    has(which, value, VMBARE_FROM_LINE);
}

static void refuses(const char *text, const char *found, const char *expected)
{
    begin(NULL);
    line(text);
    complained("command line: found ", found, expected);
    is_content();
    for (unsigned i = 0; i < OPTIONS; i++)
        assert_false(vmbare_option_given(&option[i]));
}

static void a_flag_stands_alone_or_is_yes_or_no(void **state)
{
    (void)state;
    takes("exit", EXIT, "");
    takes("exit=yes", EXIT, "yes");
    takes("exit=no", EXIT, "no");
    refuses("exit=1", "exit=1", "expected yes, no or no value");
    refuses("exit=", "exit=", "expected yes, no or no value");
    refuses("exit=yess", "exit=yess", "expected yes, no or no value");
}

static void a_number_lies_within_its_range(void **state)
{
    (void)state;
    takes("cpus=1", CPUS, "1");
    takes("cpus=256", CPUS, "256");
    takes("cpus=0xFf", CPUS, "0xFf");
    assert_int_equal(vmbare_option_number(&option[CPUS]), 255);
    takes("speed=18446744073709551615", SPEED, "18446744073709551615");
    assert_true(vmbare_option_number(&option[SPEED]) == UINT64_MAX);
    refuses("cpus=0", "cpus=0", "expected a number from 1 to 256");
    refuses("cpus=257", "cpus=257", "expected a number from 1 to 256");
    refuses("cpus", "cpus alone", "expected a number from 1 to 256");
    refuses("cpus=", "cpus=", "expected a number");
    refuses("cpus=2x", "cpus=2x", "expected a number");
    refuses("cpus=-1", "cpus=-1", "expected a number");
    refuses("cpus=0x", "cpus=0x", "expected a number");
    refuses("speed=18446744073709551616", "speed=18446744073709551616",
            "expected a number of 0 or more");
}

static void a_word_is_one_of_the_list(void **state)
{
    (void)state;
    takes("log=debug", LOG, "debug");
    takes("write", WRITE, "");
    takes("write=", WRITE, "");
    takes("write=twice", WRITE, "twice");
    refuses("log=debu", "log=debu", "expected one of info, debug");
    refuses("log=nfo", "log=nfo", "expected one of info, debug");
    refuses("log=info|debug", "log=info|debug", "expected one of info, debug");
    refuses("log", "log alone", "expected one of info, debug");
    refuses("log=", "log=", "expected one of info, debug");
    refuses("write=kee", "write=kee", "no value, or one of keep, twice");
}

static void a_text_may_be_any_but_not_missing(void **state)
{
    (void)state;
    takes("name=\"a b\"", NAME, "a b");
    takes("name=", NAME, "");
    takes("name=a=b", NAME, "a=b");
    refuses("name", "name alone", "expected a text");
}

static void a_name_that_is_not_declared_is_refused(void **state)
{
    (void)state;
    refuses("exi", "'exi'", "help");
    refuses("exits", "'exits'", "help");
    refuses("\"\"", "''", "help");
}

/* However long they are. */
static void what_is_wrong_is_said_in_one_line(void **state)
{
    char text[900];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    refuses(text, "'xxxx", "help");
    memcpy(text, "cpus=", 5);
    refuses(text, "cpus=xxxx", "expected a number from 1 to 256: correct it");
    option[LOG].words = text; /* a list that does not fit is not repeated */
    line("log=y");
    complained("found log=y", "expected a word that the option help lists",
               "correct it");
}

static void mistakes_of_a_declaration_are_found(void **state)
{
    (void)state;
    option[LOG].otherwise = "loud";
    settings_begin(&settings);
    complained("system: ", "default 'loud'", "'log'");
    memcpy(option, declared, sizeof(declared));
    option[OPTIONS] = declared[CPUS];
    option[OPTIONS].group = "mine";
    settings.count = OPTIONS + 1;
    settings_begin(&settings);
    complained("mine: ", "second option 'cpus'", "another name");
    is_content();
}

/* ---- the texts ----------------------------------------------------------- */

static void a_command_line_that_is_cut_is_complained_about(void **state)
{
    static char many[CMDLINE_TEXT_MAX + 8];

    (void)state;
    line("cpus=2 name=\"open");
    complained("command line: ", "quote", "add a second one");
    has(CPUS, "2", VMBARE_FROM_LINE);
    memset(many, ' ', sizeof(many) - 1);
    memcpy(many, "cpus=3", 6);
    many[CMDLINE_TEXT_MAX + 1] = 'x';
    line(many);
    complained("command line: found more than 1022", "expected fewer",
               "vmbare.conf");
    is_content();
}

static void only_the_first_line_of_cmd_is_read(void **state)
{
    (void)state;
    cmd("cpus=2 exit\r\nwrong things\n");
    is_content();
    has(CPUS, "2", VMBARE_FROM_CMD);
    has(EXIT, "", VMBARE_FROM_CMD);
    cmd("cpus=3\nexit=maybe");
    is_content();
    has(CPUS, "3", VMBARE_FROM_CMD);
    cmd("");
    cmd("\n");
    is_content();
    cmd("log=x");
    complained("vmbare.cmd: ", "found log=x", "expected one of info, debug");
}

static void conf_has_keys_values_and_comments(void **state)
{
    (void)state;
    conf("# all, even \xc3\xa4 and \"\r\n"
         "\r\n"
         "  cpus=2\t# two\r\n"
         "exit\r\n"
         "name = \"a # b\" # c\n"
         "write =\n"
         "#log = debug\n"
         "speed = 7");
    is_content();
    has(CPUS, "2", VMBARE_FROM_CONF);
    assert_int_equal(option[CPUS].line, 3);
    has(EXIT, "", VMBARE_FROM_CONF);
    has(WRITE, "", VMBARE_FROM_CONF);
    has(LOG, "info", VMBARE_FROM_DEFAULT);
    has(SPEED, "7", VMBARE_FROM_CONF);
    assert_int_equal(option[SPEED].line, 8);
}

static void a_value_of_conf_may_contain_a_number_sign(void **state)
{
    (void)state;
    conf("name = \"a # b\"\n");
    has(NAME, "a # b", VMBARE_FROM_CONF);
    begin(state);
    conf("name = a#b = c # d\n");
    has(NAME, "a#b = c", VMBARE_FROM_CONF);
    begin(state);
    conf("name = \"\"\n");
    has(NAME, "", VMBARE_FROM_CONF);
    is_content();
}

static void lines_of_conf_that_are_wrong_are_named_by_number(void **state)
{
    static const char *const wrong[] = {
        "two words",      "= 3",           "name = \"open",
        "\"name\" = x",   "na me = x",     "name = \xe4",
        "na\xc3\xa4me=x", "name = a\"b\"", "name = \x1b"};

    for (unsigned i = 0; i < COUNT(wrong); i++) {
        char text[80];

        begin(state);
        snprintf(text, sizeof(text), "cpus = 2\n\n%s\nexit\n", wrong[i]);
        conf(text);
        complained("vmbare.conf line 3: found something else",
                   "expected NAME, NAME = VALUE or # COMMENT", "correct");
        is_content();
        has(CPUS, "2", VMBARE_FROM_CONF); /* the other lines hold */
        has(EXIT, "", VMBARE_FROM_CONF);
        has(NAME, NULL, VMBARE_FROM_NOWHERE);
    }
}

static void names_and_values_of_conf_are_judged_with_their_line(void **state)
{
    (void)state;
    conf("cpus = 0\nfualt = 1\nlog = debug\n\nlog = info\n");
    complained("vmbare.conf line 1: found cpus=0", "expected a number from",
               "correct");
    complained("vmbare.conf line 2: ", "'fualt'", "help");
    complained("vmbare.conf line 5: found 'log' again", "expected it once",
               "line 3");
    is_content();
    has(LOG, "debug", VMBARE_FROM_CONF);
}

static void a_zero_byte_in_conf_is_no_end(void **state)
{
    (void)state;
    conf_of("cpus = 2\0 3\nexit\n", 17);
    complained("vmbare.conf line 1: ", "expected NAME", "ASCII");
    has(EXIT, "", VMBARE_FROM_CONF);
}

static void files_may_begin_with_the_mark_of_utf_8_only(void **state)
{
    (void)state;
    conf("\xef\xbb\xbf"
         "exit\n");
    has(EXIT, "", VMBARE_FROM_CONF);
    cmd("\xef\xbb\xbf"
        "cpus=2\n");
    has(CPUS, "2", VMBARE_FROM_CMD);
    is_content();
    conf_of("\xff\xfe"
            "e\0x\0",
            6);
    complained("vmbare.conf: found UTF-16", "expected ASCII", "UTF-8");
    cmd("\xfe\xff"
        "ab");
    complained("vmbare.cmd: found UTF-16", "expected ASCII", "UTF-8");
    is_content();
}

/* Any bytes: the sanitizers see a read past the end, and all that was said is
 * printable. */
static void any_bytes_may_stand_in_the_files(void **state)
{
    static const char letters[] = "cpus exit name=23 \n\n\"#\t\r";

    srand(1);
    for (unsigned round = 0; round < 5000; round++) {
        char text[64];
        size_t size = (size_t)rand() % sizeof(text);

        begin(state);
        for (size_t i = 0; i < size; i++)
            text[i] = rand() % 20 ? letters[rand() % (sizeof(letters) - 1)]
                                  : (char)rand();
        /* Complaints are kept for a few lines only. */
        settings.complaints = 0;
        for (size_t i = 0, lines = 0; i < size; i++) {
            lines += text[i] == '\n';
            if (lines > 5)
                size = i;
        }
        conf_of(text, size);
        for (unsigned i = 0; i < saids; i++) {
            for (const char *c = said[i]; *c; c++)
                assert_in_range(*c, ' ', '~');
        }
        for (unsigned i = 0; i < OPTIONS; i++) {
            if (vmbare_option_given(&option[i]))
                assert_in_range(strlen(vmbare_option_text(&option[i])), 0,
                                size);
        }
    }
}

/* ---- help ---------------------------------------------------------------- */

static char page[4096];

static void write_page(const char *text, size_t length)
{
    assert_true(strlen(page) + length < sizeof(page));
    strncat(page, text, length);
}

static void help_prints_groups_with_type_range_and_default(void **state)
{
    static const char expected[] =
        "system:\n"
        "  cpus=N          a number from 1 to 256\n"
        "                  start no more\n"
        "  exit            yes, no or no value\n"
        "                  end\n"
        "  log=WORD        one of info, debug; default: info\n"
        "                  how loud\n"
        "disk:\n"
        "  name=TEXT       a text\n"
        "                  a name\n"
        "  speed=N         a number of 0 or more; default: 0x10\n"
        "                  how fast\n"
        "  write[=WORD]    no value, or one of keep, twice\n"
        "                  write\n";

    (void)state;
    page[0] = '\0';
    help_print(option, OPTIONS, write_page);
    assert_string_equal(page, expected);
}

static void help_is_79_columns_wide(void **state)
{
    static const char sentence[] =
        "a sentence of many words that a person might write about an option, "
        "with more than one line of text, and more than two lines if need be, "
        "so that it has to be continued again and again";

    (void)state;
    option[NAME].help = sentence;
    option[NAME].name = "a-name-of-quite-a-length";
    page[0] = '\0';
    help_print(option, OPTIONS, write_page);
    for (char *at = strtok(page, "\n"); at; at = strtok(NULL, "\n")) {
        assert_in_range(strlen(at), 1, 79);
        assert_true(at[strlen(at) - 1] != ' ');
    }
}

static void an_option_of_other_builds_says_how_to_build(void **state)
{
    (void)state;
    line("heap=check");
    assert_int_equal(settings.complaints, 1);
    assert_string_equal(
        said[0],
        "command line: found the option 'heap', which this image was not built "
        "with, expected one that has it: build it by make HEAP=check");
    line("heaps=check");
    assert_non_null(strstr(said[1], "'heaps', which this image does not know"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(options_begin_with_their_default_or_without_a_value),
        T(the_command_line_outranks_cmd_which_outranks_conf),
        T(a_flag_of_a_lower_rank_can_be_taken_back),
        T(the_last_of_two_on_a_command_line_counts),
        T(the_origin_is_said_in_words),
        T(a_flag_stands_alone_or_is_yes_or_no),
        T(a_number_lies_within_its_range),
        T(a_word_is_one_of_the_list),
        T(a_text_may_be_any_but_not_missing),
        T(a_name_that_is_not_declared_is_refused),
        T(what_is_wrong_is_said_in_one_line),
        T(mistakes_of_a_declaration_are_found),
        T(a_command_line_that_is_cut_is_complained_about),
        T(only_the_first_line_of_cmd_is_read),
        T(conf_has_keys_values_and_comments),
        T(a_value_of_conf_may_contain_a_number_sign),
        T(lines_of_conf_that_are_wrong_are_named_by_number),
        T(names_and_values_of_conf_are_judged_with_their_line),
        T(a_zero_byte_in_conf_is_no_end),
        T(files_may_begin_with_the_mark_of_utf_8_only),
        T(any_bytes_may_stand_in_the_files),
        T(an_option_of_other_builds_says_how_to_build),
        T(help_prints_groups_with_type_range_and_default),
        T(help_is_79_columns_wide),
    };
    int failed = cmocka_run_group_tests_name("settings", tests, NULL, NULL);

    free(conf_text);
    return failed;
}
