/* SPDX-License-Identifier: MIT */
#include "analysis/deviation.h"

#include <math.h>
#include <string.h>

enum { VERSION = 1 };
/* One setting for everything: the middle of wide plateaus (0013-detectors.md). */
static const double near_weight[DEVIATION_PARTS] = {0.5, 0.05}, far_weight = 0.0002;
static const double record_least_sq = 4.0 * 4.0, record_fades_sq = 0.9999 * 0.9999;
static const double usual_weight = 0.1 / 12, week_weight = 0.3 / 12; /* at twelve samples an hour: some ten days, and three weeks */
enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, WEEKS_KNOWN = 2 };

void deviation_init(struct deviation *d)
{
    memset(d, 0, sizeof *d);
    d->version = VERSION;
    d->first_ms = DEVIATION_NO_TIME;
    for (int p = 0; p < DEVIATION_PARTS; p++)
        d->part[p].record_sq[0] = d->part[p].record_sq[1] = record_least_sq;
}

bool deviation_valid(const struct deviation *d)
{
    static const int64_t far_ms = INT64_C(1000000000000000); /* some 30,000 years */
    bool good = d->version == VERSION && d->hold <= DEVIATION_HOLD &&
                (d->first_ms == DEVIATION_NO_TIME || (d->first_ms > -far_ms && d->first_ms < far_ms)) && d->hour_ms > -far_ms &&
                d->hour_ms < far_ms && d->of_week >= 0 && d->of_week < 168;
    for (int p = 0; good && p < DEVIATION_PARTS; p++) {
        const struct deviation_mean *m = &d->part[p];
        good = isfinite(m->near) && isfinite(m->far) && m->var >= 0 && isfinite(m->var) && m->record_sq[0] > 0 && m->record_sq[1] > 0 &&
               m->side >= -1 && m->side <= 1 && m->apart <= 1;
    }
    for (int h = 0; good && h < 24; h++)
        good = isfinite(d->day[h].mean);
    for (int h = 0; good && h < 168; h++)
        good = isfinite(d->week[h].mean);
    return good;
}

/* How long it has been on this side, and how long by more than its deviation, for the onset. */
static void follow(struct deviation_mean *m, int64_t at, bool above, bool apart)
{
    int32_t side = above ? 1 : -1;
    if (side != m->side)
        m->since = at;
    if (apart && (!m->apart || side != m->side))
        m->since_apart = at;
    m->side = side;
    m->apart = apart;
}

/* Returns the square of the distance over the record: one division instead of roots, for this is run a million times. */
static double step(struct deviation_mean *m, int64_t at, double weight, double x)
{
    double w = weight, far_w = far_weight;
    if (m->n++ < 5000) { /* 1 / far_weight */
        double plain = 1 / (double)m->n;
        w = plain > w ? plain : w;
        far_w = plain;
    }
    m->near += w * (x - m->near);
    double off = x - m->far, apart = m->near - m->far, unit = m->var * (weight / (2 - weight));
    bool above = apart > 0, tells = m->n > DEVIATION_WARM_UP && unit > 1e-24 * m->far * m->far; /* else it is flat but for rounding */
    double record = m->record_sq[!above], other = m->record_sq[above], limit = record > record_least_sq ? record : record_least_sq;
    double score = tells ? apart * apart / (unit * limit) : 0;
    m->z_sq = score * limit;
    m->limit_sq = limit;
    m->far += far_w * off;
    m->var = (1 - far_w) * (m->var + far_w * off * off);
    follow(m, at, above, m->z_sq >= 1);
    m->record_sq[!above] = (m->z_sq > record ? m->z_sq : record) * record_fades_sq;
    m->record_sq[above] = other * record_fades_sq;
    return score;
}

static void become_usual(struct deviation_hour *h, double weight, double x)
{
    double plain = ++h->n < 1000 ? 1 / (double)h->n : 0;
    h->mean += (plain > weight ? plain : weight) * (x - h->mean);
}

/* The value beyond what is usual at its hour, which it then becomes part of; false while a first day is not over. */
static bool beyond_usual(struct deviation *d, int64_t wall_ms, double x, double *ret)
{
    if (d->first_ms == DEVIATION_NO_TIME || wall_ms < d->hour_ms || wall_ms - d->hour_ms >= HOUR_MS) {
        int64_t hour = wall_ms / HOUR_MS - (wall_ms % HOUR_MS < 0);
        d->of_week = (int32_t)(((hour + 72) % 168 + 168) % 168); /* 1970 began on a Thursday */
        d->hour_ms = hour * HOUR_MS;
        struct deviation_hour *w = &d->week[d->of_week];
        int64_t week = (hour + 72 - d->of_week) / 168;
        if (w->weeks == 0 || w->week != week) {
            w->week = week;
            w->weeks++;
        }
    }
    struct deviation_hour *day = &d->day[d->of_week % 24], *w = &d->week[d->of_week];
    if (d->first_ms == DEVIATION_NO_TIME)
        d->first_ms = wall_ms;
    bool known = wall_ms - d->first_ms >= DAY_MS && day->n > 0;
    *ret = x - (w->weeks > WEEKS_KNOWN ? w->mean : day->mean);
    become_usual(day, usual_weight, x);
    become_usual(w, week_weight, x);
    return known;
}

/* Of both signs, and linear around 0. */
static double logarithm(double value)
{
    double v = fabs(value);
    return copysign(v < 0.5 ? log1p(v) : log(1 + v), value); /* log is three times as fast */
}

double deviation_feed(struct deviation *d, int64_t at, int64_t wall_ms, double value, struct deviation_alarm *ret)
{
    struct deviation_mean *jump = &d->part[DEVIATION_JUMP], *level = &d->part[DEVIATION_LEVEL];
    double x = logarithm(value), of_jump = step(jump, at, near_weight[DEVIATION_JUMP], value), of_level = 0;
    if (wall_ms == DEVIATION_NO_TIME || beyond_usual(d, wall_ms, x, &x))
        of_level = step(level, at, near_weight[DEVIATION_LEVEL], x);
    if (d->hold > 0) {
        d->hold--;
        return 0;
    }
    const struct deviation_mean *m = of_level > of_jump ? level : jump;
    double score = sqrt(of_level > of_jump ? of_level : of_jump);
    if (score < 1)
        return score;
    d->hold = DEVIATION_HOLD;
    *ret = (struct deviation_alarm){
        .part = m == level ? DEVIATION_LEVEL : DEVIATION_JUMP,
        .is_rise = m->side > 0,
        .onset = m->since_apart,
        .onset_lo = m->since,
        .onset_hi = at,
        .z = sqrt(m->z_sq),
        .record = sqrt(m->limit_sq),
        .before = m->far,
        .after = m->near,
    };
    return score;
}
