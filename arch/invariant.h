/* Assertions: our own broken invariants. They stay in the one build there is
 * and end in the crash report; bad input is refused, never asserted. */
#ifndef ARCH_INVARIANT_H
#define ARCH_INVARIANT_H

_Noreturn void invariant_failed(const char *function, const char *expression,
                                const char *hint);

#define ASSERT(expression, hint)                             \
    do {                                                     \
        if (__builtin_expect(!(expression), 0))              \
            invariant_failed(__func__, #expression, (hint)); \
    } while (0)

#endif
