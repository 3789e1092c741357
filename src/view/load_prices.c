/* SPDX-License-Identifier: MIT */
#include "view/prices.h"

#include <string.h>

#include "analysis/price_book.h"
#include "analysis/price_bounds.h"
#include "analysis/price_cost.h"
#include "analysis/price_table.h"
#include "base/timefmt.h"
#include "config/locate.h"

struct loading {
    const struct config *cfg;
    const struct view_price_ask *ask;
    struct arena *a;
    struct price_table table;
    struct view_price v;
    struct errctx *ctx;
};

static enum err out_of_memory(struct loading *l)
{
    return errctx_set(l->ctx, ERR_NOMEM, "out of memory");
}

/* The list that was asked for, the configured one, the one beside the store, the built-in one. */
static enum err read_table(struct loading *l)
{
    const char *path = l->ask->list;
    struct str text;
    enum err e = path != NULL ? locate_read_data(path, PRICE_FILE_MAX, l->a, &text, l->ctx)
                              : config_read_price_list(l->cfg, PRICE_FILE_MAX, l->a, &path, &text, l->ctx);
    if (e == ERR_OK)
        e = price_book_read(text, path, l->a, &l->table, l->ctx);
    if (e == ERR_OK && text.p != NULL)
        l->v.list.path = path;
    return e == ERR_NOTFOUND ? ERR_IO : e; /* not a missing price */
}

static void describe_list(struct loading *l)
{
    const struct price_table *t = &l->table;
    l->v.list.origin = t->origin;
    l->v.list.date_ms = t->date_ms;
    for (size_t i = 0; i < t->count; i++) {
        bool is_first = i == 0 || strcmp(t->rows[i - 1].model, t->rows[i].model) != 0;
        bool is_next_later =
            i + 1 == t->count || strcmp(t->rows[i + 1].model, t->rows[i].model) != 0 || t->rows[i + 1].from_ms > l->ask->at_ms;
        if (!is_next_later || (!is_first && t->rows[i].from_ms > l->ask->at_ms))
            continue;
        l->v.list.models++;
        l->v.list.priced += t->rows[i].unpriced == NULL;
    }
}

static const char *list_name(struct loading *l)
{
    char date[TIMEFMT_MAX];
    const char *path = l->v.list.path != NULL ? l->v.list.path : "the built-in list";
    if (l->v.list.date_ms == 0)
        return path;
    instant_format_iso(l->v.list.date_ms, date);
    const char *name = arena_printf(l->a, "%s of %.10s", path, date);
    return name != NULL ? name : path;
}

static enum err no_price(struct loading *l, const struct price_found *f, bool found)
{
    const char *model = l->ask->model;
    if (found && f->match.price != NULL && strcmp(f->match.price->model, model) != 0)
        return errctx_set(l->ctx, ERR_NOTFOUND, "%s has no price: %s (%s): %s", model, f->match.price->model, list_name(l),
                          f->price.unpriced);
    if (found)
        return errctx_set(l->ctx, ERR_NOTFOUND, "%s has no price (%s): %s", model, list_name(l), f->price.unpriced);
    return errctx_set(l->ctx, ERR_NOTFOUND, "%s has no price: %s%s%s", model, f->match.how[0] != '\0' ? f->match.how : "no row of ",
                      f->match.how[0] != '\0' ? "" : list_name(l), f->match.how[0] != '\0' ? "" : " fits");
}

/* "discount of 12% from 2026-10-01T00:00:00Z, gwtop.yaml line 7" */
static const char *describe_override(struct loading *l, const struct price_override *o)
{
    char from[TIMEFMT_MAX], percent[MONEY_WIDE_MAX];
    instant_format_iso(o->from_ms, from);
    if (!o->is_discount)
        return arena_printf(l->a, "configured from %s, line %u", from, o->line);
    money_wide_format((money_wide)(PRICE_ONE - o->price.multiplier) * MONEY_WIDE_PER_PUSD * 10000000000, percent); /* of 100 %, in 1e-20 */
    return arena_printf(l->a, "discount of %s%% configured from %s, line %u", percent, from, o->line);
}

/* The prices of the configuration that come into force for the model at some time, by their dates. */
static size_t find_overrides(const struct loading *l, const struct price_override **list)
{
    const struct price_book book = {&l->table, l->cfg->prices, l->cfg->price_count};
    size_t n = 0;
    for (size_t i = 0; i < l->cfg->price_count; i++) {
        const struct price_override *o = &l->cfg->prices[i];
        struct price_found f;
        (void)price_book_find(&book, l->ask->model, l->ask->provider, o->from_ms, &f);
        size_t at = n;
        if (f.override != o)
            continue;
        for (; at > 0 && list[at - 1]->from_ms > o->from_ms; at--)
            list[at] = list[at - 1];
        list[at] = o;
        n++;
    }
    return n;
}

static enum err list_rows(struct loading *l, const struct price_found *f)
{
    size_t n = 0, first = 0;
    const char *model = f->match.price != NULL ? f->match.price->model : NULL;
    const struct price_override **own = arena_array(l->a, l->cfg->price_count + 1, sizeof *own);
    const size_t own_count = own != NULL ? find_overrides(l, own) : 0;
    while (model != NULL && first < l->table.count && strcmp(l->table.rows[first].model, model) != 0)
        first++;
    while (model != NULL && first + n < l->table.count && strcmp(l->table.rows[first + n].model, model) == 0)
        n++;
    struct vprice_row *rows = arena_array(l->a, n + own_count + 1, sizeof *rows);
    if (own == NULL || rows == NULL)
        return out_of_memory(l);
    const bool replaced = f->override != NULL && !f->override->is_discount;
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct vprice_row){.price = &l->table.rows[first + i],
                                      .is_in_force = !replaced && f->match.price == &l->table.rows[first + i]};
    for (size_t i = 0; i < own_count; i++) {
        const char *configured = describe_override(l, own[i]);
        if (configured == NULL)
            return out_of_memory(l);
        rows[n++] = (struct vprice_row){.price = &own[i]->price, .is_in_force = own[i] == f->override, .configured = configured};
    }
    l->v.rows = rows;
    l->v.row_count = n;
    return ERR_OK;
}

static enum err describe_match(struct loading *l, const struct price_found *f)
{
    bool own = f->override != NULL && !f->override->is_discount;
    const char *how = f->override != NULL ? describe_override(l, f->override) : "";
    if (how == NULL)
        return out_of_memory(l);
    l->v.model = own ? f->override->pattern : f->match.price->model;
    l->v.how = own ? how : arena_printf(l->a, "%s%s%s", f->match.how, *how ? "; " : "", how);
    l->v.is_exact = own || f->match.is_exact;
    l->v.is_before = !own && f->match.is_before;
    l->v.price = f->price;
    return l->v.how != NULL ? list_rows(l, f) : out_of_memory(l);
}

/* ---- an amount ---- */

static enum exactness exactness_of(enum price_bound b)
{
    static const enum exactness of[] = {
        [PRICE_EXACT] = EXACT, [PRICE_AT_LEAST] = AT_LEAST, [PRICE_AT_MOST] = AT_MOST, [PRICE_ABOUT] = ABOUT};
    return of[b];
}

static enum err copy_parts(struct loading *l, const struct price_bill *b)
{
    struct vprice_part *parts = arena_array(l->a, b->line_count + 1, sizeof *parts);
    if (parts == NULL)
        return out_of_memory(l);
    for (uint32_t i = 0; i < b->line_count; i++) {
        const struct price_line *line = &b->line[i];
        parts[i] = (struct vprice_part){.term = line->term,
                                        .priced_as = line->priced_as,
                                        .service = price_service_name(line->service),
                                        .count = line->count,
                                        .pusd = line->pusd,
                                        .above_tokens = line->above_tokens,
                                        .graduated = line->graduated,
                                        .amount = line->amount};
    }
    l->v.parts = parts;
    l->v.part_count = b->line_count;
    return ERR_OK;
}

static enum err copy_notes(struct loading *l, unsigned set)
{
    enum { OWN_NOTES = 2 };
    const char **notes = arena_array(l->a, PRICE_NOTES + OWN_NOTES, sizeof *notes);
    if (notes == NULL)
        return out_of_memory(l);
    if (!l->v.is_exact)
        notes[l->v.note_count++] = "the nearest model that is listed, not the very one that was named";
    if (l->v.is_before)
        notes[l->v.note_count++] = "the moment is older than every price of it that is known: the oldest one";
    for (int i = 0; i < PRICE_NOTES; i++)
        if (set & (1U << i))
            notes[l->v.note_count++] = price_note_text((enum price_note)(1U << i));
    l->v.notes = notes;
    return ERR_OK;
}

/* Of several requests only the sum of their sizes is told: that is no amount where a price depends on the size of each. */
static enum err refuse_unknown_sizes(struct loading *l, const struct price_usage *u, const struct price_how *how)
{
    struct price_interval in;
    char lo[MONEY_WIDE_MAX], hi[MONEY_WIDE_MAX];
    if (u->count[PRICE_REQUEST] <= 1)
        return ERR_OK;
    enum err e = price_bounds(&l->v.price, u, NULL, how, &in, l->ctx);
    if (e != ERR_OK || in.lo == in.hi)
        return e;
    money_wide_format(in.lo, lo);
    money_wide_format(in.hi, hi);
    return errctx_set(l->ctx, ERR_USAGE, "%s costs by the size of each request: %lld of them cost %s to %s USD; ask for one at a time",
                      l->v.model, (long long)u->count[PRICE_REQUEST], lo, hi);
}

static enum err load_amount(struct loading *l)
{
    struct price_usage usage;
    struct price_bill bill, whole;
    struct price_how how = {.service = l->ask->service, .region = l->ask->region};
    memcpy(usage.count, l->ask->count, sizeof usage.count);
    enum err e = refuse_unknown_sizes(l, &usage, &how);
    if (e == ERR_OK)
        e = price_bill_make(&l->v.price, &usage, &how, &bill, l->ctx);
    if (e != ERR_OK)
        return e;
    l->v.service = price_service_name(how.service);
    l->v.region = how.region;
    l->v.multiplier = bill.multiplier;
    l->v.total = bill.total;
    l->v.exact = !l->v.is_exact || l->v.is_before ? ABOUT : exactness_of(bill.bound);
    how.whole_tiers = true;
    if ((bill.notes & PRICE_NOTE_GRADUATED) && price_bill_make(&l->v.price, &usage, &how, &whole, NULL) == ERR_OK &&
        whole.total != bill.total) {
        l->v.is_whole_known = true;
        l->v.whole = whole.total;
    }
    e = copy_parts(l, &bill);
    return e == ERR_OK ? copy_notes(l, bill.notes) : e;
}

enum err view_load_price(const struct config *cfg, const struct view_price_ask *ask, struct arena *a, struct view_price *ret,
                         struct errctx *ctx)
{
    struct price_found f;
    struct loading l = {.cfg = cfg, .ask = ask, .a = a, .ctx = ctx, .v = {.asked = ask->model, .at_ms = ask->at_ms}};
    enum err e = read_table(&l);
    if (e != ERR_OK)
        return e;
    describe_list(&l);
    const struct price_book book = {&l.table, cfg->prices, cfg->price_count};
    bool found = price_book_find(&book, ask->model, ask->provider, ask->at_ms, &f);
    if (!found || f.price.unpriced != NULL)
        return no_price(&l, &f, found);
    e = describe_match(&l, &f);
    if (e == ERR_OK && ask->has_counts)
        e = load_amount(&l);
    if (e == ERR_OK)
        *ret = l.v;
    return e;
}
