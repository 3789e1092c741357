/* SPDX-License-Identifier: MIT */
/* How this works: every configured source has an adapter whose sink is this file. A poll that the adapter ends becomes items in the
 * arena and one pending batch. Commits take all pending batches, in the order of their ends, through the analysers and into one
 * transaction, and empty the arena. */
#include "record/recorder_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "record/held.h"
#include "record/profile_notes.h"

enum {
    ITEMS_BYTES_MAX = 512 << 20, /* of pending polls: 100,000 series of 40 bytes, a hundred times */
    RULE_MS = 60 * 60 * 1000,    /* between looks at which sources are gone: a day's end need not be met sooner */
    STEPPED_BACK_MS = 5000,      /* a poll that ends less than this before the last one is put right behind it */
};

static struct target *current(struct feedsource *s)
{
    return &s->targets[s->current];
}

static bool sink_begin(void *ctx, struct str key, const struct profile *p, int64_t t_ms, bool backfill)
{
    struct feedsource *s = ctx;
    if (recorder_target(s, key, p, &s->current, &s->trouble) != ERR_OK)
        return false;
    current(s)->heard_ms = s->poll_ms;
    current(s)->gone = false;
    int64_t t = t_ms > 0 ? t_ms : s->poll_ms, last = normalise_last_ms(current(s)->normaliser);
    if (last > 0 && t <= last) {
        if (last - t >= STEPPED_BACK_MS)
            normalise_forget_time(current(s)->normaliser);
        else
            t = last + 1;
    }
    s->backfill = backfill;
    s->stamped = t_ms > 0;
    normalise_begin(current(s)->normaliser, t);
    if (current(s)->versions != NULL)
        versions_begin(current(s)->versions);
    return true;
}

static bool sink_known(void *ctx, struct str series)
{
    struct feedsource *s = ctx;
    return normalise_known(current(s)->normaliser, series) && !versions_wants(current(s)->versions, series);
}

static bool sink_sample(void *ctx, const struct expo_sample *sample)
{
    struct feedsource *s = ctx;
    if (current(s)->versions != NULL)
        versions_see(current(s)->versions, sample);
    return normalise_sample(current(s)->normaliser, sample, &s->trouble) == ERR_OK;
}

static bool sink_histogram(void *ctx, const struct source_histogram *h)
{
    struct feedsource *s = ctx;
    return normalise_histogram(current(s)->normaliser, h, &s->trouble) == ERR_OK;
}

static void sink_type(void *ctx, struct str family, enum expo_type type)
{
    struct feedsource *s = ctx;
    normalise_type(current(s)->normaliser, family, type);
}

static void sink_warning(void *ctx, size_t line, const char *what, struct str text)
{
    struct feedsource *s = ctx;
    if (s->scores != NULL)
        scores_warn(s->scores, s->poll_ms, what, text);
    else if (s->told != NULL)
        recorder_changes_warn(s, what, text);
    else if (s->alerts != NULL)
        recorder_alerts_warn(s, what, text);
    else if (s->target_count > 0 && current(s)->normaliser != NULL)
        normalise_warning(current(s)->normaliser, line, what, text);
}

static void sink_abort(void *ctx)
{
    struct feedsource *s = ctx;
    normalise_abort(current(s)->normaliser);
}

enum err recorder_keep(struct recorder *r, const struct store_batch *batch, bool backfill, struct errctx *ctx)
{
    if (r->pending_count == r->pending_cap) {
        size_t cap = r->pending_cap == 0 ? 64 : r->pending_cap * 2;
        struct pending *list = realloc(r->pending, cap * sizeof *list);
        if (list != NULL)
            r->pending = list;
        struct store_batch *batches = realloc(r->batches, cap * sizeof *batches);
        if (batches != NULL)
            r->batches = batches;
        if (list == NULL || batches == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the polls of this moment");
        r->pending_cap = cap;
    }
    r->pending[r->pending_count++] = (struct pending){.batch = *batch, .backfill = backfill};
    return ERR_OK;
}

/* What a source counted after t0 turned out to be no count: it goes from what waits to be stored, from the store and from the analysers'
 * windows. */
static enum err take_back(struct recorder *r, uint32_t source, int64_t t0_ms, int64_t t1_ms, struct errctx *ctx)
{
    for (size_t i = 0; i < r->pending_count; i++) {
        struct store_batch *b = &r->pending[i].batch;
        if (b->source == source && b->t1_ms > t0_ms && held_gauges(r->st, b, &r->arena, b) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the polls of this moment");
    }
    if (r->an != NULL)
        analyser_taken_back(r->an);
    return store_take_back(r->st, source, t0_ms, t1_ms, ctx);
}

static bool sink_end(void *ctx)
{
    struct feedsource *s = ctx;
    struct recorder *r = s->r;
    struct target *t = current(s);
    struct store_batch batch;
    struct normalise_report rep;
    enum err e = normalise_finish(t->normaliser, &r->arena, &batch, &rep, &s->trouble);
    if (e == ERR_OK && s->stamped && batch.t1_ms <= t->before_ms)
        return true; /* an earlier run stored it; it was read again as the baseline */
    /* Such a page would look like a gateway without traffic for ever. */
    if (e == ERR_OK && !s->stamped && rep.kept == 0 && t->status.series_kept > 0)
        e = errctx_set(&s->trouble, ERR_PARSE, "it answers, but with none of the %lld series that it had",
                       (long long)t->status.series_kept);
    for (size_t i = 0; e == ERR_OK && i < rep.made_good_count; i++)
        e = recorder_keep(r, &rep.made_good[i], s->backfill, &s->trouble);
    if (e == ERR_OK)
        e = recorder_keep(r, &batch, s->backfill, &s->trouble);
    if (e == ERR_OK && rep.taken_back_ms != 0)
        e = take_back(r, t->status.id, rep.taken_back_ms, batch.t1_ms, &s->trouble);
    if (e != ERR_OK) {
        normalise_forget_time(t->normaliser);
        return false;
    }
    recorder_good(r, s, t, &rep, batch.t1_ms);
    return true;
}

static const struct source_sink *sink_of(struct source_sink *sink, struct feedsource *s)
{
    *sink = (struct source_sink){
        .ctx = s,
        .begin = sink_begin,
        .known = sink_known,
        .sample = sink_sample,
        .histogram = sink_histogram,
        .type = sink_type,
        .warning = sink_warning,
        .end = sink_end,
        .abort = sink_abort,
    };
    recorder_scores_sink(sink);
    recorder_changes_sink(sink);
    recorder_alerts_sink(sink);
    return sink;
}

static void free_all(struct recorder *r)
{
    analyser_close(r->an);
    for (uint32_t i = 0; i < r->count; i++) {
        struct feedsource *s = &r->sources[i];
        if (s->source != NULL)
            s->source->ops->close(s->source);
        scores_close(s->scores);
        recorder_changes_close(s);
        recorder_alerts_close(s);
        for (uint32_t k = 0; k < s->target_count; k++)
            recorder_target_fini(&s->targets[k]);
        free(s->targets);
    }
    free(r->sources);
    free(r->sinks);
    free(r->pending);
    free(r->batches);
    arena_fini(&r->arena);
    free(r);
}

/* Tells the adapter up to when an earlier run has stored it. */
static enum err resume(struct feedsource *s, struct errctx *ctx)
{
    int64_t last;
    enum err e = recorder_stored_until(s, &last, ctx);
    if (e == ERR_OK && last > 0)
        s->source->ops->resume(s->source, last);
    return e;
}

enum err recorder_open_source(struct recorder *r, uint32_t i, const struct config_source *cfg, struct errctx *ctx)
{
    struct feedsource *s = &r->sources[i];
    s->r = r;
    s->cfg = cfg;
    const struct source_ops *ops = source_ops_of(cfg->kind);
    enum err e = ops->open(cfg, r->opt.profiles, sink_of(&r->sinks[i], s), &s->source, ctx);
    if (e == ERR_OK) /* shown from the first moment, as never answered */
        e = recorder_target(s, (struct str){"", 0}, NULL, &s->current, ctx);
    if (e == ERR_OK && ops->resume != NULL)
        e = resume(s, ctx);
    if (e == ERR_OK && source_kind_changes(cfg->kind))
        e = recorder_changes_open(s, ctx);
    if (e == ERR_OK && source_kind_alerts(cfg->kind))
        e = recorder_alerts_open(s, ctx);
    return e == ERR_OK && source_kind_scores(cfg->kind) ? recorder_scores_open(s, ctx) : e;
}

static enum err open_sources(struct recorder *r, struct errctx *ctx)
{
    const struct config *cfg = r->opt.cfg;
    r->sources = calloc((size_t)cfg->source_count + 1, sizeof *r->sources);
    r->sinks = calloc((size_t)cfg->source_count + 1, sizeof *r->sinks);
    if (r->sources == NULL || r->sinks == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the sources");
    r->count = cfg->source_count;
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < r->count && e == ERR_OK; i++)
        e = recorder_open_source(r, i, &cfg->sources[i], ctx);
    return e;
}

enum err recorder_open(struct store *st, const struct recorder_options *opt, int64_t now_ms, struct recorder **ret, struct errctx *ctx)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the recorder");
    r->st = st;
    r->opt = *opt;
    r->opened_ms = now_ms;
    r->kept = recorder_is_kept(r);
    arena_init(&r->arena, ITEMS_BYTES_MAX);
    enum err e = open_sources(r, ctx);
    if (e == ERR_OK) /* files that wait, and the source of those that were taken in before */
        e = recorder_scores_ingest(r, now_ms, ctx);
    if (e == ERR_OK) /* the configuration may be another than the last run's */
        e = recorder_put_authorities(r, now_ms, ctx);
    if (e == ERR_OK)
        e = profile_notes_put(st, opt->profiles, now_ms, ctx);
    if (e == ERR_OK)
        e = analyser_open(st, opt->cfg, &r->an, ctx);
    if (e == ERR_OK)
        recorder_go_on(r);
    if (e == ERR_OK)
        e = recorder_commit(r, now_ms, ctx);
    if (e != ERR_OK) {
        free_all(r);
        return e;
    }
    *ret = r;
    return ERR_OK;
}

bool recorder_request(struct recorder *r, uint32_t i, int64_t now_ms, struct source_request *ret)
{
    struct feedsource *s = &r->sources[i];
    if (s->poll_ms == 0)
        s->poll_ms = now_ms;
    *ret = (struct source_request){.url = NULL};
    bool more = s->source->ops->request(s->source, s->poll_ms, ret);
    if (more && ret->file != NULL) {
        ret->again = s->reread;
        s->reread = false;
    }
    if (!more && s->poll_ms != 0)
        recorder_note_end(s);
    s->trouble.text[0] = '\0';
    return more;
}

void recorder_head(struct recorder *r, uint32_t i, const struct source_answer *head)
{
    struct feedsource *s = &r->sources[i];
    s->source->ops->begin(s->source, head);
}

bool recorder_body(struct recorder *r, uint32_t i, const void *bytes, size_t n, struct errctx *reason)
{
    struct feedsource *s = &r->sources[i];
    struct errctx why = {""};
    if (s->source->ops->feed(s->source, bytes, n, &why) == ERR_OK)
        return true;
    *reason = s->trouble.text[0] != '\0' ? s->trouble : why;
    return false;
}

bool recorder_done(struct recorder *r, uint32_t i, const struct http_result *res, int64_t now_ms)
{
    struct feedsource *s = &r->sources[i];
    recorder_note_answer(s, res, now_ms);
    if (res->failed != HTTP_DONE) {
        if (s->source->ops->fail(s->source, res->status))
            return true;
        const char *hint = res->failed == HTTP_STATUS && s->source->ops->hint != NULL ? s->source->ops->hint(s->source, res->status) : NULL;
        struct errctx full;
        errctx_set(&full, ERR_NET, "%s%s%s", res->reason, hint != NULL ? "; " : "", hint != NULL ? hint : "");
        recorder_bad(r, s, full.text, now_ms);
        return false;
    }
    struct errctx why = {""};
    if (s->source->ops->finish(s->source, &why) == ERR_OK) {
        recorder_answered(r, s, now_ms);
        return true;
    }
    struct errctx full;
    errctx_set(&full, ERR_PARSE, "%s: %s", res->url, s->trouble.text[0] != '\0' ? s->trouble.text : why.text);
    recorder_bad(r, s, full.text, now_ms);
    return false;
}

const char *recorder_accept(const struct recorder *r, uint32_t i)
{
    return r->sources[i].source->ops->accept;
}

static int by_end(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->batch.t1_ms != y->batch.t1_ms)
        return x->batch.t1_ms < y->batch.t1_ms ? -1 : 1;
    return (x->batch.source > y->batch.source) - (x->batch.source < y->batch.source);
}

/* What the analyser measured itself is stored with the rest. It is no poll that would be analysed. */
static enum err keep_told(struct recorder *r, struct errctx *ctx)
{
    const struct store_batch *told;
    size_t count;
    enum err e = ERR_OK;
    analyser_told(r->an, &told, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct store_item *items = arena_array(&r->arena, told[i].count, sizeof *items);
        struct store_batch b = told[i];
        if (items == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the evidence of drifts");
        memcpy(items, b.items, b.count * sizeof *items);
        b.items = items;
        e = recorder_keep(r, &b, false, ctx);
        if (e == ERR_OK)
            r->pending[r->pending_count - 1].told = true;
    }
    return e;
}

enum err recorder_analyse(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    size_t from = r->analysed, n = r->pending_count - from;
    if (n == 0)
        return ERR_OK;
    qsort(r->pending + from, n, sizeof *r->pending, by_end);
    r->analysed = r->pending_count;
    enum err e = ERR_OK;
    for (size_t i = 0; i < from; i++)
        r->batches[i] = r->pending[i].batch;
    for (int backfill = 1; backfill >= 0 && e == ERR_OK; backfill--) { /* the past first: it is older */
        size_t count = 0;
        int64_t end = 0;
        for (size_t i = from; i < r->pending_count; i++) {
            if (r->pending[i].told || r->pending[i].backfill != (backfill != 0))
                continue;
            end = r->pending[i].batch.t1_ms;
            r->batches[from + count++] = r->pending[i].batch;
        }
        if (count == 0) /* it would tell again what it told the last time */
            continue;
        analyser_unstored(r->an, r->batches, from);
        e = analyser_step(r->an, r->batches + from, count, backfill != 0 ? now_ms : end, backfill != 0, ctx);
        if (e == ERR_OK)
            e = keep_told(r, ctx);
    }
    r->analysed = r->pending_count;
    return e;
}

enum err recorder_commit(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    enum err e = recorder_analyse(r, now_ms, ctx);
    if (e == ERR_OK && (recorder_has_new_stage(r) || r->unruled || now_ms - r->ruled_ms >= RULE_MS))
        e = recorder_put_authorities(r, now_ms, ctx);
    if (e == ERR_OK)
        e = recorder_put_statuses(r, now_ms, false, ctx);
    size_t count = r->pending_count;
    for (size_t i = 0; i < count; i++)
        r->batches[i] = r->pending[i].batch;
    if (e == ERR_OK)
        e = count > 0 ? store_append(r->st, r->batches, count, ctx) : store_commit(r->st, ctx);
    if (e == ERR_OK) {
        recorder_stored(r);
        r->pages_seq = analyser_pages(r->an)->last_seq;
    } else
        recorder_forget(r);
    r->pending_count = r->analysed = 0;
    arena_reset(&r->arena);
    enum err settled = recorder_scores_settle(r, e == ERR_OK, ctx);
    return e == ERR_OK ? settled : e;
}

enum err recorder_judge_sources(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    enum err e = recorder_put_statuses(r, now_ms, true, ctx);
    return e == ERR_OK ? analyser_judge_sources(r->an, now_ms, ctx) : e;
}

enum err recorder_tick(struct recorder *r, int64_t now_ms, struct errctx *ctx)
{
    size_t acts = 0;
    enum err e = store_act_ingest(r->st, &acts, ctx);
    r->acts_taken += acts;
    if (e == ERR_OK && (acts > 0 || !r->marks_taken)) { /* a run that was killed may have left acts whose events are not there */
        e = analyser_take_acts(r->an, ctx);
        r->marks_taken = e == ERR_OK;
    }
    if (e == ERR_OK)
        e = recorder_scores_ingest(r, now_ms, ctx);
    if (e == ERR_OK) /* what waits to be analysed is another transaction's, or comes after it */
        e = analyser_tick(r->an, now_ms, ctx);
    if (e == ERR_OK)
        e = keep_told(r, ctx);
    return e == ERR_OK ? recorder_commit(r, now_ms, ctx) : e;
}

uint64_t recorder_acts_taken(const struct recorder *r)
{
    return r->acts_taken;
}

const struct page_log *recorder_pages(const struct recorder *r)
{
    return analyser_pages(r->an);
}

int64_t recorder_pages_seq(const struct recorder *r)
{
    return r->pages_seq;
}

void recorder_close(struct recorder *r, int64_t now_ms, const char *reason)
{
    if (r == NULL)
        return;
    if (reason != NULL)
        recorder_stopped(r, reason);
    struct errctx ctx = {""};
    if (recorder_commit(r, now_ms, &ctx) != ERR_OK && r->opt.log != NULL)
        log_line(r->opt.log, LOG_LEVEL_ERROR, "store", "%s", ctx.text);
    free_all(r);
}

bool recorder_is_kept(const struct recorder *r)
{
    return !store_is_ring(r->st);
}
