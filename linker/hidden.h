/*
 * Included before everything that goes into the image, newlib too: no symbol
 * of one program needs a GOT entry, but a PIE keeps one for each symbol that
 * is not hidden.
 */
#pragma GCC visibility push(hidden)
