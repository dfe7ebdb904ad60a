/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test in a process of its own: hosted_apart.h.
 */
#include "hosted_apart.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

bool run_apart(void (*run)(const void *test), const void *test)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        alarm(60);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        run(test);
        fflush(NULL);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child &&
           WIFEXITED(status) && !WEXITSTATUS(status);
}
