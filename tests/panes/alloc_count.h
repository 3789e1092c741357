/* SPDX-License-Identifier: MIT */
/* Counts the allocations of the libraries under test: the linker sends their malloc, calloc and realloc here (--wrap). */
#ifndef GWTOP_TESTS_ALLOC_COUNT_H
#define GWTOP_TESTS_ALLOC_COUNT_H

#include <stddef.h>

size_t alloc_count(void); /* since the start of the program */

#endif
