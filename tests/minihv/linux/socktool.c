/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's side of the suite minihv-sock: AF_VSOCK, which Linux brings to
 * minihv by its hv_sock. What it says is what the suite reads.
 *
 *   put PORT BYTES   sends a pattern, ends its direction, says the answer
 *   get PORT         says how many bytes came, and their sum
 *   echo PORT BYTES  sends a pattern and says what came back meanwhile
 *   none PORT        says why nobody is there
 *   serve            listens: 6000 sums up, 6001 sends a pattern, 6002 echoes,
 *                    6004 dies; a connection to 6009 ends it
 */
#include <errno.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CHUNK = 60000, SECONDS = 300, SECONDS_NONE = 5, SOURCE = 1 << 20 };

static uint8_t chunk[CHUNK];

static void die(const char *what)
{
    printf("not ok - socktool: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* FNV-1a. */
static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, ssize_t n)
{
    for (ssize_t i = 0; i < n; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001B3);
    return sum;
}

static const uint64_t no_sum = UINT64_C(0xCBF29CE484222325);

/* The byte at each place of the pattern. */
static uint8_t pattern(uint64_t at)
{
    return (uint8_t)((at * at + at / 7) >> 3);
}

static void send_pattern(int s, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes;) {
        size_t n = bytes - at < CHUNK ? bytes - at : CHUNK;
        ssize_t sent;

        for (size_t i = 0; i < n; i++)
            chunk[i] = pattern(at + i);
        sent = send(s, chunk, n, MSG_NOSIGNAL);
        if (sent < 0)
            die("send");
        at += (uint64_t)sent;
    }
}

/* Reads to the end; returns the sum. */
static uint64_t receive_all(int s, uint64_t *bytes)
{
    uint64_t sum = no_sum;
    ssize_t n;

    *bytes = 0;
    while ((n = recv(s, chunk, sizeof chunk, 0)) > 0) {
        sum = sum_of(sum, chunk, n);
        *bytes += (uint64_t)n;
    }
    if (n < 0)
        die("recv");
    return sum;
}

static int try_connect(unsigned port, int seconds)
{
    struct sockaddr_vm to = {
        .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = port};
    struct timeval limit = {.tv_sec = seconds};
    int s = socket(AF_VSOCK, SOCK_STREAM, 0);

    if (s < 0)
        die("socket");
    if (setsockopt(s, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit,
                   sizeof limit))
        die("setsockopt");
    if (!connect(s, (struct sockaddr *)&to, sizeof to))
        return s;
    close(s);
    return -1;
}

static int connected(unsigned port)
{
    int s = try_connect(port, SECONDS);

    if (s < 0)
        die("connect");
    return s;
}

/* ---- the guest connects -------------------------------------------------- */

static void put(unsigned port, uint64_t bytes)
{
    int s = connected(port);
    char answer[80] = "";
    ssize_t n;

    send_pattern(s, bytes);
    if (shutdown(s, SHUT_WR))
        die("shutdown");
    n = recv(s, answer, sizeof answer - 1, MSG_WAITALL);
    printf("# put %u: %.*s\n", port, (int)n, answer);
    if (recv(s, answer, 1, 0) != 0)
        die("the end");
    close(s);
}

static void get(unsigned port)
{
    uint64_t bytes, sum;
    int s = connected(port);

    sum = receive_all(s, &bytes);
    printf("# get %u: %lu %016lx\n", port, bytes, sum);
    close(s);
}

/* One process sends, the other reads. */
static void echo(unsigned port, uint64_t bytes)
{
    uint64_t back, sum;
    int s = connected(port);

    if (!fork()) {
        send_pattern(s, bytes);
        shutdown(s, SHUT_WR);
        exit(0);
    }
    sum = receive_all(s, &back);
    printf("# echo %u %lu: %lu %016lx\n", port, bytes, back, sum);
    close(s);
}

static void none(unsigned port)
{
    if (try_connect(port, SECONDS_NONE) >= 0)
        die("somebody is there");
    printf("# none %u: %s\n", port, strerror(errno));
}

/* The other side dies: what comes is an end or an error, and no byte. */
static void orphan(unsigned port)
{
    int s = connected(port);
    ssize_t n;

    send_pattern(s, 1000);
    n = recv(s, chunk, sizeof chunk, 0);
    printf("# orphan %u: %ld\n", port, n < 0 ? -1L : (long)n);
    n = send(s, chunk, 1, MSG_NOSIGNAL);
    printf("# orphan %u sends: %s\n", port, n < 0 ? strerror(errno) : "well");
    close(s);
}

/* ---- the guest listens --------------------------------------------------- */

static void serve_one(unsigned port, int s)
{
    uint64_t bytes, sum;
    char answer[80];
    ssize_t n;

    if (port == 6000) {
        sum = receive_all(s, &bytes);
        n = snprintf(answer, sizeof answer, "%lu %016lx", bytes, sum);
        send(s, answer, (size_t)n, MSG_NOSIGNAL);
    } else if (port == 6001) {
        send_pattern(s, SOURCE);
    } else if (port == 6002) {
        while ((n = recv(s, chunk, sizeof chunk, 0)) > 0)
            send(s, chunk, (size_t)n, MSG_NOSIGNAL);
    } else if (port == 6004) {
        recv(s, chunk, 1, 0);
        kill(getpid(), SIGKILL);
    }
}

static int listening(unsigned port)
{
    struct sockaddr_vm at = {
        .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port};
    int s = socket(AF_VSOCK, SOCK_STREAM, 0);

    if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, 32))
        die("listen");
    return s;
}

static void serve(void)
{
    static const unsigned ports[] = {6000, 6001, 6002, 6004, 6009};
    enum { PORTS = sizeof ports / sizeof ports[0] };
    struct pollfd wait[PORTS];

    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < PORTS; i++)
        wait[i] = (struct pollfd){listening(ports[i]), POLLIN, 0};
    printf("# listening\n");
    for (;;) {
        poll(wait, PORTS, -1);
        for (int i = 0; i < PORTS; i++) {
            int s;

            if (!(wait[i].revents & POLLIN))
                continue;
            s = accept(wait[i].fd, NULL, NULL);
            if (s < 0)
                die("accept");
            if (ports[i] == 6009)
                return;
            if (!fork()) {
                serve_one(ports[i], s);
                exit(0);
            }
            close(s);
        }
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned port = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    uint64_t bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(what, "put"))
        put(port, bytes);
    else if (!strcmp(what, "get"))
        get(port);
    else if (!strcmp(what, "echo"))
        echo(port, bytes);
    else if (!strcmp(what, "none"))
        none(port);
    else if (!strcmp(what, "orphan"))
        orphan(port);
    else if (!strcmp(what, "serve"))
        serve();
    else
        die("no such word");
    return 0;
}
