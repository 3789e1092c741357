/* SPDX-License-Identifier: MIT */
/* Scores of the past in the order of their own times.
 *
 * How this works: what is older than the newest that its stream has seen was fed when it came, so the detector's marks say nothing of when
 * it changed, nor whether it still is so; and among newer samples it may be no alarm at all. The store has all of it by its time. So at an
 * alarm, or where what came late differs from the baseline, the detector goes back to its baseline and is fed the store's columns from the
 * oldest late one on, however old. Each alarm on that way is held against what came after it: one that is over is an event with its two
 * ends, and the detector goes on from there; at one that lasts it stands. docs/decisions/0013-detectors.md */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse_late.h"
#include "record/analyse_stream.h"

enum {
    DAYS_MAX = 32, /* nothing older is taken in (docs/decisions/0014-scores.md) */
    COLUMNS_MAX = DAYS_MAX * DAYRING_FIVES + 2 * DAYRING_MINUTES,
    READ_BYTES_MAX = 64 << 20,
    AGAIN_MS = 10 * MINUTE_MS, /* without an alarm no sooner than that */
};
static const double late_deviations = 3.3; /* p 1e-3: by chance a reading in vain now and then */

struct column {
    int64_t begin_ms, end_ms;
    struct scored c;
};

struct past {
    struct column *list;
    size_t count;
};

static bool is_of(struct analyser *an, const struct group *g, const struct store_group *of)
{
    return of->dim[DIM_MODEL] == g->b && quality_name(an, NULL, of) == g->a;
}

static enum err read_columns(struct analyser *an, const struct group *g, int64_t t0_ms, int64_t t1_ms, int64_t step_ms, struct past *ret,
                             struct errctx *ctx)
{
    const struct stream *s = g->own;
    const uint32_t model = g->b;
    const int64_t newest_ms = analyse_newest_ms(an);
    struct store_query q = {.signal = SIG_EVAL,
                            .group_by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_JUDGE) | DIM_BIT(DIM_MODEL),
                            .t0_ms = t0_ms,
                            .step_ms = step_ms,
                            .columns = (uint32_t)((t1_ms - t0_ms) / step_ms)};
    struct store_result r;
    struct arena a;
    q.filter.dim[DIM_NAME].ids = &s->name;
    q.filter.dim[DIM_NAME].count = 1;
    q.filter.dim[DIM_MODEL].ids = &model;
    q.filter.dim[DIM_MODEL].count = model != 0;
    enum err e = q.columns > 0 ? analyse_allowed(an, SIG_EVAL, &q.filter.sources, &q.filter.source_count, ctx) : ERR_OK;
    if (e != ERR_OK || q.columns == 0)
        return e;
    arena_init(&a, READ_BYTES_MAX);
    e = store_read(an->st, &q, 1, &a, &r, ctx);
    for (size_t i = 0; e == ERR_OK && i < r.count; i++) {
        for (uint32_t k = 0; is_of(an, g, &r.groups[i]) && k < q.columns && ret->count < COLUMNS_MAX; k++) {
            const struct store_cell *cell = &r.groups[i].cells[k];
            const int64_t begin = t0_ms + k * step_ms, end = begin + step_ms < newest_ms ? begin + step_ms : newest_ms;
            const struct scored c = quality_scored(cell);
            if (cell->n > 0 && c.n > 0)
                ret->list[ret->count++] = (struct column){.begin_ms = begin, .end_ms = end, .c = c};
        }
    }
    arena_fini(&a);
    return e;
}

/* All of one score since then, by five minutes, and the newest by the minute; in scratch. */
static enum err read_past(struct analyser *an, const struct group *g, int64_t from_ms, struct past *ret, struct errctx *ctx)
{
    const int64_t end_ms = (analyse_newest_ms(an) + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS,
                  edge_ms = (end_ms - DAYRING_MINUTES * MINUTE_MS) / STREAM_STEP_MS * STREAM_STEP_MS;
    const int64_t floor_ms = edge_ms - DAYS_MAX * DAY_MS;
    int64_t t_ms = from_ms > floor_ms ? from_ms / STREAM_STEP_MS * STREAM_STEP_MS : floor_ms;
    enum err e = ERR_OK;
    ret->count = 0;
    ret->list = arena_array(&an->scratch, (size_t)((edge_ms > t_ms ? edge_ms - t_ms : 0) / STREAM_STEP_MS) + 2 * DAYRING_MINUTES,
                            sizeof *ret->list);
    if (ret->list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for scores of the past");
    for (; e == ERR_OK && t_ms < edge_ms; t_ms += DAY_MS)
        e = read_columns(an, g, t_ms, t_ms + DAY_MS < edge_ms ? t_ms + DAY_MS : edge_ms, STREAM_STEP_MS, ret, ctx);
    return e == ERR_OK ? read_columns(an, g, edge_ms, end_ms, MINUTE_MS, ret, ctx) : e;
}

/* The day's samples until then, as a ring counts them: of an alarm for the better what is not bad. */
static void ring_of(const struct group *g, const struct past *past, bool better, int64_t until_ms, struct dayring *ret)
{
    const struct stream *s = g->own;
    dayring_init(ret);
    for (size_t i = 0; i < past->count && past->list[i].begin_ms < until_ms; i++) {
        const struct scored *c = &past->list[i].c;
        const double bad = !s->is_score ? (double)c->bad : stream_high_is_good(g) ? (double)c->n - c->sum : c->sum;
        dayring_add_sum(ret, past->list[i].begin_ms, past->list[i].end_ms, c->n, better ? (double)c->n - bad : bad);
    }
}

/* Whether what an alarm found is over, and since when: by the samples until then, when an earlier finding began, or by all. A ring holds a
 * day of them: what began before that is looked at a day after its onset, and half a day later each. */
static bool is_past(const struct group *g, const struct past *past, const struct edetect_alarm *al, struct dayring_back *ret)
{
    const struct stream *s = g->own;
    const bool up = al->side == EDETECT_RISE, better = up != stream_rise_is_bad(g), earlier = al->onset < g->onset_ms;
    const double was = up ? al->before : 1 - al->before;
    const int64_t end_ms = earlier ? g->onset_ms : past->count > 0 ? past->list[past->count - 1].end_ms : al->onset;
    struct dayring ring;
    struct group of = *g;
    of.ring = &ring;
    of.usual = daycount_of(s->d.base.n, was * (double)s->d.base.n, 0);
    of.usual_until_ms = INT64_MAX;
    of.onset_ms = al->onset;
    of.is = up ? al->after : 1 - al->after;
    for (int64_t until_ms = al->onset + DAY_MS; until_ms < end_ms; until_ms += DAY_MS / 2) {
        ring_of(g, past, better, until_ms, &ring);
        if (stream_is_over(&of, ret))
            return true;
    }
    ring_of(g, past, better, end_ms, &ring);
    if (earlier ? stream_back(&of, ret) : stream_is_over(&of, ret))
        return true;
    *ret = (struct dayring_back){.at_ms = g->onset_ms, .error_ms = g->onset_error_ms};
    return earlier;
}

/* Whether an earlier reading told it: what came since moves an onset a little. */
static enum err is_told(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t error_ms, bool *ret, struct errctx *ctx)
{
    struct event *list;
    size_t count;
    char key[64];
    (void)str_format(key, sizeof key, "quality-past:%u:%u:", g->a, g->b);
    *ret = false;
    enum err e = store_events(an->st, onset_ms - error_ms - 1, onset_ms + error_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        *ret |= strncmp(list[i].key, key, strlen(key)) == 0;
    return e;
}

static enum err tell_past(struct analyser *an, const struct group *g, const struct edetect_alarm *al, const struct dayring_back *back,
                          const struct interval *in, struct errctx *ctx)
{
    const int64_t later = al->onset_hi - al->onset_after, sooner = al->onset_after - al->onset_lo_after,
                  most = later > sooner ? later : sooner, error = most > STREAM_STEP_MS ? most : STREAM_STEP_MS;
    const char *rule, *scope, *found = stream_found_text(an, g, al, stream_is_directed(g)),
                              *from = text_beside(an, al->onset_after, back->at_ms), *to = text_beside(an, back->at_ms, al->onset_after),
                              *off = text_duration(an, error), *by = text_duration(an, back->error_ms);
    bool told;
    enum err e = is_told(an, g, al->onset_after, error, &told, ctx);
    if (e != ERR_OK || told)
        return e;
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *id = arena_printf(&an->scratch, "quality-past:%u:%u:%lld", g->a, g->b, (long long)al->onset);
    const char *text =
        found != NULL && from != NULL && to != NULL && off != NULL && by != NULL
            ? arena_printf(&an->scratch, "%s from %s +-%s to %s +-%s, by scores that came late: it is over", found, from, off, to, by)
            : NULL;
    return analyse_event(an, id, EVENT_QUALITY, al->onset_after, in->known_ms, scope, text, ctx);
}

/* What came before the first of the late ones was in its order, and what an earlier finding holds is told. */
static bool is_fed(const struct group *g, const struct column *c, int64_t from_ms)
{
    return c->end_ms > from_ms && !(c->end_ms > g->onset_ms && c->begin_ms < g->ended_ms);
}

/* Back to its baseline; what that holds of what is fed from at_ms on is not to count twice. */
static void rewind_to(const struct group *g, const struct past *past, int64_t at_ms)
{
    struct stream *s = g->own;
    struct scored twice = {.n = 0};
    for (size_t i = 0; i < past->count; i++) {
        const struct column *c = &past->list[i];
        if (is_fed(g, c, at_ms) && c->begin_ms >= s->from_ms && c->end_ms <= s->base_ms)
            stream_add(&twice, &c->c);
    }
    const struct edetect_count again = {twice.n, s->is_score ? twice.sum : (double)twice.bad,
                                        s->is_score ? twice.sum_sq : (double)twice.bad};
    edetect_init_again(&s->d, at_ms, &again);
    s->sum = fmax(0, s->base_sum - twice.sum);
    s->since = (struct scored){.n = 0};
}

bool stream_again_due(const struct group *g, int64_t now_ms)
{
    const struct stream *s = g->own;
    const struct edetect_count *base = &s->d.base;
    const double n = (double)s->late.n, of = (double)base->n,
                 off = n > 0 && of > 0 ? (s->is_score ? s->late.sum : (double)s->late.bad) / n - base->sum / of : 0;
    if (s->is_revised)
        return (g->firing || edetect_state(&s->d) != EDETECT_DRIFT) && stream_revised_due(g, now_ms);
    return s->late_from_ms != 0 && (g->firing ? s->again : edetect_state(&s->d) == EDETECT_WATCHING) &&
           (s->again || (now_ms - s->asked_ms >= AGAIN_MS && fabs(off) > late_deviations * sqrt(s->d.base_var * (1 / n + 1 / of))));
}

/* Feeds it all that is_fed(), until an alarm that lasts. *ret: what became of it. */
enum again { NO_ALARM, ALL_OVER, LASTS };
static enum err feed_past(struct analyser *an, struct group *g, const struct past *past, int64_t from_ms, const struct interval *in,
                          enum again *ret, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct edetect_alarm al;
    struct dayring_back back;
    enum err e = ERR_OK;
    *ret = NO_ALARM;
    rewind_to(g, past, from_ms);
    for (size_t i = 0; e == ERR_OK && i < past->count; i++) {
        const struct column *c = &past->list[i];
        if (!is_fed(g, c, from_ms))
            continue;
        s->at_ms = c->end_ms;
        if (*ret == LASTS) {
            stream_add(&s->since, &c->c);
            continue;
        }
        stream_feed(s, &c->c);
        if (!edetect_alarm(&s->d, &al))
            continue;
        *ret = is_past(g, past, &al, &back) ? ALL_OVER : LASTS;
        if (*ret == LASTS)
            continue;
        e = tell_past(an, g, &al, &back, in, ctx);
        from_ms = back.at_ms > c->end_ms ? back.at_ms : c->end_ms;
        rewind_to(g, past, from_ms);
        s->rested_from_ms = back.at_ms - back.error_ms;
        s->rested_to_ms = from_ms;
    }
    return e;
}

enum err stream_again(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    const bool is_thin = edetect_state(&s->d) == EDETECT_THIN, is_revised = s->is_revised;
    stream_revised_base(s);
    if (is_thin) { /* all of it is its baseline to be */
        s->again = false;
        return stream_save(an, g, s->at_ms, ctx);
    }
    const struct stream was = *s;
    const int64_t day_ms = s->at_ms - DAY_MS > s->base_ms ? s->at_ms - DAY_MS : s->base_ms;
    const int64_t from_ms = s->late_from_ms < day_ms ? s->late_from_ms : day_ms; /* with what the evidence so far is of */
    enum again out;
    struct past past;
    enum err e = read_past(an, g, from_ms, &past, ctx);
    if (e == ERR_OK)
        e = feed_past(an, g, &past, from_ms, in, &out, ctx);
    if (e == ERR_OK && is_revised && out == NO_ALARM && from_ms < day_ms) { /* of what is in its baseline nothing counts twice */
        *s = was;
        e = feed_past(an, g, &past, day_ms, in, &out, ctx);
    }
    if (e != ERR_OK) {
        *s = was; /* not half fed */
        return e;
    }
    if (out == NO_ALARM && !is_revised && edetect_state(&was.d) != EDETECT_DRIFT) /* the evidence of more than a day stays */
        *s = was;
    else
        s->late_from_ms = 0;
    s->again = false;
    s->late = (struct scored){.n = 0};
    s->at_ms = was.at_ms;
    if (out == LASTS)
        return ERR_OK;
    s->alarm_ms = 0;
    an->evidence_due = true;
    return stream_save(an, g, s->at_ms, ctx);
}

enum err stream_again_lasts(struct analyser *an, struct group *g, bool *ret, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct edetect_alarm found, al;
    struct past past;
    *ret = true;
    if (!edetect_alarm(&s->d, &found))
        return ERR_OK;
    const struct stream was = *s;
    stream_revised_base(s);
    const double line = drift_watch_line(&(struct drift_base){.arl = s->d.arl});
    const int64_t day_ms = g->onset_ms - DAY_MS > s->base_ms ? g->onset_ms - DAY_MS : s->base_ms;
    const int64_t from_ms = s->late_from_ms != 0 && s->late_from_ms < day_ms ? s->late_from_ms : day_ms;
    struct group of = *g; /* without the finding, whose time is to be fed as well */
    of.onset_ms = of.ended_ms = 0;
    enum err e = read_past(an, g, from_ms, &past, ctx);
    if (e != ERR_OK) {
        *s = was;
        return e;
    }
    *ret = false;
    rewind_to(&of, &past, from_ms);
    for (size_t i = 0; !*ret && edetect_state(&s->d) != EDETECT_DRIFT && i < past.count; i++) {
        if (!is_fed(&of, &past.list[i], from_ms))
            continue;
        s->at_ms = past.list[i].end_ms;
        stream_feed(s, &past.list[i].c);
        *ret = !edetect_alarm(&s->d, &al) ? edetect_evidence(&s->d, found.side) >= line : al.side == found.side;
    }
    *s = was;
    return ERR_OK;
}
