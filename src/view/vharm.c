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
    return o->known && ((o->refused > 0 && vrefused_matters(o, o->all)) || (!of_money && voutcomes_severity(o) != SEV_NONE));
}

/* Those of the scope of list[first], at most a reading's. */
static enum err read_scope(const struct view_loader *l, const struct view_params *p, struct vfiring **list, size_t count, size_t first,
                           bool *done, struct errctx *ctx)
{
    const char *scope = list[first]->first->scope;
    struct view_params own = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    size_t at[VREAD_MAX], n = 0;

    own.filter = vread_scope_filter(l->scratch, scope);
    if (vr == NULL || own.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the record of rules");
    done[first] = true;
    enum err e = vread_init(vr, l, &own, ctx);
    if (e == ERR_USAGE)
        return ERR_OK;
    for (size_t i = first; e == ERR_OK && i < count && n < VREAD_MAX; i++) {
        if ((i != first && done[i]) || strcmp(list[i]->first->scope, scope) != 0)
            continue;
        done[i] = true;
        at[n++] = i;
        (void)vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), list[i]->from_ms, list[i]->to_ms != 0 ? list[i]->to_ms : p->cursor_ms);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        const struct voutcomes o = vread_outcomes(vr, i, 0, DIM_COUNT, 0);
        list[at[i]]->harm = vharm_is_in(&o, budget_of_rule(list[at[i]]->first->rule).p != NULL);
    }
    return e;
}

enum err vharm_read(const struct view_loader *l, const struct view_params *p, struct vfiring **list, size_t count, struct errctx *ctx)
{
    bool done[VHARM_FIRINGS] = {false};
    const size_t n = count < VHARM_FIRINGS ? count : VHARM_FIRINGS;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < n; i++)
        if (!done[i])
            e = read_scope(l, p, list, n, i, done, ctx);
    return e;
}
