/* SPDX-License-Identifier: MIT */
#include "view/vharm.h"

#include <string.h>

#include "model/rulelist.h"
#include "view/vrefused.h"

bool vharm_is_of_rule(const char *rule)
{
    return str_has_prefix(str_of(rule), "slo:");
}

bool vharm_is_in(const struct voutcomes *o, bool of_money)
{
    if (!o->known || of_money) /* what is refused for another reason, and what fails, is not the budget's doing */
        return o->known && o->by_class[OUTCOME_BUDGET] > 0;
    return (o->refused > 0 && vrefused_matters(o, o->all)) || voutcomes_severity(o) != SEV_NONE;
}

/* A firing in one of its scopes. */
struct part {
    struct vfiring *f;
    const char *scope;
    bool done;
};

/* Those of the scope of list[first] that are not known to have done harm, at most a reading's. */
static enum err read_scope(const struct view_loader *l, const struct view_params *p, struct part *list, size_t count, size_t first,
                           struct errctx *ctx)
{
    const char *scope = list[first].scope;
    struct view_params own = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    size_t at[VREAD_MAX], n = 0;

    own.filter = vread_scope_filter(l->scratch, scope);
    if (vr == NULL || own.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the record of rules");
    list[first].done = true;
    enum err e = vread_init(vr, l, &own, ctx);
    if (e == ERR_USAGE)
        return ERR_OK;
    for (size_t i = first; e == ERR_OK && i < count && n < VREAD_MAX; i++) {
        const struct vfiring *f = list[i].f;
        if ((i != first && list[i].done) || f->harm || strcmp(list[i].scope, scope) != 0)
            continue;
        list[i].done = true;
        at[n++] = i;
        (void)vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), f->from_ms, f->to_ms != 0 ? f->to_ms : p->cursor_ms);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        const struct voutcomes o = vread_outcomes(vr, i, 0, DIM_COUNT, 0);
        struct vfiring *f = list[at[i]].f;
        f->harm = f->harm || vharm_is_in(&o, budget_of_rule(f->steps->al->rule).p != NULL);
    }
    return e;
}

/* Adds the scopes in which a firing fired, each once, as far as there is room. */
static void add_parts(struct vfiring *f, struct part *list, size_t *count)
{
    const size_t first = *count;
    for (size_t i = 0; i < f->step_count && *count < VHARM_PARTS; i++) {
        const struct alert *al = f->steps[i].al;
        bool has = al->state != ALERT_FIRING;
        for (size_t k = first; !has && k < *count; k++)
            has = strcmp(list[k].scope, al->scope) == 0;
        if (!has)
            list[(*count)++] = (struct part){.f = f, .scope = al->scope};
    }
}

enum err vharm_read(const struct view_loader *l, const struct view_params *p, struct vfiring **list, size_t count, struct errctx *ctx)
{
    struct part *parts = arena_array(l->scratch, VHARM_PARTS, sizeof *parts);
    size_t n = 0;
    enum err e = ERR_OK;
    if (parts == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the record of rules");
    for (size_t i = 0; i < count; i++)
        add_parts(list[i], parts, &n);
    for (size_t i = 0; e == ERR_OK && i < n; i++)
        if (!parts[i].done && !parts[i].f->harm)
            e = read_scope(l, p, parts, n, i, ctx);
    return e;
}
