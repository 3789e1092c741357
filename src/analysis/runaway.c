/* SPDX-License-Identifier: MIT */
/* How this works: what is fed goes into three rings at once. Half minutes are what is judged, five minutes are the hour before, and an
 * hour that is over is averaged into its hour of the week. */
#include "analysis/runaway.h"

#include <math.h>
#include <string.h>

#include "analysis/rise.h"

enum {
    CELL_MS = 30000,
    FIVE_MS = 300000,
    HOUR_MS = 3600000,
    MINUTE_MS = 60000,
    SKIPPED_FIVES = 2,       /* the newest, which may be what runs away */
    HOUR_LEAST_MS = 1800000, /* of an hour, for it to say what is usual */
    BEFORE_LEAST_MS = 1200000,
    LEAST_REQUESTS = 30, /* in two minutes, for a rate */
    LEAST_SIZED = 20,    /* for what stands per request */
    SAME_LEAST_MS = 2 * MINUTE_MS,
    SAME_LATELY_MS = 15 * MINUTE_MS,
    SAME_INTERVALS = 3,
    LATELY_CELLS = 20,
    LATELY_LEAST_MS = 8 * MINUTE_MS, /* of these ten minutes */
};
static const double jump = 5, back = 2; /* times the usual: reported from, normal below */
static const double longer = 2.5;       /* prompts of both minutes together */
static const double dearer = 1.5;      /* what they must cost, else nobody minds; and of either minute alone: one giant request is no run */
static const double above_busiest = 2; /* times the busiest hour, while the week is not known */
static const double loop = 2, seldom = 0.2; /* fallbacks per request: in an outage each falls back once */
static const double some_fall_back = 0.02;  /* enough of a key's requests to have their price from there */
static const double bunch = 2, unlike = 3;  /* variance of requests, and of what they cost, over that of as many events by themselves */
static const double no_chance = 5;          /* deviations; tried on mornings of 40 keys, the furthest of which came to 4.6 */

void runaway_init(struct runaway *r)
{
    memset(r, 0, sizeof *r);
    r->cell = r->five = r->hour = -1;
}

/* ---- an hour of the week ---- */

/* Rates of an hour are known to a hundredth at best, and there are 500 of them for each key: 6 bits of exponent and 10 of mantissa hold
 * one. 0 is not known, 1 is nothing; what is below 2^-24 per second is nothing, and what is above 2^39 is that. */
enum { PACKED_NOTHING = 1, PACKED_BIAS = 24, PACKED_MANTISSA = 1024 };

static uint16_t packed(double per_s)
{
    int exponent;
    const double mantissa = frexp(per_s, &exponent); /* 0.5 to 1 */
    if (!(per_s > 0) || exponent <= -PACKED_BIAS)
        return PACKED_NOTHING;
    const long code = (exponent + (long)PACKED_BIAS) * PACKED_MANTISSA + lround((mantissa - 0.5) * 2 * PACKED_MANTISSA);
    return code < UINT16_MAX ? (uint16_t)code : UINT16_MAX;
}

static double unpacked(uint16_t code)
{
    return code <= PACKED_NOTHING ? 0 : ldexp(0.5 + code % PACKED_MANTISSA / (2.0 * PACKED_MANTISSA), code / PACKED_MANTISSA - PACKED_BIAS);
}

/* ---- counting ---- */

static uint32_t capped(uint32_t have, uint64_t more)
{
    return more < UINT32_MAX - have ? have + (uint32_t)more : UINT32_MAX;
}

static void add(struct runaway_cell *to, const struct runaway_count *c)
{
    to->requests = capped(to->requests, c->requests);
    to->failed = capped(to->failed, c->failed);
    to->fallbacks = capped(to->fallbacks, c->fallbacks);
    to->observed_ms = capped(to->observed_ms, (uint64_t)c->observed_ms);
    to->cost_nusd += c->cost_nusd;
    to->input_tokens += c->input_tokens;
    to->output_tokens += c->output_tokens;
}

static void sum_up(struct runaway_count *to, const struct runaway_cell *c)
{
    to->requests += c->requests;
    to->failed += c->failed;
    to->fallbacks += c->fallbacks;
    to->observed_ms += c->observed_ms;
    to->cost_nusd += c->cost_nusd;
    to->input_tokens += c->input_tokens;
    to->output_tokens += c->output_tokens;
}

/* Empties what lies between the newest cell of a ring and `to`. */
static void advance(struct runaway_cell *ring, int64_t size, int64_t *newest, int64_t to)
{
    int64_t from = *newest < 0 || to - *newest > size ? to - size : *newest;
    while (from < to)
        ring[++from % size] = (struct runaway_cell){.requests = 0};
    *newest = to;
}

/* The hour is over: its rates, and those of the weeks before with half their weight. */
static void close_hour(struct runaway *r)
{
    const struct runaway_cell *c = &r->this_hour;
    if (r->hour < 0 || c->observed_ms < HOUR_LEAST_MS)
        return;
    struct runaway_hour *h = &r->hours[r->hour % RUNAWAY_HOURS];
    const double s = c->observed_ms / 1000.0, old = h->requests == 0 ? 0 : 0.5, fresh = 1 - old;
    *h = (struct runaway_hour){.requests = packed(fresh * c->requests / s + old * unpacked(h->requests)),
                               .cost_nusd = packed(fresh * (double)c->cost_nusd / s + old * unpacked(h->cost_nusd)),
                               .input_tokens = packed(fresh * (double)c->input_tokens / s + old * unpacked(h->input_tokens)),
                               .tokens = packed(fresh * (double)(c->input_tokens + c->output_tokens) / s + old * unpacked(h->tokens))};
}

/* Follows the run of intervals in which all requests have one size: by chance means are equal once in a while, to the token hardly. */
static void follow_sizes(struct runaway *r, int64_t t0_ms, const struct runaway_count *c)
{
    if (c->requests == 0)
        return;
    uint64_t size = c->input_tokens / c->requests;
    if (size * c->requests != c->input_tokens || size != r->same_size) {
        r->same_size = size * c->requests == c->input_tokens ? size : 0;
        r->same_from_ms = t0_ms;
        r->same_requests = r->same_intervals = 0;
    }
    r->same_requests += c->requests;
    r->same_intervals++;
}

void runaway_feed(struct runaway *r, int64_t t0_ms, int64_t t1_ms, const struct runaway_count *c)
{
    if (t0_ms <= 0 || t1_ms <= t0_ms)
        return;
    int64_t cell = (t1_ms - 1) / CELL_MS, five = (t1_ms - 1) / FIVE_MS, hour = (t1_ms - 1) / HOUR_MS; /* half-open, as everywhere */
    if (r->cell - cell >= RUNAWAY_CELLS)
        return;
    int64_t from = t0_ms > r->now_ms ? t0_ms : r->now_ms;
    struct runaway_count fresh = *c;
    fresh.observed_ms = t1_ms > from ? t1_ms - from : 0; /* time that several sources tell of counts once */
    if (r->first_ms == 0)
        r->first_ms = t0_ms;
    if (cell > r->cell)
        advance(r->cells, RUNAWAY_CELLS, &r->cell, cell);
    if (five > r->five)
        advance(r->fives, RUNAWAY_FIVES, &r->five, five);
    if (hour > r->hour) {
        close_hour(r);
        r->this_hour = (struct runaway_cell){.requests = 0};
        r->hour = hour;
    }
    struct runaway_cell *at = &r->cells[cell % RUNAWAY_CELLS];
    add(at, &fresh);
    at->end_ms = t1_ms - cell * CELL_MS > at->end_ms ? (uint32_t)(t1_ms - cell * CELL_MS) : at->end_ms;
    if (r->five - five < RUNAWAY_FIVES)
        add(&r->fives[five % RUNAWAY_FIVES], &fresh);
    if (hour == r->hour)
        add(&r->this_hour, &fresh);
    follow_sizes(r, t0_ms, c);
    if (t1_ms > r->now_ms)
        r->now_ms = t1_ms;
}

static void forget(struct runaway_cell *ring, int64_t size, int64_t newest, int64_t cell_ms, int64_t t_ms)
{
    for (int64_t i = newest; i >= 0 && i > newest - size; i--)
        if (i * cell_ms < t_ms)
            ring[i % size] = (struct runaway_cell){.requests = 0};
}

void runaway_forget(struct runaway *r, int64_t t_ms)
{
    forget(r->cells, RUNAWAY_CELLS, r->cell, CELL_MS, t_ms);
    forget(r->fives, RUNAWAY_FIVES, r->five, FIVE_MS, t_ms);
    r->this_hour = (struct runaway_cell){.requests = 0};
    memset(r->hours, 0, sizeof r->hours);
    if (t_ms > r->first_ms)
        r->first_ms = t_ms;
}

/* ---- what is usual ---- */

static double per_s(double amount, int64_t ms)
{
    return ms > 0 ? 1000 * amount / (double)ms : 0;
}

static double per_request(double amount, double requests)
{
    return requests > 0 ? amount / requests : (double)NAN;
}

static struct runaway_count hour_before(const struct runaway *r)
{
    struct runaway_count sum = {.requests = 0};
    for (int64_t f = r->five - SKIPPED_FIVES; f > r->five - RUNAWAY_FIVES && f >= 0; f--)
        sum_up(&sum, &r->fives[f % RUNAWAY_FIVES]);
    return sum;
}

static uint64_t answered(const struct runaway_count *c)
{
    return c->requests > c->failed ? c->requests - c->failed : 0;
}

/* Of what was answered: while a key is refused nobody counts its prompts, and what comes back is no longer than before. NaN: not known. */
static double prompt_of(const struct runaway_count *c)
{
    return c->input_tokens > 0 ? per_request((double)c->input_tokens, (double)answered(c)) : (double)NAN;
}

/* fmax that takes NaN for nothing known. */
static void raise_to(double *v, double other)
{
    *v = fmax(*v, other);
}

/* Raises u to the hour of the week and those beside it, when that hour is known. */
static bool raise_to_hour(const struct runaway *r, int64_t hour, struct runaway_usual *u)
{
    if (hour < 1 || r->hours[hour % RUNAWAY_HOURS].requests == 0)
        return false;
    for (int64_t h = hour - 1; h <= hour + 1; h++) {
        const struct runaway_hour *c = &r->hours[h % RUNAWAY_HOURS];
        if (c->requests == 0)
            continue;
        raise_to(&u->requests_per_s, unpacked(c->requests));
        raise_to(&u->nusd_per_s, unpacked(c->cost_nusd));
        raise_to(&u->tokens_per_s, unpacked(c->tokens));
        if (unpacked(c->input_tokens) > 0)
            raise_to(&u->tokens_per_request, per_request(unpacked(c->input_tokens), unpacked(c->requests)));
    }
    return true;
}

static void find_busiest(const struct runaway *r, struct runaway_usual *u)
{
    uint16_t requests = 0, cost = 0; /* as packed: more is more */
    for (int i = 0; i < RUNAWAY_HOURS; i++) {
        requests = r->hours[i].requests > requests ? r->hours[i].requests : requests;
        cost = r->hours[i].cost_nusd > cost ? r->hours[i].cost_nusd : cost;
    }
    u->busiest_per_s = unpacked(requests);
    u->busiest_nusd_per_s = unpacked(cost);
}

/* Of five minutes observed for less than one, nothing is said. */
static void find_peak(const struct runaway *r, struct runaway_usual *u)
{
    for (int64_t f = r->five - SKIPPED_FIVES; f > r->five - RUNAWAY_FIVES && f >= 0; f--) {
        const struct runaway_cell *c = &r->fives[f % RUNAWAY_FIVES];
        if (c->observed_ms < MINUTE_MS)
            continue;
        raise_to(&u->peak_per_s, per_s(c->requests, c->observed_ms));
        raise_to(&u->peak_nusd_per_s, per_s((double)c->cost_nusd, c->observed_ms));
    }
}

bool runaway_usual(const struct runaway *r, struct runaway_usual *ret)
{
    const struct runaway_count before = hour_before(r);
    if (r->first_ms == 0 || r->now_ms - r->first_ms < HOUR_MS || before.observed_ms < BEFORE_LEAST_MS)
        return false;
    struct runaway_usual u = {.requests_per_s = per_s((double)before.requests, before.observed_ms),
                              .nusd_per_s = per_s((double)before.cost_nusd, before.observed_ms),
                              .tokens_per_s = per_s((double)(before.input_tokens + before.output_tokens), before.observed_ms),
                              .tokens_per_request = answered(&before) >= LEAST_SIZED ? prompt_of(&before) : (double)NAN,
                              .fallbacks_per_request = before.requests > 0 ? (double)before.fallbacks / (double)before.requests : 0};
    find_busiest(r, &u);
    find_peak(r, &u);
    u.week_known = raise_to_hour(r, r->hour, &u);
    if (!u.week_known)
        (void)raise_to_hour(r, r->hour - 24, &u);
    *ret = u;
    return true;
}

/* ---- judging ---- */

/* The newest half minutes before *at that together cover a minute; *at moves on. False when there are no such. */
static bool minute_before(const struct runaway *r, int64_t *at, struct runaway_count *ret)
{
    struct runaway_count sum = {.requests = 0};
    for (; *at >= 0 && *at > r->cell - RUNAWAY_CELLS; (*at)--) {
        sum_up(&sum, &r->cells[*at % RUNAWAY_CELLS]);
        if (sum.observed_ms >= MINUTE_MS) {
            (*at)--;
            *ret = sum;
            return true;
        }
    }
    return false;
}

/* Whether requests and spend of the newest ten minutes are below twice the usual. */
static bool is_calm_lately(const struct runaway *r, const struct runaway_usual *u)
{
    struct runaway_count sum = {.requests = 0};
    for (int64_t at = r->cell; at >= 0 && at > r->cell - LATELY_CELLS; at--)
        sum_up(&sum, &r->cells[at % RUNAWAY_CELLS]);
    return sum.observed_ms >= LATELY_LEAST_MS && per_s((double)sum.requests, sum.observed_ms) < back * u->requests_per_s &&
           per_s((double)sum.cost_nusd, sum.observed_ms) < back * u->nusd_per_s;
}

/* Amounts in the newest minute and the one before it, in multiples of what is usual; where that is nothing, anything is infinitely more. */
struct pair {
    double newest, before;
};

static struct pair multiples(double newest, int64_t newest_ms, double before, int64_t before_ms, double usual_per_s)
{
    const double a = per_s(newest, newest_ms), b = per_s(before, before_ms), none = (double)INFINITY;
    return usual_per_s > 0 ? (struct pair){a / usual_per_s, b / usual_per_s} : (struct pair){a > 0 ? none : 0, b > 0 ? none : 0};
}

static bool at_least(struct pair x, double newest, double before)
{
    return x.newest >= newest && x.before >= before;
}

/* Whether what both minutes cost is more than chance makes of the busiest spell so far. A morning rises by as much as a key's busiest hour,
 * and some twenty requests, whose costs are unlike, are twice of that once in some days of 40 keys. */
static bool is_beyond_chance(const struct runaway_usual *u, double nusd, int64_t ms)
{
    const double per_request = u->nusd_per_s / u->requests_per_s,
                 most = fmax(u->busiest_nusd_per_s, u->peak_nusd_per_s) * (double)ms / 1000 / per_request;
    return !(most > 0) || nusd / per_request - most >= no_chance * sqrt(unlike * most);
}

static bool is_same_size(const struct runaway *r)
{
    int64_t for_ms = r->now_ms - r->same_from_ms;
    return r->same_size > 0 && r->same_intervals >= SAME_INTERVALS && r->same_requests >= LEAST_SIZED && for_ms >= SAME_LEAST_MS &&
           for_ms <= SAME_LATELY_MS;
}

struct runaway_verdict runaway_judge(const struct runaway *r, const struct runaway_usual *u)
{
    struct runaway_verdict v = {.signs = 0};
    struct runaway_count newest, before;
    int64_t at = r->cell;
    if (!minute_before(r, &at, &newest) || !minute_before(r, &at, &before))
        return v;
    uint64_t requests = newest.requests + before.requests;
    v.minute_ms = newest.observed_ms;
    v.window_ms = newest.observed_ms + before.observed_ms;
    v.requests_per_s = per_s((double)newest.requests, newest.observed_ms);
    v.nusd_per_s = per_s((double)newest.cost_nusd, newest.observed_ms);
    const struct runaway_count both = {
        .requests = requests, .failed = newest.failed + before.failed, .input_tokens = newest.input_tokens + before.input_tokens};
    v.tokens_per_request = prompt_of(&both);
    v.fallbacks_per_request = per_request((double)(newest.fallbacks + before.fallbacks), (double)requests);

    struct pair rate =
        multiples((double)newest.requests, newest.observed_ms, (double)before.requests, before.observed_ms, u->requests_per_s);
    struct pair spend =
        multiples((double)newest.cost_nusd, newest.observed_ms, (double)before.cost_nusd, before.observed_ms, u->nusd_per_s);
    struct pair tokens = multiples((double)(newest.input_tokens + newest.output_tokens), newest.observed_ms,
                                   (double)(before.input_tokens + before.output_tokens), before.observed_ms, u->tokens_per_s);
    /* what ends on a dearer fallback is charged for, and not the key's doing */
    const bool is_moved = u->tokens_per_s > 0 && per_request((double)newest.fallbacks, (double)newest.requests) >
                                                     fmax(some_fall_back, 2 * u->fallbacks_per_request),
               uses_more = !is_moved || at_least(tokens, back, dearer), as_usual = is_moved && tokens.newest < back;
    double prompt = v.tokens_per_request / u->tokens_per_request;
    struct pair prompts = {prompt_of(&newest) / u->tokens_per_request, prompt_of(&before) / u->tokens_per_request};
    struct pair fallbacks = {per_request((double)newest.fallbacks, (double)newest.requests),
                             per_request((double)before.fallbacks, (double)before.requests)};
    double both_spend = multiples((double)(newest.cost_nusd + before.cost_nusd), v.window_ms, 0, 0, u->nusd_per_s).newest;
    double both_rate = multiples((double)requests, v.window_ms, 0, 0, u->requests_per_s).newest;
    bool sized = requests >= LEAST_SIZED;
    bool rate_is_new = u->week_known || v.requests_per_s >= above_busiest * fmax(u->busiest_per_s, u->peak_per_s);
    bool spend_is_new = u->week_known || (v.nusd_per_s >= above_busiest * fmax(u->busiest_nusd_per_s, u->peak_nusd_per_s) &&
                                          is_beyond_chance(u, (double)(newest.cost_nusd + before.cost_nusd), v.window_ms));
    if (requests >= LEAST_REQUESTS && at_least(rate, jump, back) && rate_is_new)
        v.signs |= RUNAWAY_RATE;
    if (sized && at_least(spend, jump, back) && spend_is_new && uses_more)
        v.signs |= RUNAWAY_SPEND;
    if (answered(&both) >= LEAST_SIZED && prompt >= longer && at_least(prompts, dearer, dearer) &&
        (both_spend >= dearer || both_rate >= back))
        v.signs |= RUNAWAY_PROMPT;
    if (requests >= LEAST_REQUESTS && is_same_size(r) && at_least(rate, back, back) && rate_is_new)
        v.signs |= RUNAWAY_SAME;
    if (sized && at_least(fallbacks, loop, loop) && u->fallbacks_per_request <= seldom)
        v.signs |= RUNAWAY_FALLBACK;
    const bool lately = v.signs == 0 && is_calm_lately(r, u), slow = rate.newest < back && (spend.newest < back || as_usual);
    v.is_calm = (slow || lately) && !(prompt >= back) && !(fallbacks.newest >= loop);
    return v;
}

/* ---- the onset ---- */

static const double steadiest = 100; /* events in a half minute: no rate keeps to better than a tenth for long */

/* By which of the signs' counts it is found. */
static double counted(const struct runaway_cell *c, unsigned sign)
{
    return sign == RUNAWAY_RATE ? c->requests : sign == RUNAWAY_FALLBACK ? c->fallbacks : (double)c->cost_nusd;
}

/* Fills cells with what was seen, the oldest first, as numbers of independent events. Returns how many. */
static size_t look_back(const struct runaway *r, unsigned sign, double usual_per_s, struct rise_cell cells[RUNAWAY_CELLS])
{
    size_t count = 0;
    double all = 0, requests = 0, most = 0;
    for (int64_t i = r->cell - RUNAWAY_CELLS + 1; i <= r->cell; i++) {
        const struct runaway_cell *c = &r->cells[(i + RUNAWAY_CELLS) % RUNAWAY_CELLS];
        if (c->observed_ms == 0)
            continue;
        const int64_t end = i * CELL_MS + c->end_ms;
        const double usual = usual_per_s * c->observed_ms / 1000;
        cells[count++] = (struct rise_cell){.t0_ms = end - c->observed_ms, .t1_ms = end, .n = counted(c, sign), .usual = usual};
        all += counted(c, sign);
        requests += c->requests;
        most = fmax(most, counted(c, sign));
    }
    const double per_event = fmax(sign == RUNAWAY_RATE ? bunch : unlike * all / fmax(requests, 1), most / steadiest);
    for (size_t i = 0; i < count; i++) {
        cells[i].n /= fmax(per_event, 1);
        cells[i].usual /= fmax(per_event, 1);
    }
    return count;
}

static struct runaway_onset find_onset(const struct runaway *r, unsigned sign, double usual_per_s, double now_per_s)
{
    struct rise_cell cells[RUNAWAY_CELLS];
    const size_t count = look_back(r, sign, fmax(usual_per_s, now_per_s / 1000), cells);
    const struct rise at = rise_find(cells, count);
    return (struct runaway_onset){at.begin_ms, at.error_ms};
}

struct runaway_onset runaway_onset(const struct runaway *r, const struct runaway_usual *u, const struct runaway_verdict *v)
{
    const bool is_paid = v->nusd_per_s > 0; /* else prompts are told by the requests that came with them */
    if ((v->signs & (RUNAWAY_RATE | RUNAWAY_SAME)) != 0 || ((v->signs & RUNAWAY_PROMPT) != 0 && !is_paid))
        return find_onset(r, RUNAWAY_RATE, u->requests_per_s, v->requests_per_s);
    if ((v->signs & (RUNAWAY_SPEND | RUNAWAY_PROMPT)) != 0)
        return find_onset(r, RUNAWAY_SPEND, u->nusd_per_s, v->nusd_per_s);
    return find_onset(r, RUNAWAY_FALLBACK, u->fallbacks_per_request * u->requests_per_s, v->fallbacks_per_request * v->requests_per_s);
}
