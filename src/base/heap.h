/* SPDX-License-Identifier: MIT */
/* The process's heap as a whole. */
#ifndef GWTOP_BASE_HEAP_H
#define GWTOP_BASE_HEAP_H

/* Large blocks go back to the system when they are freed, where glibc would rather learn to keep them: for programs that take megabytes for
 * a moment (a load, a shard that is sealed) and then wait for seconds. At the start of a program; other C libraries: nothing happens. */
void heap_give_back(void);

#endif
