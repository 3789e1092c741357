/* SPDX-License-Identifier: MIT */
#include "bench/hourly_data.h"

#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t files_in(const char *folder, const char *group, char (*ret)[HOURLY_NAME_MAX], size_t max)
{
    char path[1024];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/data/%s", folder, group);
    DIR *dir = opendir(path);
    for (const struct dirent *d = dir != NULL ? readdir(dir) : NULL; d != NULL && n < max; d = readdir(dir)) {
        size_t len = strlen(d->d_name);
        if (len > 4 && strcmp(d->d_name + len - 4, ".csv") == 0 &&
            snprintf(ret[n], HOURLY_NAME_MAX, "data/%s/%s", group, d->d_name) < HOURLY_NAME_MAX)
            n++;
    }
    if (dir != NULL)
        closedir(dir);
    return n;
}

size_t hourly_files(const char *folder, char (*ret)[HOURLY_NAME_MAX], size_t max)
{
    static const char *const groups[] = {"realAWSCloudwatch", "realAdExchange", "realKnownCause", "realTraffic", "realTweets"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        n += files_in(folder, groups[i], ret + n, max - n);
    qsort(ret, n, sizeof ret[0], by_name);
    return n;
}

/* Days since 1970-01-01 (Howard Hinnant's days_from_civil, for years after 1970). */
static int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400, of_era = y % 400, of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

size_t hourly_load(const char *folder, const char *name, double ret[HOURLY_HOURS_MAX])
{
    char path[1024], line[256];
    int64_t first = -1;
    size_t hours = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    double *count = calloc(HOURLY_HOURS_MAX, sizeof *count);
    if (f == NULL || count == NULL)
        exit(EXIT_FAILURE);
    memset(ret, 0, HOURLY_HOURS_MAX * sizeof *ret);
    while (fgets(line, sizeof line, f) != NULL) {
        int y, mo, d, h, mi, s;
        double v;
        if (sscanf(line, "%d-%d-%d %d:%d:%d,%lf", &y, &mo, &d, &h, &mi, &s, &v) != 7 || v < 0)
            continue;
        int64_t hour = days_of(y, mo, d) * 24 + h;
        first = first < 0 ? hour : first;
        if (hour < first || hour - first >= HOURLY_HOURS_MAX)
            continue;
        ret[hour - first] += v;
        count[hour - first]++;
        hours = (size_t)(hour - first) + 1;
    }
    for (size_t i = 0; i < hours; i++)
        ret[i] = count[i] > 0 ? ret[i] / count[i] : (double)NAN;
    fclose(f);
    free(count);
    return hours;
}
