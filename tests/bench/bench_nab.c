/* SPDX-License-Identifier: MIT */
/* How well the detector of metrics (analysis/deviation) finds what people have labelled in real series, by the rules of the Numenta anomaly
 * benchmark; and what a sample costs.
 *
 * usage: bench_nab [DIR] [-v]     a folder as in nab_data.h; NAB beside the project when none is given. -v: each file
 * First the scorer proves itself: 0 for a detector that says nothing; the published scores, file by file, of the corpus' windowed Gaussian,
 * which is simple enough to be run here; and those of every detector whose result files the folder holds. On fewer files than the whole
 * corpus scores are not comparable with published ones, only with the peer's on the same files.
 * Fails when the scorer does not, or the score is below 50, or a sample takes more than 50 ns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/deviation.h"
#include "bench/nab_data.h"

enum { CORPUS_FILES = 58 };

/* ---- the peer ---- */

/* NAB's windowed Gaussian: the chance of a value no higher, from the mean and deviation of the last 6,400 values, which are taken every
 * 100. It was published with twelve digits, of which the threshold 1.0 takes what rounds to it. */
static void windowed_gaussian(struct nab_file *f)
{
    enum { WINDOW = 6400, STEP = 100 };
    double mean = 0, deviation = 1;
    for (size_t i = 0; i < f->rows; i++) {
        double z = i > 0 ? (f->value[i] - mean) / deviation : 0, beyond = 0.5 * erfc(z / 1.4142);
        f->score[i] = beyond < 5e-13 ? 1 : 1 - beyond;
        size_t n = i + 1, first = n > WINDOW ? n - WINDOW : 0;
        if (n > WINDOW && (n - WINDOW) % STEP != 0)
            continue;
        double sum = 0, sum_sq = 0;
        for (size_t k = first; k < n; k++)
            sum += f->value[k];
        mean = sum / (double)(n - first);
        for (size_t k = first; k < n; k++)
            sum_sq += (f->value[k] - mean) * (f->value[k] - mean);
        deviation = sum_sq > 0 ? sqrt(sum_sq / (double)(n - first)) : 1e-6;
    }
}

/* Its published standard scores by file, at the threshold 1.0 (numenta/NAB, results/windowedGaussian). */
static const struct {
    const char *name;
    double raw;
} published[] = {
#include "bench/nab_gaussian.def"
};

static double raw_of(const struct nab_file *f)
{
    static struct nab one;
    one = (struct nab){.files = {*f}, .count = 1, .windows = f->windows, .groups = 1};
    one.files[0].group = 0;
    return nab_at(&one, 1, &nab_profiles[NAB_STANDARD], 1.0).raw;
}

static bool scorer_proves_itself(struct nab *n)
{
    size_t alike = 0, known = 0;
    for (size_t i = 0; i < n->count; i++)
        memset(n->files[i].score, 0, n->files[i].rows * sizeof *n->files[i].score);
    double nothing = nab_best(n, ~0u, &nab_profiles[NAB_STANDARD]).score;
    for (size_t i = 0; i < n->count; i++) {
        struct nab_file *f = &n->files[i];
        windowed_gaussian(f);
        for (size_t k = 0; k < sizeof published / sizeof published[0]; k++) {
            if (strcmp(published[k].name, f->name) != 0)
                continue;
            known++;
            alike += fabs(raw_of(f) - published[k].raw) < 1e-9;
            if (fabs(raw_of(f) - published[k].raw) >= 1e-9)
                printf("scorer: %s of the windowed Gaussian %.6f, published %.6f\n", f->name, raw_of(f), published[k].raw);
        }
    }
    struct nab_result peer = nab_at(n, ~0u, &nab_profiles[NAB_STANDARD], 1.0);
    printf("scorer: a detector that says nothing %.2f; the windowed Gaussian as published on %zu of %zu files, in all %.2f%s, at its best "
           "threshold here %.2f\n",
           nothing, alike, known, peer.score, n->count == CORPUS_FILES ? " (published 39.65)" : "",
           nab_best(n, ~0u, &nab_profiles[NAB_STANDARD]).score);
    return nothing == 0 && alike == known;
}

/* Detectors whose own result files are there. */
static void published_detectors(const char *dir, struct nab *n)
{
    static const struct {
        const char *name;
        double score; /* results/final_results.json: standard */
    } detectors[] = {{"ARTime", 74.85},       {"numenta", 70.10},          {"contextOSE", 69.90},
                     {"knncad", 57.99},       {"relativeEntropy", 54.64},  {"randomCutForest", 51.72},
                     {"twitterADVec", 47.06}, {"windowedGaussian", 39.65}, {"skyline", 35.69}};
    for (size_t i = 0; i < sizeof detectors / sizeof detectors[0]; i++) {
        if (!nab_read_scores(dir, detectors[i].name, n))
            continue;
        struct nab_result r = nab_best(n, ~0u, &nab_profiles[NAB_STANDARD]);
        printf("scorer: %s from its result files %.2f at its best threshold %.4f", detectors[i].name, r.score, r.threshold);
        printf(n->count == CORPUS_FILES ? ", published %.2f\n" : " (published on the whole corpus %.2f)\n", detectors[i].score);
    }
}

/* ---- the detector ---- */

/* Nanoseconds a sample, in the round that was disturbed least. */
static double run(struct nab *n)
{
    double least = INFINITY;
    for (int round = 0; round < 9; round++) {
        size_t rows = 0;
        clock_t spent = 0;
        for (size_t i = 0; i < n->count; i++) {
            struct nab_file *f = &n->files[i];
            struct deviation d;
            struct deviation_alarm alarm;
            deviation_init(&d);
            clock_t t0 = clock();
            for (size_t k = 0; k < f->rows; k++)
                f->score[k] = deviation_feed(&d, (int64_t)k, f->wall_ms[k], f->value[k], &alarm);
            spent += clock() - t0;
            rows += f->rows;
        }
        least = fmin(least, 1e9 * (double)spent / CLOCKS_PER_SEC / (double)rows);
    }
    return least;
}

static void print_files(const struct nab *n, double threshold)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct nab_file *f = &n->files[i];
        size_t probation = (size_t)fmin(floor(0.15 * (double)f->rows), 750), alarms = 0, found = 0, w = 0;
        bool hit = false;
        for (size_t k = probation; k < f->rows; k++) {
            for (; w < f->windows && k > f->right[w]; w++)
                hit = false;
            bool in = w < f->windows && k >= f->left[w];
            alarms += !in && f->score[k] >= threshold;
            found += in && !hit && f->score[k] >= threshold;
            hit = hit || (in && f->score[k] >= threshold);
        }
        printf("  %-58s %5zu rows, %zu of %zu windows, %zu alarms outside\n", f->name, f->rows, found, f->windows, alarms);
    }
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 && argv[1][0] != '-' ? argv[1] : BENCH_DATA "/NAB";
    bool verbose = argc > 1 && strcmp(argv[argc - 1], "-v") == 0;
    static struct nab n;
    if (!nab_load(dir, &n)) {
        printf("skipped: no series with labels in %s\n", dir);
        return EXIT_SUCCESS;
    }
    bool good = scorer_proves_itself(&n);
    published_detectors(dir, &n);
    double ns = run(&n);
    struct nab_result best = nab_best(&n, ~0u, &nab_profiles[NAB_STANDARD]), own = nab_at(&n, ~0u, &nab_profiles[NAB_STANDARD], 1.0);
    printf(
        "%zu of the corpus' %d files, %zu windows: standard %.2f (asked >= 50, aim > 58) at the threshold %.4f, low FP %.2f, low FN %.2f\n",
        n.count, CORPUS_FILES, n.windows, best.score, best.threshold, nab_best(&n, ~0u, &nab_profiles[NAB_LOW_FP]).score,
        nab_best(&n, ~0u, &nab_profiles[NAB_LOW_FN]).score);
    printf("with a threshold chosen without the group it is used on %.2f; with the detector's own, 1, %.2f: %zu windows found, %zu alarms "
           "outside\n",
           nab_leave_one_group_out(&n, &nab_profiles[NAB_STANDARD]), own.score, own.found, own.false_alarms);
    printf("%.1f ns a sample (asked <= 50)\n", ns);
    if (verbose)
        print_files(&n, 1.0);
    good = good && best.score >= 50 && ns <= 50;
    nab_free(&n);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
