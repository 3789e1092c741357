/* SPDX-License-Identifier: MIT */
/* Scopes of objectives and budgets: their names, and what lies within them. */
#include <string.h>

#include "record/analyse_int.h"

/* Values of these dimensions say what they are; those of the others are named: "openai/gpt-x", "gpt-x team search". */
static bool speaks_for_itself(enum dim d)
{
    return d == DIM_GATEWAY || d == DIM_PROVIDER || d == DIM_MODEL || d == DIM_DEPLOYMENT;
}

/* Conditions in the order of dimensions, so that equal scopes have one text. */
enum err analyse_watch(struct arena *a, const struct scope_part *part, uint32_t count, struct watch *ret)
{
    const char *scope = "", *subject = "";
    for (unsigned d = 0; d < DIM_COUNT; d++) {
        for (uint32_t i = 0; i < count; i++) {
            const char *value = part[i].value, *name = dim_name((enum dim)d);
            if (part[i].dim != (enum dim)d)
                continue;
            scope = arena_printf(a, "%s%s%s=%s", scope, scope[0] != '\0' ? "," : "", name, value);
            if (speaks_for_itself((enum dim)d))
                subject = arena_printf(a, "%s%s%s", subject, subject[0] != '\0' ? "/" : "", value);
            else
                subject = arena_printf(a, "%s%s%s %s", subject, subject[0] != '\0' ? " " : "", name, value);
            if (scope == NULL || subject == NULL)
                return ERR_NOMEM;
        }
    }
    *ret = (struct watch){.part = part, .count = count, .text = scope, .subject = subject[0] != '\0' ? subject : "all traffic"};
    return ERR_OK;
}

void analyse_watch_find(const struct analyser *an, struct watch *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t id;
        if (w->want[i] == 0 && intern_find(store_strings(an->st), str_of(w->part[i].value), &id))
            w->want[i] = id;
    }
}

bool analyse_watch_has(const struct watch *w, const struct series *s)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->want[i] == 0 || s->dim[w->part[i].dim] != w->want[i])
            return false;
    return true;
}

bool analyse_watch_rule(const struct watch *w, const char *const *rules, size_t count, const struct alert *al, size_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(al->rule, rules[i]) != 0 || strcmp(al->scope, w->text) != 0)
            continue;
        *ret = i;
        return true;
    }
    return false;
}

enum err analyse_watch_filter(struct analyser *an, const struct watch *w, struct store_filter *f)
{
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t *id = arena_alloc(&an->scratch, sizeof *id);
        if (id == NULL)
            return ERR_NOMEM;
        *id = w->want[i] != 0 ? w->want[i] : UINT32_MAX;
        f->dim[w->part[i].dim].ids = id;
        f->dim[w->part[i].dim].count = 1;
    }
    return ERR_OK;
}
