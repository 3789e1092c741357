/* SPDX-License-Identifier: MIT */
#include "view/vquality.h"

#include <math.h>
#include <string.h>

#include "model/score.h"
#include "view/vfilter.h"
#include "view/vtext.h"

enum { NEVER_BYTES = 600, SPAN_BYTES = VTEXT_MAX + 40 }; /* of the names, several lines of a terminal */

/* "24h", "what was seen (10m or more)" where less than nine tenths of that are known. */
static void span_text(int64_t seen_ms, char out[SPAN_BYTES])
{
    char age[VTEXT_MAX];
    const int64_t ms = seen_ms > 0 ? vread_measured(VSTREAM_DAY_MS, seen_ms) : 0;
    vtext_age(ms, age);
    (void)str_format(out, SPAN_BYTES, ms == VSTREAM_DAY_MS ? "24h" : ms > 0 ? "what was seen (%s or more)" : "what was seen", age);
}

const char *vquality_never(struct arena *a, const struct vquality_row *rows, size_t count, int64_t seen_ms)
{
    char names[NEVER_BYTES] = "", span[SPAN_BYTES];
    size_t told = 0, n = 0;
    for (; told < count; told++) {
        const struct vquality_row *r = &rows[told];
        const bool same = told > 0 && strcmp(r->name, r[-1].name) == 0;
        const char *name = same && r->scope[0] != '\0' ? r->scope : r->label;
        if (!str_format(names + n, NEVER_BYTES - n, "%s%s", told > 0 ? ", " : "", name))
            break;
        n += strlen(names + n);
    }
    names[n] = '\0'; /* without what did not fit */
    span_text(seen_ms, span);
    const char *more = told < count ? arena_printf(a, "%s+%zu more", told > 0 ? ", " : "", count - told) : "";
    return more == NULL ? NULL : count > 0 ? arena_printf(a, "none bad in %s: %s%s", span, names, more) : "";
}

const char *vquality_left(const struct vquality *q)
{
    return q->left == 0 ? ""
                        : arena_printf(q->vr->l->arena, "%lld more streams are not watched: at most %lld of a kind are", (long long)q->left,
                                       (long long)q->most);
}

/* ---- the sentence ---- */

/* Scores and shares of answers: what the budget of false alarms is of. */
static bool is_stream(const struct vquality_row *r)
{
    return (r->kind == QUALITY_SCORE || r->kind == QUALITY_SHARE) && r->state != QUALITY_ENDED;
}

static bool is_ready(const struct vquality_row *r)
{
    return r->state == QUALITY_READY;
}

/* Over the alarm line, and not told yet what it is: it is neither a drift nor none. */
static bool is_crossed(const struct vquality_row *r)
{
    return r->state == QUALITY_WATCHING && r->evidence >= 1;
}

/* Watched by now: a baseline that began anew with other traffic or the better may still be thin. */
static bool is_watched(const struct vquality_row *r)
{
    return (r->state == QUALITY_WATCHING && !is_crossed(r)) || r->state == QUALITY_QUIET ||
           ((r->state == QUALITY_MIX || r->state == QUALITY_BETTER) && !(r->lacks > 0));
}

static size_t count_rows(const struct vquality *q, bool (*is)(const struct vquality_row *))
{
    size_t n = 0;
    for (size_t i = 0; i < q->count; i++)
        n += is_stream(&q->rows[i]) && is(&q->rows[i]);
    return n;
}

static bool is_thin(const struct vquality_row *r)
{
    return !is_watched(r) && !is_crossed(r) && (r->state == QUALITY_THIN || r->state == QUALITY_MIX || r->state == QUALITY_BETTER);
}

static bool is_old(const struct vquality_row *r)
{
    return r->state == QUALITY_STALE;
}

/* Of which it would be known whether they drift, if something were told of them. */
static bool is_silent(const struct vquality_row *r)
{
    return is_old(r) && r->lacks <= 0 && r->base.n > 0;
}

/* Rows that drift, of whatever kind; else streams in a state. */
static size_t count_of(const struct vquality *q, enum quality_state s)
{
    size_t n = 0;
    for (size_t i = 0; i < q->count; i++)
        n += q->rows[i].state == s && (s <= QUALITY_SILENT || is_stream(&q->rows[i]));
    return n;
}

/* "; 1 of 2 canaries quiet": they are in no budget. */
static const char *canaries_text(const struct vquality *q)
{
    size_t all = 0, quiet = 0;
    for (size_t i = 0; i < q->count; i++) {
        all += q->rows[i].kind == QUALITY_CANARY;
        quiet += q->rows[i].kind == QUALITY_CANARY && q->rows[i].state == QUALITY_QUIET;
    }
    return all > 0 ? arena_printf(q->vr->l->arena, "; %zu of %zu %s quiet", quiet, all, all > 1 ? "canaries" : "canary") : "";
}

static const char *value_text(const struct vquality_row *r, const struct vnum *n, const char *none, char out[VTEXT_MAX])
{
    if (isnan(n->v))
        return none;
    if (r->unit == QUALITY_TOKENS)
        vtext_number(n->v, out);
    else
        (void)str_format(out, VTEXT_MAX, fabs(n->v) < 9.995 ? "%.2f%%" : "%.1f%%", n->v);
    return out;
}

/* Under a filter that drift is not judged by, whatever was found is of all, and the value beside it of what the filter names. */
static const char *drift_of_all(const struct vquality *q, const char *found, const char *rest)
{
    const struct vquality_row *r = &q->rows[0];
    struct arena *a = q->vr->l->arena;
    const char *dims = vfilter_dims(a, q->unsplit);
    char now[VTEXT_MAX], n[VTEXT_MAX];
    vtext_count(r->now.n, n);
    if (dims == NULL)
        return NULL;
    const char *own = isnan(r->now.v)
                          ? ""
                          : arena_printf(a, "; what the filter names alone: %s in the last 15m (n %s)", value_text(r, &r->now, "", now), n);
    return own != NULL ? arena_printf(a, "of all, for drift is not split by %s: %s%s%s", dims, found, own, rest) : NULL;
}

/* "90.0% in the last 15m (n 300)", "90.0% in the 15m to 14:10:01Z (n 300)", "no score since 14:03:25Z (16m)" */
static const char *now_text(const struct vquality *q, const struct vquality_row *r)
{
    struct arena *a = q->vr->l->arena;
    char now[VTEXT_MAX], n[VTEXT_MAX];
    const char *of = "the last run";
    if (r->now.n == 0 && is_stream(r)) {
        char span[VTEXT_MAX];
        const char *since = r->told_ms > 0 ? vtext_since(a, r->told_ms, 0, q->vr->cursor_ms) : "",
                   *what = r->kind == QUALITY_SCORE ? "score" : "answer";
        vtext_age(q->axis.columns * q->axis.step_ms, span);
        return since == NULL    ? NULL
               : r->told_ms > 0 ? arena_printf(a, "no %s%s", what, since)
                                : arena_printf(a, "no %s for %s at least", what, span);
    }
    if (r->kind != QUALITY_CANARY) {
        const char *end = r->now.stale && r->told_ms > 0 ? vtext_instant(a, r->told_ms, false) : "";
        if (end == NULL)
            return NULL;
        of = end[0] != '\0' ? arena_printf(a, "the 15m to %s", end) : "the last 15m";
    }
    vtext_count(r->now.n, n);
    return of != NULL ? arena_printf(a, "%s in %s (n %s)", value_text(r, &r->now, "nothing", now), of, n) : NULL;
}

/* "-5.33", "+14.1": three digits, as the tables have it */
static const char *points_text(double v, char out[VTEXT_MAX])
{
    (void)str_format(out, VTEXT_MAX, fabs(v) < 9.995 ? "%+.2f" : "%+.1f", v);
    return out;
}

/* ", -4.80pp since its onset (n 2.1k; 95 % -5.90 to -3.92)", where that is not read in 1h: how large it is, as what was found at the alarm
 * is of few samples; "". */
static const char *size_text(const struct vquality_row *r, struct arena *a)
{
    const bool is_since = !isnan(r->since.points);
    const struct vquality_effect *e = is_since ? &r->since : &r->effect;
    char points[VTEXT_MAX], lo[VTEXT_MAX], hi[VTEXT_MAX], n[VTEXT_MAX];
    vtext_count(e->n, n);
    return isnan(e->points) || isnan(e->lo) || r->unit != QUALITY_PERCENT
               ? ""
               : arena_printf(a, ", %spp %s (n %s; 95 %% %s to %s)", points_text(e->points, points), is_since ? "since its onset" : "in 1h",
                              n, points_text(e->lo, lo), points_text(e->hi, hi));
}

/* "; 3 more drift, 1 silent": of these whether they still do is not known. */
static const char *more_text(const struct vquality *q, size_t drifts)
{
    struct arena *a = q->vr->l->arena;
    const size_t silent = count_of(q, QUALITY_SILENT) - (q->rows[0].state == QUALITY_SILENT), more = drifts - 1 - silent;
    if (silent == 0)
        return more > 0 ? arena_printf(a, "; %zu more drift", more) : "";
    return more > 0 ? arena_printf(a, "; %zu more drift, %zu fell silent", more, silent)
                    : arena_printf(a, "; %zu more fell silent", silent);
}

static const char *drift_sentence(const struct vquality *q, size_t drifts)
{
    const struct vquality_row *r = &q->rows[0];
    struct arena *a = q->vr->l->arena;
    char base[VTEXT_MAX];
    const char *since = vtext_found_since(a, r->finding, q->p->cursor_ms), *more = more_text(q, drifts);

    if (since == NULL || more == NULL)
        return NULL;
    const char *also = r->beside[0] != '\0' ? "; " : "";
    const bool is_apart = r->where_text[0] != '\0' && r->where.what[0] != '\0'; /* the figures first: lines are cut at their end */
    const char *found = is_apart ? arena_printf(a, "%s when found,%s", r->where.what, since) : arena_printf(a, "%s,%s", r->found, since),
               *rest = arena_printf(a, "%s%s%s%s%s", is_apart ? "; " : "", is_apart ? r->where_text : "", more, also, r->beside);
    if (found == NULL || rest == NULL)
        return NULL;
    if (r->of_all)
        return drift_of_all(q, found, rest);
    if (r->kind > QUALITY_CANARY && isnan(r->now.v)) /* its text has the figures */
        return arena_printf(a, "%s%s", found, rest);
    const char *size = size_text(r, a), *now = now_text(q, r);
    if (now != NULL && r->finding->silence != SILENCE_NONE && r->finding->silence != SILENCE_UNASKED) /* said with its onset */
        now = r->now.n == 0 ? "" : arena_printf(a, "%s, ", now);
    else if (now != NULL)
        now = arena_printf(a, "%s%s, ", now,
                           r->now.n == 0 && is_stream(r) ? ", whether it lasts is not known"
                           : r->is_usual                 ? ", no worse than its baseline"
                                                         : "");
    return size == NULL || now == NULL
               ? NULL
               : arena_printf(a, "%s: %sbaseline %s%s%s", found, now, value_text(r, &r->base, "not known", base), size, rest);
}

/* "; watching json_valid gpt-x at 0.62 of the alarm line": the first of a state, and how many more. */
static const char *first_of(const struct vquality *q, enum quality_state s, const char *word)
{
    struct arena *a = q->vr->l->arena;
    const size_t crossed = s == QUALITY_WATCHING ? count_rows(q, is_crossed) : 0, n = count_of(q, s) - crossed;
    size_t i = 0;
    if (n == 0)
        return "";
    while (q->rows[i].state != s || !is_stream(&q->rows[i]) || is_crossed(&q->rows[i]))
        i++;
    const char *more = n > 1 ? arena_printf(a, " +%zu", n - 1) : "";
    const char *at = s == QUALITY_WATCHING ? arena_printf(a, " at %.2f of the alarm line", q->rows[i].evidence) : "";
    const char *size = s == QUALITY_BETTER ? q->rows[i].better : "", *blank = size[0] != '\0' ? " " : "";
    return more != NULL && at != NULL ? arena_printf(a, "; %s %s%s%s%s%s", word, q->rows[i].label, at, blank, size, more) : NULL;
}

/* "faith gpt-x crossed the alarm line and is being looked into; ": the first, and how many more. */
static const char *crossed_text(const struct vquality *q)
{
    struct arena *a = q->vr->l->arena;
    const size_t n = count_rows(q, is_crossed);
    size_t i = 0;
    if (n == 0)
        return "";
    while (!is_stream(&q->rows[i]) || !is_crossed(&q->rows[i]))
        i++;
    return n > 1 ? arena_printf(a, "%s and %zu more crossed the alarm line and are being looked into; ", q->rows[i].label, n - 1)
                 : arena_printf(a, "%s crossed the alarm line and is being looked into; ", q->rows[i].label);
}

/* When the first of the thin ones is complete; 0 = not known. */
static int64_t soonest(const struct vquality *q)
{
    int64_t ms = 0;
    for (size_t i = 0; i < q->count; i++)
        if (!is_old(&q->rows[i]) && q->rows[i].lacks_ms > 0 && (ms == 0 || q->rows[i].lacks_ms < ms))
            ms = q->rows[i].lacks_ms;
    return ms;
}

/* "; none bad in 13 more; on average at most 2 false alarms in 30 d over all 58 that are watched, mixes of finish reasons among them": the
 * budget is of these streams, of those that lists fold, and of what has no row while nothing is found of it. */
static const char *fleet_promise(const struct vquality *q, size_t streams)
{
    struct arena *a = q->vr->l->arena;
    const struct vquality_row *told = NULL;
    for (size_t i = 0; i < q->count; i++)
        if (q->rows[i].streams > 0 && !isnan(q->rows[i].alarms) && (told == NULL || q->rows[i].streams > told->streams))
            told = &q->rows[i];
    const char *more = q->never > 0 ? arena_printf(a, "; none bad in %zu more", q->never) : "";
    if (told == NULL || more == NULL)
        return more;
    return arena_printf(a, "%s; on average at most %g false alarms in 30 d over all %u that are watched%s", more, told->alarms,
                        told->streams,
                        told->streams > streams + q->never && q->p->filter[0] == '\0' ? ", mixes of finish reasons among them" : "");
}

/* Where nothing is watched and nothing can be told: that it is old, or that baselines are not complete. */
static const char *unknown_text(const struct vquality *q, size_t thin)
{
    struct arena *a = q->vr->l->arena;
    const size_t silent = count_rows(q, is_silent), old = silent > 0 ? silent : count_rows(q, is_old);
    const int64_t soon = soonest(q);
    char age[VTEXT_MAX];
    int64_t told_ms = 0;

    vtext_age(soon, age);
    if (count_rows(q, is_ready) > 0)
        return "not known: the first baseline was completed just now, evidence comes once a minute";
    if (silent == 0 && thin > 0)
        return soon > 0 ? arena_printf(a, "not known: no baseline is complete yet, the first in about %s", age)
                        : "not known: no baseline is complete yet";
    for (size_t i = 0; i < q->count; i++)
        if (is_stream(&q->rows[i]) && (silent > 0 ? is_silent(&q->rows[i]) : is_old(&q->rows[i])) && q->rows[i].told_ms > told_ms)
            told_ms = q->rows[i].told_ms;
    const char *since = vtext_since(a, told_ms, 0, q->vr->cursor_ms),
               *rest = thin > 0 ? arena_printf(a, ", %zu too thin to judge", thin) : "";
    return since == NULL || rest == NULL
               ? NULL
               : arena_printf(a, "not known: the data is old, nothing was told%s of %zu %s %s%s", since[0] != '\0' ? since : " lately", old,
                              old > 1 ? "streams" : "stream", silent > 0 ? "with a baseline" : "and no baseline was complete", rest);
}

/* "no drift in 37 of 39 streams, 2 too thin to judge, 1 silent; none bad in 13 more", and what is the matter with some. */
static const char *calm_text(const struct vquality *q, size_t streams, size_t watched, size_t thin, const char *crossed)
{
    struct arena *a = q->vr->l->arena;
    const size_t old = count_rows(q, is_old);
    const char *watching = first_of(q, QUALITY_WATCHING, "watching"), *mixed = first_of(q, QUALITY_MIX, "traffic changed, no model:"),
               *better = first_of(q, QUALITY_BETTER, "better, no drift:");
    const size_t unjudged = count_rows(q, is_ready);
    const char *too_thin = thin > 0 ? arena_printf(a, ", %zu too thin to judge", thin) : "",
               *complete = unjudged > 0 ? arena_printf(a, ", %zu complete and not judged yet", unjudged) : "",
               *silent = old > 0 ? arena_printf(a, ", %zu silent", old) : "", *promise = fleet_promise(q, streams);
    if (watching == NULL || mixed == NULL || better == NULL || too_thin == NULL || complete == NULL || silent == NULL || promise == NULL)
        return NULL;
    return arena_printf(a, "%sno drift in %zu of %zu streams%s%s%s%s%s%s%s", crossed, watched, streams, too_thin, complete, silent,
                        watching, mixed, better, promise);
}

const char *vquality_sentence(const struct vquality *q)
{
    struct arena *a = q->vr->l->arena;
    const size_t drifts = count_of(q, QUALITY_DRIFT) + count_of(q, QUALITY_BACK) + count_of(q, QUALITY_SILENT),
                 watched = count_rows(q, is_watched), thin = count_rows(q, is_thin);
    char span[SPAN_BYTES];
    size_t streams = 0;
    for (size_t i = 0; i < q->count; i++)
        streams += is_stream(&q->rows[i]);

    if (drifts > 0)
        return drift_sentence(q, drifts);
    if (q->unsplit != 0) {
        const char *scores = vread_unsplit_text(q->vr, SIG_EVAL);
        return scores == NULL || scores[0] != '\0'
                   ? arena_printf(a, "not known: scores are %s", scores != NULL ? scores : "")
                   : arena_printf(a, "not known: %s", q->count > 0 ? q->rows[0].missing : "nothing was told");
    }
    const char *canaries = canaries_text(q), *crossed = crossed_text(q), *text;
    if (canaries == NULL || crossed == NULL)
        return NULL;
    span_text(q->never_ms, span);
    if (streams == 0)
        text = q->never > 0 ? arena_printf(a, "no answer was bad in %s", span) : "no score and no share of answers was told";
    else if (watched == 0 && crossed[0] == '\0')
        text = unknown_text(q, thin);
    else
        text = calm_text(q, streams, watched, thin, crossed);
    return text != NULL ? arena_printf(a, "%s%s", text, canaries) : NULL;
}
