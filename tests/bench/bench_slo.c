/* SPDX-License-Identifier: MIT */
/* The burn-rate rules on simulated traffic, by the minute, Poisson requests.
 *   healthy: months that fail at exactly the allowed rate. Every page is a false one.
 *   bursts: the same share fails, in total outages of 10 seconds. What pages then is a cluster of them.
 *   outage: everything fails from some minute on. How many minutes until a page.
 *   leak: 20 times the allowed rate. How many minutes until a page or ticket, at most a day.
 * The peer is the workbook's own: page-1h and page-6h without guard, budget share and proof of recovery, counted in the same run.
 * Fails when a page is false, or an outage pages later than it should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/slo.h"
#include "base/rng.h"

enum { MINUTES_PER_MONTH = 30 * 24 * 60, HISTORY_MINUTES = 6 * 60, LIMIT_MINUTES = 24 * 60, SLOTS = 6 };
static const int64_t minute_ms = 60000, start_ms = INT64_C(1700000040000);

struct size {
    int months, seeds;
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct slo_state *new_state(double objective)
{
    struct slo_state *s = slo_state_new(objective, 30 * INT64_C(86400000));
    if (s == NULL) {
        fprintf(stderr, "bench_slo: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return s;
}

/* The workbook's page rules: both windows burn faster than the factor. */
static bool plain_pages(const struct slo_state *s, double objective)
{
    for (size_t i = SLO_PAGE_1H; i <= SLO_PAGE_6H; i++) {
        const struct slo_rule *r = slo_rule_at(i);
        double factor = slo_rule_factor(r, objective, 30 * INT64_C(86400000));
        struct slo_count l = slo_window(s, r->long_window), n = slo_window(s, r->short_window);
        if (slo_burn(&l, objective) > factor && slo_burn(&n, objective) > factor)
            return true;
    }
    return false;
}

struct fired {
    uint64_t pages, outages, tickets, plain; /* outages: pages of page-5m */
};

struct run {
    struct slo_state *s;
    struct rng rng;
    double objective, per_minute;
    int64_t minute;
    bool plain_on;
};

static void minute_of(struct run *r, double bad_share, bool count_plain, struct fired *f)
{
    struct slo_change c[SLO_RULES];
    uint64_t bad = rng_poisson(&r->rng, r->per_minute * bad_share), good = rng_poisson(&r->rng, r->per_minute * (1 - bad_share));
    int64_t t0 = start_ms + r->minute++ * minute_ms;
    slo_feed(r->s, t0, t0 + minute_ms, good + bad, bad, bad);
    size_t n = slo_evaluate(r->s, c);
    for (size_t i = 0; i < n; i++) {
        if (c[i].after.state != ALERT_FIRING)
            continue;
        f->outages += c[i].rule == SLO_PAGE_5M;
        f->pages += slo_rule_at(c[i].rule)->severity == SEV_PAGE;
        f->tickets += slo_rule_at(c[i].rule)->severity == SEV_TICKET;
    }
    bool on = count_plain && plain_pages(r->s, r->objective);
    f->plain += on && !r->plain_on;
    r->plain_on = on;
}

/* Of the ten-second slots of a minute, each of which fails as a whole. */
static double burst_share(struct rng *rng, double allowed)
{
    int failed = 0;
    for (int i = 0; i < SLOTS; i++)
        failed += rng_unit(rng) < allowed;
    return (double)failed / SLOTS;
}

static struct fired healthy(double objective, double per_hour, int months, bool bursts)
{
    struct fired f = {.pages = 0};
    for (int m = 0; m < months; m++) {
        struct run r = {.s = new_state(objective), .objective = objective, .per_minute = per_hour / 60};
        rng_seed(&r.rng, (uint64_t)m + 1);
        for (int i = 0; i < MINUTES_PER_MONTH; i++)
            minute_of(&r, bursts ? burst_share(&r.rng, 1 - objective) : 1 - objective, !bursts, &f);
        slo_state_free(r.s);
    }
    return f;
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Medians of minutes until the first page, the first page or ticket, and the first plain page. LIMIT_MINUTES = not within a day. */
static void detect(double objective, double per_hour, double bad_share, int seeds, int ret_median[3])
{
    int *times = malloc((size_t)seeds * 3 * sizeof *times);
    if (times == NULL)
        exit(EXIT_FAILURE);
    for (int k = 0; k < seeds; k++) {
        struct fired f = {.pages = 0}, before;
        struct run r = {.s = new_state(objective), .objective = objective, .per_minute = per_hour / 60};
        rng_seed(&r.rng, (uint64_t)k + 1000);
        for (int i = 0; i < HISTORY_MINUTES; i++)
            minute_of(&r, 1 - objective, true, &f);
        before = f;
        int first[3] = {LIMIT_MINUTES, LIMIT_MINUTES, r.plain_on ? 0 : LIMIT_MINUTES};
        for (int i = 0; i < LIMIT_MINUTES && (first[0] == LIMIT_MINUTES || first[1] == LIMIT_MINUTES || first[2] == LIMIT_MINUTES); i++) {
            minute_of(&r, bad_share, true, &f);
            const bool now[3] = {f.pages > before.pages, f.pages > before.pages || f.tickets > before.tickets, f.plain > before.plain};
            for (int w = 0; w < 3; w++)
                if (now[w] && first[w] == LIMIT_MINUTES)
                    first[w] = i + 1;
        }
        for (int w = 0; w < 3; w++)
            times[w * seeds + k] = first[w];
        slo_state_free(r.s);
    }
    for (int w = 0; w < 3; w++) {
        qsort(times + w * seeds, (size_t)seeds, sizeof *times, by_value);
        ret_median[w] = times[w * seeds + seeds / 2];
    }
    free(times);
}

int main(int argc, char **argv)
{
    static const double rates[] = {10, 60, 600, 6000}, objectives[] = {0.999, 0.995, 0.99}, asked_objective = 0.995;
    static const int asked[] = {22, 5, 2, 1}; /* minutes of total outage until a page, at most */
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    const struct size size = is_short ? (struct size){2, 100} : (struct size){30, 2000};
    uint64_t false_pages = 0;
    int late = 0;
    double began = cpu_s();

    printf("healthy, failing at exactly the allowed rate, %d x 30 days: false pages and tickets per 30 days (plain: the workbook's "
           "rules; bursts: the same share in outages of 10 s, and how many of their pages are page-5m's)\n",
           size.months);
    printf("%8s %8s %10s %10s %10s %10s %10s\n", "slo", "req/h", "pages", "tickets", "plain", "bursts", "page-5m");
    for (size_t o = 0; o < sizeof objectives / sizeof objectives[0]; o++) {
        for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
            struct fired f = healthy(objectives[o], rates[i], size.months, false), b = healthy(objectives[o], rates[i], size.months, true);
            printf("%8g %8g %10.2f %10.2f %10.2f %10.2f %10.2f\n", objectives[o], rates[i], (double)f.pages / size.months,
                   (double)f.tickets / size.months, (double)f.plain / size.months, (double)b.pages / size.months,
                   (double)b.outages / size.months);
            false_pages += f.pages;
        }
    }
    double minutes = (double)size.months * MINUTES_PER_MONTH * 24, spent = cpu_s() - began;
    printf("%.0f ns per simulated minute: feed, evaluate, draws and the peer included\n\n", spent / minutes * 1e9);

    printf(
        "median minutes to the first page over %d seeds (plain: the workbook's); a page or ticket for the leak; >%d = not within a day\n",
        size.seeds, LIMIT_MINUTES - 1);
    printf("%8s %8s %14s %14s %22s\n", "slo", "req/h", "100 % fail", "50 % fail", "leak of 20x");
    for (size_t o = 0; o < sizeof objectives / sizeof objectives[0]; o++) {
        for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
            int all[3], half[3], leak[3];
            detect(objectives[o], rates[i], 1, size.seeds, all);
            detect(objectives[o], rates[i], 0.5, size.seeds, half);
            detect(objectives[o], rates[i], 20 * (1 - objectives[o]), is_short ? 20 : size.seeds / 10, leak);
            printf("%8g %8g %5d plain %2d %5d plain %2d %5d page, %4d either\n", objectives[o], rates[i], all[0], all[2], half[0], half[2],
                   leak[0], leak[1]);
            late += objectives[o] == asked_objective && all[0] > asked[i];
        }
    }
    printf("\nfalse pages: %llu; outages at %g %% that page later than asked (22, 5, 2, 1 min): %d\n", (unsigned long long)false_pages,
           100 * asked_objective, late);
    return false_pages == 0 && late == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
