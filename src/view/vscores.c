/* SPDX-License-Identifier: MIT */
#include "view/vscores.h"

#include <math.h>
#include <string.h>

#include "model/drift.h"
#include "view/vfinding.h"
#include "view/vstream.h"

enum { SCORES_TELLING = 20 };

struct vask vscores_ask(struct vread *vr, const struct view_axis *axis)
{
    return vask_add(vr, SIG_EVAL, DIM_BIT(DIM_NAME) | DIM_BIT(DIM_JUDGE) | DIM_BIT(DIM_MODEL), axis);
}

/* ---- scores ---- */

struct tally {
    int64_t n, bad;
};

static struct tally tally_of(const struct vread *vr, size_t q, const struct vscore *s)
{
    struct tally t = {0, 0};
    for (size_t i = 0; q != VROWS_NONE && i < vr->r[q].count; i++) {
        const struct store_group *g = &vr->r[q].groups[i];
        if (!vscore_is(s, g) || g->cells[0].n == 0)
            continue;
        t.n += g->cells[0].score_n;
        t.bad += g->cells[0].score_bad;
    }
    return t;
}

/* By how many deviations the share of bad ones rose; what is bad is the score's own business (a refusal is, a high grade is not). */
static double rise_of(struct tally now, struct tally then)
{
    if (now.n < SCORES_TELLING || then.n < SCORES_TELLING)
        return -INFINITY;
    double before = (double)then.bad / (double)then.n, variance = before * (1 - before);
    /* A baseline without any bad one says less than it seems to: at least one in a hundred is assumed. */
    return ((double)now.bad / (double)now.n - before) / sqrt((variance > 0.01 ? variance : 0.01) / (double)now.n);
}

/* A score of a model, and by how much it is worth a row. */
struct score_rank {
    struct vscore of;
    bool found; /* a drift of it is open */
    double rise;
};

/* What findings call it; one whose name and judge are longer than names are goes by its name. */
static const char *score_name(const struct vread *vr, const struct vscore *s, char out[DRIFT_NAME_MAX])
{
    return drift_name(vread_text(vr, s->name), vread_text(vr, s->judge), out) ? out : vread_text(vr, s->name);
}

/* "json_valid gpt-x", with its judge where the score has another as well: "json_valid@v2 gpt-x". NULL when the arena is full. */
static const char *score_label(const struct vread *vr, size_t q, const struct vscore *s)
{
    char text[DRIFT_NAME_MAX];
    bool several = false;
    for (size_t i = 0; i < vr->r[q].count; i++)
        several |= vr->r[q].groups[i].dim[DIM_NAME] == s->name && vr->r[q].groups[i].dim[DIM_JUDGE] != s->judge;
    return arena_printf(vr->l->arena, "%s %s", several ? score_name(vr, s, text) : vread_text(vr, s->name), vread_text(vr, s->model));
}

/* Drifts that are open first, then the worst: at most VSCORES_MAX. */
static size_t rank_scores(const struct vread *vr, struct vask eval, const struct alert *found, size_t found_count,
                          struct score_rank list[VSCORES_MAX])
{
    const struct store_result *r = &vr->r[eval.axis];
    char text[DRIFT_NAME_MAX];
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        struct score_rank s = {.of = {g->dim[DIM_NAME], g->dim[DIM_JUDGE], g->dim[DIM_MODEL]}};
        const char *name = score_name(vr, &s.of, text), *model = vread_text(vr, s.of.model);
        const struct alert *open = vfinding_of(found, found_count, "quality", name, DIM_MODEL, model);
        s.found = open != NULL;
        s.rise = s.found ? INFINITY : rise_of(tally_of(vr, eval.now, &s.of), tally_of(vr, eval.then, &s.of));
        size_t at = n;
        while (at > 0 && s.rise > list[at - 1].rise)
            at--;
        if (at == VSCORES_MAX)
            continue;
        n = n < VSCORES_MAX ? n + 1 : n;
        memmove(&list[at + 1], &list[at], (n - at - 1) * sizeof *list);
        list[at] = s;
    }
    return n;
}

static enum err score_rows(struct vread *vr, const struct view_axis *axis, struct vask eval, const struct score_rank *list, size_t n,
                           struct vrow *rows)
{
    for (size_t i = 0; i < n; i++) {
        enum err e = vrow_score(vr, axis, eval, &list[i].of, score_label(vr, eval.axis, &list[i].of), &rows[i]);
        if (e != ERR_OK)
            return e;
        rows[i].severity = list[i].found ? SEV_TICKET : rows[i].severity;
    }
    return ERR_OK;
}

/* ---- shares of answers ---- */

static enum err share_row(const struct vstreams *v, size_t at, const struct view_axis *axis, struct vrow *row)
{
    const struct vstream *s = &v->list[at];
    const char *model = vread_text(v->vr, s->model);
    *row = (struct vrow){.label = arena_printf(v->vr->l->arena, "%s%s%s", s->label, model[0] != '\0' ? " " : "", model),
                         .unit = "%",
                         .now = vstream_num(v, at, VSTREAM_RECENT),
                         .then = vnum_unknown(),
                         .difference = true,
                         .severity = SEV_TICKET};
    double *strip = vstrip_alloc(v->vr, axis, &row->strip);
    if (row->label == NULL || strip == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < axis->columns; c++)
        strip[c] = vstream_percent(vstream_count(v, at, VSTREAM_AXIS, c));
    vstrip_finish(&row->strip, axis->columns);
    vrow_compare(row);
    return ERR_OK;
}

static bool is_of_share(const struct alert *found)
{
    static const char rule[] = "quality:";
    return strncmp(found->rule, rule, strlen(rule)) == 0 && vstream_share_of(found->rule + strlen(rule)) != NULL;
}

/* Those that drift, at most `most`: they are read for that alone. */
static enum err share_rows(const struct vread *beside, const struct view_axis *axis, const struct alert *found, size_t found_count,
                           struct vrow *rows, size_t most, size_t *ret_count, struct errctx *ctx)
{
    struct vread *vr;
    struct vstreams v;
    bool any = false;
    *ret_count = 0;
    for (size_t i = 0; i < found_count; i++)
        any |= is_of_share(&found[i]);
    if (!any)
        return ERR_OK;
    vr = arena_alloc(beside->l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, beside->l, beside->p, ctx) : ERR_NOMEM;
    if (e != ERR_OK)
        return e;
    vstreams_ask(&v, vr, vr->p->now_window_ms, axis);
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = vstreams_take(&v);
    for (size_t i = 0; e == ERR_OK && i < v.count && *ret_count < most; i++)
        if (v.list[i].share != NULL &&
            vfinding_of(found, found_count, "quality", v.list[i].label, DIM_MODEL, vread_text(vr, v.list[i].model)) != NULL)
            e = share_row(&v, i, axis, &rows[(*ret_count)++]);
    return e;
}

enum err vscores_rows(struct vread *vr, const struct view_axis *axis, struct vask eval, const struct alert *found, size_t found_count,
                      struct vrow *rows, size_t *ret_count, struct errctx *ctx)
{
    struct score_rank list[VSCORES_MAX];
    size_t n = rank_scores(vr, eval, found, found_count, list), shares;
    enum err e = share_rows(vr, axis, found, found_count, rows, VSCORES_MAX, &shares, ctx);

    n = n < VSCORES_MAX - shares ? n : VSCORES_MAX - shares;
    if (e == ERR_OK)
        e = score_rows(vr, axis, eval, list, n, rows + shares);
    n += e == ERR_OK ? shares : 0;
    if (e == ERR_OK && n == 0 && vread_trust(vr, eval.now).unsplit != 0)
        e = vrow_unsplit(vr, eval, "scores", &rows[n++]);
    *ret_count = n;
    return e;
}
