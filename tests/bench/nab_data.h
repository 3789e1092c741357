/* SPDX-License-Identifier: MIT */
/* The Numenta anomaly benchmark: its files, its labelled windows, and its scoring. A folder with data/GROUP/NAME.csv of "timestamp,value",
 * labels/combined_windows.json, and, where there are, results/DETECTOR/GROUP/DETECTOR_NAME.csv with a column anomaly_score,
 * results/final_results.json and config/thresholds.json.
 * Scoring as the corpus has it: the first min(15 % of the rows, 750) are not scored; of each window the best detection counts, the earlier
 * the better; a detection outside costs the more the further behind a window it is; a missed window costs. One threshold for all files. 0 =
 * a detector that says nothing, 100 = all windows at their first row and nothing else. */
#ifndef GWTOP_BENCH_NAB_DATA_H
#define GWTOP_BENCH_NAB_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAB_FILES_MAX = 128, NAB_NAME_MAX = 128, NAB_WINDOWS_MAX = 16, NAB_GROUPS_MAX = 16 };

struct nab_file {
    char name[NAB_NAME_MAX]; /* "realTweets/Twitter_volume_KO.csv" */
    int group;
    size_t rows, windows;
    int64_t *wall_ms;
    double *value;
    size_t left[NAB_WINDOWS_MAX], right[NAB_WINDOWS_MAX]; /* first and last row of each */
    double *score;                                        /* of each row: what a detector said */
};

struct nab {
    struct nab_file files[NAB_FILES_MAX];
    size_t count, windows;
    int groups;
    char group[NAB_GROUPS_MAX][NAB_NAME_MAX];
};

/* Sorted by name. False when the folder has no such data. */
bool nab_load(const char *folder, struct nab *ret);
void nab_free(struct nab *n);
/* The scores of a published detector, from its result files; false when not all of them are there. */
bool nab_read_scores(const char *folder, const char *detector, struct nab *n);

struct nab_profile {
    const char *name;
    double fp, fn; /* weights; of a true positive 1 */
};
enum { NAB_STANDARD, NAB_LOW_FP, NAB_LOW_FN, NAB_PROFILES };
extern const struct nab_profile nab_profiles[NAB_PROFILES];

struct nab_result {
    double raw, score; /* raw: before it is brought to 0 ... 100 */
    double threshold;
    size_t found, false_alarms; /* windows, rows */
};
/* With the best threshold for the groups of the mask (bit of nab_file.group), or with a given one. */
struct nab_result nab_best(const struct nab *n, unsigned groups, const struct nab_profile *p);
struct nab_result nab_at(const struct nab *n, unsigned groups, const struct nab_profile *p, double threshold);
/* Each group with the threshold that is best for the others. */
double nab_leave_one_group_out(const struct nab *n, const struct nab_profile *p);

#endif
