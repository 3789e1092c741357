/* SPDX-License-Identifier: MIT */
/* How this works: first where, then when. Going back from now, as long as what was spent is more like the present rate than like what is
 * usual at that time of the day, it is of the same rise. When that began is then told by the minutes around it, against the hour before. */
#include <math.h>
#include <stdlib.h>

#include "analysis/burn_int.h"
#include "analysis/rise.h"
#include "analysis/stat.h"

enum { DAY_HOURS = 24, DAYS = 7, AROUND = 1 }; /* hours about the same time of a day, on days before */
/* Of the time around a rise: what is told from, what is usual before that, and what is looked at of it, ever more where less is not beyond
 * doubt. */
enum { SLACK_MS = 15 * BURN_MINUTE_MS, BEFORE_MS = BURN_HOUR_MS, BEFORE_LEAST_MS = 10 * BURN_MINUTE_MS, AFTERS = 3 };
static const int64_t after_ms[AFTERS] = {15 * BURN_MINUTE_MS, BURN_HOUR_MS, 4 * (int64_t)BURN_HOUR_MS};
static const int64_t look_back_ms = 6 * (int64_t)BURN_HOUR_MS; /* at least, and no further where what is usual is not known */
static const double clear = 1.25;                              /* times the usual: less is no other rate */
static const double enough = 7, beyond_doubt = 14;             /* nats: as of a ticket, and of a page */
static const double steadiest = 100;                           /* events in a minute: no rate keeps to better than a tenth for long */

/* What was observed of a minute's ring, the oldest first. */
struct past {
    struct rise_cell *cell; /* n: nanodollars */
    size_t count;
};

static double median(double *list, size_t n)
{
    stat_sort(list, n);
    return n > 0 ? list[n / 2] : (double)NAN;
}

/* What is usual about that time of the day, per ms: the median of the hours of the days before; NaN where none was observed. */
static double usual_at(const struct burn_state *s, int64_t hour)
{
    double seen[DAYS * (2 * AROUND + 1)];
    size_t n = 0;
    for (int64_t day = 1; day <= DAYS; day++) {
        for (int64_t k = -AROUND; k <= AROUND; k++) {
            const int64_t number = hour - day * DAY_HOURS + k;
            const struct burn_hour *h = &s->hour[(number + BURN_HOURS) % BURN_HOURS];
            if (number > 0 && h->number == number && h->count.observed_ms >= BURN_HOUR_MS / 10 * 9)
                seen[n++] = (double)h->count.spent_nusd / (double)h->count.observed_ms;
        }
    }
    return median(seen, n);
}

static struct past past_since(const struct burn_state *s, int64_t from_ms)
{
    const int64_t oldest = s->minute >= BURN_RING ? s->minute - BURN_RING + 1 : 0;
    int64_t first = from_ms > 0 ? from_ms / BURN_MINUTE_MS : 0;
    first = first > oldest ? first : oldest;
    struct past p = {.cell = malloc((size_t)(s->minute - first + 1) * sizeof *p.cell)};
    for (int64_t m = first; p.cell != NULL && m <= s->minute; m++) {
        const struct burn_minute *b = &s->ring[m % BURN_RING];
        const int64_t end = m * BURN_MINUTE_MS + b->end_ms;
        if (b->observed_ms > 0)
            p.cell[p.count++] = (struct rise_cell){.t0_ms = end - b->observed_ms, .t1_ms = end, .n = fmax(0, (double)b->spent_nusd)};
    }
    return p;
}

static double length(const struct rise_cell *c)
{
    return (double)(c->t1_ms - c->t0_ms);
}

/* The median of the minutes: what is usual where no day before tells it. */
static double middle_rate(const struct past *p)
{
    double *rate = malloc((p->count + 1) * sizeof *rate);
    for (size_t i = 0; rate != NULL && i < p->count; i++)
        rate[i] = p->cell[i].n / length(&p->cell[i]);
    const double ret = rate != NULL ? median(rate, p->count) : (double)NAN;
    free(rate);
    return ret;
}

static size_t first_since(const struct past *p, int64_t t_ms)
{
    size_t i = 0;
    while (i < p->count && p->cell[i].t0_ms < t_ms)
        i++;
    return i;
}

/* The first cell of the run that goes at `now` rather than as usual, where that is more; p->count: there is none. An hour that is no more
 * like it ends the run: what was before is of another. */
static size_t locate(const struct burn_state *s, const struct past *p, double now)
{
    const double middle = middle_rate(p);
    double sum = 0, best = 0;
    size_t ret = p->count;
    for (size_t i = p->count; i > 0; i--) {
        const struct rise_cell *c = &p->cell[i - 1];
        double usual = usual_at(s, (c->t1_ms - 1) / BURN_HOUR_MS);
        usual = fmax(isnan(usual) ? middle : usual, now / 1000);
        const double risen = fmax(now, clear * usual); /* where more than now is usual, too */
        sum += c->n * log(risen / usual) - (risen - usual) * length(c);
        if (sum > best) {
            best = sum;
            ret = i - 1;
        }
        if (best > 0 && p->cell[ret].t0_ms - c->t0_ms >= BURN_HOUR_MS)
            break;
    }
    return ret;
}

/* How much money goes together, from how unlike its neighbours a cell is: none that lies around the rise itself. */
static double per_event(const struct rise_cell *cells, size_t count, size_t rise)
{
    double unlike = 0, rates = 0, most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, cells[i].n);
    for (size_t i = 1; i < count; i++) {
        const double a = length(&cells[i - 1]), b = length(&cells[i]), x = cells[i - 1].n / a, y = cells[i].n / b;
        if (i + 2 >= rise && i <= rise + 2)
            continue;
        unlike += (x - y) * (x - y) * a * b / (a + b);
        rates += (x + y) / 2;
    }
    return fmax(rates > 0 ? unlike / rates : 0, fmax(most / steadiest, 1));
}

/* When it began, by the cells around cell `at`; nats 0 where what was before is not known. */
static struct rise refine(const struct past *p, size_t at, int64_t until_ms)
{
    const size_t first = first_since(p, p->cell[at].t0_ms - SLACK_MS - BEFORE_MS), begin = first_since(p, p->cell[at].t0_ms - SLACK_MS);
    struct rise_cell around[RISE_CELLS_MAX];
    double before = 0, observed = 0, now = 0, now_ms = 0;
    size_t n = 0;
    for (size_t i = first; i < begin; i++) {
        before += p->cell[i].n;
        observed += length(&p->cell[i]);
    }
    if (observed < BEFORE_LEAST_MS)
        return (struct rise){.nats = 0};
    for (size_t i = first; i < p->count && n < RISE_CELLS_MAX && p->cell[i].t0_ms < until_ms; i++) {
        around[n++] = p->cell[i];
        now += i >= at ? p->cell[i].n : 0;
        now_ms += i >= at ? length(&p->cell[i]) : 0;
    }
    if (now / now_ms < clear * before / observed)
        return (struct rise){.nats = 0};
    const double money = per_event(around, n, at - first);
    for (size_t i = 0; i < n; i++) {
        around[i].usual = fmax(before / observed, now / now_ms / 1000) * length(&around[i]) / money;
        around[i].n /= money;
    }
    return rise_find(around, n);
}

void burn_onset(const struct burn_state *s, enum slo_window in_long, enum slo_window in_short, int64_t *ret_ms, int64_t *ret_error_ms)
{
    const double usual = usual_at(s, (s->now_ms - 1) / BURN_HOUR_MS);
    const struct burn_bucket *last = &s->sum[in_short];
    const double now = last->observed_ms > 0 ? (double)last->spent_nusd / (double)last->observed_ms : 0;
    int64_t back_ms = slo_window_ms(in_long);
    back_ms = isnan(usual) || back_ms < look_back_ms ? look_back_ms : back_ms;
    *ret_ms = *ret_error_ms = 0;
    if (!(now > 0) || now < clear * usual)
        return;
    struct past p = past_since(s, s->now_ms - back_ms - SLACK_MS - BEFORE_MS);
    const size_t at = p.cell != NULL ? locate(s, &p, now) : 0;
    struct rise r = {.nats = 0};
    for (size_t k = 0; at > 0 && at < p.count && k < AFTERS && r.nats < beyond_doubt; k++)
        r = refine(&p, at, p.cell[at].t0_ms + after_ms[k]);
    free(p.cell);
    if (r.nats < enough)
        return;
    *ret_ms = r.begin_ms;
    *ret_error_ms = r.error_ms;
}
