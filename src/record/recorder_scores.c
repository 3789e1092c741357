/* SPDX-License-Identifier: MIT */
/* Scores on their way from evaluation systems, and from files that people hand in, to the next commit. */
#include <stdlib.h>
#include <string.h>

#include "record/recorder_int.h"

enum {
    LIVE_SLACK_MS = 60 * 1000, /* what ends more than three intervals and this before now is of the past */
    FILE_ARENA_MAX = 32 << 20,
};

/* What is handed in has no address and no clock of its own. */
static const char own_name[] = "gwtop score";
static const int64_t hour_ms = 60 * 60 * 1000, own_interval_ms = 60 * 1000, own_keep_ms = SCORE_OWN_MS + 24 * hour_ms;

enum err recorder_scores_open(struct feedsource *s, struct errctx *ctx)
{
    const struct config *cfg = s->r->opt.cfg;
    const struct scores_options opt = {.source = s->targets[0].status.id,
                                       .gateway = s->cfg->gateway,
                                       .rules = cfg->scores,
                                       .rule_count = cfg->score_count,
                                       .max_series = s->cfg->max_series,
                                       .keep_ms = s->cfg->revisit_ms + hour_ms};
    return scores_open(s->r->st, &opt, &s->scores, ctx);
}

/* ---- from what was told to batches ---- */

/* Accounts for what was set aside. read_to_ms, file: as of scores_finish. */
static enum err account(struct feedsource *s, int64_t read_to_ms, const char *file, int64_t now_ms, struct errctx *ctx)
{
    struct recorder *r = s->r;
    const int64_t patience_ms = 3 * s->cfg->interval_ms + s->cfg->lag_ms, live_ms = now_ms - patience_ms - LIVE_SLACK_MS;
    int64_t mark_ms, floor_ms;
    struct scores_result res;
    scores_span(s->scores, &mark_ms, &floor_ms);
    enum err e = scores_finish(s->scores, read_to_ms, file, &r->arena, &res, ctx);
    for (size_t i = 0; e == ERR_OK && i < res.count; i++)
        e = recorder_keep(r, &res.batches[i], res.batches[i].t1_ms < live_ms, ctx);
    if (e == ERR_OK && res.count > 0)
        r->unruled |= s->targets[0].signals == 0;
    s->targets[0].signals |= UINT64_C(1) << SIG_EVAL;
    /* at a past cursor it is to be seen that this was not known yet */
    const struct store_late late[] = {
        {s->targets[0].status.id, mark_ms, read_to_ms < live_ms ? read_to_ms : live_ms, now_ms, false},
        {s->targets[0].status.id, res.changed_t0_ms, res.changed_t1_ms, now_ms, true},
    };
    if (e == ERR_OK && mark_ms > 0 && read_to_ms > mark_ms && mark_ms < live_ms)
        e = store_put_late(r->st, &late[0], ctx);
    if (e == ERR_OK && res.changed_t1_ms != 0 && res.changed_t0_ms < now_ms - patience_ms)
        e = store_put_late(r->st, &late[1], ctx);
    return e;
}

/* ---- the sink ---- */

static void sink_span(void *ctx, int64_t *ret_mark_ms, int64_t *ret_floor_ms)
{
    const struct feedsource *s = ctx;
    scores_span(s->scores, ret_mark_ms, ret_floor_ms);
}

static bool sink_score(void *ctx, const struct score_told *score)
{
    struct feedsource *s = ctx;
    enum err e = scores_add(s->scores, score, s->poll_ms, &s->trouble);
    if (e == ERR_LIMIT) { /* more than are held back: these are counted now */
        e = account(s, 0, NULL, s->poll_ms, &s->trouble);
        if (e == ERR_OK)
            e = scores_add(s->scores, score, s->poll_ms, &s->trouble);
    }
    return e == ERR_OK;
}

static bool sink_scores_read(void *ctx, int64_t from_ms, int64_t to_ms)
{
    struct feedsource *s = ctx;
    int64_t mark_ms, floor_ms;
    scores_span(s->scores, &mark_ms, &floor_ms);
    if (mark_ms == 0)
        scores_start(s->scores, from_ms, from_ms);
    /* where some of the stretch was lost on its way to the store, it is still to be read */
    const bool news = !s->unread && (mark_ms == 0 || from_ms == mark_ms);
    s->unread = false;
    return account(s, news ? to_ms : 0, NULL, s->poll_ms, &s->trouble) == ERR_OK;
}

void recorder_scores_sink(struct source_sink *sink)
{
    sink->scores_span = sink_span;
    sink->score = sink_score;
    sink->scores_read = sink_scores_read;
}

void recorder_scores_tell(struct feedsource *s, struct target *t, int64_t now_ms)
{
    const struct scores_status st = scores_status(s->scores, now_ms);
    t->status.series_seen = t->status.series_kept = st.series;
    t->status.series_dropped = st.dropped;
    t->status.warnings = st.warnings;
    (void)str_copy(t->warning, sizeof t->warning, str_of(st.warning));
}

/* ---- what is handed in ---- */

static struct feedsource *own_of(struct recorder *r)
{
    return r->count > r->opt.cfg->source_count ? &r->sources[r->count - 1] : NULL;
}

static enum err open_own(struct recorder *r, struct errctx *ctx)
{
    const uint32_t i = r->opt.cfg->source_count;
    r->own = (struct config_source){.name = own_name,
                                    .kind = SOURCE_OWN,
                                    .url = "",
                                    .gateway = r->opt.cfg->gateway,
                                    .interval_ms = own_interval_ms,
                                    .revisit_ms = own_keep_ms - hour_ms,
                                    .max_series = UINT32_MAX};
    r->count = i + 1;
    r->unruled = true;
    return recorder_open_source(r, i, &r->own, ctx);
}

/* Whether an earlier run had some. */
static enum err was_there(struct recorder *r, bool *ret, struct errctx *ctx)
{
    struct arena a;
    struct source_status *list;
    size_t count;
    arena_init(&a, FILE_ARENA_MAX);
    enum err e = store_sources(r->st, INT64_MAX, &a, &list, &count, ctx);
    *ret = false;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        *ret |= strcmp(list[i].name, own_name) == 0;
    arena_fini(&a);
    return e;
}

/* One line each. What is wrong with one was wrong when it was handed in, or a newer gwtop wrote it: the others count. */
static enum err add_lines(struct feedsource *own, struct str text, int64_t now_ms, struct errctx *ctx)
{
    struct arena a;
    enum err e = ERR_OK;
    arena_init(&a, 1 << 20);
    while (e == ERR_OK && text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        const struct str line = {text.p, end == NULL ? text.n : (size_t)(end - text.p)};
        const struct jsontree *o;
        struct score_told score;
        struct errctx why = {""};
        text = (struct str){line.p + line.n + (end != NULL), text.n - line.n - (end != NULL)};
        arena_reset(&a);
        if (jsontree_parse(line, &a, &o, &why) != ERR_OK || score_from_json(o, now_ms, &score, &why) != ERR_OK)
            scores_warn(own->scores, now_ms, why.text, (struct str){"", 0});
        else
            e = scores_add(own->scores, &score, now_ms, ctx);
    }
    arena_fini(&a);
    return e;
}

static enum err ingest(struct recorder *r, const struct store_score_file *f, int64_t now_ms, struct errctx *ctx)
{
    struct feedsource *own = own_of(r);
    int64_t mark_ms, floor_ms;
    const int64_t to_ms = now_ms - now_ms % STORE_SCORE_SLOT_MS;
    own->poll_ms = now_ms;
    scores_span(own->scores, &mark_ms, &floor_ms);
    if (mark_ms == 0)
        scores_start(own->scores, to_ms, to_ms - own_keep_ms);
    enum err e = add_lines(own, f->text, now_ms, ctx);
    if (e == ERR_OK)
        e = account(own, to_ms, f->name, now_ms, ctx);
    own->poll_ms = 0;
    return e;
}

enum err recorder_scores_ingest(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    struct store_score_file files[STORE_SCORE_FILES];
    struct arena a;
    size_t count = 0;
    bool there = own_of(r) != NULL;
    arena_init(&a, FILE_ARENA_MAX);
    enum err e = store_score_files(r->st, &a, files, &count, ctx);
    if (e == ERR_OK && !there && r->an == NULL) /* at the beginning */
        e = was_there(r, &there, ctx);
    if (e == ERR_OK && own_of(r) == NULL && (there || count > 0))
        e = open_own(r, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = ingest(r, &files[i], now_ms, ctx);
    arena_fini(&a);
    struct feedsource *own = own_of(r);
    if (e == ERR_OK && own != NULL && (count > 0 || now_ms - own->heard_ms >= own_interval_ms))
        recorder_answered(r, own, now_ms);
    return e;
}

/* ---- after a commit ---- */

enum err recorder_scores_settle(struct recorder *r, bool good, struct errctx *ctx)
{
    const bool kept = recorder_is_kept(r), back = kept && !r->kept;
    enum err e = ERR_OK;
    r->kept = kept;
    if (good && !back)
        return ERR_OK;
    store_scores_clear(r->st);
    for (uint32_t i = 0; e == ERR_OK && i < r->count; i++) {
        if (r->sources[i].scores == NULL)
            continue;
        e = scores_reload(r->sources[i].scores, ctx);
        r->sources[i].unread = true;
    }
    return e;
}
