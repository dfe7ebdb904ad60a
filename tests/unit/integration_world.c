/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers/services/ asks of the machine: see integration_world.h. */
#include "integration_world.h"

#include <stdlib.h>
#include <string.h>

/* ---- the machine --------------------------------------------------------- */

uint64_t now;
int64_t wall;
int ends;
enum services_end how;

uint64_t vmbare_now(void)
{
    return now;
}

int64_t vmbare_wall(void)
{
    return wall;
}

void vmbare_wall_set(int64_t to)
{
    wall = to;
}

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    assert_int_equal(lock->taken, 0);
    lock->taken = 1;
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    lock->taken = 0;
    return VMBARE_OK;
}

void vmbare_facts(struct vmbare_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    facts->version = "1.22.3+gabc";
}

void ending_begin(enum services_end wanted)
{
    ends++;
    how = wanted;
}

/* ---- messages ------------------------------------------------------------ */

struct service s;
uint8_t *message;
uint32_t length, status;

int setup(void **state)
{
    (void)state;
    memset(&s, 0, sizeof(s));
    vss_set_stateless(false);
    now = 50000000;
    wall = INT64_C(17959968000000000); /* 2026-11-30 */
    ends = 0;
    return 0;
}

int teardown(void **state)
{
    (void)state;
    free(message);
    message = NULL;
    return 0;
}

void put(const uint8_t *bytes, uint32_t size, uint32_t whole)
{
    free(message);
    message = calloc(1, whole + !whole);
    memcpy(message, bytes, size);
    length = whole;
}

enum ic_outcome take(const uint8_t *bytes, uint32_t size)
{
    put(bytes, size, size);
    return ic_answer(&s, message, length, &status);
}

void agree(enum services_name name, uint8_t major, uint8_t minor)
{
    uint8_t bytes[] = {NEGOTIATE(16), 1, 0,     1, 0, 0, 0, 0, 0, 3, 0, 0, 0,
                       major,         0, minor, 0};

    s.kind = &service_kinds[name];
    assert_int_equal(take(bytes, sizeof(bytes)), IC_NEGOTIATED);
    assert_true(s.agreed);
    assert_int_equal(s.message.major, major);
    assert_int_equal(s.message.minor, minor);
}

/* The message is an answer with this status now. */
void assert_answer(uint32_t wanted)
{
    uint32_t told;

    memcpy(&told, message + 12, 4);
    assert_int_equal(told, wanted);
    assert_int_equal(status, wanted);
    assert_int_equal(message[17], 5);
}
