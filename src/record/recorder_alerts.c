/* SPDX-License-Identifier: MIT */
/* Alerts of outside systems on their way from a source's answers to the analyser: set aside while a poll lasts, each fingerprint once. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/safe_text.h"
#include "record/recorder_int.h"

enum {
    SLOTS = 1 << 14, /* of fingerprints: three times as many as there are alerts at the most */
    ALERTS_BYTES_MAX = 32 << 20,
};

struct alerts {
    struct arena arena; /* of the poll at hand */
    struct outside *list;
    uint32_t *slots; /* index in list and one more, 0 = free */
    uint32_t count;
    uint64_t key;
    uint32_t warnings;
    char warning[REASON_MAX];
};

enum err recorder_alerts_open(struct feedsource *s, struct errctx *ctx)
{
    struct alerts *a = calloc(1, sizeof *a);
    if (a == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", s->cfg->name);
    arena_init(&a->arena, ALERTS_BYTES_MAX);
    a->key = hash_random_key();
    a->slots = calloc(SLOTS, sizeof *a->slots);
    a->list = calloc(OUTSIDE_ALERTS_MAX, sizeof *a->list);
    s->alerts = a;
    return a->slots != NULL && a->list != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", s->cfg->name);
}

void recorder_alerts_close(struct feedsource *s)
{
    struct alerts *a = s->alerts;
    if (a == NULL)
        return;
    arena_fini(&a->arena);
    free(a->slots);
    free(a->list);
    free(a);
    s->alerts = NULL;
}

/* ---- the sink ---- */

static void sink_begin(void *ctx)
{
    struct feedsource *s = ctx;
    struct alerts *a = s->alerts;
    arena_reset(&a->arena);
    memset(a->slots, 0, SLOTS * sizeof *a->slots);
    a->count = a->warnings = 0;
    a->warning[0] = '\0';
}

/* Which of two that have one fingerprint is told: what fires goes before what does not, then what began first. */
static bool goes_before(const struct outside *a, const struct outside *b)
{
    static const int rank[] = {[OUTSIDE_OVER] = 0,      [OUTSIDE_UNKNOWN] = 1,  [OUTSIDE_PENDING] = 2,
                               [OUTSIDE_INHIBITED] = 3, [OUTSIDE_SILENCED] = 4, [OUTSIDE_FIRING] = 5};
    return rank[a->state] != rank[b->state] ? rank[a->state] > rank[b->state] : a->starts_ms < b->starts_ms;
}

static bool sink_alert(void *ctx, const struct outside_told *told)
{
    struct feedsource *s = ctx;
    struct alerts *a = s->alerts;
    const struct outside_words words = {s->cfg->page_severities, s->cfg->quiet_severities};
    struct outside o;
    if (outside_take(told, &words, &a->arena, &o) != ERR_OK)
        return false;
    uint32_t at = (uint32_t)hash_bytes(o.fingerprint, strlen(o.fingerprint), a->key) & (SLOTS - 1);
    while (a->slots[at] != 0 && strcmp(a->list[a->slots[at] - 1].fingerprint, o.fingerprint) != 0)
        at = (at + 1) & (SLOTS - 1);
    if (a->slots[at] != 0) {
        struct outside *same = &a->list[a->slots[at] - 1];
        *same = goes_before(&o, same) ? o : *same;
        return true;
    }
    if (a->count == OUTSIDE_ALERTS_MAX)
        return false;
    a->list[a->count] = o;
    a->slots[at] = ++a->count;
    return true;
}

/* Against more alerts than there is room for. */
static const char *remedy(enum source_kind kind)
{
    return kind == SOURCE_ALERTMANAGER ? "; narrow them with match, or leave labels off that are other on each (instance, key)"
                                       : "; let its rules tell fewer, or leave labels off that are other on each (instance, key)";
}

static bool sink_told(void *ctx, bool whole)
{
    struct feedsource *s = ctx;
    struct alerts *a = s->alerts;
    const struct analyser_alerts told = {.source = s->cfg->name,
                                         .id = s->targets[0].status.id,
                                         .interval_ms = s->cfg->interval_ms,
                                         .list = a->list,
                                         .count = a->count,
                                         .whole = whole,
                                         .at_ms = s->poll_ms};
    struct errctx why = {""};
    if (s->r->an == NULL)
        return true;
    const enum err e = analyser_alerts_told(s->r->an, &told, &why);
    if (e == ERR_OK)
        return true;
    if (e != ERR_LIMIT) {
        s->trouble = why;
        return false;
    }
    errctx_set(&s->trouble, ERR_LIMIT, "%s%s", why.text, remedy(s->cfg->kind));
    return false;
}

void recorder_alerts_sink(struct source_sink *sink)
{
    sink->alerts_begin = sink_begin;
    sink->alert = sink_alert;
    sink->alerts_told = sink_told;
}

void recorder_alerts_warn(struct feedsource *s, const char *what, struct str text)
{
    struct alerts *a = s->alerts;
    char raw[REASON_MAX];
    if (a->warnings++ > 0)
        return;
    (void)str_format(raw, sizeof raw, "%s%s%.*s", what, text.n > 0 ? ": " : "", (int)(text.n < 100 ? text.n : 100), text.p);
    (void)safe_text(a->warning, sizeof a->warning, str_of(raw));
}

void recorder_alerts_tell(const struct feedsource *s, struct target *t)
{
    t->status.series_seen = t->status.series_kept = s->alerts->count;
    t->status.warnings = s->alerts->warnings;
    (void)str_copy(t->warning, sizeof t->warning, str_of(s->alerts->warning));
}
