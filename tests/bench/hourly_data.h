/* SPDX-License-Identifier: MIT */
/* Real series by the hour, in the form of the Numenta anomaly benchmark: <folder>/data/real.../NAME.csv of "timestamp,value". */
#ifndef GWTOP_BENCH_HOURLY_DATA_H
#define GWTOP_BENCH_HOURLY_DATA_H

#include <stddef.h>

enum { HOURLY_FILES_MAX = 64, HOURLY_NAME_MAX = 128, HOURLY_HOURS_MAX = 24 * 400 };

/* Names of the real series below the folder, sorted, relative to it. Returns how many; 0 when there is no such folder. */
size_t hourly_files(const char *folder, char (*ret)[HOURLY_NAME_MAX], size_t max);
/* Means of the values of each hour, from the first whole hour on; NaN = none, or below 0. Returns the hours, 0 when it cannot be read. */
size_t hourly_load(const char *folder, const char *name, double ret[HOURLY_HOURS_MAX]);

#endif
