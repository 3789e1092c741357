/* SPDX-License-Identifier: MIT */
#include "view/vsuspects.h"

#include <string.h>

#include "analysis/suspects.h"
#include "view/vread.h"

/* Requests and attempts are told apart by different dimensions and counted from different sides of the gateway. */
static const struct { enum signal signal; uint32_t dims; } tables[] = {
    {SIG_REQUESTS, DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY) | DIM_BIT(DIM_ROUTE)},
    {SIG_ATTEMPTS, DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_REGION)},
};
enum { TABLES = sizeof tables / sizeof *tables };
static const int64_t hour_ms = 3600000, minute_ms = 60000;

/* What fires at the cursor: the earliest onset (0: none is known), and the scope of the worst alert as a filter, "" without one. Within the
 * scope that fails, the question is which part of it does. */
static enum err find_trouble(const struct view_loader *l, int64_t cursor_ms, int64_t *ret_onset_ms, const char **ret_filter, struct errctx *ctx)
{
    struct alert *alerts;
    const struct alert *worst = NULL;
    size_t count;
    int64_t onset = 0;
    enum err e = store_alerts(l->st, cursor_ms, l->arena, &alerts, &count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count; i++) {
        if (alerts[i].state != ALERT_FIRING)
            continue;
        if (alerts[i].onset_ms != 0 && (onset == 0 || alerts[i].onset_ms < onset))
            onset = alerts[i].onset_ms;
        if (worst == NULL || alerts[i].severity > worst->severity)
            worst = &alerts[i];
    }
    *ret_filter = vread_scope_filter(l->arena, worst != NULL ? worst->scope : "");
    *ret_onset_ms = onset;
    return *ret_filter != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
}

/* The cells of a table by their dimensions, in order of first sight: open addressing. */
struct cells {
    struct suspect_cell *list;
    uint32_t *hash; /* number in the list + 1, 0 = free */
    size_t hash_cap; /* a power of two, at least twice the cells */
};

static enum err make_cells(struct arena *a, size_t max, struct cells *ret)
{
    size_t cap = 64;

    while (cap < 2 * max)
        cap *= 2;
    *ret = (struct cells){.list = arena_array(a, max + 1, sizeof *ret->list), .hash = arena_array(a, cap, sizeof *ret->hash), .hash_cap = cap};
    return ret->list != NULL && ret->hash != NULL ? ERR_OK : ERR_NOMEM;
}

static struct suspect_cell *cell_of(struct suspect_table *t, struct cells *cells, const struct store_group *g)
{
    uint32_t dim[DIM_COUNT];
    uint64_t h = 0;

    memcpy(dim, g->dim, sizeof dim);
    dim[DIM_CLASS] = 0;
    for (int d = 0; d < DIM_COUNT; d++)
        h = (h ^ dim[d]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
    for (size_t i = (size_t)(h ^ h >> 32) & (cells->hash_cap - 1);; i = (i + 1) & (cells->hash_cap - 1)) {
        if (cells->hash[i] == 0) {
            struct suspect_cell *c = &cells->list[t->count++];
            cells->hash[i] = (uint32_t)t->count;
            memcpy(c->dim, dim, sizeof dim);
            return c;
        }
        if (memcmp(cells->list[cells->hash[i] - 1].dim, dim, sizeof dim) == 0)
            return &cells->list[cells->hash[i] - 1];
    }
}

/* Groups are told apart by class as well; cells hold all classes of one combination. */
static void add_groups(const struct vread *vr, size_t q, bool past, struct suspect_table *t, struct cells *cells)
{
    for (size_t i = 0; i < vr->r[q].count; i++) {
        const struct store_group *g = &vr->r[q].groups[i];
        enum outcome class = OUTCOME_OTHER;
        uint64_t n = g->cells[0].n > 0 && g->cells[0].sum > 0 ? (uint64_t)g->cells[0].sum : 0;
        (void)outcome_by_name(str_of(vread_text(vr, g->dim[DIM_CLASS])), &class);
        bool bad = outcome_is_bad(class);
        if (n == 0 || (class != OUTCOME_OK && !bad))
            continue;
        struct suspect_cell *c = cell_of(t, cells, g);
        if (past) {
            c->past_n += n;
            c->past_bad += bad ? n : 0;
        } else {
            c->n += n;
            c->by_class[class] += n;
        }
    }
}

static enum err read_tables(struct vread *vr, int64_t onset_ms, struct suspects_input *in, struct errctx *ctx)
{
    size_t now[TABLES], past[TABLES];

    for (size_t i = 0; i < TABLES; i++) {
        int64_t until = vr->until_ms[tables[i].signal], now_from = until - vr->p->now_window_ms;
        int64_t past_to = onset_ms != 0 && onset_ms - minute_ms < now_from ? onset_ms - minute_ms : now_from;
        now[i] = vread_window(vr, tables[i].signal, tables[i].dims | DIM_BIT(DIM_CLASS), now_from, until);
        past[i] = vread_window(vr, tables[i].signal, tables[i].dims | DIM_BIT(DIM_CLASS), past_to - hour_ms, past_to);
    }
    enum err e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < TABLES; i++) {
        struct suspect_table *t = &in->table[in->table_count++];
        struct cells cells;
        if (make_cells(vr->l->arena, vr->r[now[i]].count + vr->r[past[i]].count, &cells) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
        *t = (struct suspect_table){.cells = cells.list, .dims = tables[i].dims};
        add_groups(vr, now[i], false, t, &cells);
        add_groups(vr, past[i], true, t, &cells);
    }
    return ERR_OK;
}

enum err vsuspects_load(const struct view_loader *l, const struct view_params *p, const struct vsuspect **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx)
{
    struct suspects_input in = {.strings = store_strings(l->st)};
    struct event *events;
    struct suspect *found;
    size_t count;
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    struct view_params within = *p;
    const char *scope;
    enum err e = find_trouble(l, p->cursor_ms, &in.onset_ms, &scope, ctx);
    if (e == ERR_OK && (p->filter == NULL || p->filter[0] == '\0'))
        within.filter = scope;
    if (e == ERR_OK)
        e = vread_init(vr, l, &within, ctx);
    if (e == ERR_OK)
        e = read_tables(vr, in.onset_ms, &in, ctx);
    if (e != ERR_OK)
        return e;
    int64_t around = in.onset_ms != 0 ? in.onset_ms : p->cursor_ms;
    in.onset_error_ms = minute_ms;
    e = store_events(l->st, around - hour_ms, around + hour_ms, p->cursor_ms, l->arena, &events, &in.event_count, ctx);
    in.events = events;
    if (e == ERR_OK && suspects_rank(&in, l->arena, &found, &count, ret_note) != ERR_OK)
        e = errctx_set(ctx, ERR_LIMIT, "too many combinations of dimensions to look for suspects; a filter narrows them");
    if (e != ERR_OK)
        return e;
    struct vsuspect *list = arena_array(l->arena, count + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    for (size_t i = 0; i < count; i++)
        list[i] = (struct vsuspect){.title = found[i].title, .reason = found[i].reason, .reason2 = found[i].reason2, .weak = found[i].weak};
    *ret = list;
    *ret_count = count;
    return ERR_OK;
}
