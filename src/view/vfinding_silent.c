/* SPDX-License-Identifier: MIT */
/* Whether anything is told of what was found: a finding stays open until evidence ends it (docs/decisions/0008-drift.md), so of a stream
 * that fell silent nobody knows whether it still drifts, and no clock may run on. */
#include <string.h>

#include "base/timefmt.h"
#include "model/drift.h"
#include "view/vfilter.h"
#include "view/vfinding.h"
#include "view/vstream.h"

enum { MINUTE_MS = 60000, COARSE_MS = 5 * MINUTE_MS, RECENT_MS = 15 * MINUTE_MS, DAY_COLUMNS = 24 * 60 / 5 };
enum { ASKED_MAX = 32 }; /* findings: each has a query */

/* A stream by what its finding is called. */
struct asked {
    struct alert *of;
    const char *label, *model;
    const struct answer_share *share; /* NULL: a score */
};

static bool is_of(const struct view_loader *l, const struct asked *k, const struct store_group *g)
{
    const struct intern *strings = store_strings(l->st);
    const char *name = intern_text(strings, g->dim[DIM_NAME]);
    char text[DRIFT_NAME_MAX]; /* either name fits: vstream.c */
    if (strcmp(intern_text(strings, g->dim[DIM_MODEL]), k->model) != 0)
        return false;
    if (k->share == NULL)
        return strcmp(k->label, drift_name(name, intern_text(strings, g->dim[DIM_JUDGE]), text) ? text : name) == 0;
    const char *left_out = k->share->not_of_whole;
    return answer_share_name(k->share, name, text) && strcmp(text, k->label) == 0 &&
           (left_out == NULL || strcmp(intern_text(strings, g->dim[DIM_CLASS]), left_out) != 0);
}

static bool is_told(const struct asked *k, const struct store_cell *c)
{
    return c->n > 0 && (k->share == NULL ? c->score_n > 0 : c->sum > 0);
}

static enum err ask(const struct view_loader *l, const struct asked *k, int64_t t0_ms, int64_t step_ms, uint32_t columns,
                    struct store_query *ret)
{
    *ret = (struct store_query){.signal = k->share != NULL ? k->share->whole : SIG_EVAL,
                                .group_by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_JUDGE) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS),
                                .t0_ms = t0_ms,
                                .step_ms = step_ms,
                                .columns = columns};
    return k->model[0] != '\0' ? vfilter_add(l, DIM_MODEL, k->model, &ret->filter) : ERR_OK;
}

/* The end of the newest column that tells something; 0 = none does. */
static int64_t newest(const struct view_loader *l, const struct asked *k, const struct store_query *q, const struct store_result *r)
{
    uint32_t most = 0;
    for (size_t i = 0; i < r->count; i++) {
        uint32_t c = is_of(l, k, &r->groups[i]) ? q->columns : 0;
        while (c > most && !is_told(k, &r->groups[i].cells[c - 1]))
            c--;
        most = c > most ? c : most;
    }
    return most > 0 ? q->t0_ms + most * q->step_ms : 0;
}

static enum err read_newest(const struct view_loader *l, const struct asked *k, int64_t t0_ms, int64_t step_ms, uint32_t columns,
                            int64_t *ret, struct errctx *ctx)
{
    struct store_query q;
    struct store_result r;
    enum err e = ask(l, k, t0_ms, step_ms, columns, &q);
    if (e == ERR_OK)
        e = store_read(l->st, &q, 1, l->scratch, &r, ctx);
    if (e == ERR_OK)
        *ret = newest(l, k, &q, &r);
    return e;
}

static enum err date(const struct view_loader *l, int64_t cursor_ms, const struct asked *k, struct errctx *ctx)
{
    const int64_t end = instant_floor(cursor_ms, COARSE_MS);
    int64_t at = 0, fine = 0;
    enum err e = read_newest(l, k, end - DAY_COLUMNS * (int64_t)COARSE_MS, COARSE_MS, DAY_COLUMNS, &at, ctx);
    if (e == ERR_OK && at > 0)
        e = read_newest(l, k, at - COARSE_MS, MINUTE_MS, COARSE_MS / MINUTE_MS, &fine, ctx);
    k->of->silence = at > 0 ? SILENCE_SINCE : SILENCE_BEFORE;
    k->of->silent_ms = fine > 0 ? fine : at > 0 ? at : end - DAY_COLUMNS * (int64_t)COARSE_MS;
    return e;
}

static bool is_asked(struct alert *al, struct asked *ret)
{
    static const char quality[] = "quality:", model[] = "model=";
    const bool is_model = strncmp(al->scope, model, strlen(model)) == 0;
    if (al->state != ALERT_FIRING || strncmp(al->rule, quality, strlen(quality)) != 0 || (!is_model && al->scope[0] != '\0'))
        return false;
    const char *label = al->rule + strlen(quality);
    *ret = (struct asked){al, label, is_model ? al->scope + strlen(model) : "", vstream_share_of(label)};
    return strcmp(label, DRIFT_LENGTH) != 0 && strcmp(label, DRIFT_MIX) != 0;
}

enum err vfindings_silence(const struct view_loader *l, int64_t cursor_ms, struct alert *list, size_t count, struct errctx *ctx)
{
    struct asked asked[ASKED_MAX], more;
    struct store_query q[ASKED_MAX];
    struct store_result r[ASKED_MAX];
    size_t n = 0;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (!is_asked(&list[i], &more))
            continue;
        if (n == ASKED_MAX) {
            list[i].silence = SILENCE_UNASKED;
            continue;
        }
        asked[n] = more;
        e = ask(l, &asked[n], cursor_ms - RECENT_MS, RECENT_MS, 1, &q[n]);
        n++;
    }
    if (e == ERR_OK && n > 0)
        e = store_read(l->st, q, n, l->scratch, r, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++)
        if (newest(l, &asked[i], &q[i], &r[i]) == 0)
            e = date(l, cursor_ms, &asked[i], ctx);
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading what was found") : e;
}
