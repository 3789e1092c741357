/* SPDX-License-Identifier: MIT */
#include "ui/draw/numfmt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "model/money.h"
#include "view/view_quality.h"

static const char *word(char out[NUMFMT_MAX], const char *text)
{
    (void)str_copy(out, NUMFMT_MAX, str_of(text));
    return out;
}

/* Decimals that give three significant digits to a number below 1,000, two decimals at most: 2.90, 42.3, 412. The thresholds lie where
 * rounding would carry into a fourth digit. */
static int decimals_of(double v)
{
    return v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
}

const char *numfmt_sig3(double v, char out[NUMFMT_MAX])
{
    static const struct {
        double from, unit;
        const char *suffix;
    } steps[] = {
        {999.5e9, 1e12, "T"},
        {999.5e6, 1e9, "G"},
        {999.5e3, 1e6, "M"},
        {999.5, 1e3, "k"},
    };
    if (isnan(v)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    const char *sign = v < 0 ? "-" : "";
    double a = fabs(v);
    if (isinf(a) || a >= 999.5e12) {
        (void)str_format(out, NUMFMT_MAX, "%s%s", sign, isinf(a) ? "inf" : ">999T");
        return out;
    }
    if (a == 0) {
        return word(out, "0");
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (a >= steps[i].from) {
            double scaled = a / steps[i].unit;
            (void)str_format(out, NUMFMT_MAX, "%s%.*f%s", sign, decimals_of(scaled), scaled, steps[i].suffix);
            return out;
        }
    }
    if (a < 0.0005) {
        (void)str_format(out, NUMFMT_MAX, "%s<.001", sign);
    } else if (a < 0.00995) {
        (void)str_format(out, NUMFMT_MAX, "%s%.3f", sign, a);
    } else {
        (void)str_format(out, NUMFMT_MAX, "%s%.*f", sign, decimals_of(a), a);
    }
    return out;
}

const char *numfmt_count(double v, char out[NUMFMT_MAX])
{
    if (isnan(v) || fabs(v) >= 99999.5) {
        return numfmt_sig3(v, out);
    }
    long n = lround(v);
    if (n > -1000 && n < 1000) {
        (void)str_format(out, NUMFMT_MAX, "%ld", n);
    } else {
        (void)str_format(out, NUMFMT_MAX, "%ld,%03ld", n / 1000, labs(n % 1000));
    }
    return out;
}

const char *numfmt_n(uint64_t n, char out[NUMFMT_MAX])
{
    static const struct {
        double from, unit;
        const char *suffix;
    } steps[] = {{999.5e6, 1e9, "G"}, {999.5e3, 1e6, "M"}, {999.5, 1e3, "k"}};
    double v = (double)n;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (v >= steps[i].from) {
            double scaled = v / steps[i].unit;
            (void)str_format(out, NUMFMT_MAX, scaled < 99.95 ? "%.1f%s" : "%.0f%s", scaled, steps[i].suffix);
            return out;
        }
    }
    (void)str_format(out, NUMFMT_MAX, "%.0f", v);
    return out;
}

const char *numfmt_bound(double v, char out[NUMFMT_MAX])
{
    if (isnan(v)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    if (isinf(v)) {
        return word(out, v < 0 ? "-inf" : "inf");
    }
    (void)str_format(out, NUMFMT_MAX, fabs(v) >= 999.5 && fabs(v) < 1e6 ? "%.0f" : "%.3g", v);
    return out;
}

const char *numfmt_n_marked(uint64_t n, enum exactness e, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    if (n == 0) {
        return word(out, NUMFMT_NONE);
    }
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(e), numfmt_n(n, text));
    return out;
}

const char *numfmt_times(double v, char out[NUMFMT_MAX])
{
    return isnan(v) ? word(out, NUMFMT_UNKNOWN) : exact_times(v, out);
}

const char *numfmt_unknown(bool split)
{
    return split ? NUMFMT_UNKNOWN : NUMFMT_UNSPLIT;
}

const char *numfmt_vnum(const struct vnum *v, char out[NUMFMT_MAX])
{
    if (isnan(v->v)) {
        return word(out, v->unsplit != 0          ? NUMFMT_UNSPLIT
                         : v->word != NULL        ? v->word
                         : v->n == 0 && !v->stale ? NUMFMT_NONE
                                                  : NUMFMT_UNKNOWN);
    }
    char digits[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(v->exact),
                     v->exact == ABOVE ? numfmt_bound(v->v, digits) : numfmt_sig3(v->v, digits));
    return out;
}

const char *numfmt_seconds(double s, char out[NUMFMT_MAX])
{
    if (isnan(s)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    const char *sign = s < 0 ? "-" : "";
    double a = fabs(s);
    if (a == 0) {
        return word(out, "0 s");
    }
    if (a < 0.0009995) {
        (void)str_format(out, NUMFMT_MAX, "%s%.0f us", sign, a * 1e6);
    } else if (a < 0.0995) {
        (void)str_format(out, NUMFMT_MAX, "%s%.*f ms", sign, a < 0.00995 ? 1 : 0, a * 1e3);
    } else if (a < 999.5) {
        (void)str_format(out, NUMFMT_MAX, "%s%.*f s", sign, decimals_of(a), a);
    } else if (a < 1e10) {
        char text[TIMEFMT_MAX];
        duration_format((int64_t)(a * 1000), text);
        (void)str_format(out, NUMFMT_MAX, "%s%s", sign, text);
    } else {
        return word(out, isinf(a) ? "inf" : ">300y");
    }
    return out;
}

const char *numfmt_usd(double usd, char out[NUMFMT_MAX])
{
    if (isnan(usd)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    const char *sign = usd < 0 ? "-" : "";
    double a = fabs(usd);
    char digits[NUMFMT_MAX];
    if (a > 0 && a < 0.0001) {
        (void)str_format(out, NUMFMT_MAX, "%s<$.0001", sign);
    } else if (a < 9e9) { /* as in sentences */
        char money[MONEY_MAX];
        money_format(llround(usd * (double)NUSD_PER_USD), money);
        (void)str_copy(out, NUMFMT_MAX, str_of(money));
    } else {
        (void)str_format(out, NUMFMT_MAX, "%s$%s", sign, numfmt_sig3(a, digits));
    }
    return out;
}

const char *numfmt_usd_nano(int64_t nusd, char out[NUMFMT_MAX])
{
    return numfmt_usd((double)nusd / (double)NUSD_PER_USD, out);
}

const char *numfmt_percent(double ratio, char out[NUMFMT_MAX])
{
    if (isnan(ratio)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    double percent = ratio * 100;
    if (percent != 0 && fabs(percent) < 0.005) {
        return word(out, percent < 0 ? "-<.01%" : "<.01%");
    }
    if (fabs(percent) < 9.995 && percent != 0) {
        (void)str_format(out, NUMFMT_MAX, "%.2f%%", percent);
    } else {
        bool whole = percent == 0 || fabs(percent) >= 99.95;
        (void)str_format(out, NUMFMT_MAX, "%.*f%%", whole ? 0 : 1, percent);
    }
    return out;
}

const char *numfmt_share(double ratio, char out[NUMFMT_MAX])
{
    if (isnan(ratio)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    char text[EXACT_TEXT_MAX];
    (void)str_copy(out, NUMFMT_MAX, str_of(exact_share(ratio, text)));
    return out;
}

const char *numfmt_bytes(double bytes, char out[NUMFMT_MAX])
{
    static const struct {
        double from, unit;
        const char *suffix;
    } steps[] = {
        {999.5e9, 1e12, "TB"},
        {999.5e6, 1e9, "GB"},
        {999.5e3, 1e6, "MB"},
        {999.5, 1e3, "KB"},
    };
    if (isnan(bytes)) {
        return word(out, NUMFMT_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (bytes >= steps[i].from) {
            double scaled = bytes / steps[i].unit;
            (void)str_format(out, NUMFMT_MAX, "%.*f %s", decimals_of(scaled), scaled, steps[i].suffix);
            return out;
        }
    }
    (void)str_format(out, NUMFMT_MAX, "%.0f B", bytes);
    return out;
}

/* up: a part of a unit is one. */
static const char *one_unit(int64_t ms, bool up, char out[NUMFMT_MAX])
{
    static const struct {
        int64_t from, unit;
        char suffix;
    } steps[] = {
        /* each unit holds to just before three digits of it would be needed */
        {INT64_C(8640000000), INT64_C(604800000), 'w'},
        {INT64_C(172800000), INT64_C(86400000), 'd'},
        {INT64_C(5940000), INT64_C(3600000), 'h'},
        {INT64_C(100000), INT64_C(60000), 'm'},
        {0, 1000, 's'},
    };
    size_t i = 0;
    while (ms < steps[i].from) {
        i++;
    }
    (void)str_format(out, NUMFMT_MAX, "%lld%c", (long long)((ms + (up ? steps[i].unit - 1 : 0)) / steps[i].unit), steps[i].suffix);
    return out;
}

const char *numfmt_age(int64_t ms, char out[NUMFMT_MAX])
{
    return ms < 0 ? word(out, "never") : one_unit(ms, false, out);
}

const char *numfmt_error(int64_t ms, char out[NUMFMT_MAX])
{
    return one_unit(ms > 0 ? (ms + 999) / 1000 * 1000 : 0, true, out);
}

const char *numfmt_duration(int64_t ms, char out[NUMFMT_MAX])
{
    if (ms < 0) {
        return word(out, "");
    }
    char text[TIMEFMT_MAX];
    duration_format(ms < 1000 ? ms : ms / 1000 * 1000, text);
    return word(out, text);
}

const char *numfmt_ratio(const struct vnum *now, const struct vnum *then, char out[NUMFMT_MAX])
{
    return change_text(change_times(now->v, now->exact, then->v, then->exact), out);
}

/* "+0.0" and "-0.0" are one number: no sign on what rounds to nothing. */
static void put_points(char out[NUMFMT_MAX], double v, int decimals)
{
    double half = decimals == 0 ? 0.5 : decimals == 1 ? 0.05 : 0.005;
    if (fabs(v) < half) {
        (void)str_format(out, NUMFMT_MAX, "%.*fpp", decimals, 0.0);
    } else {
        (void)str_format(out, NUMFMT_MAX, "%+.*fpp", decimals, v);
    }
}

const char *numfmt_points(double now, double then, char out[NUMFMT_MAX])
{
    double d = now - then;
    if (!isfinite(d)) {
        return word(out, NUMFMT_NONE);
    }
    if (fabs(d) >= 999.5) {
        char digits[NUMFMT_MAX];
        (void)str_format(out, NUMFMT_MAX, "%s%spp", d < 0 ? "-" : "+", numfmt_sig3(fabs(d), digits));
    } else {
        put_points(out, d, fabs(d) < 9.95 ? 1 : 0);
    }
    return out;
}

const char *numfmt_quality_delta(const struct vquality_row *r, char out[NUMFMT_MAX])
{
    const double times = r->now.v / r->base.v, points = r->now.v - r->base.v;
    if (r->unit == QUALITY_PERCENT && fmin(r->now.v, r->base.v) < 0.995 && fabs(points) < 0.995) {
        put_points(out, points, 2); /* 0.04 against 0.09 % is no 0.0 */
        return out;
    }
    if (r->unit == QUALITY_PERCENT) {
        return numfmt_points(r->now.v, r->base.v, out);
    }
    if (!(times >= 0.1 && times < 0.995)) {
        return numfmt_ratio(&r->now, &r->base, out);
    }
    (void)str_format(out, NUMFMT_MAX, "%s%.2fx", exact_mark(exact_over(r->now.exact, r->base.exact)),
                     times); /* "0.8x" of 0.79 is too coarse */
    return out;
}

const char *numfmt_mean(double s, bool about, char out[NUMFMT_MAX])
{
    char digits[NUMFMT_MAX];
    if (isnan(s)) {
        return word(out, NUMFMT_NONE);
    }
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(about ? ABOUT : EXACT), numfmt_seconds(s, digits));
    return out;
}

/* ">82 s" of a bucket's edge, "~7.80 s" of a number. */
static const char *marked_seconds(double v, enum exactness exact, char out[NUMFMT_MAX])
{
    char digits[NUMFMT_MAX];
    bool edge = exact == ABOVE;
    (void)str_format(out, NUMFMT_MAX, "%s%s%s", exact_mark(exact), edge ? numfmt_bound(v, digits) : numfmt_seconds(v, digits),
                     edge ? " s" : "");
    return out;
}

const char *numfmt_quantile(const struct quantile *q, bool about, char out[NUMFMT_MAX])
{
    const struct quantile_reading r = quantile_read(q, about);
    switch (r.is) {
    case QUANTILE_NONE: return word(out, NUMFMT_NONE);
    case QUANTILE_AVERAGE_ONLY: return word(out, "avg only");
    case QUANTILE_THIN: return word(out, "thin");
    case QUANTILE_BELOW:
    case QUANTILE_ABOVE:
    case QUANTILE_ABOUT:
    case QUANTILE_VALUE: break;
    }
    return marked_seconds(r.v, r.exact, out);
}

const char *numfmt_latency(const struct vnum *v, char out[NUMFMT_MAX])
{
    return isnan(v->v) ? numfmt_vnum(v, out) : marked_seconds(v->v, v->exact, out);
}

static const char *interval(double from, double to, char out[NUMFMT_MAX])
{
    char lo[NUMFMT_MAX], hi[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "(%.12s,%.12s]", numfmt_bound(from, lo), numfmt_bound(to, hi));
    return out;
}

const char *numfmt_quantile_interval(const struct quantile *q, char out[NUMFMT_MAX])
{
    if (q->n == 0 || q->thin) {
        return word(out, "");
    }
    return interval(q->below_first ? 0 : q->lo, q->above_last ? (double)INFINITY : q->hi, out);
}

const char *numfmt_quantile_ci(const struct quantile *q, char out[NUMFMT_MAX])
{
    if (q->n == 0) {
        return word(out, "");
    }
    return interval(q->ci_lo > 0 ? q->ci_lo : 0, q->ci_hi, out);
}

/* Rows without a unit count things: engines, waiting requests. Where all are whole, so is what is shown. */
static const char *row_value(const struct vrow *r, const struct vnum *v, char out[NUMFMT_MAX])
{
    bool counts = !r->unit || !*r->unit;
    double now = r->now.v, then = r->then.v;
    bool whole = (isnan(now) || (isfinite(now) && now == floor(now))) && (isnan(then) || (isfinite(then) && then == floor(then)));
    if (!counts || !whole || isnan(v->v)) {
        return numfmt_vnum(v, out);
    }
    char digits[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(v->exact), numfmt_count(v->v, digits));
    return out;
}

const char *numfmt_row_now(const struct vrow *r, char out[NUMFMT_MAX])
{
    return row_value(r, &r->now, out);
}

const char *numfmt_row_then(const struct vrow *r, char out[NUMFMT_MAX])
{
    if (isnan(r->then.v) && r->then.unsplit == 0 && r->then.word == NULL) {
        return word(out, NUMFMT_NONE);
    }
    return row_value(r, &r->then, out);
}

const char *numfmt_row_over(const struct vrow *r, char out[NUMFMT_MAX])
{
    if (r->now.stale) {
        return word(out, "STALE");
    }
    if (r->difference) {
        char points[NUMFMT_MAX];
        (void)str_format(out, NUMFMT_MAX, "%s%.24s", isnan(r->change.v) ? "" : exact_mark(r->change.exact),
                         numfmt_points(r->change.v, 0, points));
        return out;
    }
    (void)change_text(r->change, out);
    size_t n = strlen(out);
    if (n > 0 && out[n - 1] == 'x') {
        out[n - 1] = '\0'; /* the column's header says x */
    }
    return out;
}

const char *numfmt_row_n(const struct vrow *r, char out[NUMFMT_MAX])
{
    if (r->n_text) {
        (void)str_copy(out, NUMFMT_MAX, str_of(r->n_text));
        return out;
    }
    return r->now.n ? numfmt_n(r->now.n, out) : word(out, "");
}
