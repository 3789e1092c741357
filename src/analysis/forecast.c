/* SPDX-License-Identifier: MIT */
/* How this works: history is cut into days that end at the hour of now, day 0 being the last one. A forecast from `origin` days ago sees
 * the hours before it alone. With a trend, history is lifted to what it would be at the origin, and what follows is the same. */
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
    TREND_DAYS_MIN = 14,
    SIDE_BY_SIDE = 3, /* horizons that fit into the history, for its residuals to be used as they are */
    MEMORIES = 4,
    GUESSED_MORE = 8, /* hours of the week that a replay may have to guess beyond those of today */
};
/* Weight of a day against the one after it. The first is the pattern's own level. */
static const double keeps[MEMORIES] = {1, 6.0 / 7, 2.0 / 3, 0};
/* A trend fades by this a day, 0.9 a week (Gardner and McKenzie 1985). It is taken where it halves the errors: their squares' ratio of 4,
 * with three horizons side by side, is exceeded by chance in one case of seven (F of 3 and 3 degrees). */
static const double fades = 0.985, surely = 4;

struct history {
    const double *spend; /* the last hour stands at hours - 1 */
    size_t hours, days;
};

/* Spend of the hour that ended `ago` hours before now, 0 the last; NaN where there is none. */
static double hour_at(const struct history *h, size_t ago)
{
    return ago < h->hours ? h->spend[h->hours - 1 - ago] : (double)NAN;
}

/* How it goes on from an origin. */
struct course {
    size_t origin_days;
    double growth;           /* of the logarithm, a day; 0 = no trend */
    double lift[LEVEL_DAYS]; /* a day's spend times this is what it would be at the origin */
    double pattern[WEEK];    /* what is usual in the i-th hour after the origin, and in every hour whole weeks from it */
    double level[MEMORIES];  /* what the last days ran at, against the pattern */
};

/* Of an hour so many before the origin, as it would be at the origin. */
static double lifted(const struct history *h, const struct course *c, size_t before)
{
    return hour_at(h, c->origin_days * DAY + before) * c->lift[before / DAY];
}

/* Mean of an hour over its last occurrences before the origin, `period` hours apart. NaN without any. */
static double mean_of(const struct history *h, const struct course *c, size_t before, size_t period, size_t times)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < times; i++) {
        double v = lifted(h, c, before + i * period);
        if (!isnan(v)) {
            sum += v;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* An hour of the week that was not observed yet is taken for its hour of the day, and that for any hour. Returns how many were. */
static size_t make_pattern(const struct history *h, struct course *c)
{
    double any = mean_of(h, c, 0, 1, WEEK);
    size_t guessed = 0;
    for (size_t i = 0; i < WEEK; i++) {
        c->pattern[i] = mean_of(h, c, WEEK - 1 - i, WEEK, PATTERN_WEEKS);
        if (!isnan(c->pattern[i]))
            continue;
        guessed++;
        c->pattern[i] = mean_of(h, c, DAY - 1 - i % DAY, DAY, 7);
        if (isnan(c->pattern[i]))
            c->pattern[i] = any;
    }
    return guessed;
}

/* What was spent in the day that ended `day` days before the origin, and what is usual in the hours of it that are known. Returns how many
 * are. */
static size_t day_against(const struct history *h, const struct course *c, size_t day, double *ret_spent, double *ret_usual)
{
    double spent = 0, usual = 0;
    size_t known = 0;
    for (size_t i = day * DAY; i < (day + 1) * DAY; i++) {
        double v = lifted(h, c, i);
        known += isnan(v) ? 0 : 1;
        spent += isnan(v) ? 0 : v;
        usual += isnan(v) ? 0 : c->pattern[(WEEK * (size_t)LEVEL_DAYS - 1 - i) % WEEK];
    }
    *ret_spent = spent;
    *ret_usual = usual;
    return known;
}

static double level_of(const struct history *h, const struct course *c, double keep)
{
    double spent = 0, usual = 0, weight = 1;
    for (size_t day = 0; day < LEVEL_DAYS && c->origin_days + day < h->days && weight > 1e-6; day++) {
        double day_spent, day_usual;
        day_against(h, c, day, &day_spent, &day_usual);
        spent += weight * day_spent;
        usual += weight * day_usual;
        weight *= usual > 0 ? keep : 1; /* yesterday is the last day that anything is known of */
    }
    return usual > 0 && spent > 0 ? spent / usual : 1;
}

/* Slope of the logarithm of days against the pattern, by least squares; c has no trend. Its pattern has a level per weekday, against which
 * days rise from week to week, not within one. */
static double growth_of(const struct history *h, const struct course *c)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t day = 0; day < LEVEL_DAYS && c->origin_days + day < h->days; day++) {
        double spent, usual;
        if (day_against(h, c, day, &spent, &usual) * 2 < DAY || !(spent > 0) || !(usual > 0))
            continue;
        double at = -(double)(day / 7 * 7), off = log(spent / usual);
        n++;
        x += at;
        y += off;
        xx += at * at;
        xy += at * off;
    }
    return n >= TREND_DAYS_MIN ? (xy - x * y / n) / (xx - x * x / n) : 0;
}

/* Returns how many hours of the week had to be guessed. */
static size_t make_course(const struct history *h, size_t origin_days, double growth, struct course *ret)
{
    ret->origin_days = origin_days;
    ret->growth = growth;
    for (size_t day = 0; day < LEVEL_DAYS; day++)
        ret->lift[day] = exp(growth * ((double)day + 0.5));
    size_t guessed = make_pattern(h, ret);
    for (size_t m = 0; m < MEMORIES; m++)
        ret->level[m] = level_of(h, ret, keeps[m]);
    return guessed;
}

/* What the trend makes of the i-th day after the origin, 0 the first, at its middle. */
static double grown(const struct course *c, size_t day)
{
    return exp(c->growth * fades * (1 - pow(fades, (double)day + 0.5)) / (1 - fades));
}

/* Squares of the logarithms of actual over forecast, per memory and horizon in days. */
struct errors {
    double square[MEMORIES][FORECAST_AHEAD_DAYS_MAX + 1];
    size_t count[FORECAST_AHEAD_DAYS_MAX + 1];
};

static void add_errors(const struct history *h, const struct course *c, struct errors *e)
{
    double actual = 0, usual = 0;
    size_t observed = 0;
    for (size_t day = 1; day <= c->origin_days && day <= FORECAST_AHEAD_DAYS_MAX; day++) {
        double by = grown(c, day - 1);
        for (size_t i = (day - 1) * DAY; i < day * DAY; i++) {
            double v = hour_at(h, c->origin_days * DAY - 1 - i);
            if (isnan(v))
                continue;
            observed++;
            actual += v;
            usual += by * c->pattern[i % WEEK];
        }
        if (observed * 2 < day * DAY || !(actual > 0) || !(usual > 0))
            continue; /* gaps are no errors */
        e->count[day]++;
        for (size_t m = 0; m < MEMORIES; m++) {
            double off = log(actual / (c->level[m] * usual));
            e->square[m][day] += off * off;
        }
    }
}

/* Of every replay, of those that could tell a trend, and of these with it. */
struct replay {
    struct errors all, same, trend;
};

/* A forecast that had to guess more hours of the week than guessed_max errs for another reason than the one that is wanted. */
static void replay_from(const struct history *h, size_t origin_days, size_t guessed_max, struct replay *r)
{
    struct course c;
    if (make_course(h, origin_days, 0, &c) > guessed_max)
        return;
    add_errors(h, &c, &r->all);
    if (origin_days + TREND_DAYS_MIN > h->days)
        return;
    add_errors(h, &c, &r->same);
    make_course(h, origin_days, growth_of(h, &c), &c);
    add_errors(h, &c, &r->trend);
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
static size_t calibrated_day(const struct errors *e, size_t span, size_t day)
{
    size_t from = day <= span / SIDE_BY_SIDE ? day : span / SIDE_BY_SIDE;
    while (from > 1 && e->count[from] == 0)
        from--;
    return from > 0 ? from : 1;
}

/* The memory that would have erred least on the way to that horizon, and by how much. */
static size_t best_memory(const struct errors *e, size_t until_day, double *ret_square)
{
    double sum[MEMORIES] = {0};
    size_t best = 0;
    for (size_t m = 0; m < MEMORIES; m++) {
        for (size_t day = 1; day <= until_day; day++)
            sum[m] += e->count[day] > 0 ? e->square[m][day] / (double)e->count[day] : 0;
        best = sum[m] < sum[best] ? m : best;
    }
    *ret_square = sum[best];
    return best;
}

/* Whether a trend would have erred that much less, over the same replays. */
static bool has_trend(const struct replay *r, size_t span, size_t ahead_days)
{
    double with, without;
    size_t until = calibrated_day(&r->trend, span, ahead_days);
    best_memory(&r->trend, until, &with);
    best_memory(&r->same, until, &without);
    return r->trend.count[1] > 0 && with * surely < without;
}

/* Replays that begin every day say more of a variance than those that lie side by side, by up to a half: Lo and MacKinlay 1989. */
static double overlap_gain(double days)
{
    return 3 * days * days / (2 * days * days + 1);
}

static void make_bands(const struct errors *e, size_t span, size_t memory, struct forecast *f)
{
    for (size_t day = 1; day <= FORECAST_AHEAD_DAYS_MAX; day++) {
        size_t from = calibrated_day(e, span, day);
        f->spread[day] = sqrt(e->square[memory][from] / (double)e->count[from] * (double)day / (double)from);
        f->residuals[day] = fmax(1, (double)span / (double)from * overlap_gain((double)from));
    }
}

bool forecast_make(const double *spend, size_t hours, size_t ahead_hours, struct forecast *ret)
{
    struct history h = {.spend = spend, .hours = hours};
    struct replay r;
    struct forecast f = {.ahead_hours = ahead_hours};
    struct course c;
    double spent = 0, square;
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
    size_t before = least_before(h.days), span = h.days - before, guessed = make_course(&h, 0, 0, &c);
    for (size_t origin = 1; origin <= span; origin++)
        replay_from(&h, origin, guessed + GUESSED_MORE, &r);
    for (size_t origin = 1; origin <= span && r.all.count[1] == 0; origin++)
        replay_from(&h, origin, WEEK, &r);
    if (r.all.count[1] == 0)
        return false;
    const struct errors *e = &r.all;
    size_t trend_span = h.days > TREND_DAYS_MIN ? h.days - TREND_DAYS_MIN : 0;
    if (has_trend(&r, trend_span, day_of(ahead_hours))) {
        e = &r.trend;
        span = trend_span;
        make_course(&h, 0, growth_of(&h, &c), &c);
    }
    size_t best = best_memory(e, calibrated_day(e, span, day_of(ahead_hours)), &square);
    make_bands(e, span, best, &f);
    f.history_days = h.days;
    f.level = c.level[best];
    f.growth = c.growth;
    f.memory_days = keeps[best] < 1 ? 1 / (1 - keeps[best]) : LEVEL_DAYS;
    for (size_t i = 0; i < ahead_hours; i++)
        f.sum[i + 1] = f.sum[i] + f.level * c.pattern[i % WEEK] * grown(&c, i / DAY);
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
