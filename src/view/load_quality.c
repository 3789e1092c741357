/* SPDX-License-Identifier: MIT */
/* Values are counted from measurements; what drifts, against what and with what promise is read from what the recorder wrote down
 * (view/vdrift.h, view/vfinding.h), for the cursor. Nothing is judged a second time. */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "view/vfilter.h"
#include "view/vfinding.h"
#include "view/vquality.h"
#include "view/vrows.h"
#include "view/vtext.h"

static const int64_t told_ms = 24 * INT64_C(3600000); /* how long it is told that a baseline began anew, for other traffic or the better */

/* ---- a stream's row ---- */

/* Whether another judge gives the same score. Streams of a name stand together. */
static bool has_several_judges(const struct vstreams *v, size_t at)
{
    const struct vstream *s = &v->list[at];
    for (size_t i = at; i < v->count && v->list[i].share == s->share && v->list[i].name == s->name; i++)
        if (v->list[i].judge != s->judge)
            return true;
    for (size_t i = at; i-- > 0 && v->list[i].share == s->share && v->list[i].name == s->name;)
        if (v->list[i].judge != s->judge)
            return true;
    return false;
}

/* Up to when something was told of it: where its source is silent the end of what is read, else the end of the last column that holds a
 * sample. */
static int64_t told_of(const struct vquality *q, size_t at, const struct vquality_row *row)
{
    const struct vstream *s = &q->streams.list[at];
    const int64_t until = q->vr->until_ms[s->share != NULL ? s->share->whole : SIG_EVAL];
    uint32_t c = row->now.n > 0 ? 0 : q->axis.columns;
    if (row->now.n > 0)
        return until;
    while (c > 0 && !(vstream_count(&q->streams, at, VSTREAM_AXIS, c - 1)->n > 0))
        c--;
    const int64_t end = q->axis.t0_ms + c * q->axis.step_ms;
    return c == 0 ? 0 : end < until ? end : until;
}

static double variance(const struct vcount *c)
{
    const double mean = c->sum / c->n;
    return c->sum_sq > 0 ? fmax(0, c->sum_sq / c->n - mean * mean) : mean * (1 - mean); /* not told: the most that it can be */
}

static struct vquality_effect effect_of(const struct vcount *hour, const struct drift_base *b, bool shows_bad)
{
    struct vquality_effect e = {.points = NAN, .lo = NAN, .hi = NAN, .n = (uint64_t)hour->n, .method = b->is_share ? "Newcombe" : "Welch"};
    const uint64_t n = (uint64_t)hour->n;
    if (b->n == 0 || n == 0)
        return e;
    e.points = 100 * (hour->sum / hour->n - b->mean);
    if (b->is_share)
        stat_share_difference(b->n, shows_bad ? b->bad : (double)b->n - b->bad, n, fmin(hour->sum, hour->n), &e.lo, &e.hi);
    else if (b->var > 0)
        stat_mean_difference(b->n, b->mean, b->var, n, hour->sum / hour->n, variance(hour), &e.lo, &e.hi);
    e.lo *= 100;
    e.hi *= 100;
    return e;
}

/* Whether its baseline began anew within the last day, with other traffic or with the better; `otherwise` where it did not. */
static enum quality_state begun_of(const struct vquality *q, const struct drift_base *b, bool has_base, enum quality_state otherwise)
{
    if (!has_base || b->from_ms <= q->p->cursor_ms - told_ms)
        return otherwise;
    return strncmp(b->why, DRIFT_TRAFFIC, strlen(DRIFT_TRAFFIC)) == 0 ? QUALITY_MIX
           : strcmp(b->why, DRIFT_BETTER) == 0                        ? QUALITY_BETTER
                                                                      : otherwise;
}

/* An open drift of which nothing is told: whether it lasts nobody knows. */
static bool is_silent(const struct vquality *q, const struct vquality_row *row)
{
    return row->finding->silent_ms != 0 || (row->now.n == 0 && q->unsplit == 0);
}

static enum quality_state state_of(const struct vquality *q, const struct vquality_row *row, const struct drift_base *b, bool has_base,
                                   bool is_ended)
{
    if (is_ended)
        return QUALITY_ENDED;
    if (row->finding != NULL)
        return is_silent(q, row) ? QUALITY_SILENT : row->finding->ended_ms != 0 ? QUALITY_BACK : QUALITY_DRIFT;
    if (q->unsplit != 0)
        return QUALITY_UNSPLIT;
    if (row->evidence >= 1) /* what is found of it is still to come, however old its samples are */
        return QUALITY_WATCHING;
    if (row->now.stale)
        return QUALITY_STALE;
    if (!has_base || b->lacks > 0)
        return begun_of(q, b, has_base, QUALITY_THIN);
    if (row->now.n == 0)
        return begun_of(q, b, has_base, QUALITY_STALE);
    if (isnan(row->evidence)) /* a baseline that was just completed: evidence comes once a minute */
        return begun_of(q, b, has_base, b->to_ms > q->p->cursor_ms - VDRIFT_RECENT_MS ? QUALITY_READY : QUALITY_STALE);
    return row->evidence >= drift_watch_line(b) ? QUALITY_WATCHING : begun_of(q, b, has_base, QUALITY_QUIET);
}

/* Why what is known of it is old: "no score since 14:03:25Z (16m)". */
static const char *old_text(const struct vquality *q, const struct vquality_row *row)
{
    const char *what = row->now.n > 0 ? "nothing was told" : row->kind == QUALITY_SCORE ? "no score" : "no answer";
    const char *since = vtext_since(q->vr->l->arena, row->told_ms, 0, q->vr->cursor_ms);
    return since == NULL      ? NULL
           : since[0] != '\0' ? arena_printf(q->vr->l->arena, "%s%s", what, since)
                              : arena_printf(q->vr->l->arena, "%s in the last 15m", what);
}

/* "no score since 14:03:25Z (16m), whether it lasts is not known", as all screens have it. */
static const char *silent_text(const struct vquality *q, const struct vquality_row *row)
{
    struct arena *a = q->vr->l->arena;
    const char *silent = row->finding->silent_ms != 0 ? vtext_silent(a, row->finding, q->p->cursor_ms) : old_text(q, row),
               *more = row->finding->silent_ms != 0 ? "" : ", whether it lasts is not known",
               *back = row->finding->ended_ms != 0 ? vtext_back(a, row->finding, q->p->cursor_ms) : "",
               *also = back != NULL && back[0] != '\0' ? ", " : "";
    return silent != NULL && back != NULL ? arena_printf(a, "%s%s%s%s", back, also, silent, more) : NULL;
}

/* Why nothing is known of it. */
static const char *missing_of(const struct vquality *q, struct vquality_row *row, const struct drift_base *b, bool has_base)
{
    const char *dims = q->unsplit != 0 ? vfilter_dims(q->vr->l->arena, q->unsplit) : "";
    const bool is_thin = has_base && b->lacks > 0;
    if (dims == NULL || q->unsplit != 0)
        return dims == NULL           ? NULL
               : row->finding != NULL ? arena_printf(q->vr->l->arena, "of all: drift is not split by %s", dims)
                                      : arena_printf(q->vr->l->arena, "drift is judged of all of it: not split by %s", dims);
    if (!has_base && q->left > 0) {
        const char *left = vquality_left(q);
        return left != NULL ? arena_printf(q->vr->l->arena, "not judged yet, or not watched: %s", left) : NULL;
    }
    if (row->state == QUALITY_SILENT)
        return silent_text(q, row);
    if (row->state == QUALITY_BACK)
        return vtext_back(q->vr->l->arena, row->finding, q->p->cursor_ms);
    if (!has_base)
        return "the recorder has not judged it yet";
    if (row->finding == NULL && row->evidence >= 1)
        return "crossed the alarm line: it is being looked into, or waits for samples that tell its traffic";
    const bool is_old = row->now.n == 0 || row->now.stale;
    const char *lacks = is_thin ? vdrift_lacks(b, is_old ? 0 : (double)row->per_hour, q->vr->l->arena, &row->lacks_ms) : "";
    const char *old = is_old ? old_text(q, row) : "";
    if (is_thin || is_old)
        return lacks == NULL || old == NULL ? NULL : arena_printf(q->vr->l->arena, "%s%s%s", old, is_old && is_thin ? "; " : "", lacks);
    return !isnan(row->evidence)         ? ""
           : row->state == QUALITY_READY ? "the baseline is complete, not judged yet: evidence comes once a minute"
                                         : "no evidence was told in the last 15m";
}

/* Scores are held against all of their baseline, whatever the hour; and against the mix of their traffic where they tell it. */
static const char *blind_of(const struct vquality *q, const struct vstream *s, const struct vquality_row *row)
{
    const struct store *st = q->vr->l->st;
    if (row->kind != QUALITY_SCORE || row->state > QUALITY_WATCHING)
        return "";
    for (size_t i = 0; i < store_series_count(st); i++) {
        const struct series *of = store_series_at(st, i);
        if (of->signal == SIG_EVAL && of->dim[DIM_NAME] == s->name && of->dim[DIM_MODEL] == s->model &&
            (of->dim[DIM_ROUTE] != 0 || of->dim[DIM_TEAM] != 0 || of->dim[DIM_KEY] != 0))
            return "cannot see the hour of the day: a score that has a daily rhythm drifts with it";
    }
    return "cannot see the hour of the day, nor whose traffic it is: no route, team or key in these scores, so a changed mix cannot be "
           "told from "
           "the model";
}

/* A judge of which the last day has no score; of answers it is said where something was found of them. */
static bool is_ended(const struct vquality *q, size_t at, const struct vquality_row *row)
{
    return (q->streams.list[at].share == NULL || (row->finding != NULL && q->unsplit == 0)) &&
           !(vstream_count(&q->streams, at, VSTREAM_DAY, 0)->n > 0);
}

static const char *ended_text(const struct vquality *q, const struct vstream *s, const struct vquality_row *row)
{
    struct arena *a = q->vr->l->arena;
    const char *since = s->last_ms > 0 ? vtext_moment(a, s->last_ms) : "", *drift = "";
    if (row->finding != NULL) {
        const char *at = vtext_moment(a, row->finding->onset_ms), *off = vtext_onset_error(a, row->finding);
        drift = at != NULL && off != NULL ? arena_printf(a, "it drifted since %s%s, whether that lasts is not known: ", at, off) : NULL;
    }
    if (since == NULL || drift == NULL)
        return NULL;
    return s->share != NULL || s->last_ms == 0
               ? arena_printf(a, "%sno %s for a day", drift, s->share != NULL ? "answer" : "score")
               : arena_printf(a, "%sno score since %s or up to 6h before: left out after %d d", drift, since, VSTREAM_KEPT_DAYS);
}

/* How large an open drift is by all that came since its onset, or how far what came since is from a baseline that began anew; of the first
 * that are read, for each takes a reading of its own. */
static enum err since_onset(struct vquality *q, size_t at, struct vquality_row *row, const struct drift_base *b, bool shows_bad,
                            struct errctx *ctx)
{
    enum { READ_MAX = 32 };
    const struct vstream *of = &q->streams.list[at];
    const int64_t until = q->vr->until_ms[of->share != NULL ? of->share->whole : SIG_EVAL];
    struct vstreams v;
    size_t i;
    if (q->since_read == READ_MAX || row->onset.at_ms <= 0 || row->onset.at_ms >= until)
        return ERR_OK;
    q->since_read++;
    struct vread *vr = arena_alloc(q->vr->l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, q->vr->l, q->p, ctx) : vquality_nomem(ctx);
    if (e == ERR_OK && of->model != 0) /* of its model alone: each of many drifts is read by itself */
        e = vfilter_add(q->vr->l, DIM_MODEL, vread_text(q->vr, of->model), &vr->filter);
    if (e != ERR_OK)
        return e;
    vstreams_ask_window(&v, vr, until - row->onset.at_ms);
    e = vread_run(vr, ctx);
    if (e == ERR_OK && vstreams_take(&v) != ERR_OK)
        e = vquality_nomem(ctx);
    if (e == ERR_OK && vstreams_find(&v, of, &i))
        row->since = effect_of(vstream_count(&v, i, VSTREAM_RECENT, 0), b, shows_bad);
    return e;
}

static int64_t hour_from_ms(const struct vquality *q, const struct vstream *s)
{
    return q->vr->until_ms[s->share != NULL ? s->share->whole : SIG_EVAL] - VSTREAM_HOUR_MS;
}

static const int64_t TOLD_MS = 60000; /* evidence comes once a minute */

/* Whether the last 15 minutes are no worse than the baseline, and better than what came since the onset is on the whole: of few samples
 * neither can be told. */
static bool is_usual(const struct vquality *q, size_t at, const struct drift_base *b, bool shows_bad, double since_points)
{
    const struct vquality_effect e = effect_of(vstream_count(&q->streams, at, VSTREAM_RECENT, 0), b, shows_bad);
    return since_points < 0 ? e.hi >= 0 && e.lo > since_points : e.lo <= 0 && e.hi < since_points; /* not of NaN */
}

/* What the recorder says of it. over_ms: when its last finding was closed, 0 = there is none, or it is open. */
static enum err take_base(struct vquality *q, size_t at, const char *rule, const char *scope, int64_t over_ms, struct vquality_row *row,
                          struct errctx *ctx)
{
    struct arena *a = q->vr->l->arena;
    struct drift_base b = {.why = "", .arl = NAN, .alarms = NAN};
    const struct vstream *s = &q->streams.list[at];
    const struct vcount *hour = vstream_count(&q->streams, at, VSTREAM_HOUR, 0);
    bool has_base;
    enum err e = vdrift_base(q->vr->l, q->p->cursor_ms, rule, scope, &b, &has_base, ctx);

    if (e != ERR_OK)
        return e;
    const bool shows_bad = vdrift_shows_bad(&b, s);
    row->per_hour = (uint64_t)llround(vdrift_pace(&b, hour->n, q->vr->until_ms[s->share != NULL ? s->share->whole : SIG_EVAL]));
    row->told_ms = row->now.n > 0 && !row->now.stale                                ? 0
                   : row->finding != NULL && row->finding->silence == SILENCE_SINCE ? row->finding->silent_ms /* as the verdict has it */
                                                                                    : told_of(q, at, row);
    row->evidence = q->unsplit != 0 ? (double)NAN : vdrift_evidence(&q->drifts, q->vr, s->label, s->model);
    if (row->evidence >= 1 && over_ms > q->p->cursor_ms - TOLD_MS) /* told of the finding that is over */
        row->evidence = (double)NAN;
    if (row->finding != NULL && row->evidence < 1 && !is_ended(q, at, row)) /* told before its alarm, of which it is no less */
        row->evidence = 1;
    row->base = (struct vnum){
        .v = has_base && b.n > 0 && q->unsplit == 0 ? 100 * b.mean : (double)NAN, .n = q->unsplit == 0 ? b.n : 0, .unsplit = q->unsplit};
    row->state = state_of(q, row, &b, has_base, is_ended(q, at, row));
    row->now.stale = row->now.stale || (row->now.n == 0 && q->unsplit == 0); /* what it was is not known any more, a drift neither */
    if (row->state == QUALITY_ENDED)
        row->onset = (struct instant_between){.at_ms = 0}; /* no drift of now: its text has it */
    if (row->state == QUALITY_MIX || row->state == QUALITY_BETTER) {
        row->onset = vdrift_begun(&b);
        row->onset.limit_ms = q->p->cursor_ms; /* builds of before told one error of both sides */
    }
    row->missing = row->state == QUALITY_ENDED ? ended_text(q, s, row) : missing_of(q, row, &b, has_base);
    row->blind = blind_of(q, s, row);
    if (row->missing != NULL && row->past[0] != '\0')
        row->missing = row->missing[0] != '\0' ? arena_printf(a, "%s; %s", row->past, row->missing) : row->past;
    const bool is_anew = row->state == QUALITY_MIX || row->state == QUALITY_BETTER;
    if (!is_anew ||
        row->onset.at_ms <= hour_from_ms(q, s)) /* else of the hour a part is what it was before, which the baseline is not of */
        row->effect = effect_of(hour, q->unsplit == 0 ? &b : &(struct drift_base){.is_share = true}, shows_bad);
    if (e == ERR_OK && (row->finding != NULL || (is_anew && isnan(row->effect.points))) && has_base && q->unsplit == 0)
        e = since_onset(q, at, row, &b, shows_bad, ctx);
    if (e != ERR_OK)
        return e;
    row->is_usual = row->state == QUALITY_DRIFT && !row->now.stale && is_usual(q, at, &b, shows_bad, row->since.points);
    row->arl = b.arl;
    row->alarms = b.alarms;
    row->streams = b.streams;
    row->budget_ms = b.to_ms;
    row->lacks = b.lacks;
    if (!has_base || q->unsplit != 0)
        return row->missing != NULL ? ERR_OK : vquality_nomem(ctx);
    if (strncmp(b.why, DRIFT_WITHOUT, strlen(DRIFT_WITHOUT)) != 0) {
        row->base_from_ms = b.from_ms;
        row->base_to_ms = b.to_ms;
    }
    vdrift_usual(&b, (double)row->per_hour * (double)q->axis.step_ms / VSTREAM_HOUR_MS, &row->usual_lo, &row->usual_hi);
    row->detectable = vdrift_visible(&b, shows_bad, (double)row->per_hour, EDETECT_HALF);
    row->detectable_most = vdrift_visible(&b, shows_bad, (double)row->per_hour, EDETECT_MOST);
    row->why = vdrift_why(&b, a);
    row->better = vdrift_better(&b, a);
    return row->missing != NULL && row->why != NULL && row->better != NULL ? ERR_OK : vquality_nomem(ctx);
}

static enum err strip_of(const struct vquality *q, size_t at, struct vstrip *ret)
{
    double *v = vstrip_alloc(q->vr, &q->axis, ret);
    if (v == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < q->axis.columns; c++)
        v[c] = vstream_percent(vstream_count(&q->streams, at, VSTREAM_AXIS, c));
    vstrip_finish(ret, q->axis.columns);
    return ERR_OK;
}

static enum err stream_row(struct vquality *q, size_t at, struct vquality_row *row, struct errctx *ctx)
{
    struct arena *a = q->vr->l->arena;
    const struct vstream *s = &q->streams.list[at];
    const char *name = s->share == NULL ? vread_text(q->vr, s->name) : s->label, *model = vread_text(q->vr, s->model);
    const char *rule = vstream_rule(a, s), *scope = vstream_scope(q->vr, s);

    *row =
        vquality_row_of(s->share == NULL ? QUALITY_SCORE : QUALITY_SHARE, name, s->share == NULL ? vread_text(q->vr, s->judge) : "", model);
    row->label = vquality_label(a, has_several_judges(&q->streams, at) ? s->label : name, model);
    row->now = vstream_num(&q->streams, at, VSTREAM_RECENT);
    if (rule == NULL || scope == NULL || row->label == NULL)
        return vquality_nomem(ctx);
    const struct alert *found = vfinding_of(q->found, q->found_count, "quality", s->label, DIM_MODEL, model);
    enum err e = vquality_find(q, found, row, ctx);
    if (e == ERR_OK)
        e = take_base(q, at, rule, scope, found != NULL && found->state == ALERT_INACTIVE ? found->since_ms : 0, row, ctx);
    if (e == ERR_OK && (strip_of(q, at, &row->strip) != ERR_OK ||
                        vdrift_strip(&q->drifts, q->vr, s->label, s->model, &q->axis, &row->evidence_strip) != ERR_OK))
        return vquality_nomem(ctx);
    return e;
}

/* Nothing that one would look at: it is told now, and of answers none was bad, today and in its baseline. */
static bool is_never_bad(const struct vquality *q, size_t at, const struct vquality_row *row)
{
    return row->kind == QUALITY_SHARE && row->finding == NULL && row->now.n > 0 && !row->now.stale &&
           !(vstream_count(&q->streams, at, VSTREAM_DAY, 0)->sum > 0) && !(row->base.v > 0);
}

/* How much of the last day is known of it; 0 = that is not known, as only some of its sources tell. */
static int64_t seen_ms(const struct vquality *q, size_t at, const struct vquality_row *row)
{
    const struct vcount *day = vstream_count(&q->streams, at, VSTREAM_DAY, 0);
    return row->now.exact != EXACT ? 0 : day->whole_ms < day->bad_ms ? day->whole_ms : day->bad_ms;
}

/* ---- all of them ---- */

static int worst_first(const void *a, const void *b)
{
    const struct vquality_row *x = a, *y = b;
    if (x->state != y->state)
        return x->state < y->state ? -1 : 1;
    if (x->state <= QUALITY_WATCHING && x->evidence != y->evidence && !(isnan(x->evidence) && isnan(y->evidence)))
        return x->evidence > y->evidence || isnan(y->evidence) ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int by_name = strcmp(x->name, y->name);
    by_name = by_name != 0 ? by_name : strcmp(x->scope, y->scope);
    return by_name != 0 ? by_name : strcmp(x->judge, y->judge);
}

/* Each baseline was told with the budget of its time: rows tell the newest that is known, the same on all of a screen. */
static enum err promise_all(struct vquality *q, struct vquality_row *apart)
{
    const struct vquality_row *newest = NULL;
    for (size_t i = 0; i < q->count + q->never; i++) {
        const struct vquality_row *r = i < q->count ? &q->rows[i] : &apart[i - q->count];
        if (r->streams > 0 && (newest == NULL || r->budget_ms > newest->budget_ms))
            newest = r;
    }
    const uint32_t streams = newest != NULL ? newest->streams : 0;
    const double alarms = newest != NULL ? newest->alarms : (double)NAN;
    for (size_t i = 0; i < q->count + q->never; i++) {
        struct vquality_row *r = i < q->count ? &q->rows[i] : &apart[i - q->count];
        if (r->streams == 0)
            continue;
        r->streams = streams;
        r->alarms = alarms;
        r->test = q->unsplit != 0 ? "" : vdrift_promise(r->arl, alarms, streams, q->vr->l->arena);
        if (r->test == NULL)
            return ERR_NOMEM;
        if (r->arl == DRIFT_ARL_FIRST)
            r->arl = (double)NAN;
    }
    return ERR_OK;
}

static enum err read_rows(struct vquality *q, struct view_quality *v, struct errctx *ctx)
{
    struct vquality_canaries canaries;
    enum err e = vquality_canaries_read(q, &canaries, ctx);

    if (e != ERR_OK)
        return e;
    q->rows = arena_array(q->vr->l->arena, q->streams.count + canaries.count + q->found_count + 1, sizeof *q->rows);
    struct vquality_row *apart = arena_array(q->vr->l->scratch, q->streams.count + 1, sizeof *apart);
    if (q->rows == NULL || apart == NULL)
        return vquality_nomem(ctx);
    for (size_t i = 0; e == ERR_OK && i < q->streams.count; i++) {
        struct vquality_row row;
        e = stream_row(q, i, &row, ctx);
        if (e != ERR_OK)
            break;
        if (!is_never_bad(q, i, &row)) {
            q->rows[q->count++] = row;
            continue;
        }
        const int64_t seen = seen_ms(q, i, &row);
        q->never_ms = q->never == 0 || seen < q->never_ms ? seen : q->never_ms;
        apart[q->never++] = row;
    }
    if (e == ERR_OK)
        e = vquality_canary_rows(q, &canaries, ctx);
    if (e == ERR_OK)
        e = vquality_other_rows(q, ctx);
    if (e != ERR_OK)
        return e;
    if (promise_all(q, apart) != ERR_OK)
        return vquality_nomem(ctx);
    qsort(q->rows, q->count, sizeof *q->rows, worst_first);
    qsort(apart, q->never, sizeof *apart, worst_first);
    memcpy(q->rows + q->count, apart, q->never * sizeof *apart);
    v->never_bad = q->never;
    v->never_text = vquality_never(q->vr->l->arena, apart, q->never, q->never_ms);
    v->rows = q->rows;
    v->row_count = q->count + q->never;
    return v->never_text != NULL ? ERR_OK : vquality_nomem(ctx);
}

/* ---- the view ---- */

/* Streams are of a name, a judge and a model, and drift is judged of all of each. */
static uint32_t unsplit_of(const struct store_filter *f)
{
    uint32_t dims = 0;
    for (int d = 0; d < DIM_COUNT; d++)
        if (f->dim[d].count > 0 && d != DIM_NAME && d != DIM_JUDGE && d != DIM_MODEL)
            dims |= DIM_BIT(d);
    return dims;
}

static enum err why_empty(const struct vquality *q, const char **ret)
{
    static const char none[] = "Nothing tells how good answers are. Point a source at an endpoint that exposes evaluation results (profile "
                               "otel-genai: gen_ai_evaluation_*), at Langfuse or Phoenix, or hand scores in with `gwtop score`; shares of "
                               "answers that were filtered, cut or blocked come from gateways and engines.";
    static const char others[] = "No score was recorded of what the filter names in the last 24h.";
    return vread_why_none(q->vr, SIG_EVAL, "Scores are", q->vr->has_series[SIG_EVAL] && q->p->filter[0] != '\0' ? others : none, ret);
}

/* What is not watched, as there is too much of it. */
static enum err read_left(struct vquality *q, struct errctx *ctx)
{
    const struct view_loader *l = q->vr->l;
    struct str text;
    enum err e = store_note(l->st, DRIFT_LEFT_NOTE, q->p->cursor_ms, l->scratch, &text);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "how many streams are not watched cannot be read");
    const char *blank = memchr(text.p, ' ', text.n);
    const size_t n = blank != NULL ? (size_t)(blank - text.p) : 0;
    if (blank == NULL || !str_to_i64((struct str){text.p, n}, &q->left) || !str_to_i64((struct str){blank + 1, text.n - n - 1}, &q->most) ||
        q->left < 0)
        q->left = q->most = 0; /* as if it were not there */
    return ERR_OK;
}

enum err view_load_quality(const struct view_loader *l, const struct view_params *p, struct view_quality *ret, struct errctx *ctx)
{
    struct view_quality v = {.empty_text = "", .sentence = "", .never_text = "", .left_text = "", .sources_text = ""};
    struct vquality q = {.p = p, .vr = arena_alloc(l->arena, sizeof *q.vr)};

    if (q.vr == NULL)
        return vquality_nomem(ctx);
    enum err e = vrows_init(q.vr, l, p, &q.axis, ctx);
    if (e != ERR_OK)
        return e;
    q.unsplit = unsplit_of(&q.vr->filter);
    vstreams_ask(&q.streams, q.vr, VDRIFT_RECENT_MS, &q.axis);
    e = vfindings_load(l, p, &q.found, &q.found_count, ctx);
    if (e == ERR_OK) {
        vquality_levels_ask(&q);
        e = vread_run(q.vr, ctx);
    }
    if (e == ERR_OK && vstreams_take(&q.streams) != ERR_OK)
        e = vquality_nomem(ctx);
    if (e == ERR_OK)
        e = vdrifts_read(q.vr, &q.axis, &q.drifts, ctx);
    if (e == ERR_OK)
        e = read_left(&q, ctx);
    if (e == ERR_OK)
        e = read_rows(&q, &v, ctx);
    if (e == ERR_OK)
        e = vquality_sources(&q, &v, ctx);
    if (e != ERR_OK)
        return e;
    if (v.row_count == 0 && why_empty(&q, &v.empty_text) != ERR_OK)
        return vquality_nomem(ctx);
    if (v.row_count == 0 && v.sources_text[0] != '\0')
        v.empty_text = arena_printf(l->arena, "%s %s", v.empty_text, v.sources_text);
    if (v.row_count > 0)
        v.sentence = vquality_sentence(&q);
    v.left = (uint64_t)q.left;
    v.left_text = vquality_left(&q);
    if (v.sentence == NULL || v.empty_text == NULL || v.left_text == NULL)
        return vquality_nomem(ctx);
    *ret = v;
    return ERR_OK;
}
