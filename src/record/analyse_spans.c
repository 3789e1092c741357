/* SPDX-License-Identifier: MIT */
/* What an alarm's traffic is compared with: time that was no finding's. */
#include <string.h>

#include "record/analyse_stream.h"

static const int64_t USUAL_MS = 14 * DAY_MS; /* two of each day of the week */

struct spans analyse_day_before(int64_t onset_ms, int64_t now_ms)
{
    return (struct spans){.base = {onset_ms - DAY_MS, onset_ms}, .now = {onset_ms, now_ms}};
}

static bool is_told_of(const struct alert *al, const char *rule, const char *scope)
{
    return strcmp(al->rule, rule) == 0 && strcmp(al->scope, scope) == 0;
}

/* Of a span what came after the last finding in it: a baseline that was begun again when one was over reaches back before it. */
static enum err leave_findings(struct analyser *an, const char *rule, const char *scope, struct span *of, struct errctx *ctx)
{
    struct alert *list;
    size_t count;
    if (of->t1_ms <= of->t0_ms)
        return ERR_OK;
    enum err e = store_alert_history(an->st, of->t0_ms, of->t1_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t k = 0; e == ERR_OK && k < count; k++)
        if (is_told_of(&list[k], rule, scope) && list[k].since_ms > of->t0_ms)
            of->t0_ms = list[k].since_ms;
    return e;
}

enum err analyse_spans(struct analyser *an, const struct group *g, int64_t onset_ms, int64_t now_ms, struct spans *ret, struct errctx *ctx)
{
    enum { EARLIER_MAX = 32 };
    const struct stream *s = g->own;
    const char *rule, *scope;
    struct span *b = &ret->base;
    bool moved = true;
    *ret = analyse_day_before(onset_ms, now_ms);
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (rule == NULL || scope == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing traffic");
    for (int i = 0; i < EARLIER_MAX && moved; i++) {
        struct alert *list;
        size_t count;
        enum err e = store_alert_history(an->st, b->t0_ms, now_ms, INT64_MAX, &an->scratch, &list, &count, ctx);
        if (e != ERR_OK)
            return e;
        moved = false;
        for (size_t k = 0; k < count; k++) {
            const struct alert *al = &list[k];
            if (!is_told_of(al, rule, scope) || al->onset_ms >= b->t1_ms || al->since_ms <= b->t0_ms || al->total == 0)
                continue;
            *b = (struct span){al->onset_ms - DAY_MS, al->onset_ms};
            moved = true;
        }
    }
    if (g->from_ms > b->t0_ms && g->from_ms < onset_ms)
        *b = (struct span){g->from_ms, b->t1_ms > g->from_ms ? b->t1_ms : onset_ms};
    if (b->t1_ms == onset_ms && s->from_ms > 0 && s->base_ms > s->from_ms)
        ret->usual = (struct span){s->from_ms, s->base_ms < onset_ms || s->from_ms >= onset_ms ? s->base_ms : onset_ms};
    if (ret->usual.t0_ms < ret->usual.t1_ms - USUAL_MS) /* more of it is known no better, and would take long to read */
        ret->usual.t0_ms = ret->usual.t1_ms - USUAL_MS;
    return leave_findings(an, rule, scope, &ret->usual, ctx);
}
