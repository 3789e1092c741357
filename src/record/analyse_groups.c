/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/analyse_detect.h"

enum { BASELINE_MS = HOUR_MS, OVER_MS = 10 * MINUTE_MS, CALM_MS = HOUR_MS, GROUPS_BYTES_MAX = 128 << 20 };

struct groups *groups_new(size_t own_bytes, bool has_rings)
{
    struct groups *gs = calloc(1, sizeof *gs);
    if (gs == NULL)
        return NULL;
    gs->own_bytes = own_bytes;
    gs->has_rings = has_rings;
    return gs;
}

void groups_free(void *p)
{
    struct groups *gs = p;
    for (uint32_t i = 0; i < gs->count; i++) {
        free(gs->list[i]->text);
        free(gs->list[i]->own);
        free(gs->list[i]->ring);
        free(gs->list[i]);
    }
    free(gs->list);
    free(gs->touched);
    free(gs->left);
    free(gs);
}

void feeders_add(const struct analyser *an, struct feeders *f, uint32_t source)
{
    if (f->index_count != an->index_count) {
        f->index_count = an->index_count;
        f->before = f->now;
        f->now = 0;
    }
    f->now |= UINT64_C(1) << source % 64;
}

bool feeders_left(struct feeders *f)
{
    const bool left = (f->before & ~f->now) != 0;
    f->before = 0;
    return left;
}

/* Slots are looked up once per series, so a walk will do. */
bool groups_find(const struct groups *gs, uint32_t a, uint32_t b, uint32_t *ret_slot)
{
    for (uint32_t i = 0; i < gs->count; i++) {
        if (gs->list[i]->a == a && gs->list[i]->b == b) {
            *ret_slot = i;
            return true;
        }
    }
    return false;
}

static enum err keep_text(struct group *g, const char *text, struct errctx *ctx)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a finding");
    free(g->text);
    g->text = copy;
    return ERR_OK;
}

/* Goes on from what the store says of the group's finding. */
static enum err resume(struct analyser *an, const struct detector *d, struct group *g, struct errctx *ctx)
{
    const char *rule = NULL, *scope = NULL;
    d->finding(an, g->a, g->b, &rule, &scope);
    if (rule == NULL || scope == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the detector %s", d->name);
    const struct alert *al = analyse_finding_of(an, rule, scope);
    if (al == NULL)
        return ERR_OK;
    g->onset_ms = al->onset_ms;
    g->onset_error_ms = al->onset_error_ms;
    g->ended_ms = al->ended_ms;
    g->ended_error_ms = al->ended_error_ms;
    g->since_ms = al->since_ms;
    if (al->total == 0) {
        g->from_ms = al->onset_ms;
        return ERR_OK;
    }
    g->usual = (struct daycount){.n = (uint64_t)al->total, .bad = (uint64_t)al->bad, .observed_ms = al->window_long_ms};
    g->was = al->burn_long;
    g->is = al->burn_short;
    g->window_ms = (int)al->window_short_ms;
    g->firing = al->state == ALERT_FIRING;
    g->calm_ms = g->firing ? 0 : al->since_ms;
    g->held = g->firing || analyse_newest_ms(an) - al->since_ms < CALM_MS;
    g->usual_until_ms = g->firing ? INT64_MAX : al->since_ms + DAY_MS;
    return keep_text(g, al->text, ctx);
}

/* Counts a group that there is no room for, once. */
static enum err leave_out(struct groups *gs, uint32_t a, uint32_t b, struct errctx *ctx)
{
    void *list = gs->left;
    for (uint32_t i = 0; i < gs->left_count; i++)
        if (gs->left[i].a == a && gs->left[i].b == b)
            return ERR_OK;
    if (gs->left_count == LEFT_MAX)
        return ERR_OK;
    enum err e = analyse_grow(&list, &gs->left_cap, gs->left_count, sizeof *gs->left, ctx);
    if (e != ERR_OK)
        return e;
    gs->left = list;
    gs->left[gs->left_count++] = (struct group_left){a, b};
    return ERR_OK;
}

enum err groups_get(struct analyser *an, struct groups *gs, const struct detector *d, uint32_t a, uint32_t b, uint32_t *ret_slot,
                    bool *ret_found, struct errctx *ctx)
{
    *ret_found = groups_find(gs, a, b, ret_slot);
    if (*ret_found)
        return ERR_OK;
    if (gs->count == GROUPS_MAX)
        return leave_out(gs, a, b, ctx);
    void *list = gs->list, *touched = gs->touched;
    enum err e = analyse_grow(&list, &gs->cap, gs->count, sizeof *gs->list, ctx);
    if (e != ERR_OK)
        return e;
    gs->list = list;
    e = analyse_grow(&touched, &gs->touched_cap, gs->count, sizeof *gs->touched, ctx);
    if (e != ERR_OK)
        return e;
    gs->touched = touched;
    struct group *g = calloc(1, sizeof *g);
    if (g != NULL && gs->own_bytes > 0)
        g->own = calloc(1, gs->own_bytes);
    if (g != NULL && gs->has_rings)
        g->ring = malloc(sizeof *g->ring);
    if (g == NULL || (gs->own_bytes > 0 && g->own == NULL) || (gs->has_rings && g->ring == NULL)) {
        if (g != NULL)
            free(g->own);
        free(g);
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the detector %s", d->name);
    }
    g->a = a;
    g->b = b;
    if (g->ring != NULL)
        dayring_init(g->ring);
    gs->list[gs->count] = g;
    *ret_slot = gs->count++;
    *ret_found = true;
    return resume(an, d, g, ctx);
}

void groups_count(struct groups *gs, uint32_t slot, uint64_t n, uint64_t bad)
{
    struct group *g = gs->list[slot];
    if (!g->touched) {
        g->touched = true;
        gs->touched[gs->touched_count++] = slot;
    }
    g->n += n;
    g->bad += bad;
}

static enum err lift_silent(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    enum err e = group_lift(an, d, g, in, ctx);
    return e == ERR_OK && d->silent != NULL ? d->silent(an, g, in, ctx) : e;
}

/* What is late may be told of as soon as its source answers again: of a stream that it is known of when something was told last an hour is
 * left for that, of others a day since it was found. */
static bool is_silent(const struct detector *d, const struct group *g, int64_t now_ms)
{
    const int64_t held_ms = d->has_streams && g->now_ms != 0 ? HOUR_MS : DAY_MS;
    return g->firing && !g->touched && now_ms - g->since_ms >= held_ms && now_ms - g->now_ms >= DAY_MS;
}

enum err groups_sweep(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (gs->swept_ms == 0) /* after a restart sources have time to tell what is new */
        gs->swept_ms = in->t1_ms;
    if (in->t1_ms - gs->swept_ms < HOUR_MS)
        return ERR_OK;
    gs->swept_ms = in->t1_ms;
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++)
        if (is_silent(d, gs->list[i], in->t1_ms))
            e = lift_silent(an, d, gs->list[i], in, ctx);
    return e;
}

enum err groups_close(struct analyser *an, struct groups *gs, const struct detector *d, const struct interval *in, group_judge *judge,
                      struct errctx *ctx)
{
    enum err e = groups_sweep(an, gs, d, in, ctx);
    for (uint32_t i = 0; i < gs->touched_count; i++) {
        struct group *g = gs->list[gs->touched[i]];
        if (g->ring != NULL)
            dayring_add(g->ring, in->t0_ms, in->t1_ms, g->n, g->bad);
        g->now_ms = in->t1_ms > g->now_ms ? in->t1_ms : g->now_ms;
        g->touched = false;
        if (e == ERR_OK)
            e = judge(an, g, in, ctx);
        g->n = g->bad = 0;
    }
    gs->touched_count = 0;
    return e;
}

/* ---- baselines from the store ---- */

/* The day by hours, or what is asked for, which the store has as rollups, and what is left of it by minutes. */
static void set_times(struct store_query *steps, struct store_query *minutes, int64_t step_ms, int64_t newest_ms)
{
    int64_t end = (newest_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS, edge = (end - DAYRING_MINUTES * MINUTE_MS) / step_ms * step_ms;
    steps->t0_ms = edge - DAY_MS;
    steps->step_ms = step_ms;
    steps->columns = (uint32_t)(DAY_MS / step_ms);
    minutes->t0_ms = edge;
    minutes->step_ms = MINUTE_MS;
    minutes->columns = (uint32_t)((end - edge) / MINUTE_MS);
}

static struct daycount cell_count(const struct store_cell *cell, group_count *count)
{
    struct daycount c = cell->n > 0 ? count(cell) : (struct daycount){.n = 0};
    if (c.bad > c.n)
        c.bad = c.n;
    c.observed_ms = cell->covered_ms;
    return c;
}

static const struct store_group *same_group(const struct store_result *r, const struct store_group *g)
{
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->groups[i].dim, g->dim, sizeof g->dim) == 0)
            return &r->groups[i];
    return NULL;
}

/* r[0]: of n; r[1]: of bad, NULL when n tells both. */
static void fill_columns(struct analyser *an, struct groups *gs, const struct groups_reading *how, const struct store_query *q,
                         const struct store_result *n_result, const struct store_result *bad_result, int64_t newest_ms)
{
    const uint64_t signals = UINT64_C(1) << how->n_signal | (bad_result != NULL ? UINT64_C(1) << how->bad_signal : 0);
    for (size_t i = 0; i < n_result->count; i++) {
        const struct store_group *g = &n_result->groups[i], *bad = bad_result != NULL ? same_group(bad_result, g) : NULL;
        const uint32_t a = how->name != NULL ? how->name(an, how, g) : g->dim[how->a];
        uint32_t slot;
        if (!groups_find(gs, a, how->b != DIM_COUNT ? g->dim[how->b] : 0, &slot))
            continue;
        for (uint32_t c = 0; c < q->columns; c++) {
            struct daycount n = cell_count(&g->cells[c], how->count);
            int64_t end = q->t0_ms + ((int64_t)c + 1) * q->step_ms;
            const int64_t begin = end - q->step_ms;
            if (gs->list[slot]->waits || begin < gs->list[slot]->from_ms || analyse_torn_any(an, signals, begin, end))
                continue;
            if (end > newest_ms)
                end = newest_ms;
            if (bad != NULL)
                n.bad = cell_count(&bad->cells[c], how->count).n;
            n.bad = n.bad < n.n ? n.bad : n.n;
            if (how->column != NULL)
                dayring_add_sum(gs->list[slot]->ring, end - n.observed_ms, end, n.n,
                                how->column(an, gs->list[slot], begin, end, &g->cells[c], &n));
            else
                dayring_add(gs->list[slot]->ring, end - n.observed_ms, end, n.n, n.bad);
            if (n.observed_ms > 0 && end > gs->list[slot]->now_ms)
                gs->list[slot]->now_ms = end;
        }
    }
}

enum err groups_fill(struct analyser *an, struct groups *gs, const struct groups_reading *how, struct errctx *ctx)
{
    bool two = how->bad_signal != SIG_COUNT;
    struct store_query q[4];
    struct store_result r[4];
    int64_t newest = analyse_newest_ms(an);
    if (newest == 0 || gs->count == 0)
        return ERR_OK;
    memset(q, 0, sizeof q);
    for (int i = 0; i < 4; i += 2) { /* hours of n, hours of bad, minutes of n, minutes of bad */
        enum signal signals[2] = {how->n_signal, two ? how->bad_signal : how->n_signal};
        for (int k = 0; k < 2; k++) {
            q[i + k].signal = signals[k];
            q[i + k].group_by = (how->a != DIM_COUNT ? DIM_BIT(how->a) : 0) | (how->b != DIM_COUNT ? DIM_BIT(how->b) : 0) | how->by;
            memcpy(q[i + k].filter.dim, k == 0 ? how->filter.dim : how->bad_filter.dim, sizeof how->filter.dim);
            enum err e = analyse_allowed(an, signals[k], &q[i + k].filter.sources, &q[i + k].filter.source_count, ctx);
            if (e != ERR_OK)
                return e;
        }
    }
    const int64_t step = how->step_ms > 0 ? how->step_ms : HOUR_MS;
    set_times(&q[0], &q[2], step, newest);
    set_times(&q[1], &q[3], step, newest);
    struct arena a; /* of this reading alone */
    arena_init(&a, GROUPS_BYTES_MAX);
    if (!two)
        q[1] = q[2];
    enum err e = store_read(an->st, q, two ? 4 : 2, &a, r, ctx);
    if (e == ERR_OK && two) {
        fill_columns(an, gs, how, &q[0], &r[0], &r[1], newest);
        fill_columns(an, gs, how, &q[2], &r[2], &r[3], newest);
    } else if (e == ERR_OK) {
        fill_columns(an, gs, how, &q[0], &r[0], NULL, newest);
        fill_columns(an, gs, how, &q[1], &r[1], NULL, newest);
    }
    arena_fini(&a);
    return e;
}

/* ---- judging ---- */

bool group_has_usual(const struct group *g, struct daycount *ret)
{
    if (g->usual.n == 0 || g->now_ms >= g->usual_until_ms)
        return false;
    *ret = g->usual;
    return true;
}

bool group_baseline(const struct group *g, struct daycount *ret_day)
{
    if (group_has_usual(g, ret_day))
        return true;
    *ret_day = dayring_day(g->ring);
    return ret_day->observed_ms >= BASELINE_MS;
}

struct daycount group_usual(const struct group *g, int64_t onset_ms, const struct daycount *day)
{
    struct daycount before = dayring_until(g->ring, onset_ms), own;
    return group_has_usual(g, &own) || before.observed_ms < BASELINE_MS || before.n == 0 ? *day : before;
}

/* A version of the group's finding. */
static enum err put(struct analyser *an, const struct detector *d, struct group *g, enum alert_state state, const char *text, int64_t at_ms,
                    int64_t known_ms, struct errctx *ctx)
{
    struct alert al = {.severity = SEV_NONE,
                       .state = state,
                       .since_ms = at_ms > g->since_ms ? at_ms : g->since_ms + 1,
                       .onset_ms = g->onset_ms,
                       .onset_error_ms = g->onset_error_ms,
                       .ended_ms = g->ended_ms,
                       .ended_error_ms = g->ended_error_ms,
                       .known_ms = known_ms,
                       .burn_long = g->was,
                       .burn_short = g->is,
                       .window_long_ms = g->usual.observed_ms,
                       .window_short_ms = g->window_ms,
                       .bad = llround(daycount_bad(&g->usual)),
                       .total = (int64_t)g->usual.n,
                       .text = text};
    d->finding(an, g->a, g->b, &al.rule, &al.scope);
    if (al.rule == NULL || al.scope == NULL || text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a finding");
    g->since_ms = al.since_ms;
    g->firing = state == ALERT_FIRING;
    g->usual_until_ms = g->firing ? INT64_MAX : at_ms + DAY_MS;
    g->back = 0;
    return store_put_alert(an->st, &al, ctx);
}

enum err group_ended(struct analyser *an, const struct detector *d, struct group *g, int64_t end_ms, int64_t error_ms,
                     const struct interval *in, struct errctx *ctx)
{
    g->ended_ms = end_ms;
    g->ended_error_ms = error_ms;
    return put(an, d, g, ALERT_FIRING, g->text, in->t1_ms, in->known_ms, ctx);
}

enum err group_lift(struct analyser *an, const struct detector *d, struct group *g, const struct interval *in, struct errctx *ctx)
{
    if (g->calm_ms == 0)
        g->calm_ms = in->t1_ms;
    return put(an, d, g, ALERT_INACTIVE, g->text, in->t1_ms, in->known_ms, ctx);
}

enum err group_calm(struct analyser *an, const struct detector *d, struct group *g, bool is_normal, const struct interval *in,
                    struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (!g->held)
        return ERR_OK;
    if (!is_normal) {
        g->calm_ms = 0;
        if (!g->firing)
            g->ended_ms = g->ended_error_ms = 0;
        return g->firing ? ERR_OK : put(an, d, g, ALERT_FIRING, g->text, in->t1_ms, in->known_ms, ctx);
    }
    if (g->calm_ms == 0)
        g->calm_ms = in->t1_ms;
    if (g->firing && in->t1_ms - g->calm_ms >= OVER_MS)
        e = group_lift(an, d, g, in, ctx);
    if (in->t1_ms - g->calm_ms >= CALM_MS) {
        g->held = false;
        g->calm_ms = 0;
    }
    return e;
}

enum err group_hold(struct analyser *an, const struct detector *d, struct group *g, const struct finding *f, const struct daycount *usual,
                    const struct interval *in, struct errctx *ctx)
{
    if (f->text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a finding");
    enum err e = keep_text(g, f->text, ctx);
    if (e != ERR_OK)
        return e;
    g->held = true;
    g->calm_ms = 0;
    g->onset_ms = f->onset_ms;
    g->onset_error_ms = f->onset_error_ms;
    g->ended_ms = g->ended_error_ms = 0;
    g->usual = *usual;
    g->was = f->was;
    g->is = f->is;
    g->window_ms = f->window_ms;
    return put(an, d, g, ALERT_FIRING, g->text, in->t1_ms, in->known_ms, ctx);
}

enum err group_retell(struct analyser *an, const struct detector *d, struct group *g, const char *text, const struct interval *in,
                      struct errctx *ctx)
{
    const double back = g->back;
    enum err e = keep_text(g, text, ctx);
    if (e == ERR_OK)
        e = put(an, d, g, ALERT_FIRING, g->text, g->since_ms, in->known_ms, ctx);
    g->back = back;
    return e;
}

/* From its onset on, what was found is the new usual. */
static enum err accept_one(struct analyser *an, const struct detector *d, struct group *g, const struct acceptance *a, struct errctx *ctx)
{
    int64_t now = analyse_newest_ms(an);
    const char *author = text_safe(an, a->author);
    const char *text = author != NULL ? arena_printf(&an->scratch, "%s; taken for normal by %s", g->text, author) : NULL;
    g->usual = (struct daycount){.n = 0};
    g->from_ms = g->onset_ms;
    g->ended_ms = g->ended_error_ms = 0; /* if it had been back, it would not be normal */
    g->accepted = true;
    g->held = false;
    g->calm_ms = 0;
    if (g->ring != NULL)
        dayring_forget(g->ring, g->onset_ms);
    return put(an, d, g, ALERT_INACTIVE, text, now, now, ctx);
}

bool acceptance_is_of(const struct acceptance *a, const char *rule, const char *scope)
{
    const size_t n = strlen(rule);
    return strncmp(a->what, rule, n) == 0 && a->what[n] == '|' && strcmp(a->what + n + 1, scope) == 0;
}

enum err groups_accept(struct analyser *an, struct groups *gs, const struct detector *d, const struct acceptance *a, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        struct group *g = gs->list[i];
        const char *rule = NULL, *scope = NULL;
        g->accepted = false;
        if (!g->firing || a->at_ms < g->since_ms)
            continue;
        d->finding(an, g->a, g->b, &rule, &scope);
        if (rule == NULL || scope == NULL)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading acts");
        else if (acceptance_is_of(a, rule, scope))
            e = accept_one(an, d, g, a, ctx);
    }
    return e;
}

double group_rate(const struct daycount *c)
{
    return c->observed_ms > 0 ? 1000 * (double)c->n / (double)c->observed_ms : 0;
}

const char *group_before(struct analyser *an, const struct group *g, const struct daycount *day)
{
    int64_t hours = (day->observed_ms + HOUR_MS / 2) / HOUR_MS;
    struct daycount usual;
    bool earlier = group_has_usual(g, &usual);
    const char *clock = earlier ? text_clock(an, g->onset_ms) : "";
    return clock != NULL
               ? arena_printf(&an->scratch, "the %lldh before%s%s", (long long)(hours < 24 ? hours : 24), earlier ? " " : "", clock)
               : NULL;
}
