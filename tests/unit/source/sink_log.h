/* SPDX-License-Identifier: MIT */
/* A sink that writes down what an adapter hands it, as lines of text:
 *   begin TARGET PROFILE T [past]    sample NAME{...} VALUE    histogram NAME COUNT SUM (LO,HI]=N...    type FAMILY N    warn TEXT    end
 *   abort    score ID NAME MODEL JUDGE T VALUE    read FROM TO    KIND T [SCOPE] KEY: TEXT URL    page PROVIDER    posted IMPACT T ID: TEXT
 *   alerts    alert FINGERPRINT NAME STATE ...    told, told in part */
#ifndef GWTOP_TESTS_UNIT_SOURCE_SINK_LOG_H
#define GWTOP_TESTS_UNIT_SOURCE_SINK_LOG_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#undef fail /* Check's old name for ck_abort_msg; the adapters have a hook of that name */

#include "base/buf.h"
#include "source/source.h"

struct sink_log {
    struct buf text;
    bool refuse; /* the next begin says no */
    int64_t mark_ms, floor_ms;
};

static inline bool sink_log_begin(void *ctx, struct str target, const struct profile *p, int64_t t_ms, bool backfill)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(
        buf_printf(&k->text, "begin %.*s %s %lld%s\n", (int)target.n, target.p, p->name, (long long)t_ms, backfill ? " past" : ""), ERR_OK);
    return !k->refuse;
}

static inline bool sink_log_known(void *ctx, struct str series)
{
    (void)ctx;
    (void)series;
    return false;
}

static inline bool sink_log_sample(void *ctx, const struct expo_sample *s)
{
    struct sink_log *k = ctx;
    enum err e = buf_printf(&k->text, "sample %.*s{", (int)s->name.n, s->name.p);
    for (size_t i = 0; i < s->label_count && e == ERR_OK; i++)
        e = buf_printf(&k->text, "%s%.*s=%.*s", i > 0 ? "," : "", (int)s->labels[i].name.n, s->labels[i].name.p, (int)s->labels[i].value.n,
                       s->labels[i].value.p);
    if (e == ERR_OK)
        e = buf_printf(&k->text, "} %g\n", s->value);
    ck_assert_int_eq(e, ERR_OK);
    return true;
}

static inline bool sink_log_histogram(void *ctx, const struct source_histogram *h)
{
    struct sink_log *k = ctx;
    enum err e = buf_printf(&k->text, "histogram %.*s %g %g", (int)h->name.n, h->name.p, h->count, h->sum);
    for (size_t i = 0; i < h->bucket_count && e == ERR_OK; i++)
        e = buf_printf(&k->text, " (%g,%g]=%g", h->buckets[i].lo, h->buckets[i].hi, h->buckets[i].count);
    ck_assert_int_eq(e == ERR_OK ? buf_append_char(&k->text, '\n') : e, ERR_OK);
    return true;
}

static inline void sink_log_type(void *ctx, struct str family, enum expo_type type)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_printf(&k->text, "type %.*s %d\n", (int)family.n, family.p, (int)type), ERR_OK);
}

static inline void sink_log_warning(void *ctx, size_t line, const char *what, struct str text)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_printf(&k->text, "warn %zu %s: %.*s\n", line, what, (int)text.n, text.p), ERR_OK);
}

static inline bool sink_log_end(void *ctx)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_append_z(&k->text, "end\n"), ERR_OK);
    return true;
}

static inline void sink_log_abort(void *ctx)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_append_z(&k->text, "abort\n"), ERR_OK);
}

static inline void sink_log_span(void *ctx, int64_t *ret_mark_ms, int64_t *ret_floor_ms)
{
    const struct sink_log *k = ctx;
    *ret_mark_ms = k->mark_ms;
    *ret_floor_ms = k->floor_ms;
}

static inline bool sink_log_score(void *ctx, const struct score_told *s)
{
    struct sink_log *k = ctx;
    enum err e = buf_printf(&k->text, "score %.*s %.*s %.*s/%.*s %lld ", (int)s->id.n, s->id.p, (int)s->name.n, s->name.p, (int)s->model.n,
                            s->model.p, (int)s->judge.n, s->judge.p, (long long)s->t_ms);
    if (e == ERR_OK && s->kind == SCORE_LABEL)
        e = buf_printf(&k->text, "'%.*s'\n", (int)s->label.n, s->label.p);
    else if (e == ERR_OK)
        e = buf_printf(&k->text, "%s%g\n", s->kind == SCORE_BOOL ? "bool " : "", s->value);
    ck_assert_int_eq(e, ERR_OK);
    return !k->refuse;
}

/* The mark moves as the recorder's does. */
static inline bool sink_log_read(void *ctx, int64_t from_ms, int64_t to_ms)
{
    struct sink_log *k = ctx;
    if (k->mark_ms == 0)
        k->floor_ms = from_ms;
    if (k->mark_ms == 0 || k->mark_ms == from_ms)
        k->mark_ms = to_ms;
    ck_assert_int_eq(buf_printf(&k->text, "read %lld %lld\n", (long long)from_ms, (long long)to_ms), ERR_OK);
    return true;
}

static inline bool sink_log_event(void *ctx, const struct source_change *c)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_printf(&k->text, "%s %lld [%s] %s: %s%s%s\n", event_kind_name(c->kind), (long long)c->at_ms, c->scope, c->key,
                                c->text, c->url[0] != '\0' ? " " : "", c->url),
                     ERR_OK);
    return !k->refuse;
}

static inline bool sink_log_page(void *ctx, const struct status_page *p)
{
    struct sink_log *k = ctx;
    enum err e = buf_printf(&k->text, "page %s%s%s\n", p->provider, p->unclear[0] != '\0' ? " unclear: " : "", p->unclear);
    for (size_t i = 0; i < p->count && e == ERR_OK; i++)
        e = buf_printf(&k->text, "posted %s %lld %s: %s\n", page_impact_name(p->posted[i].impact), (long long)p->posted[i].since_ms,
                       p->posted[i].id, p->posted[i].text);
    ck_assert_int_eq(e, ERR_OK);
    return !k->refuse;
}

static inline void sink_log_alerts(void *ctx)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_append_z(&k->text, "alerts\n"), ERR_OK);
}

static inline enum err sink_log_text(struct sink_log *k, const char *name, struct str text)
{
    return text.n > 0 ? buf_printf(&k->text, " %s='%.*s'", name, (int)text.n, text.p) : ERR_OK;
}

static inline bool sink_log_alert(void *ctx, const struct outside_told *t)
{
    struct sink_log *k = ctx;
    enum err e = buf_printf(&k->text, "alert %.*s %.*s %s %lld-%lld {", (int)t->fingerprint.n, t->fingerprint.p, (int)t->name.n, t->name.p,
                            outside_state_name(t->state), (long long)t->starts_ms, (long long)t->ends_ms);
    for (size_t i = 0; e == ERR_OK && i < t->label_count; i++)
        e = buf_printf(&k->text, "%s%.*s=%.*s", i > 0 ? "," : "", (int)t->labels[i].name.n, t->labels[i].name.p, (int)t->labels[i].value.n,
                       t->labels[i].value.p);
    ck_assert_int_eq(e, ERR_OK);
    ck_assert_int_eq(buf_append_z(&k->text, "}"), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "severity", t->severity), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "quiet", t->quiet), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "by", t->quiet_by), ERR_OK);
    if (t->quiet_until_ms != 0)
        ck_assert_int_eq(buf_printf(&k->text, " until=%lld", (long long)t->quiet_until_ms), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "acked", t->acked_by), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "summary", t->summary), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "runbook", t->runbook), ERR_OK);
    ck_assert_int_eq(sink_log_text(k, "dashboard", t->dashboard), ERR_OK);
    ck_assert_int_eq(buf_append_char(&k->text, '\n'), ERR_OK);
    return !k->refuse;
}

static inline bool sink_log_told(void *ctx, bool whole)
{
    struct sink_log *k = ctx;
    ck_assert_int_eq(buf_append_z(&k->text, whole ? "told\n" : "told in part\n"), ERR_OK);
    return true;
}

static inline struct source_sink sink_log_sink(struct sink_log *k)
{
    buf_init(&k->text, 64 << 20);
    return (struct source_sink){.ctx = k,
                                .begin = sink_log_begin,
                                .known = sink_log_known,
                                .sample = sink_log_sample,
                                .histogram = sink_log_histogram,
                                .type = sink_log_type,
                                .warning = sink_log_warning,
                                .end = sink_log_end,
                                .abort = sink_log_abort,
                                .scores_span = sink_log_span,
                                .score = sink_log_score,
                                .scores_read = sink_log_read,
                                .event = sink_log_event,
                                .page = sink_log_page,
                                .alerts_begin = sink_log_alerts,
                                .alert = sink_log_alert,
                                .alerts_told = sink_log_told};
}

/* What was written since the last call. */
static inline const char *sink_log_take(struct sink_log *k, char *out, size_t cap)
{
    ck_assert_uint_lt(k->text.len, cap);
    memcpy(out, k->text.len > 0 ? k->text.data : "", k->text.len);
    out[k->text.len] = '\0';
    buf_reset(&k->text);
    return out;
}

#endif
