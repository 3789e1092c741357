/* SPDX-License-Identifier: MIT */
/* Where a drift is: in one route, team, key or deployment alone, or in each of them (analysis/strata.h). At the alarm there are often too
 * few samples to tell, so it is asked again every five minutes, for as long as the finding settles; and whether it is other traffic until
 * that is known, the more seldom the older it is. */
#include <math.h>
#include <string.h>

#include "record/analyse_stream.h"

enum { FOUND_BYTES_MAX = 64 << 10, SETTLE_MS = 3 * HOUR_MS };

/* A share of bad ones, as it is shown. */
static double shown(const struct group *g, double bad)
{
    const struct stream *s = g->own;
    return s->share == NULL && stream_high_is_good(g) ? 1 - bad : bad;
}

static enum drift_where word_of(enum strata_where_word w)
{
    switch (w) {
    case STRATA_SOME: return DRIFT_WHERE_SOME;
    case STRATA_MOSTLY: return DRIFT_WHERE_MOSTLY;
    case STRATA_ALL: return DRIFT_WHERE_ALL;
    case STRATA_UNTOLD: break;
    }
    return DRIFT_WHERE_UNKNOWN;
}

/* SOME before MOSTLY before ALL; of two alike the one that holds more. */
static bool is_more(enum drift_where word, double part, const struct drift_found *than)
{
    if (than->where == DRIFT_WHERE_UNKNOWN || word == DRIFT_WHERE_UNKNOWN)
        return word != DRIFT_WHERE_UNKNOWN;
    return word != than->where ? word < than->where : part > than->part;
}

enum err analyse_where(struct analyser *an, const struct group *g, enum dim dim, const struct stratum *list, const uint32_t *ids,
                       size_t count, double usual, double tests, struct drift_found *best, struct errctx *ctx)
{
    struct strata_where w;
    struct drift_found f = {.onset_ms = best->onset_ms, .what = best->what, .beside = best->beside, .class = best->class, .dim = dim};
    if (!strata_where(list, count, usual, tests, &w) || !is_more(word_of(w.word), w.part, best))
        return ERR_OK;
    for (size_t i = 0; i < w.count; i++)
        if (ids[w.at[i]] == TRAFFIC_REST)
            return ERR_OK;
    f.where = word_of(w.word);
    f.was = shown(g, w.was);
    f.is = shown(g, w.is);
    f.n = w.n;
    f.part = w.part;
    f.parts = (uint32_t)w.parts;
    f.all = (uint32_t)w.all;
    for (size_t i = 0; i < w.count; i++) {
        const char *name = ids[w.at[i]] != 0 ? text_string(an, ids[w.at[i]]) : "not told";
        if (name == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
        f.names[f.name_count++] = name;
    }
    *best = f;
    return ERR_OK;
}

const char *analyse_where_add(struct analyser *an, const char *found, const struct drift_found *f)
{
    const char *where = drift_where_text(f, &an->scratch);
    return where == NULL ? NULL : where[0] != '\0' ? arena_printf(&an->scratch, "%s, %s", found, where) : found;
}

const char *analyse_found_text(struct analyser *an, const struct drift_found *f)
{
    const char *found = analyse_where_add(an, f->what, f);
    return found != NULL && f->beside[0] != '\0' ? arena_printf(&an->scratch, "%s; %s", found, f->beside) : found;
}

static const char *note_of(struct analyser *an, const struct group *g)
{
    const char *rule, *scope;
    stream_finding(an, g->a, g->b, &rule, &scope);
    return rule != NULL && scope != NULL ? arena_printf(&an->scratch, DRIFT_FOUND_NOTE, rule, scope) : NULL;
}

enum err analyse_found_put(struct analyser *an, const struct group *g, const struct drift_found *f, int64_t known_ms, struct errctx *ctx)
{
    struct buf text;
    struct drift_found of = *f;
    const char *name = note_of(an, g);
    of.onset_ms = g->onset_ms;
    buf_init(&text, FOUND_BYTES_MAX);
    enum err e = name != NULL ? drift_found_write(&of, &text) : ERR_NOMEM;
    if (e == ERR_OK)
        e = store_put_note(an->st, name, known_ms, buf_str(&text), ctx);
    else
        (void)errctx_set(ctx, e, "out of memory while writing down where a drift is");
    buf_fini(&text);
    return e;
}

/* What was told of this finding, maybe by an earlier run; *ret_found false where nothing was. */
static enum err read_told(struct analyser *an, const struct group *g, struct drift_found *ret, bool *ret_found, struct errctx *ctx)
{
    struct str text;
    const char *name = note_of(an, g);
    enum err e = name != NULL ? store_note(an->st, name, INT64_MAX, &an->scratch, &text) : ERR_NOMEM;
    if (e == ERR_OK)
        e = drift_found_read(text, &an->scratch, ret, NULL);
    *ret_found = e == ERR_OK && ret->onset_ms == g->onset_ms;
    if (e == ERR_NOTFOUND || e == ERR_PARSE)
        return ERR_OK;
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "where a drift is cannot be read");
}

/* f->beside NULL: as it was told. The finding's text with the place in its first clause, instead of the one where most of it was; where it
 * is one to look at and none was told, an event. Names may hold whatever sentences are made of, so none is taken apart: one of a build that
 * did not keep its parts stays as it is. */
static enum err tell_where(struct analyser *an, const struct detector *d, struct group *g, struct drift_found *f, const struct interval *in,
                           struct errctx *ctx)
{
    struct stream *s = g->own;
    struct drift_found told;
    bool found;
    const char *rule, *scope;
    enum err e = read_told(an, g, &told, &found, ctx);
    if (e != ERR_OK || !found || told.what[0] == '\0')
        return e;
    f->what = told.what;
    f->from_ms = told.from_ms;
    f->to_ms = told.to_ms;
    f->undecided = s->undecided;
    f->asked_ms = in->t1_ms;
    f->beside = f->beside != NULL ? f->beside : told.beside;
    stream_finding(an, g->a, g->b, &rule, &scope);
    const char *text = analyse_found_text(an, f);
    const char *id = arena_printf(&an->scratch, "where:%u:%u:%lld", g->a, g->b, (long long)g->onset_ms);
    const bool is_event = s->where == DRIFT_WHERE_UNKNOWN && f->where != DRIFT_WHERE_UNKNOWN && f->where != DRIFT_WHERE_ALL;
    if (text == NULL || id == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down where a drift is");
    s->where = f->where;
    e = is_event ? analyse_event(an, id, EVENT_QUALITY, g->onset_ms, in->known_ms, scope, text, ctx) : ERR_OK;
    if (e == ERR_OK)
        e = group_retell(an, d, g, text, in, ctx);
    return e == ERR_OK ? analyse_found_put(an, g, f, in->known_ms, ctx) : e;
}

bool analyse_where_is_final(const struct traffic *t)
{
    return !t->has_parts || t->found.where == DRIFT_WHERE_SOME || t->found.where == DRIFT_WHERE_ALL;
}

/* What is known by now of a finding that may be other traffic: all of it is, or not. */
static enum err decide(struct analyser *an, const struct detector *d, struct group *g, struct traffic *t, const struct interval *in,
                       struct errctx *ctx)
{
    struct stream *s = g->own;
    struct drift_found told;
    bool found;
    enum err e = read_told(an, g, &told, &found, ctx);
    s->undecided = false;
    if (e != ERR_OK)
        return e;
    if (traffic_explains(t))
        return stream_explained(an, d, g, found && told.what[0] != '\0' ? told.what : g->text, t, in, ctx);
    if (t->found.where == DRIFT_WHERE_UNKNOWN && found)
        t->found = told;
    t->found.beside = t->text;
    return tell_where(an, d, g, &t->found, in, ctx);
}

/* Nothing is known that was not: when it was asked last, of one that is not decided. */
static enum err tell_asked(struct analyser *an, const struct group *g, const struct interval *in, struct errctx *ctx)
{
    const struct stream *s = g->own;
    struct drift_found told;
    bool found = false;
    enum err e = s->undecided ? read_told(an, g, &told, &found, ctx) : ERR_OK;
    if (e != ERR_OK || !found)
        return e;
    told.asked_ms = in->t1_ms;
    return analyse_found_put(an, g, &told, in->known_ms, ctx);
}

/* Every five minutes at first, then the more seldom the older it is: where it is for as long as it settles, and what is not decided until
 * it is, or is over. */
static bool is_due(const struct group *g, int64_t now_ms)
{
    enum { SHARE = SETTLE_MS / STREAM_STEP_MS };
    const struct stream *s = g->own;
    const int64_t age_ms = now_ms - g->since_ms, seldom_ms = age_ms / SHARE;
    const int64_t step_ms = seldom_ms > STREAM_STEP_MS ? seldom_ms : STREAM_STEP_MS;
    return now_ms - s->asked_ms >= step_ms && (age_ms < SETTLE_MS || s->undecided || !s->asked_note);
}

enum err stream_locate(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct stream *s = g->own;
    struct traffic t;
    if ((s->located && !s->undecided) || !is_due(g, in->t1_ms) || an->asked == STREAM_ASKED_AT_ONCE)
        return ERR_OK;
    const int64_t look = 2 + (in->t1_ms - g->since_ms) / STREAM_STEP_MS; /* at most: the alarm was the first */
    s->asked_ms = in->t1_ms;
    an->asked++;
    struct drift_found told;
    bool found = false;
    enum err e = s->asked_note ? ERR_OK : read_told(an, g, &told, &found, ctx);
    s->asked_note = true;
    s->where = found ? told.where : s->where;
    s->undecided = found ? told.undecided : s->undecided;
    s->located = s->where == DRIFT_WHERE_SOME || s->where == DRIFT_WHERE_ALL;
    if (e != ERR_OK || (s->located && !s->undecided))
        return e;
    e = analyse_traffic(an, g, g->onset_ms, in->t1_ms, look, &t, ctx);
    if (in->t1_ms - g->since_ms >= SETTLE_MS) /* of so many looks some say that it is most of it by chance: then it must be all */
        t.mostly = false;
    if (e == ERR_OK && s->undecided && (t.word != TRAFFIC_UNSURE || traffic_explains(&t)))
        return decide(an, d, g, &t, in, ctx);
    s->located = e == ERR_OK && (s->located || analyse_where_is_final(&t));
    if (e != ERR_OK)
        return e;
    return t.found.where != DRIFT_WHERE_UNKNOWN && t.found.where != s->where ? tell_where(an, d, g, &t.found, in, ctx)
                                                                             : tell_asked(an, g, in, ctx);
}
