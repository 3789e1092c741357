/* SPDX-License-Identifier: MIT */
/* How this works: history is cut into days that end at the hour of now, day 0 being the last one. A forecast from `origin` days ago sees the
 * hours before it alone. */
#include "analysis/forecast.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/stat.h"

enum {
    DAY = 24,
    WEEK = 168,
    PATTERN_WEEKS = 4,
    LEVEL_DAYS = 28,
    SIDE_BY_SIDE = 3, /* horizons that fit into the history, for its residuals to be used as they are */
    MEMORIES = 4,
    GUESSED_MORE = 8, /* hours of the week that a replay may have to guess beyond those of today */
};
/* Weight of a day against the one after it. The first is the pattern's own level. */
static const double keeps[MEMORIES] = {1, 6.0 / 7, 2.0 / 3, 0};

struct history {
    const double *spend; /* the last hour stands at hours - 1 */
    size_t hours, days;
};

/* Spend of the hour that ended `ago` hours before now, 0 the last; NaN where there is none. */
static double hour_at(const struct history *h, size_t ago)
{
    return ago < h->hours ? h->spend[h->hours - 1 - ago] : (double)NAN;
}

/* Mean of an hour over its last occurrences before the origin, `period` hours apart. NaN without any. */
static double mean_of(const struct history *h, size_t ago, size_t period, size_t times)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < times; i++) {
        double v = hour_at(h, ago + i * period);
        if (!isnan(v)) {
            sum += v;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* pattern[i]: what is usual in the i-th hour after the origin, and in every hour whole weeks from it. An hour of the week that was not
 * observed yet is taken for its hour of the day, and that for any hour. Returns how many were. */
static size_t make_pattern(const struct history *h, size_t origin_days, double pattern[WEEK])
{
    double any = mean_of(h, origin_days * DAY, 1, WEEK);
    size_t guessed = 0;
    for (size_t i = 0; i < WEEK; i++) {
        size_t week_ago = origin_days * DAY + WEEK - 1 - i, day_ago = origin_days * DAY + DAY - 1 - i % DAY;
        pattern[i] = mean_of(h, week_ago, WEEK, PATTERN_WEEKS);
        if (!isnan(pattern[i]))
            continue;
        guessed++;
        pattern[i] = mean_of(h, day_ago, DAY, 7);
        if (isnan(pattern[i]))
            pattern[i] = any;
    }
    return guessed;
}

/* What the last days before the origin ran at, against the pattern. */
static double level_of(const struct history *h, size_t origin_days, const double pattern[WEEK], double keep)
{
    double spent = 0, usual = 0, weight = 1;
    for (size_t day = 0; day < LEVEL_DAYS && origin_days + day < h->days && weight > 1e-6; day++) {
        double day_spent = 0, day_usual = 0;
        for (size_t i = 0; i < DAY; i++) {
            double v = hour_at(h, (origin_days + day) * DAY + i);
            day_spent += isnan(v) ? 0 : v;
            day_usual += isnan(v) ? 0 : pattern[(WEEK * (size_t)LEVEL_DAYS - 1 - day * DAY - i) % WEEK];
        }
        spent += weight * day_spent;
        usual += weight * day_usual;
        weight *= usual > 0 ? keep : 1; /* yesterday is the last day that anything is known of */
    }
    return usual > 0 && spent > 0 ? spent / usual : 1;
}

/* Squares of the logarithms of actual over forecast, per memory and horizon in days. */
struct replay {
    double square[MEMORIES][FORECAST_AHEAD_DAYS_MAX + 1];
    size_t count[FORECAST_AHEAD_DAYS_MAX + 1];
};

/* A forecast that had to guess more hours of the week than guessed_max errs for another reason than the one that is wanted. */
static void replay_from(const struct history *h, size_t origin_days, size_t guessed_max, struct replay *r)
{
    double pattern[WEEK], level[MEMORIES], actual = 0, usual = 0;
    size_t observed = 0;
    if (make_pattern(h, origin_days, pattern) > guessed_max)
        return;
    for (size_t m = 0; m < MEMORIES; m++)
        level[m] = level_of(h, origin_days, pattern, keeps[m]);
    for (size_t day = 1; day <= origin_days && day <= FORECAST_AHEAD_DAYS_MAX; day++) {
        for (size_t i = (day - 1) * DAY; i < day * DAY; i++) {
            double v = hour_at(h, origin_days * DAY - 1 - i);
            if (isnan(v))
                continue;
            observed++;
            actual += v;
            usual += pattern[i % WEEK];
        }
        if (observed * 2 < day * DAY || !(actual > 0) || !(usual > 0))
            continue; /* gaps are no errors */
        r->count[day]++;
        for (size_t m = 0; m < MEMORIES; m++) {
            double e = log(actual / (level[m] * usual));
            r->square[m][day] += e * e;
        }
    }
}

static size_t day_of(size_t hours)
{
    return hours > 0 ? (hours + DAY - 1) / DAY : 1;
}

/* Days that a replay must have before its origin. */
static size_t least_before(size_t days)
{
    return days >= 3 * 7 ? 7 : 1;
}

/* The horizon whose residuals stand for one of `day` days. */
static size_t calibrated_day(const struct replay *r, size_t span, size_t day)
{
    size_t from = day <= span / SIDE_BY_SIDE ? day : span / SIDE_BY_SIDE;
    while (from > 1 && r->count[from] == 0)
        from--;
    return from > 0 ? from : 1;
}

/* The memory that would have erred least on the way to that horizon. */
static size_t best_memory(const struct replay *r, size_t until_day)
{
    double sum[MEMORIES] = {0};
    size_t best = 0;
    for (size_t m = 0; m < MEMORIES; m++) {
        for (size_t day = 1; day <= until_day; day++)
            sum[m] += r->count[day] > 0 ? r->square[m][day] / (double)r->count[day] : 0;
        best = sum[m] < sum[best] ? m : best;
    }
    return best;
}

static void make_bands(const struct replay *r, size_t span, size_t memory, struct forecast *f)
{
    for (size_t day = 1; day <= FORECAST_AHEAD_DAYS_MAX; day++) {
        size_t from = calibrated_day(r, span, day);
        f->spread[day] = sqrt(r->square[memory][from] / (double)r->count[from] * (double)day / (double)from);
        f->residuals[day] = fmax(1, (double)span / (double)from);
    }
}

bool forecast_make(const double *spend, size_t hours, size_t ahead_hours, struct forecast *ret)
{
    struct history h = {.spend = spend, .hours = hours};
    struct replay r;
    struct forecast f = {.ahead_hours = ahead_hours};
    double pattern[WEEK], spent = 0;
    size_t observed = 0;

    assert(ahead_hours <= FORECAST_AHEAD_HOURS_MAX);
    if (hours > FORECAST_HISTORY_DAYS_MAX * DAY) {
        h.spend += hours - FORECAST_HISTORY_DAYS_MAX * DAY;
        h.hours = FORECAST_HISTORY_DAYS_MAX * DAY;
    }
    h.days = h.hours / DAY;
    for (size_t i = 0; i < h.hours; i++) {
        observed += isnan(h.spend[i]) ? 0 : 1;
        spent += isnan(h.spend[i]) ? 0 : h.spend[i];
    }
    if (observed < FORECAST_HISTORY_DAYS_MIN * DAY || !(spent > 0))
        return false;
    memset(&r, 0, sizeof r);
    size_t before = least_before(h.days), span = h.days - before, guessed = make_pattern(&h, 0, pattern);
    for (size_t origin = 1; origin <= span; origin++)
        replay_from(&h, origin, guessed + GUESSED_MORE, &r);
    for (size_t origin = 1; origin <= span && r.count[1] == 0; origin++)
        replay_from(&h, origin, WEEK, &r);
    if (r.count[1] == 0)
        return false;
    size_t best = best_memory(&r, calibrated_day(&r, span, day_of(ahead_hours)));
    make_bands(&r, span, best, &f);
    f.history_days = h.days;
    f.level = level_of(&h, 0, pattern, keeps[best]);
    f.memory_days = keeps[best] < 1 ? 1 / (1 - keeps[best]) : LEVEL_DAYS;
    for (size_t i = 0; i < ahead_hours; i++)
        f.sum[i + 1] = f.sum[i] + f.level * pattern[i % WEEK];
    *ret = f;
    return true;
}

/* ---- reading it ---- */

double forecast_quantile(const struct forecast *f, size_t hours, double p)
{
    assert(hours <= f->ahead_hours);
    size_t day = day_of(hours);
    return f->sum[hours] > 0 ? f->sum[hours] * exp(f->spread[day] * stat_student_quantile(f->residuals[day], p)) : 0;
}

double forecast_over(const struct forecast *f, double left)
{
    size_t day = day_of(f->ahead_hours);
    double sum = f->sum[f->ahead_hours];
    if (left <= 0)
        return 1;
    if (!(sum > 0))
        return 0;
    double off = log(left / sum);
    if (f->spread[day] <= 0)
        return off < 0 ? 1 : 0;
    return stat_student_tail(f->residuals[day], off / f->spread[day]);
}

double forecast_gone_in_hours(const struct forecast *f, double left, double p)
{
    double before = 0, factor = 1;
    if (left <= 0)
        return 0;
    for (size_t i = 1; i <= f->ahead_hours; i++) {
        if (i % DAY == 1)
            factor = exp(f->spread[day_of(i)] * stat_student_quantile(f->residuals[day_of(i)], p));
        double after = fmax(before, f->sum[i] * factor); /* what is spent stays spent */
        if (after >= left)
            return (double)(i - 1) + (left - before) / (after - before);
        before = after;
    }
    return -1;
}
