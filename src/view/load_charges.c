/* SPDX-License-Identifier: MIT */
/* Each day is read and priced in memory of its own, for a month of a large store would fill an arena; what is kept are its charges. */
#include "view/spend.h"

#include <string.h>

#include "view/vperiod.h"
#include "view/vprice.h"

static const int64_t day_ms = 24 * INT64_C(3600000);
static const uint32_t charge_dims = DIM_BIT(DIM_REGION) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY);
enum { DAY_MAX_BYTES = 512 << 20 };

struct charging {
    const struct view_loader *l;
    struct vprice_book book;
    struct vcharge *rows;
    size_t count, room;
};

static struct vcharge *add_row(struct charging *c)
{
    if (c->count == c->room) {
        const size_t room = c->room > 0 ? 2 * c->room : 256;
        struct vcharge *more = arena_array(c->l->arena, room, sizeof *more);
        if (more == NULL)
            return NULL;
        if (c->count > 0)
            memcpy(more, c->rows, c->count * sizeof *more);
        c->rows = more;
        c->room = room;
    }
    return &c->rows[c->count++];
}

static enum err add_charge(struct charging *c, const struct vread *vr, const struct vprice *v, const struct vprice_group *g,
                           int64_t from_ms, int64_t to_ms)
{
    const struct vprice_cell *cell = &g->cells[0];
    struct vcharge *r;

    if (cell->booked_nusd == 0 && vprice_tokens(cell) == 0)
        return ERR_OK;
    r = add_row(c);
    if (r == NULL)
        return ERR_NOMEM;
    *r = (struct vcharge){.from_ms = from_ms,
                          .to_ms = to_ms,
                          .is_priced = cell->priced_tokens > 0 && cell->unpriced_tokens == 0,
                          .is_listed = v->names[g->name].is_found && v->names[g->name].found.override == NULL};
    config_budget_period(&(struct config_budget){.period = PERIOD_MONTH}, from_ms, &r->month_from_ms, &r->month_to_ms);
    const char **const text[DIM_COUNT] = {
        [DIM_GATEWAY] = &r->gateway,       [DIM_PROVIDER] = &r->provider, [DIM_MODEL] = &r->model, [DIM_REGION] = &r->region,
        [DIM_DEPLOYMENT] = &r->deployment, [DIM_TEAM] = &r->team,         [DIM_KEY] = &r->key};
    for (int d = 0; d < DIM_COUNT; d++)
        if (text[d] != NULL)
            *text[d] = g->dim[d] != 0 ? vread_text(vr, g->dim[d]) : "";
    r->booked = vprice_booked(cell, v->booked_trust);
    r->computed = vprice_computed(cell, v->tokens_trust);
    r->is_booked = g->books;
    r->cost = g->books ? r->booked : r->computed;
    memcpy(r->count, cell->count, sizeof r->count);
    memcpy(r->known, cell->known, sizeof r->known);
    r->how = vprice_how(c->l->arena, &v->names[g->name]);
    return r->how != NULL ? ERR_OK : ERR_NOMEM;
}

/* A poll over midnight books all that it tells to the day of its end. */
static enum err mark_ends(const struct vread *vr, int64_t from_ms, int64_t to_ms, struct vprice *v)
{
    const enum signal s = vr->has_series[SIG_COST] ? SIG_COST : SIG_TOKENS_INPUT;
    const int64_t since = store_recorded_since_ms(vr->l->st), ends[] = {from_ms, to_ms};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < 2; i++) {
        int64_t until = 0;
        if (ends[i] % day_ms == 0 && since < ends[i] && ends[i] < vr->cursor_ms)
            e = vperiod_poll_over(vr, s, ends[i], &until);
        if (until != 0)
            v->booked_trust.less = v->booked_trust.more = v->tokens_trust.less = v->tokens_trust.more = true;
    }
    return e;
}

static enum err load_day(struct charging *c, const struct view_params *p, int64_t from_ms, int64_t to_ms, struct arena *day,
                         struct errctx *ctx)
{
    const struct view_loader l = {.st = c->l->st, .cfg = c->l->cfg, .arena = day, .scratch = day};
    const struct vprice_ask ask = {charge_dims, from_ms, to_ms - from_ms, 1};
    struct vprice v;
    struct vread *vr = arena_alloc(day, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while pricing a day");
    enum err e = vread_init(vr, &l, p, ctx);
    if (e == ERR_OK)
        e = vprice_load(vr, &c->book, &ask, &v, ctx);
    if (e == ERR_OK)
        e = mark_ends(vr, from_ms, to_ms, &v);
    for (size_t i = 0; e == ERR_OK && i < v.count; i++)
        if (add_charge(c, vr, &v, &v.groups[i], from_ms, to_ms) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while listing charges");
    return e;
}

enum err view_load_charges(const struct view_loader *l, const struct view_params *p, struct view_charges *ret, struct errctx *ctx)
{
    struct charging c = {.l = l};
    struct arena day;
    const int64_t since = store_recorded_since_ms(l->st), t1 = p->cursor_ms;
    int64_t from = t1 - p->window_ms;

    enum err e = vprice_book_read(l->cfg, l->arena, &c.book, ctx);
    from = since > from ? since - since % day_ms : from; /* nothing was recorded of the days before */
    from = from > t1 - p->window_ms ? from : t1 - p->window_ms;
    arena_init(&day, DAY_MAX_BYTES);
    for (int64_t end; e == ERR_OK && since > 0 && from < t1; from = end) {
        end = from - from % day_ms + day_ms;
        end = end < t1 ? end : t1;
        arena_reset(&day);
        e = load_day(&c, p, from, end, &day, ctx);
    }
    arena_fini(&day);
    if (e == ERR_OK)
        *ret = (struct view_charges){c.rows, c.count, c.book.name};
    return e;
}
