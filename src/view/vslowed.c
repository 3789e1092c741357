/* SPDX-License-Identifier: MIT */
#include "view/vslowed.h"

#include "view/vdetail.h"
#include "view/vincidents.h"
#include "view/vlasted.h"
#include "view/vslo.h"
#include "view/vtext.h"

const struct slo *vslowed_objective(const struct vknown *known, const struct incident *in, const struct alert *history, size_t count)
{
    const struct alert *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct alert *al = &history[i];
        if ((first == NULL || al->severity > first->severity) && vincident_has_firing(in, al))
            first = al;
    }
    const struct slo *s = first != NULL ? vslo_of_rule(known->slos, known->slo_count, first->rule) : NULL;
    return s != NULL && s->kind == SLO_LATENCY ? s : NULL;
}

static const char *over_text(struct arena *a, const struct slo *s)
{
    char threshold[VTEXT_MAX];
    vtext_seconds(s->threshold, threshold);
    return arena_printf(a, "%s (%s)", threshold, signal_info(s->signal)->name);
}

static enum err count_one(const struct vread *vr, size_t q, const struct slo *s, struct vincident *v)
{
    struct slo_count n;
    const struct vtrust trust = vread_trust(vr, q);
    enum err e = vslo_count(vr, q, s, &n);
    if (e != ERR_OK)
        return e;
    enum exactness exact = vdetail_sum_exact(trust);
    if (exact == EXACT && (n.bad_hi > n.bad_lo || vlasted_is_partly_counted(v)))
        exact = AT_LEAST;
    v->slowed = (struct vslowed){
        .over = over_text(vr->l->arena, s), .known = n.total > 0 && !trust.torn, .slow = n.bad_lo, .answers = n.total, .exact = exact};
    return v->slowed.over != NULL ? ERR_OK : ERR_NOMEM;
}

/* list[first] and those after it that are of its objective. */
static enum err count_of_objective(const struct view_loader *l, const struct view_params *p, struct vincident *list,
                                   const struct slo *const *of, size_t count, size_t first, struct errctx *ctx)
{
    const struct slo *s = of[first];
    struct view_params whole = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    size_t *q = arena_array(l->scratch, count, sizeof *q);

    whole.filter = ""; /* an incident is told whole */
    if (vr == NULL || q == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    enum err e = vread_init(vr, l, &whole, ctx);
    for (size_t i = first; e == ERR_OK && i < count; i++) {
        const struct vtime harm = vdetail_harm(&list[i], p->cursor_ms);
        if (of[i] != s)
            continue;
        q[i] = vslo_query(vr, s, harm.t0_ms, harm.t1_ms);
        e = vslo_narrow(vr, s);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = first; e == ERR_OK && i < count; i++)
        if (of[i] == s)
            e = count_one(vr, q[i], s, &list[i]);
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading incidents") : e;
}

enum err vslowed_count(const struct view_loader *l, const struct view_params *p, struct vincident *list, const struct slo *const *of,
                       size_t count, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        bool counted = of[i] == NULL;
        for (size_t k = 0; k < i && !counted; k++)
            counted = of[k] == of[i];
        if (!counted)
            e = count_of_objective(l, p, list, of, count, i, ctx);
    }
    return e;
}
