/* SPDX-License-Identifier: MIT */
#include "analysis/edetect.h"

#include <math.h>
#include <string.h>

#include "analysis/cusum.h"
#include "analysis/stat.h"

enum { VERSION = 2 };
static const double first_odds = 1.3, next_odds = 1.35; /* of the alternatives: 0013-detectors.md */

void edetect_init(struct edetect *d, enum edetect_kind kind, double arl)
{
    memset(d, 0, sizeof *d);
    d->version = VERSION;
    d->kind = (uint32_t)kind;
    d->arl = fmax(1, arl);
    d->own_base = 1;
    d->begun_at = d->fed_at = INT64_MIN;
    d->base_mean = d->base_var = d->bound[EDETECT_RISE] = d->bound[EDETECT_FALL] = (double)NAN;
    mean_bound_init(&d->own, EDETECT_BOUND_CHANCE);
}

double edetect_lacks_of(enum edetect_kind kind, const struct edetect_count *c)
{
    double of_either = fmax(0, EDETECT_LEAST - c->sum) + fmax(0, EDETECT_LEAST - ((double)c->n - c->sum));
    return kind == EDETECT_BINARY ? of_either : fmax(of_either, EDETECT_LEAST_SCORES - (double)c->n);
}

double edetect_lacks(const struct edetect *d)
{
    return edetect_lacks_of((enum edetect_kind)d->kind, &d->base);
}

static double alternative(double p0, enum edetect_side side, int k)
{
    double times = first_odds * pow(next_odds, k), odds = p0 / (1 - p0) * (side == EDETECT_RISE ? times : 1 / times);
    return odds / (1 + odds);
}

static void base_binary(struct edetect *d, uint64_t n, uint64_t bad)
{
    d->base = (struct edetect_count){n, (double)bad, (double)bad};
    if (edetect_lacks(d) > 0)
        return;
    d->base_mean = (double)bad / (double)n;
    d->base_var = d->base_mean * (1 - d->base_mean);
    d->bound[EDETECT_RISE] = stat_share_upper(n, bad, EDETECT_BOUND_CHANCE);
    d->bound[EDETECT_FALL] = stat_share_lower(n, bad, EDETECT_BOUND_CHANCE);
    for (int side = 0; side < EDETECT_SIDES; side++) {
        double p0 = d->bound[side];
        for (int k = 0; k < EDETECT_ALTERNATIVES; k++) {
            double p1 = alternative(p0, (enum edetect_side)side, k);
            d->nats_bad[side][k] = log(p1 / p0);
            d->nats_good[side][k] = log((1 - p1) / (1 - p0));
        }
    }
}

static void base_score(struct edetect *d, const struct mean_bound *b)
{
    d->base = (struct edetect_count){b->n, b->sum, b->sum_sq};
    if (edetect_lacks(d) > 0)
        return;
    d->base_mean = b->sum / (double)b->n;
    d->base_var = mean_bound_var(b);
    mean_bound_get(b, &d->bound[EDETECT_FALL], &d->bound[EDETECT_RISE]);
}

void edetect_set_arl(struct edetect *d, double arl)
{
    d->arl = fmax(1, arl);
}

void edetect_base_binary(struct edetect *d, uint64_t n, uint64_t bad)
{
    d->own_base = 0;
    base_binary(d, n, bad);
}

void edetect_init_with(struct edetect *d, enum edetect_kind kind, double arl, int64_t at, const struct edetect_count *c)
{
    edetect_init(d, kind, arl);
    d->begun_at = d->fed_at = at;
    d->all = *c;
    if (kind == EDETECT_BINARY) {
        base_binary(d, c->n, (uint64_t)c->sum);
        return;
    }
    /* One bet for all would be laid before anything is known of them, and the bound be as wide as that: so as if they came one, one, two,
     * four ... */
    for (uint64_t done = 0, more = 1; done < c->n; done += more, more = done) {
        more = more < c->n - done ? more : c->n - done;
        const double part = (double)more / (double)c->n;
        mean_bound_add_many(&d->own, more, part * c->sum, part * c->sum_sq);
    }
    base_score(d, &d->own);
}

void edetect_init_again(struct edetect *d, int64_t at, const struct edetect_count *again)
{
    const struct edetect was = *d;
    struct edetect_count left = {.n = was.base.n > again->n ? was.base.n - again->n : 0};
    left.sum = fmin(fmax(0, was.base.sum - again->sum), (double)left.n);
    left.sum_sq = fmin(fmax(0, was.base.sum_sq - again->sum_sq), left.sum);
    edetect_init_with(d, (enum edetect_kind)was.kind, was.arl, at, &left);
    d->base = was.base;
    d->base_mean = was.base_mean;
    d->base_var = was.base_var;
    memcpy(d->bound, was.bound, sizeof d->bound);
    memcpy(d->nats_bad, was.nats_bad, sizeof d->nats_bad);
    memcpy(d->nats_good, was.nats_good, sizeof d->nats_good);
}

static bool count_valid(const struct edetect_count *c)
{
    return c->sum >= 0 && c->sum <= (double)c->n && c->sum_sq >= 0 && c->sum_sq <= (double)c->n;
}

bool edetect_valid(const struct edetect *d)
{
    bool good = d->version == VERSION && d->kind <= EDETECT_SCORE && d->arl >= 1 && d->mark_count <= EDETECT_MARKS && d->own_base <= 1 &&
                d->alarmed <= 1 && count_valid(&d->base) && count_valid(&d->all) && mean_bound_valid(&d->own) &&
                (isnan(d->base_mean) || d->base_var > 0);
    for (int s = 0; good && s < EDETECT_SIDES; s++) {
        good = isnan(d->bound[s]) == isnan(d->base_mean) && !(d->bound[s] < 0 || d->bound[s] > 1);
        for (int k = 0; good && k < EDETECT_ALTERNATIVES; k++)
            good = d->r[s][k] >= 0 && isfinite(d->r[s][k]) && isfinite(d->nats_bad[s][k]) && isfinite(d->nats_good[s][k]);
    }
    for (uint32_t i = 0; good && i < d->mark_count; i++) {
        const struct edetect_count *c = &d->marks[i].before;
        good = count_valid(c) && c->n <= d->all.n && (i == 0 || (c->n >= d->marks[i - 1].before.n && d->marks[i].at >= d->marks[i - 1].at));
    }
    return good;
}

double edetect_arl(double streams, double samples, double alarms)
{
    return streams * samples / alarms;
}

/* Keeps of the marks those that stand apart by a share of their age, so that they reach back for ever; half of them at most. */
static void thin_marks(struct edetect *d)
{
    for (double share = 0.01; d->mark_count > EDETECT_MARKS / 2; share *= 1.5) {
        uint32_t kept = 1;
        for (uint32_t i = 1; i < d->mark_count; i++) {
            const struct edetect_mark *m = &d->marks[i];
            double age = (double)(d->all.n - m->before.n), gap = (double)(m->before.n - d->marks[kept - 1].before.n);
            if (gap > share * age || i + 1 == d->mark_count)
                d->marks[kept++] = *m;
        }
        d->mark_count = kept;
    }
}

static void mark(struct edetect *d, int64_t at)
{
    const int64_t before = d->fed_at;
    d->fed_at = at;
    if (isnan(d->base_mean)) {
        d->begun_at = at;
        return;
    }
    if (d->mark_count == EDETECT_MARKS)
        thin_marks(d);
    const bool is_with_last = d->mark_count > 0 && before == at; /* told at the same time by several */
    d->marks[d->mark_count] = (struct edetect_mark){at, is_with_last ? d->marks[d->mark_count - 1].since : before, d->all};
    d->mark_count++;
}

/* One batch may prove more than a number holds: it is told as a number all the same. */
static const double most_evidence = 1e300;

/* Each direction has half of the budget. */
static double alarm_level(const struct edetect *d)
{
    return EDETECT_SIDES * d->arl;
}

/* Smaller bets on scores would be for changes that take millions of samples, and lose so slowly that they speak for a drift all the
 * time. */
static int alternatives(const struct edetect *d)
{
    return d->kind == EDETECT_BINARY ? EDETECT_ALTERNATIVES : EDETECT_ALTERNATIVES_SCORE;
}

static double evidence(const struct edetect *d, enum edetect_side side)
{
    double sum = 0;
    for (int k = 0; k < alternatives(d); k++)
        sum += d->r[side][k] / alternatives(d);
    return sum;
}

static void judge(struct edetect *d)
{
    for (int s = 0; s < EDETECT_SIDES; s++)
        d->alarmed |= evidence(d, (enum edetect_side)s) >= alarm_level(d);
}

double edetect_evidence(const struct edetect *d, enum edetect_side side)
{
    return fmax(0, log(evidence(d, side)) / log(alarm_level(d)));
}

/* Without a change the evidence is that of as many samples on average, which of rare ones is half of the way to the alarm line. */
static bool is_suspected(const struct edetect *d, enum edetect_side side)
{
    static const double times = 20, way = 0.5;
    return evidence(d, side) >= times * (double)d->all.n && edetect_evidence(d, side) >= way;
}

/* The baseline taken from the samples grows with them while nothing is suspected: to all there are, whenever they have become twice as
 * many. */
static bool grows(const struct edetect *d)
{
    return d->own_base && d->all.n >= 2 * d->base.n && !is_suspected(d, EDETECT_RISE) && !is_suspected(d, EDETECT_FALL);
}

void edetect_feed_binary(struct edetect *d, int64_t at, uint64_t n, uint64_t bad)
{
    bool was_thin = isnan(d->base_mean);
    if (d->alarmed || n == 0)
        return;
    mark(d, at);
    d->all.n += n;
    d->all.sum += (double)bad;
    d->all.sum_sq += (double)bad;
    if (!was_thin) {
        for (int s = 0; s < EDETECT_SIDES; s++)
            for (int k = 0; k < EDETECT_ALTERNATIVES; k++)
                d->r[s][k] = fmin(most_evidence,
                                  ((double)n + d->r[s][k]) * exp((double)bad * d->nats_bad[s][k] + (double)(n - bad) * d->nats_good[s][k]));
        judge(d);
    }
    if (d->own_base && (was_thin || grows(d)))
        base_binary(d, d->all.n, (uint64_t)d->all.sum);
}

/* The bets of all scores at once: log(1 + y) >= y - y^2 (-log(1 - c) - c) / c^2 where y >= -c (Fan, Grama, Liu 2015, (4.11)), so that sums
 * of them and of their squares will do. One alone is known. stake: the c, the share of what one has that a score can lose. */
static double gain(double stake, double m0, double sign, uint64_t n, double sum, double sum_sq)
{
    double bet = stake / (sign > 0 ? m0 : 1 - m0), off = sign * (sum - (double)n * m0);
    if (n == 1)
        return 1 + bet * off;
    double sq = fmax(0, sum_sq - 2 * m0 * sum + (double)n * m0 * m0);
    return exp(bet * off - sq * bet * bet * (-log1p(-stake) - stake) / (stake * stake));
}

void edetect_feed_score(struct edetect *d, int64_t at, double score)
{
    edetect_feed_scores(d, at, 1, score, score * score);
}

void edetect_feed_scores(struct edetect *d, int64_t at, uint64_t n, double sum, double sum_sq)
{
    static const double most = 0.99;
    bool was_thin = isnan(d->base_mean);
    if (d->alarmed || n == 0)
        return;
    mark(d, at);
    d->all.n += n;
    d->all.sum += sum;
    d->all.sum_sq += sum_sq;
    mean_bound_add_many(&d->own, n, sum, sum_sq);
    for (int s = 0; !was_thin && s < EDETECT_SIDES; s++) {
        double sign = s == EDETECT_RISE ? 1 : -1;
        for (int k = 0; k < EDETECT_ALTERNATIVES_SCORE; k++)
            d->r[s][k] = fmin(most_evidence, ((double)n + d->r[s][k]) * gain(ldexp(most, -k), d->bound[s], sign, n, sum, sum_sq));
    }
    if (!was_thin)
        judge(d);
    if (d->own_base && (was_thin || grows(d)))
        base_score(d, &d->own);
}

enum edetect_state edetect_state(const struct edetect *d)
{
    return d->alarmed ? EDETECT_DRIFT : isnan(d->base_mean) ? EDETECT_THIN : EDETECT_WATCHING;
}

/* Log likelihood of what came before a change: n outcomes of one unknown rate (Jeffreys' prior), or scores of one unknown mean. */
static double before_nats(const struct edetect *d, double n, double sum)
{
    if (d->kind == EDETECT_BINARY)
        return lgamma(sum + 0.5) + lgamma(n - sum + 0.5) - lgamma(n + 1);
    double off = sum - n * d->base_mean;
    return n > 0 ? off * off / n / (2 * d->base_var) - 0.5 * log(n) : 0;
}

/* And of what came since: a rate that is any of the alternatives, or again one mean. */
static double since_nats(const struct edetect *d, enum edetect_side side, double n, double sum)
{
    double each[EDETECT_ALTERNATIVES], most = -(double)INFINITY, all = 0;
    if (d->kind == EDETECT_SCORE)
        return before_nats(d, n, sum);
    for (int k = 0; k < EDETECT_ALTERNATIVES; k++) {
        double p1 = alternative(d->base_mean, side, k);
        each[k] = sum * log(p1) + (n - sum) * log1p(-p1);
        most = fmax(most, each[k]);
    }
    for (int k = 0; k < EDETECT_ALTERNATIVES; k++)
        all += exp(each[k] - most);
    return most + log(all);
}

/* How likely the change came at a mark: what was before it is the baseline's, what came since is not. */
static double mark_nats(const struct edetect *d, enum edetect_side side, uint32_t i)
{
    const struct edetect_count *c = &d->marks[i].before;
    double n = (double)c->n, sum = c->sum;
    if (!d->own_base) {
        n += (double)d->base.n;
        sum += d->base.sum;
    }
    return before_nats(d, n, sum) + since_nats(d, side, (double)(d->all.n - c->n), d->all.sum - c->sum);
}

/* Of every mark: how likely the change came there, as a logarithm; returns the likeliest. */
static uint32_t all_nats(const struct edetect *d, enum edetect_side side, double nats[EDETECT_MARKS])
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < d->mark_count; i++) {
        const struct edetect_count *c = &d->marks[i].before;
        double mean = (d->all.sum - c->sum) / (double)(d->all.n - c->n);
        nats[i] = (side == EDETECT_RISE) == (mean > d->base_mean) ? mark_nats(d, side, i) : -(double)INFINITY;
        at = nats[i] > nats[at] ? i : at;
    }
    return at;
}

static enum edetect_side alarm_side(const struct edetect *d)
{
    return evidence(d, EDETECT_RISE) >= evidence(d, EDETECT_FALL) ? EDETECT_RISE : EDETECT_FALL;
}

/* The mark of a time: the first that is not before it, else the last. */
static uint32_t mark_at(const struct edetect *d, int64_t at)
{
    uint32_t i = 0;
    while (i + 1 < d->mark_count && d->marks[i].at < at)
        i++;
    return i;
}

double edetect_onset_nats(const struct edetect *d, int64_t at)
{
    double nats[EDETECT_MARKS];
    if (!d->alarmed || d->mark_count == 0 || at < d->begun_at)
        return -(double)INFINITY;
    const double most = nats[all_nats(d, alarm_side(d), nats)];
    return nats[mark_at(d, at)] - most;
}

static int64_t after(const struct edetect_mark *m)
{
    return m->since != INT64_MIN ? m->since : m->at;
}

static void count_since(const struct edetect *d, uint32_t i, struct edetect_alarm *al)
{
    const struct edetect_count *before = &d->marks[i].before;
    al->since = (struct edetect_count){d->all.n - before->n, d->all.sum - before->sum, fmax(0, d->all.sum_sq - before->sum_sq)};
    al->after = al->since.sum / (double)al->since.n;
    al->onset_after = after(&d->marks[i]);
}

void edetect_alarm_from(const struct edetect *d, int64_t at, struct edetect_alarm *al)
{
    al->onset = at;
    count_since(d, mark_at(d, at), al);
}

bool edetect_alarm(const struct edetect *d, struct edetect_alarm *ret)
{
    static const double outside = 0.0025; /* of the chance, on either side: with 0.025 and 0.01 too few intervals held the truth (0013) */
    double nats[EDETECT_MARKS], sum = 0, below = 0;
    uint32_t lo = 0, hi = 0;
    if (!d->alarmed || d->mark_count == 0)
        return false;
    const enum edetect_side side = alarm_side(d);
    const uint32_t at = all_nats(d, side, nats);
    const double most = nats[at];
    /* A mark stands for all that came until the next. */
    for (uint32_t i = 0; i < d->mark_count; i++) {
        uint64_t next = i + 1 < d->mark_count ? d->marks[i + 1].before.n : d->all.n;
        nats[i] = exp(nats[i] - most) * (double)(next - d->marks[i].before.n);
        sum += nats[i];
    }
    for (uint32_t i = 0; i < d->mark_count; i++) {
        below += nats[i];
        lo += below < outside * sum;
        hi += below < (1 - outside) * sum;
    }
    lo = lo < at ? lo : at;
    hi = hi > at ? hi : at;
    hi += hi + 1 < d->mark_count; /* it may be as late as the next */
    *ret = (struct edetect_alarm){
        .side = side,
        .onset = d->marks[at].at,
        .onset_lo = d->marks[lo].at,
        .onset_hi = d->marks[hi].at,
        .onset_lo_after = after(&d->marks[lo]),
        .before = d->base_mean,
    };
    count_since(d, at, ret);
    return true;
}

/* Nats that n samples of p1 bring against p0, at least that much in so many cases. */
static double nats_brought(double p0, double p1, double n, enum edetect_chance chance)
{
    static const double z = 1.281552; /* of 90 % */
    const double each = log(p1 * (1 - p0) / (p0 * (1 - p1))), deviation = fabs(each) * sqrt(n * p1 * (1 - p1));
    return n * cusum_share_nats(p0, p1) - (chance == EDETECT_MOST ? z * deviation : 0);
}

double edetect_visible(const struct edetect *d, enum edetect_side side, double n, enum edetect_chance chance)
{
    double p0 = d->bound[side], lo = 0, hi = 1; /* shares of the way to the end */
    if (d->kind != EDETECT_BINARY || isnan(p0))
        return (double)NAN;
    const double end = side == EDETECT_RISE ? 1 - 1e-9 : 1e-9, needed = log(alarm_level(d));
    if (nats_brought(p0, end, n, chance) < needed)
        return (double)NAN;
    for (int i = 0; i < 60; i++) {
        double way = (lo + hi) / 2;
        if (nats_brought(p0, p0 + way * (end - p0), n, chance) < needed)
            lo = way;
        else
            hi = way;
    }
    return p0 + hi * (end - p0);
}
