/* SPDX-License-Identifier: BSD-2-Clause */
/* Mathematics, time, the environment, jumps, options. */
#include "libc_calls.h"

#include <fenv.h>
#include <getopt.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* So that no call is made by the compiler. */
static volatile double two = 2.0, nothing = 0.0;

void call_mathematics(void)
{
    fenv_t environment;

    WORKS(sin, sin(nothing) == 0.0);
    WORKS(cos, cos(nothing) == 1.0);
    WORKS(exp, fabs(exp(two) - 7.38905609893065) < 1e-13);
    WORKS(log, fabs(log(two) - 0.693147180559945) < 1e-14);
    WORKS(pow, pow(two, 10) == 1024.0);
    WORKS(sqrt, fabs(sqrt(two) - 1.4142135623730951) < 1e-15);
    WORKS(fmod, fmod(7.5, two) == 1.5);
    WORKS(floor, floor(-two - 0.5) == -3.0);
    WORKS(feholdexcept, feholdexcept(&environment) == 0);
    (void)fesetenv(&environment);
}

static bool clocks_go_on(void)
{
    struct timespec before, after;

    if (clock_gettime(CLOCK_MONOTONIC, &before))
        return false;
    usleep(2000);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return after.tv_sec * 1000000000LL + after.tv_nsec -
               (before.tv_sec * 1000000000LL + before.tv_nsec) >=
           2000000;
}

static void call_calendar(void)
{
    time_t moment = 86400;
    struct tm tm = *gmtime(&moment);
    char text[32];

    WORKS(gmtime, tm.tm_mday == 2 && tm.tm_year == 70);
    setenv("TZ", "XXX-2", 1);
    tzset();
    WORKS(tzset, _timezone == -7200);
    WORKS(localtime, localtime(&moment)->tm_hour == 2);
    setenv("TZ", "UTC0", 1);
    tzset();
    WORKS(mktime, mktime(&tm) == moment);
    WORKS(strftime, strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 10 &&
                        strcmp(text, "1970-01-02") == 0);
}

void call_time(void)
{
    struct timespec ts = {0, 1000000}, bad = {0, 1000000000};
    struct timeval tv;
    struct tms tms;

    WORKS(time, time(NULL) > 1700000000);
    WORKS(clock_gettime, clocks_go_on());
    WORKS(clock_getres,
          clock_getres(CLOCK_REALTIME, &ts) == 0 && ts.tv_nsec == 100);
    WORKS(gettimeofday, gettimeofday(&tv, NULL) == 0 && tv.tv_sec > 1700000000);
    WORKS(times, times(&tms) != (clock_t)-1 && tms.tms_stime == 0);
    WORKS(clock, clock() != (clock_t)-1);
    WORKS(difftime, difftime(5, 3) == 2.0);
    call_calendar();
    WORKS(sleep, sleep(0) == 0);
    WORKS(usleep, usleep(1) == 0);
    WORKS(nanosleep, nanosleep(&ts, NULL) == 0);
    REFUSED(nanosleep, EINVAL, nanosleep(&bad, NULL) == -1);
    REFUSED(clock_gettime, EINVAL, clock_gettime((clockid_t)77, &ts) == -1);
    REFUSED(clock_getres, EINVAL, clock_getres((clockid_t)77, &ts) == -1);
}

static bool jumps(void)
{
    static jmp_buf place;
    volatile int times_here = 0;
    int with = setjmp(place);

    if (times_here++ == 0)
        longjmp(place, 5);
    return with == 5 && times_here == 2;
}

static bool reads_options(void)
{
    char *words[] = {"program", "-a", "-b", "value", "--long", NULL};
    static const struct option longer[] = {{"long", no_argument, NULL, 'l'},
                                           {NULL, 0, NULL, 0}};
    bool good = getopt(5, words, "ab:") == 'a';

    good =
        good && getopt(5, words, "ab:") == 'b' && strcmp(optarg, "value") == 0;
    return good && getopt_long(5, words, "ab:", longer, NULL) == 'l';
}

void call_environment(void)
{
    static char pair[] = "PAIR=2";
    wchar_t wide[16];
    bool good;

    WORKS(getenv, getenv("NAME") == NULL);
    WORKS(setenv,
          setenv("NAME", "1", 1) == 0 && strcmp(getenv("NAME"), "1") == 0);
    WORKS(putenv, putenv(pair) == 0 && strcmp(getenv("PAIR"), "2") == 0);
    WORKS(setlocale, strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    WORKS(localeconv, strcmp(localeconv()->decimal_point, ".") == 0);
    WORKS(mbstowcs, mbstowcs(wide, "abc", 16) == 3 && wide[2] == L'c');
    WORKS(swprintf, swprintf(wide, 16, L"%ls %d", L"wide", 7) == 6 &&
                        wcscmp(wide, L"wide 7") == 0);
    good = jumps();
    WORKS(setjmp, good);
    WORKS(longjmp, good);
    good = reads_options();
    WORKS(getopt, good);
    WORKS(getopt_long, good);
}
