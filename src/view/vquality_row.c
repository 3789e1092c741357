/* SPDX-License-Identifier: MIT */
#include "view/vquality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vtext.h"

enum err vquality_nomem(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while reading quality");
}

struct vquality_row vquality_row_of(enum quality_kind kind, const char *name, const char *judge, const char *scope)
{
    return (struct vquality_row){.kind = kind,
                                 .name = name,
                                 .judge = judge,
                                 .scope = scope,
                                 .now = {.v = NAN},
                                 .base = {.v = NAN},
                                 .usual_lo = NAN,
                                 .usual_hi = NAN,
                                 .where = {.what = "", .beside = "", .class = "", .was = NAN, .is = NAN, .part = NAN},
                                 .found = "",
                                 .where_text = "",
                                 .evidence = NAN,
                                 .effect = {.points = NAN, .lo = NAN, .hi = NAN, .method = ""},
                                 .since = {.points = NAN, .lo = NAN, .hi = NAN, .method = ""},
                                 .test = "",
                                 .arl = NAN,
                                 .alarms = NAN,
                                 .missing = "",
                                 .detectable = NAN,
                                 .detectable_most = NAN,
                                 .why = "",
                                 .better = "",
                                 .beside = "",
                                 .past = "",
                                 .blind = "",
                                 .explain = "",
                                 .canary = "",
                                 .strip = {.max = NAN, .threshold = NAN},
                                 .evidence_strip = {.max = NAN, .threshold = NAN}};
}

const char *vquality_label(struct arena *a, const char *name, const char *model)
{
    return model[0] != '\0' ? arena_printf(a, "%s %s", name, model) : name;
}

/* The change nearest to the onset, from half an hour before it can have been until five minutes after, or as late as it may have been: of
 * the model or of everything. */
static enum err explain(const struct view_loader *l, const struct view_params *p, struct vquality_row *row, struct errctx *ctx)
{
    static const int64_t before_ms = 30 * 60000, after_ms = 5 * 60000;
    const struct event *change = NULL;
    struct event *events;
    size_t count;
    char clock[TIMEFMT_MAX];

    if (row->finding == NULL)
        return ERR_OK;
    int64_t from_ms = row->onset.at_ms, to_ms = row->onset.at_ms;
    (void)instant_between_ends(&row->onset, &from_ms, &to_ms);
    const int64_t early = from_ms - before_ms, after = row->onset.at_ms + after_ms, late = to_ms > after ? to_ms : after;
    enum err e = store_events(l->st, early, late, p->cursor_ms, l->arena, &events, &count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count; i++) {
        const struct event *ev = &events[i];
        const bool is_of = ev->kind <= EVENT_RESTART && (ev->scope[0] == '\0' || strcmp(ev->scope, row->finding->scope) == 0);
        if (is_of && (change == NULL || llabs(ev->at_ms - row->onset.at_ms) <= llabs(change->at_ms - row->onset.at_ms)))
            change = ev;
    }
    if (change == NULL)
        return ERR_OK;
    instant_format_clock(change->at_ms, clock);
    row->explain = arena_printf(l->arena, "%s %s", clock, change->text);
    return row->explain != NULL ? ERR_OK : vquality_nomem(ctx);
}

/* "was drift 30 Nov 05:43Z +-3m to 08:43Z +-5m", of one that was over within the last day; "". */
static const char *past_of(const struct vquality *q, const struct alert *al)
{
    static const int64_t told_ms = 24 * INT64_C(3600000);
    struct arena *a = q->vr->l->arena;
    if (al == NULL || al->state != ALERT_INACTIVE || al->ended_ms == 0 || al->ended_ms <= q->p->cursor_ms - told_ms)
        return "";
    const char *from = vtext_moment(a, al->onset_ms), *to = vtext_moment(a, al->ended_ms), *off = vtext_onset_error(a, al),
               *by = vtext_error(a, al->ended_error_ms);
    return from != NULL && to != NULL && off != NULL && by != NULL ? arena_printf(a, "was drift %s%s to %s%s", from, off, to, by) : NULL;
}

/* "40 % of it may be other traffic: ..., and there are too few samples to tell, asked last 14:05:00Z" */
static const char *beside_text(struct arena *a, const struct drift_found *f)
{
    const char *asked = f->undecided && f->asked_ms > 0 ? vtext_instant(a, f->asked_ms, false) : "";
    return asked == NULL || asked[0] == '\0' ? (asked != NULL ? f->beside : NULL) : arena_printf(a, "%s, asked last %s", f->beside, asked);
}

/* The open drift in words, where it is and what is beside it: parts as the recorder keeps them, for names may hold whatever sentences are
 * made of. Its figures are those of the alarm. */
static enum err locate(const struct vquality *q, struct vquality_row *row, struct errctx *ctx)
{
    struct arena *a = q->vr->l->arena;
    struct drift_found f;
    bool found = false;
    if (row->finding == NULL)
        return ERR_OK;
    enum err e = vdrift_found(q->vr->l, q->p->cursor_ms, row->finding, &f, &found, ctx);
    if (e != ERR_OK)
        return e;
    const char *what = found && f.what[0] != '\0' ? f.what : row->finding->text; /* builds of before told all of it in one */
    if (found) {
        row->where = f;
        row->where_text = drift_where_text(&f, a);
        row->beside = beside_text(a, &f);
    }
    const bool is_apart = what != row->finding->text && row->where_text != NULL && row->where_text[0] != '\0';
    row->found = is_apart ? arena_printf(a, "%s, %s when found", what, row->where_text) : arena_printf(a, "%s when found", what);
    return row->where_text != NULL && row->beside != NULL && row->found != NULL ? ERR_OK : vquality_nomem(ctx);
}

enum err vquality_find(const struct vquality *q, const struct alert *found, struct vquality_row *row, struct errctx *ctx)
{
    row->finding = found != NULL && found->state == ALERT_FIRING ? found : NULL;
    row->of_all = row->finding != NULL && q->unsplit != 0;
    row->onset = row->finding != NULL ? alert_onset(found) : (struct instant_between){.at_ms = 0};
    row->past = past_of(q, found);
    if (row->past == NULL)
        return vquality_nomem(ctx);
    enum err e = locate(q, row, ctx);
    return e == ERR_OK ? explain(q->vr->l, q->p, row, ctx) : e;
}
