/* SPDX-License-Identifier: MIT */
/* Each signal is read once per window, by what some share tells apart; its groups are then dealt out to the streams that they belong to. */
#include "view/vstream.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/drift.h"

enum { A_DAY = 4 }; /* columns, of the week in which a judge that fell silent is still told */

/* ---- asking ---- */

static size_t signal_at(struct vstreams *v, enum signal s)
{
    size_t i = 0;
    while (i < v->signal_count && v->signal[i] != s)
        i++;
    if (i == v->signal_count) {
        assert(v->signal_count < VSTREAM_SIGNALS_MAX);
        v->signal[v->signal_count++] = s;
    }
    return i;
}

/* By what a signal is to be told apart. */
static uint32_t dims_of(enum signal s)
{
    size_t count;
    const struct answer_share *shares = answer_shares(&count);
    uint32_t dims = DIM_BIT(DIM_MODEL);

    if (s == SIG_EVAL)
        return dims | DIM_BIT(DIM_NAME) | DIM_BIT(DIM_JUDGE);
    for (size_t i = 0; i < count; i++)
        if (shares[i].whole == s || shares[i].bad == s)
            dims |= DIM_BIT(DIM_CLASS) | (shares[i].by_name ? DIM_BIT(DIM_NAME) : 0);
    return dims;
}

static void all_signals(struct vstreams *v)
{
    size_t count;
    const struct answer_share *shares = answer_shares(&count);
    (void)signal_at(v, SIG_EVAL);
    for (size_t i = 0; i < count; i++) {
        (void)signal_at(v, shares[i].whole);
        (void)signal_at(v, shares[i].bad);
    }
}

void vstreams_ask(struct vstreams *v, struct vread *vr, int64_t recent_ms, const struct view_axis *axis)
{
    const int64_t back_ms[] = {[VSTREAM_RECENT] = recent_ms, [VSTREAM_HOUR] = VSTREAM_HOUR_MS, [VSTREAM_DAY] = VSTREAM_DAY_MS};
    *v = (struct vstreams){.vr = vr};
    all_signals(v);
    for (size_t i = 0; i < v->signal_count; i++) {
        const enum signal s = v->signal[i];
        const int64_t until = vr->until_ms[s];
        for (int w = 0; w < VSTREAM_AXIS; w++)
            v->q[w][i] = vread_window(vr, s, dims_of(s), until - back_ms[w], until);
        vr->past[v->q[VSTREAM_DAY][i]] = true;
        v->q[VSTREAM_AXIS][i] = vread_axis(vr, s, dims_of(s), axis);
    }
    const int64_t now = vr->until_ms[SIG_EVAL];
    const struct view_axis week = {.t0_ms = now - VSTREAM_KEPT_DAYS * (int64_t)VSTREAM_DAY_MS,
                                   .step_ms = VSTREAM_DAY_MS / A_DAY,
                                   .cursor_ms = now,
                                   .columns = VSTREAM_KEPT_DAYS * A_DAY};
    v->week = vread_axis(vr, SIG_EVAL, dims_of(SIG_EVAL), &week);
    vr->past[v->week] = true;
}

void vstreams_ask_window(struct vstreams *v, struct vread *vr, int64_t recent_ms)
{
    *v = (struct vstreams){.vr = vr};
    all_signals(v);
    for (size_t i = 0; i < v->signal_count; i++) {
        const int64_t until = vr->until_ms[v->signal[i]];
        const size_t q = vread_window(vr, v->signal[i], dims_of(v->signal[i]), until - recent_ms, until);
        vr->past[q] = true;
        for (int w = 0; w < VSTREAM_WINDOWS; w++)
            v->q[w][i] = q;
    }
    v->week = v->q[VSTREAM_DAY][0];
}

/* ---- dealing out ---- */

static int by_key(const void *a, const void *b)
{
    const struct vstream *x = a, *y = b;
    if (x->share != y->share)
        return x->share < y->share ? -1 : 1;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    if (x->judge != y->judge)
        return x->judge < y->judge ? -1 : 1;
    return x->model < y->model ? -1 : x->model > y->model;
}

struct part {
    bool is_whole, is_bad;
};

static struct part part_of(const struct vread *vr, const struct answer_share *share, enum signal s, const struct store_group *g)
{
    const char *class = vread_text(vr, g->dim[DIM_CLASS]);
    if (share == NULL)
        return (struct part){.is_whole = s == SIG_EVAL};
    return (struct part){.is_whole = s == share->whole && (share->not_of_whole == NULL || strcmp(class, share->not_of_whole) != 0),
                         .is_bad = s == share->bad && (share->bad_class == NULL || strcmp(class, share->bad_class) == 0)};
}

static struct vstream key_of(const struct answer_share *share, const struct store_group *g)
{
    return (struct vstream){.share = share,
                            .name = share == NULL || share->by_name ? g->dim[DIM_NAME] : 0,
                            .judge = share == NULL ? g->dim[DIM_JUDGE] : 0,
                            .model = g->dim[DIM_MODEL]};
}

static bool has_samples(const struct store_group *g, uint32_t columns)
{
    for (uint32_t c = 0; c < columns; c++)
        if (g->cells[c].n > 0)
            return true;
    return false;
}

/* Calls fn for each group of a window, and each share that it tells something of. */
typedef void deal_fn(struct vstreams *v, enum vstream_window w, const struct answer_share *share, enum signal s,
                     const struct store_group *g);
static void deal(struct vstreams *v, enum vstream_window w, deal_fn *fn)
{
    size_t count;
    const struct answer_share *shares = answer_shares(&count);

    for (size_t i = 0; i < v->signal_count; i++) {
        const struct store_result *r = &v->vr->r[v->q[w][i]];
        for (size_t k = 0; k < r->count; k++) {
            if (!has_samples(&r->groups[k], v->vr->q[v->q[w][i]].columns))
                continue;
            if (v->signal[i] == SIG_EVAL && r->groups[k].dim[DIM_NAME] != 0)
                fn(v, w, NULL, SIG_EVAL, &r->groups[k]);
            for (size_t n = 0; n < count; n++)
                if (shares[n].whole == v->signal[i] || shares[n].bad == v->signal[i])
                    fn(v, w, &shares[n], v->signal[i], &r->groups[k]);
        }
    }
}

/* The day's groups: what counts bad ones makes a share, what counts the whole is no more than that. */
static void list_one(struct vstreams *v, enum vstream_window w, const struct answer_share *share, enum signal s,
                     const struct store_group *g)
{
    (void)w;
    if (share != NULL && s == share->bad)
        v->list[v->count++] = key_of(share, g);
}

/* The end of the last six hours that had a score; 0 = none. That an interval had none is told of a judge for a day after its last, or for
 * ever. */
static int64_t last_score(const struct vstreams *v, const struct store_group *g)
{
    const struct store_query *q = &v->vr->q[v->week];
    const int64_t now = v->vr->until_ms[SIG_EVAL];
    for (uint32_t c = q->columns; c-- > 0;) {
        const int64_t end = q->t0_ms + (int64_t)(c + 1) * q->step_ms;
        if (g->cells[c].n > 0 && g->cells[c].score_n > 0)
            return end < now ? end : now;
    }
    return 0;
}

static void list_scores(struct vstreams *v)
{
    const struct store_result *r = &v->vr->r[v->week];
    for (size_t i = 0; i < r->count; i++)
        if (r->groups[i].dim[DIM_NAME] != 0 && last_score(v, &r->groups[i]) != 0)
            v->list[v->count++] = key_of(NULL, &r->groups[i]);
}

static void date_scores(struct vstreams *v)
{
    const struct store_result *r = &v->vr->r[v->week];
    for (size_t i = 0; i < r->count; i++) {
        const struct vstream key = key_of(NULL, &r->groups[i]);
        struct vstream *s = v->count > 0 ? bsearch(&key, v->list, v->count, sizeof key, by_key) : NULL;
        const int64_t last = last_score(v, &r->groups[i]);
        if (s != NULL && last > s->last_ms)
            s->last_ms = last;
    }
}

static size_t groups_of(const struct vstreams *v, enum vstream_window w)
{
    size_t n = 0, count;
    (void)answer_shares(&count);
    for (size_t i = 0; i < v->signal_count; i++)
        n += v->vr->r[v->q[w][i]].count * (count + 1);
    return n;
}

static void unique(struct vstreams *v)
{
    size_t n = 0;
    qsort(v->list, v->count, sizeof *v->list, by_key);
    for (size_t i = 0; i < v->count; i++)
        if (n == 0 || by_key(&v->list[n - 1], &v->list[i]) != 0)
            v->list[n++] = v->list[i];
    v->count = n;
}

_Static_assert((int)DRIFT_NAME_MAX >= (int)ANSWER_NAME_MAX, "either name fits");

static enum err name_all(struct vstreams *v)
{
    struct arena *a = v->vr->l->arena;
    size_t n = 0;

    for (size_t i = 0; i < v->count; i++) {
        struct vstream *s = &v->list[i];
        char text[DRIFT_NAME_MAX];
        const char *name = vread_text(v->vr, s->name);
        if (s->share == NULL && !drift_name(name, vread_text(v->vr, s->judge), text))
            s->label = name; /* longer than names are: as the recorder calls it */
        else if (s->share != NULL && !answer_share_name(s->share, name, text))
            continue;
        else if ((s->label = arena_strdup(a, str_of(text))) == NULL)
            return ERR_NOMEM;
        v->list[n++] = *s;
    }
    v->count = n;
    return ERR_OK;
}

static int64_t longer_ms(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static double at_least_0(double v)
{
    return v > 0 ? v : 0;
}

static void count_one(struct vstreams *v, enum vstream_window w, const struct answer_share *share, enum signal s,
                      const struct store_group *g)
{
    const struct vstream key = key_of(share, g);
    const struct vstream *at = v->count > 0 ? bsearch(&key, v->list, v->count, sizeof key, by_key) : NULL;
    const struct part p = part_of(v->vr, share, s, g);
    const uint32_t columns = v->vr->q[v->q[w][0]].columns;

    if (at == NULL)
        return;
    struct vcount *c = &v->counts[w][(size_t)(at - v->list) * columns];
    for (uint32_t i = 0; i < columns; i++) {
        const struct store_cell *cell = &g->cells[i];
        if (cell->n == 0)
            continue;
        if (share == NULL) {
            c[i].n += (double)cell->score_n;
            c[i].bad += (double)cell->score_bad;
            c[i].sum += unit_from_fixed(UNIT_RATIO, cell->sum);
            c[i].sum_sq += unit_from_fixed(UNIT_RATIO, cell->score_sumsq);
            continue;
        }
        c[i].n += p.is_whole ? at_least_0((double)cell->sum) : 0;
        c[i].sum += p.is_bad ? at_least_0((double)cell->sum) : 0;
        c[i].bad = c[i].sum;
        c[i].whole_ms = s == share->whole ? longer_ms(c[i].whole_ms, cell->covered_ms) : c[i].whole_ms;
        c[i].bad_ms = s == share->bad ? longer_ms(c[i].bad_ms, cell->covered_ms) : c[i].bad_ms;
    }
}

enum err vstreams_take(struct vstreams *v)
{
    v->list = arena_array(v->vr->l->arena, groups_of(v, VSTREAM_DAY) + v->vr->r[v->week].count + 1, sizeof *v->list);
    if (v->list == NULL)
        return ERR_NOMEM;
    deal(v, VSTREAM_DAY, list_one);
    list_scores(v);
    unique(v);
    date_scores(v);
    enum err e = name_all(v);
    for (int w = 0; e == ERR_OK && w < VSTREAM_WINDOWS; w++) {
        const size_t cells = v->count * v->vr->q[v->q[w][0]].columns;
        v->counts[w] = arena_array(v->vr->l->scratch, cells + 1, sizeof *v->counts[w]);
        if (v->counts[w] == NULL)
            return ERR_NOMEM;
        deal(v, (enum vstream_window)w, count_one);
    }
    return e;
}

bool vstreams_find(const struct vstreams *v, const struct vstream *of, size_t *ret)
{
    const struct vstream *at = v->count > 0 ? bsearch(of, v->list, v->count, sizeof *of, by_key) : NULL;
    *ret = at != NULL ? (size_t)(at - v->list) : 0;
    return at != NULL;
}

/* ---- reading ---- */

const struct vcount *vstream_count(const struct vstreams *v, size_t i, enum vstream_window w, uint32_t column)
{
    return &v->counts[w][i * v->vr->q[v->q[w][0]].columns + column];
}

double vstream_percent(const struct vcount *c)
{
    return c->n > 0 ? 100 * c->sum / c->n : (double)NAN;
}

size_t vstreams_query(const struct vstreams *v, enum signal s, enum vstream_window w)
{
    size_t i = 0;
    while (v->signal[i] != s)
        i++;
    return v->q[w][i];
}

static struct vtrust trust_of(const struct vstreams *v, enum signal s, enum vstream_window w)
{
    return vread_trust(v->vr, vstreams_query(v, s, w));
}

struct vnum vstream_num(const struct vstreams *v, size_t i, enum vstream_window w)
{
    const struct vstream *s = &v->list[i];
    const struct vcount *c = vstream_count(v, i, w, 0);
    struct vtrust t = trust_of(v, s->share != NULL ? s->share->whole : SIG_EVAL, w);
    if (s->share != NULL)
        t = vtrust_join(t, trust_of(v, s->share->bad, w));
    if (!(c->n > 0) || t.unsplit != 0)
        return vnum_marked(vnum_unknown(), VNUM_OTHER, t);
    return vnum_of(vstream_percent(c), (uint64_t)c->n, VNUM_OTHER, t);
}

const struct answer_share *vstream_share_of(const char *label)
{
    size_t count, n = strlen(label);
    const struct answer_share *shares = answer_shares(&count);

    for (size_t i = 0; i < count; i++) {
        const char *name = shares[i].name, *of = shares[i].by_name ? strchr(name, '%') : NULL;
        const size_t before = of != NULL ? (size_t)(of - name) : 0, after = of != NULL ? strlen(of + 2) : 0;
        if (of == NULL ? strcmp(label, name) == 0
                       : n >= before + after && memcmp(label, name, before) == 0 && strcmp(label + n - after, of + 2) == 0)
            return &shares[i];
    }
    return NULL;
}

const char *vstream_rule(struct arena *a, const struct vstream *s)
{
    return arena_printf(a, "quality:%s", s->label);
}

const char *vstream_scope(const struct vread *vr, const struct vstream *s)
{
    return s->model != 0 ? arena_printf(vr->l->arena, "model=%s", vread_text(vr, s->model)) : "";
}
