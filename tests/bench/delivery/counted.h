/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes down which functions of vmbus/ and kmcl/ are entered, and which
 * locks are taken, while one event is handled.
 *
 * The objects of vmbus/ and kmcl/ are compiled with -finstrument-functions, so
 * that the compiler reports each function that the source calls, also one
 * that it puts inline. The figures thus depend on the source alone, neither
 * on the optimiser nor on the machine.
 */
#ifndef TESTS_BENCH_DELIVERY_COUNTED_H
#define TESTS_BENCH_DELIVERY_COUNTED_H

/* Starts a new record: forgets what was written down before. */
void counted_start(void);

/* Marks the place in the record where the application's routine was called.
 * The record must be running. Only the first call of a record counts. */
void counted_routine(void);

/* Ends the record and prints it on standard output, one line per entry:
 * the name of the event, "before" or "after" the routine, and the address of
 * the function, or "lock". Ends the program if counted_routine() was not
 * called, or if the record was too long. */
void counted_print(const char *event);

#endif
