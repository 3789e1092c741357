/* SPDX-License-Identifier: MIT */
#include "view/spend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vcombos.h"
#include "view/vprice.h"
#include "view/vrecent.h"
#include "view/vtext.h"

enum { ROWS_MAX = 1000 };

/* A row while it is summed up. */
struct tally {
    struct vprice_cell all, booking, unbooked, now, now_unbooked; /* booking: of gateways that book spend; unbooked: of the others */
};

/* What one gateway tells of a row. */
struct gateway_part {
    struct vprice_cell cell;
    size_t row;
    bool books;
};

struct vspend {
    struct vread *vr;
    struct vprice_book book;
    struct vprice_pending *window_asked, *now_asked;
    struct vprice window, now, recent; /* recent: since money goes at another rate */
    struct vrecent_time since;
    bool is_computed; /* some gateway counts tokens and books no spend */
    uint32_t dims;
    struct view_spend v;
};

static struct arena *arena_of(const struct vspend *s)
{
    return s->vr->l->arena;
}

static enum err out_of_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while adding up spend");
}

/* ---- amounts ---- */

static enum exactness marked(enum exactness e, struct vtrust t)
{
    return vnum_marked((struct vnum){.exact = e}, VNUM_SUM, t).exact;
}

/* What the money rests on: spend as booked, and computed where nothing is. */
static struct vspend_amount cost_of(const struct vprice_cell *all, const struct vprice_cell *unbooked, struct vtrust booked,
                                    struct vtrust tokens)
{
    const struct vspend_amount b = vprice_booked(all, booked), c = vprice_computed(unbooked, tokens);
    if (!c.known && unbooked->unpriced_tokens == 0)
        return b;
    struct vspend_amount sum = {b.known || c.known, b.lo_nusd + (c.known ? c.lo_nusd : 0), b.hi_nusd + (c.known ? c.hi_nusd : 0), c.exact};
    if (b.known && b.exact != EXACT && b.exact != sum.exact)
        sum.exact = sum.exact == EXACT ? b.exact : ABOUT;
    return sum;
}

/* Of the gateways that book: what no gateway books is no difference. */
static struct vspend_amount over_of(const struct vprice_cell *c)
{
    const struct vspend_amount computed = vprice_computed(c, (struct vtrust){.stale = false});
    return (struct vspend_amount){c->is_booked && computed.known, c->booked_priced_nusd - computed.hi_nusd,
                                  c->booked_priced_nusd - computed.lo_nusd,
                                  c->is_near || price_bound_of(c->notes) != PRICE_EXACT ? ABOUT : EXACT};
}

static void add_ratio(struct vspend_ratio *r, bool of_known, int64_t of, bool by_known, int64_t by)
{
    if (of_known && by_known) {
        r->of += of;
        r->by += by;
    } else {
        r->is_part = r->is_part || (of_known && of != 0) || (by_known && by != 0);
    }
}

/* Adds what one gateway tells of a row. */
static void add_ratios(struct vspend_row *r, const struct vprice_cell *c, bool books)
{
    const struct vspend_amount cost =
        books ? vprice_booked(c, (struct vtrust){.stale = false}) : vprice_computed(c, (struct vtrust){.stale = false});
    const bool *known = c->known, tokens_known = known[PRICE_INPUT] || known[PRICE_OUTPUT];
    add_ratio(&r->per_request, cost.known, cost.lo_nusd, c->requests_known, c->requests);
    add_ratio(&r->per_token, cost.known, cost.lo_nusd, tokens_known, c->count[PRICE_INPUT] + c->count[PRICE_OUTPUT]);
    add_ratio(&r->per_answer, known[PRICE_INPUT], c->count[PRICE_INPUT], known[PRICE_REQUEST], c->count[PRICE_REQUEST]);
}

/* Adds what one gateway tells of a model of a row: where nothing was ever cached no counter says so. */
static void add_cached(struct vspend_row *r, const struct vprice_cell *c, bool books)
{
    (void)books;
    add_ratio(&r->cached, c->known[PRICE_CACHED], c->count[PRICE_CACHED], c->known[PRICE_INPUT], c->count[PRICE_INPUT]);
}

static void add_ratio_of(struct vspend_ratio *sum, const struct vspend_ratio *r)
{
    sum->of += r->of;
    sum->by += r->by;
    sum->is_part = sum->is_part || r->is_part;
}

/* Adds the ratios of one row to another's. */
static void add_row_ratios(struct vspend_row *sum, const struct vspend_row *r)
{
    add_ratio_of(&sum->per_request, &r->per_request);
    add_ratio_of(&sum->per_token, &r->per_token);
    add_ratio_of(&sum->per_answer, &r->per_answer);
    add_ratio_of(&sum->cached, &r->cached);
}

/* What a time cost, as a rate. */
static struct vspend_amount rate_of(const struct vprice *of, const struct vprice_cell *all, const struct vprice_cell *unbooked)
{
    struct vspend_amount a = cost_of(all, unbooked, of->booked_trust, of->tokens_trust);
    const int64_t ms = of->covered_ms[0];
    a.known = a.known && ms > 0;
    a.lo_nusd = a.known ? money_per_hour(a.lo_nusd, ms) : 0;
    a.hi_nusd = a.known ? money_per_hour(a.hi_nusd, ms) : 0;
    a.exact = of->covered_about[0] ? ABOUT : marked(a.exact, (struct vtrust){.less = true}); /* what still runs is missing */
    return a;
}

static double unpriced_share(const struct vprice_cell *c)
{
    const int64_t all = vprice_tokens(c);
    return all > 0 ? (double)c->unpriced_tokens / (double)all : NAN;
}

static void fill_row(const struct vspend *s, const struct tally *t, struct vspend_row *r)
{
    const struct vprice *w = &s->window;
    r->booked = vprice_booked(&t->all, w->booked_trust);
    r->computed = vprice_computed(&t->all, w->tokens_trust);
    r->cost = cost_of(&t->all, &t->unbooked, w->booked_trust, w->tokens_trust);
    r->over = over_of(&t->booking);
    r->per_h = rate_of(&s->now, &t->now, &t->now_unbooked);
    r->unpriced_share = unpriced_share(&t->all);
    memcpy(r->count, t->all.count, sizeof r->count);
    memcpy(r->known, t->all.known, sizeof r->known);
    r->how = "";
}

/* ---- rows ---- */

static void add_group(struct tally *t, const struct vprice_group *g, bool is_now)
{
    vprice_add(is_now ? &t->now : &t->all, &g->cells[0]);
    if (g->books && !is_now)
        vprice_add(&t->booking, &g->cells[0]);
    if (!g->books)
        vprice_add(is_now ? &t->now_unbooked : &t->unbooked, &g->cells[0]);
}

static void add_tally(struct tally *sum, const struct tally *t)
{
    vprice_add(&sum->all, &t->all);
    vprice_add(&sum->booking, &t->booking);
    vprice_add(&sum->unbooked, &t->unbooked);
    vprice_add(&sum->now, &t->now);
    vprice_add(&sum->now_unbooked, &t->now_unbooked);
}

static enum err tally_by(const struct vspend *s, uint32_t dims, struct vcombos *combos, struct tally **ret)
{
    const size_t most = s->window.count + s->now.count;
    struct tally *list = arena_array(arena_of(s), most + 1, sizeof *list);
    if (list == NULL || vcombos_init(combos, arena_of(s), most, dims) != ERR_OK)
        return ERR_NOMEM;
    for (int now = 0; now < 2; now++) {
        const struct vprice *from = now ? &s->now : &s->window;
        for (size_t i = 0; i < from->count; i++)
            add_group(&list[vcombos_number(combos, from->groups[i].dim)], &from->groups[i], now != 0);
    }
    *ret = list;
    return ERR_OK;
}

typedef void ratio_fn(struct vspend_row *r, const struct vprice_cell *c, bool books);

/* What each teller (a gateway, or one's model: dims of teller) tells of each row, as ratios of the row: rows[tally] of combos, without them
 * all of it as those of rows[0]. A ratio of all gateways at once would divide what one tells by what another does. */
static enum err ratios_by(const struct vspend *s, struct vcombos *combos, uint32_t teller, ratio_fn *add, struct vspend_row *rows)
{
    const size_t most = s->window.count;
    struct vcombos cells;
    struct gateway_part *part = arena_array(arena_of(s), most + 1, sizeof *part);

    if (part == NULL || vcombos_init(&cells, arena_of(s), most, (combos != NULL ? s->dims : 0) | teller) != ERR_OK)
        return ERR_NOMEM;
    for (size_t i = 0; i < most; i++) {
        const struct vprice_group *g = &s->window.groups[i];
        struct gateway_part *p = &part[vcombos_number(&cells, g->dim)];
        vprice_add(&p->cell, &g->cells[0]);
        p->books = g->books;
        p->row = combos != NULL ? vcombos_number(combos, g->dim) : 0;
    }
    for (size_t k = 0; k < cells.count; k++)
        add(&rows[part[k].row], &part[k].cell, part[k].books);
    return ERR_OK;
}

static enum err all_ratios(const struct vspend *s, struct vcombos *combos, struct vspend_row *rows)
{
    const enum err e = ratios_by(s, combos, DIM_BIT(DIM_GATEWAY), add_ratios, rows);
    return e == ERR_OK ? ratios_by(s, combos, DIM_BIT(DIM_GATEWAY) | DIM_BIT(DIM_MODEL), add_cached, rows) : e;
}

static int dearer_first(const void *a, const void *b)
{
    const struct vspend_row *x = a, *y = b;
    if (x->cost.hi_nusd != y->cost.hi_nusd)
        return x->cost.hi_nusd < y->cost.hi_nusd ? 1 : -1;
    for (size_t d = 0; d < VSPEND_DIMS_MAX && x->value[d] != NULL; d++)
        if (strcmp(x->value[d], y->value[d]) != 0)
            return strcmp(x->value[d], y->value[d]);
    return 0;
}

static bool is_worth(const struct tally *t)
{
    return t->all.booked_nusd != 0 || vprice_tokens(&t->all) > 0;
}

static const char *value_of(const struct vspend *s, uint32_t id)
{
    return id != 0 ? vread_text(s->vr, id) : "(none)";
}

/* Which tally a row was made of, so that those past the last shown one can be added up: rows are sorted with it. */
struct ranked {
    struct vspend_row row;
    const struct tally *of;
};

static enum err build_rows(struct vspend *s, struct errctx *ctx)
{
    struct vcombos combos;
    struct tally *t, total, other;
    enum err e = tally_by(s, s->dims, &combos, &t);
    struct ranked *ranked = e == ERR_OK ? arena_array(arena_of(s), combos.count + 1, sizeof *ranked) : NULL;
    struct vspend_row *rows = ranked != NULL ? arena_array(arena_of(s), ROWS_MAX + 2, sizeof *rows) : NULL;
    struct vspend_row *ratios = rows != NULL ? arena_array(arena_of(s), combos.count + 1, sizeof *ratios) : NULL;
    struct vspend_row all = {.how = ""}, rest = {.how = ""};
    size_t n = 0, shown;

    if (ratios == NULL || all_ratios(s, &combos, ratios) != ERR_OK || all_ratios(s, NULL, &all) != ERR_OK)
        return out_of_memory(ctx);
    memset(&total, 0, sizeof total);
    memset(&other, 0, sizeof other);
    for (size_t i = 0; i < combos.count; i++) {
        add_tally(&total, &t[i]);
        if (!is_worth(&t[i]))
            continue;
        ranked[n].of = &t[i];
        for (size_t d = 0; d < s->v.dim_count; d++)
            ranked[n].row.value[d] = value_of(s, combos.dim[i][s->v.dims[d]]);
        fill_row(s, &t[i], &ranked[n].row);
        add_row_ratios(&ranked[n++].row, &ratios[i]);
    }
    qsort(ranked, n, sizeof *ranked, dearer_first); /* the row is its first member */
    shown = n < ROWS_MAX ? n : ROWS_MAX;
    for (size_t i = 0; i < n; i++) {
        if (i < shown) {
            rows[i] = ranked[i].row;
            continue;
        }
        add_tally(&other, ranked[i].of);
        add_row_ratios(&rest, &ranked[i].row);
    }
    if (shown < n) {
        fill_row(s, &other, &rows[shown]);
        add_row_ratios(&rows[shown], &rest);
        rows[shown++].is_other = true;
    }
    fill_row(s, &total, &rows[shown]);
    add_row_ratios(&rows[shown], &all);
    rows[shown++].is_total = true;
    s->v.rows = rows;
    s->v.row_count = shown;
    return ERR_OK;
}

/* By name: the tokens that were counted of it. */
static int64_t *tokens_of_names(const struct vspend *s)
{
    int64_t *tokens = arena_array(arena_of(s), s->window.name_count + 1, sizeof *tokens);
    for (size_t i = 0; tokens != NULL && i < s->window.count; i++)
        tokens[s->window.groups[i].name] += vprice_tokens(&s->window.groups[i].cells[0]);
    return tokens;
}

/* How the name matched that most of a model's tokens have: "by its name", "no price: subscription; 2 other names". */
static const char *how_of(const struct vspend *s, const int64_t *tokens, uint32_t model)
{
    const struct vprice_name *best = NULL;
    int64_t most = 0;
    size_t others = 0;
    for (size_t i = 0; i < s->window.name_count; i++) {
        const struct vprice_name *n = &s->window.names[i];
        if (n->model != model || tokens[i] == 0)
            continue;
        others += best != NULL;
        best = tokens[i] > most ? n : best;
        most = tokens[i] > most ? tokens[i] : most;
    }
    if (best == NULL)
        return "no tokens recorded";
    const char *how = vprice_how(arena_of(s), best);
    return how == NULL || others == 0 ? how : arena_printf(arena_of(s), "%s; %zu other name%s", how, others, others == 1 ? "" : "s");
}

static enum err build_models(struct vspend *s, struct errctx *ctx)
{
    struct vcombos combos;
    struct tally *t;
    size_t n = 0;
    enum err e = tally_by(s, DIM_BIT(DIM_MODEL), &combos, &t);
    struct vspend_row *rows = e == ERR_OK ? arena_array(arena_of(s), combos.count + 1, sizeof *rows) : NULL;

    const int64_t *tokens = tokens_of_names(s);
    if (rows == NULL || tokens == NULL)
        return out_of_memory(ctx);
    for (size_t i = 0; i < combos.count; i++) {
        if (!is_worth(&t[i]))
            continue;
        fill_row(s, &t[i], &rows[n]);
        rows[n].value[0] = value_of(s, combos.dim[i][DIM_MODEL]);
        rows[n].how = how_of(s, tokens, combos.dim[i][DIM_MODEL]);
        if (rows[n++].how == NULL)
            return out_of_memory(ctx);
        s->v.summary.unpriced_models += t[i].all.unpriced_tokens > 0;
    }
    qsort(rows, n, sizeof *rows, dearer_first);
    s->v.models = rows;
    s->v.model_count = n;
    return ERR_OK;
}

/* ---- the sentence ---- */

/* "$4.20", "~$4.20", "$4.20 to $5.10" */
static const char *amount_text(struct arena *a, struct vspend_amount m, const char *unit)
{
    char lo[MONEY_MAX], hi[MONEY_MAX];
    money_format(m.lo_nusd, lo);
    money_format(m.hi_nusd, hi);
    const char *mark = exact_mark(m.exact);
    return strcmp(lo, hi) == 0 ? arena_printf(a, "%s%s%s", mark, lo, unit) : arena_printf(a, "%s%s to %s%s", mark, lo, hi, unit);
}

/* "+$1.20 (0.4%)", "as much", "which lies in that". What is no cent and no thousandth is the rounding of whoever booked it. */
static const char *over_text(struct arena *a, const struct vprice_summary *s)
{
    enum { CENT_NUSD = 10000000, THOUSANDTH = 1000 };
    char money[MONEY_MAX], percent[VTEXT_MAX];
    const bool more = s->over.lo_nusd > 0, less = s->over.hi_nusd < 0;
    const int64_t by = more ? s->over.lo_nusd : -s->over.hi_nusd, of = more ? s->computed.hi_nusd : s->computed.lo_nusd;

    if (!more && !less)
        return s->over.lo_nusd == s->over.hi_nusd ? "as much" : "which lies in that";
    if (by < CENT_NUSD && by < of / THOUSANDTH)
        return "as much";
    money_format(by, money);
    vtext_percent(of > 0 ? 100.0 * (double)by / (double)of : NAN, percent);
    return arena_printf(a, "%s%s (%s)", more ? "+" : "-", money, percent);
}

static const char *unpriced_text(struct arena *a, const struct vprice_summary *s)
{
    char share[VTEXT_MAX];
    if (s->unpriced_models == 0)
        return "";
    vtext_percent(100 * s->unpriced_share, share);
    return arena_printf(a, " + %s of tokens unpriced: %zu model%s", share, s->unpriced_models, s->unpriced_models == 1 ? "" : "s");
}

/* All booked: what the tokens cost beside it. What matters most comes first: a narrow pane cuts the rest. */
static const char *compare_text(struct arena *a, const struct view_spend *v)
{
    char window[TIMEFMT_MAX], booked[MONEY_MAX];
    const struct vprice_summary *s = &v->summary;
    const char *computed = amount_text(a, s->computed, ""), *unpriced = unpriced_text(a, s), *over = over_text(a, s);
    if (computed == NULL || unpriced == NULL || over == NULL)
        return NULL;
    duration_format(v->window_ms, window);
    if (!s->over.known)
        return arena_printf(a, "computed %s%s in %s, by %s", computed, unpriced, window, s->list);
    money_format(s->over.lo_nusd + s->computed.hi_nusd, booked);
    return arena_printf(a, "computed %s%s; booked %s, %s for the same tokens in %s, by %s", computed, unpriced, booked, over, window,
                        s->list);
}

static const char *sentence_of(struct arena *a, const struct view_spend *v, const char *fault)
{
    const struct vprice_summary *s = &v->summary;
    if (isnan(s->unpriced_share))
        return "";
    if (fault[0] != '\0' && !s->is_priced)
        return arena_printf(a, "computed cost is not known: %s", fault);
    if (!s->is_priced)
        return arena_printf(a, "computed cost is not known: none of %zu model%s has a price in %s", s->unpriced_models,
                            s->unpriced_models == 1 ? "" : "s", s->list);
    if (!s->is_computed)
        return compare_text(a, v);
    const char *rate = s->per_h.known ? amount_text(a, s->per_h, "/h ") : "$/h not known ", *unpriced = unpriced_text(a, s);
    return rate != NULL && unpriced != NULL ? arena_printf(a, "%s%s%s, %s", rate, s->over_text, unpriced, s->basis) : NULL;
}

static struct vspend_recent recent_of(const struct vspend *s)
{
    struct vprice_cell all, unbooked;
    memset(&all, 0, sizeof all);
    memset(&unbooked, 0, sizeof unbooked);
    for (size_t i = 0; i < s->recent.count; i++) {
        vprice_add(&all, &s->recent.groups[i].cells[0]);
        if (!s->recent.groups[i].books)
            vprice_add(&unbooked, &s->recent.groups[i].cells[0]);
    }
    const struct vspend_amount per_h =
        s->since.since_ms != 0 ? rate_of(&s->recent, &all, &unbooked) : (struct vspend_amount){.known = false};
    return vrecent_tell(arena_of(s), &s->since, per_h, s->is_computed);
}

static struct vtrust trust_of(const struct vspend *s, const struct vprice *of)
{
    return s->is_computed ? vtrust_join(of->booked_trust, of->tokens_trust) : of->booked_trust;
}

/* Nothing is missing from a rate: no source is silent, and every token that it rests on has a price. */
static bool is_whole(const struct vspend *s, const struct vprice *of, bool known)
{
    const struct vtrust t = trust_of(s, of);
    bool priced = true;
    for (size_t i = 0; i < of->count; i++)
        priced = priced && (of->groups[i].books || of->groups[i].cells[0].unpriced_tokens == 0);
    return known && !t.less && !t.lost && priced;
}

static enum err build_summary(struct vspend *s, struct errctx *ctx)
{
    struct vprice_summary *m = &s->v.summary;
    const struct vspend_row *total = &s->v.rows[s->v.row_count - 1];
    struct arena *a = arena_of(s);
    const struct vtrust now = trust_of(s, &s->now);
    bool booking = false;

    for (size_t i = 0; i < s->window.count; i++)
        booking = booking || s->window.groups[i].books;
    m->is_priced = total->computed.known;
    m->is_computed = s->is_computed;
    m->cost = total->cost;
    m->booked = total->booked;
    m->computed = total->computed;
    m->over = total->over;
    m->per_h = total->per_h;
    m->per_h.known = m->per_h.known && !now.stale && now.unsplit == 0;
    m->per_h_is_whole = is_whole(s, &s->now, m->per_h.known);
    m->now_ms = vread_measured(s->vr->p->now_window_ms, s->now.covered_ms[0]);
    m->recent = recent_of(s);
    m->recent.is_whole = m->recent.stopped || (m->recent.since_ms != 0 && is_whole(s, &s->recent, m->recent.per_h.known));
    m->over_text = vrecent_over(a, m->now_ms, &m->recent);
    if (m->over_text == NULL)
        return out_of_memory(ctx);
    m->unpriced_share = total->unpriced_share;
    m->basis = !s->is_computed ? "booked by the gateway"
               : booking       ? arena_printf(a, "booked, and computed by %s where a gateway books no spend", m->list)
                               : arena_printf(a, "computed by %s: no gateway here books spend", m->list);
    m->sentence = m->basis != NULL ? sentence_of(a, &s->v, s->book.fault) : NULL;
    return m->sentence != NULL ? ERR_OK : out_of_memory(ctx);
}

/* ---- the view ---- */

/* What the amounts are computed by: the list, the configuration's own prices, or both. */
static const char *list_name(const struct vspend *s)
{
    bool own = false, listed = false;
    for (size_t i = 0; i < s->window.count; i++) {
        const struct price_override *o = s->window.names[s->window.groups[i].name].found.override;
        const bool counts = s->window.groups[i].cells[0].priced_tokens > 0;
        own = own || (counts && o != NULL);
        listed = listed || (counts && (o == NULL || o->is_discount));
    }
    return !own ? s->book.name : listed ? arena_printf(arena_of(s), "%s and configured prices", s->book.name) : "the configured prices";
}

static bool is_computed(const struct vprice *window)
{
    for (size_t i = 0; i < window->count; i++)
        if (!window->groups[i].books && vprice_tokens(&window->groups[i].cells[0]) > 0)
            return true;
    return false;
}

static enum err find_since(struct vread *vr, bool computed, struct vrecent_time *ret, struct errctx *ctx)
{
    vr->count = 0;
    const struct vrecent_ask ask = vrecent_ask(vr);
    const enum err e = vread_run(vr, ctx);
    if (e == ERR_OK)
        *ret = vrecent_find(vr, &ask, computed);
    return e;
}

static enum err load_recent(struct vspend *s, const struct vspend_since *since, int64_t until_ms, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (since != NULL)
        s->since = s->is_computed ? since->computed : since->booked;
    else
        e = find_since(s->vr, s->is_computed, &s->since, ctx);
    if (e != ERR_OK || s->since.since_ms == 0)
        return e;
    const struct vprice_ask recent = {0, s->since.since_ms, until_ms - s->since.since_ms, 1};
    return vprice_load(s->vr, &s->book, &recent, &s->recent, ctx);
}

/* The end of the now window of spend, and of tokens where none is booked. */
static int64_t until_of(const struct vread *vr)
{
    return vr->has_series[SIG_COST] ? vr->until_ms[SIG_COST] : vr->until_ms[SIG_TOKENS_INPUT];
}

enum err vspend_ask(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count, struct vspend **ret,
                    struct errctx *ctx)
{
    struct vspend *s = arena_alloc(l->arena, sizeof *s);
    if (s == NULL)
        return out_of_memory(ctx);
    *s = (struct vspend){.v = {.dim_count = dim_count, .window_ms = p->window_ms}, .vr = arena_alloc(l->arena, sizeof *s->vr)};
    if (s->vr == NULL)
        return out_of_memory(ctx);
    for (size_t d = 0; d < dim_count; d++) {
        s->v.dims[d] = dims[d];
        s->dims |= DIM_BIT(dims[d]);
    }
    enum err e = vread_init(s->vr, l, p, ctx);
    if (e == ERR_OK)
        e = vprice_book_read(l->cfg, l->arena, &s->book, ctx);
    if (e != ERR_OK)
        return e;
    p = s->vr->p;
    const struct vprice_ask window = {s->dims, p->cursor_ms - p->window_ms, p->window_ms, 1},
                            now = {s->dims, until_of(s->vr) - p->now_window_ms, p->now_window_ms, 1};
    e = vprice_begin(s->vr, &s->book, &now, &s->now_asked, ctx);
    if (e == ERR_OK)
        e = vprice_begin(s->vr, &s->book, &window, &s->window_asked, ctx);
    if (e == ERR_OK)
        *ret = s;
    return e;
}

struct vread *vspend_read(const struct vspend *s)
{
    return s->vr;
}

/* What is not in the caller's pass is read after what is. */
static enum err finish_windows(struct vspend *s, const struct vspend_since *since, struct errctx *ctx)
{
    enum err e = vprice_finish(s->now_asked, &s->now, ctx);
    if (e == ERR_OK)
        e = vprice_finish(s->window_asked, &s->window, ctx);
    s->is_computed = e == ERR_OK && is_computed(&s->window);
    return e == ERR_OK ? load_recent(s, since, until_of(s->vr), ctx) : e;
}

enum err vspend_finish(struct vspend *s, const struct vspend_since *since, struct view_spend *ret, struct errctx *ctx)
{
    enum err e = finish_windows(s, since, ctx);
    s->v.summary.list = e == ERR_OK ? list_name(s) : "";
    if (s->v.summary.list == NULL)
        return out_of_memory(ctx);
    if (e == ERR_OK)
        e = build_rows(s, ctx);
    if (e == ERR_OK)
        e = build_models(s, ctx);
    if (e == ERR_OK)
        e = build_summary(s, ctx);
    s->v.pieces = s->window.pieces;
    s->v.counts_exact = e == ERR_OK ? marked(EXACT, s->window.tokens_trust) : EXACT;
    if (e == ERR_OK)
        *ret = s->v;
    return e == ERR_NOMEM ? out_of_memory(ctx) : e;
}

enum err view_load_spend(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count,
                         struct view_spend *ret, struct errctx *ctx)
{
    struct vspend *s;
    enum err e = vspend_ask(l, p, dims, dim_count, &s, ctx);
    if (e == ERR_OK)
        e = vread_run(s->vr, ctx);
    return e == ERR_OK ? vspend_finish(s, NULL, ret, ctx) : e;
}
