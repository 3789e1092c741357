/* SPDX-License-Identifier: MIT */
#include "view/vprice.h"

#include <math.h>
#include <string.h>

#include "analysis/price_bounds.h"
#include "base/timefmt.h"
#include "view/vcombos.h"

static const uint32_t priced_dims =
    DIM_BIT(DIM_GATEWAY) | DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_NAME);
static const uint32_t served_dims = DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT);
static const uint32_t name_dims = DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_NAME);

/* What is read; PRICE_COUNTED_TERMS: the spend that was booked. */
static const struct {
    enum signal signal;
    enum price_term term;
} readings[] = {
    {SIG_TOKENS_INPUT, PRICE_INPUT},   {SIG_TOKENS_CACHED, PRICE_CACHED},       {SIG_TOKENS_CACHE_WRITE, PRICE_CACHE_WRITE},
    {SIG_TOKENS_OUTPUT, PRICE_OUTPUT}, {SIG_TOKENS_REASONING, PRICE_REASONING}, {SIG_REQUESTS, PRICE_REQUEST},
    {SIG_COST, PRICE_COUNTED_TERMS},
};
enum { SIZES_MAX = 128 };                          /* buckets; of more nothing is narrowed */
static const int64_t size_most = INT64_C(1) << 53; /* tokens */
enum { READINGS = sizeof readings / sizeof readings[0], SIZES = READINGS, /* the query after them: how large prompts were */ QUERIES };

/* What is recorded that a price depends on. */
struct vprice_names {
    struct arena *arena; /* the book's: it outlives what is priced by it */
    struct vcombos names, served;
    uint32_t *upstream; /* by served: the one name that its tokens tell, 0 = none, AMBIGUOUS = several */
    uint32_t *booking;  /* ids of gateways that book spend */
    size_t booking_count;
    size_t most; /* series that are read: no more groups can there be; 0 = not looked for yet */
};

/* ---- the book ---- */

enum err vprice_book_read(const struct config *cfg, struct arena *a, struct vprice_book *ret, struct errctx *ctx)
{
    struct errctx why = {.text = ""};
    struct vprice_book b = {.fault = ""};
    const char *path;
    char date[TIMEFMT_MAX];
    struct str text;
    enum err e = config_read_price_list(cfg, PRICE_FILE_MAX, a, &path, &text, &why);

    if (e == ERR_OK)
        e = price_book_read(text, path, a, &b.table, &why);
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory while reading prices");
    if (e != ERR_OK) {
        b.table = (struct price_table){.origin = ""};
        b.fault = arena_strdup(a, str_of(why.text));
        b.name = "";
    } else {
        instant_format_iso(b.table.date_ms, date);
        b.name = arena_printf(a, "%s%s%.10s", text.p != NULL ? path : "the built-in list", b.table.date_ms != 0 ? " of " : "",
                              b.table.date_ms != 0 ? date : "");
    }
    b.book = (struct price_book){&b.table, cfg->prices, cfg->price_count};
    b.names = arena_alloc(a, sizeof *b.names);
    if (b.names != NULL)
        b.names->arena = a;
    *ret = b;
    ret->book.table = &ret->table;
    return b.fault != NULL && b.name != NULL && b.names != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading prices");
}

/* ---- loading ---- */

/* Some columns at the prices of one instant. */
struct piece {
    int64_t at_ms, t0_ms, step_ms;
    uint32_t columns, first; /* first: which of the whole's its first is */
    size_t q;                /* its first query, where it was asked for */
};

struct vprice_pending {
    struct vread *vr;
    const struct vprice_book *book;
    struct vprice_ask ask;
    struct piece *pieces;
    size_t piece_count;
    bool is_asked; /* all of them, to be run by the caller */
    struct vprice_names *recorded;
    struct vcombos groups;
    struct vprice_group *list;
    struct vprice_name *name;   /* by recorded->names */
    struct vprice_cell **piece; /* by group: what the piece at hand counted, [columns]; NULL = nothing */
    int64_t *covered_ms;
    bool *covered_about;
    struct vcombos sized;    /* as groups: what sizes are told of */
    struct hist_set **sizes; /* by it: of the piece at hand, [columns]; NULL = none are told */
    bool has_sizes;          /* sizes are told by the very sources that count tokens */
    bool has_requests;       /* requests are counted by the very sources that count tokens */
    struct vprice ret;
};

static struct arena *arena_of(const struct vprice_pending *p)
{
    return p->vr->l->arena;
}

static const char *text_of(const struct vprice_pending *p, uint32_t id)
{
    return id != 0 ? vread_text(p->vr, id) : "";
}

static bool is_read(uint16_t signal)
{
    if (signal == SIG_PROMPT_SIZE)
        return true;
    for (size_t i = 0; i < READINGS; i++)
        if (readings[i].signal == signal)
            return true;
    return false;
}

static bool books(const struct vprice_names *n, uint32_t gateway)
{
    for (size_t i = 0; i < n->booking_count; i++)
        if (n->booking[i] == gateway)
            return true;
    return false;
}

enum { AMBIGUOUS = UINT32_MAX };

/* A series' dimensions as names are told apart by: its name is an upstream's, but for an engine's index. Requests do not tell it: they are
 * those of the one upstream whose tokens are told. */
static void name_key(struct vprice_pending *p, enum signal s, const uint32_t dim[DIM_COUNT], uint32_t ret[DIM_COUNT])
{
    int64_t index;
    memcpy(ret, dim, DIM_COUNT * sizeof *ret);
    if (dim[DIM_NAME] != 0 && str_to_i64(str_of(text_of(p, dim[DIM_NAME])), &index))
        ret[DIM_NAME] = 0;
    if (s != SIG_REQUESTS)
        return;
    const uint32_t up = p->recorded->upstream[vcombos_number(&p->recorded->served, dim)];
    ret[DIM_NAME] = up != AMBIGUOUS ? up : 0;
}

static void note_upstream(struct vprice_pending *p, const struct series *s)
{
    uint32_t key[DIM_COUNT], *up = &p->recorded->upstream[vcombos_number(&p->recorded->served, s->dim)];
    if (s->signal == SIG_REQUESTS)
        return;
    name_key(p, (enum signal)s->signal, s->dim, key);
    if (key[DIM_NAME] != 0)
        *up = *up == 0 || *up == key[DIM_NAME] ? key[DIM_NAME] : AMBIGUOUS;
}

/* Numbers every name that is recorded, so that it is known where its price changes. Cost: O(series). */
static enum err find_names(struct vprice_pending *p)
{
    const struct store *st = p->vr->l->st;
    const size_t count = store_series_count(st);
    struct vprice_names *n = p->recorded;

    n->most = 1;
    for (size_t i = 0; i < count; i++)
        n->most += is_read(store_series_at(st, i)->signal);
    n->booking = arena_array(n->arena, n->most, sizeof *n->booking);
    n->upstream = arena_array(n->arena, n->most, sizeof *n->upstream);
    if (n->upstream == NULL || n->booking == NULL || vcombos_init(&n->names, n->arena, n->most, name_dims) != ERR_OK ||
        vcombos_init(&n->served, n->arena, n->most, served_dims) != ERR_OK)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        if (is_read(store_series_at(st, i)->signal))
            note_upstream(p, store_series_at(st, i));
    for (size_t i = 0; i < count; i++) {
        const struct series *s = store_series_at(st, i);
        uint32_t key[DIM_COUNT];
        if (is_read(s->signal)) {
            name_key(p, (enum signal)s->signal, s->dim, key);
            (void)vcombos_number(&n->names, key);
        }
        if (s->signal == SIG_COST && !books(n, s->dim[DIM_GATEWAY]))
            n->booking[n->booking_count++] = s->dim[DIM_GATEWAY];
    }
    return ERR_OK;
}

/* Makes room for what is counted of them. */
static enum err make_lists(struct vprice_pending *p)
{
    const struct vprice_names *n = p->recorded;
    struct arena *a = arena_of(p);

    p->covered_ms = arena_array(a, p->ask.columns, sizeof *p->covered_ms);
    p->covered_about = arena_array(a, p->ask.columns, sizeof *p->covered_about);
    p->list = arena_array(a, n->most, sizeof *p->list);
    p->piece = arena_array(a, n->most, sizeof(void *));
    p->name = arena_array(a, n->names.count + 1, sizeof *p->name);
    if (p->covered_ms == NULL || p->covered_about == NULL || p->list == NULL || p->piece == NULL || p->name == NULL ||
        vcombos_init(&p->groups, a, n->most, p->ask.dims | priced_dims) != ERR_OK)
        return ERR_NOMEM;
    if (p->has_sizes) {
        p->sizes = arena_array(a, n->most, sizeof(void *));
        if (p->sizes == NULL || vcombos_init(&p->sized, a, n->most, p->ask.dims | priced_dims) != ERR_OK)
            return ERR_NOMEM;
    }
    for (size_t k = 0; k < n->names.count; k++) {
        const uint32_t *d = n->names.dim[k];
        p->name[k] = (struct vprice_name){
            .provider = d[DIM_PROVIDER], .model = d[DIM_MODEL], .deployment = d[DIM_DEPLOYMENT], .upstream = d[DIM_NAME]};
    }
    return ERR_OK;
}

/* Looks the names up for an instant; tells whether the price of any changed. */
static bool look_up(struct vprice_pending *p, int64_t at_ms)
{
    bool changed = false;
    for (size_t i = 0; i < p->recorded->names.count; i++) {
        struct vprice_name *n = &p->name[i];
        struct price_found was = n->found;
        bool had = n->is_found;
        const struct price_served served = {text_of(p, n->model), text_of(p, n->provider), text_of(p, n->deployment),
                                            text_of(p, n->upstream)};
        n->is_found = price_book_find_served(&p->book->book, &served, at_ms, &n->found);
        n->why = !n->is_found                      ? (n->found.match.how[0] != '\0' ? n->found.match.how : "no row of that name")
                 : n->found.price.unpriced != NULL ? n->found.price.unpriced
                                                   : "";
        changed = changed || had != n->is_found ||
                  (had && (!price_is_same(&was.price, &n->found.price) || was.price.multiplier != n->found.price.multiplier));
    }
    return changed;
}

/* Whether the requests that are counted are those of the tokens: they bound how large prompts can have been. */
static bool counts_same_requests(const struct vread *vr, enum signal of)
{
    const uint32_t n = vr->allowed_count[SIG_TOKENS_INPUT];
    if (n != vr->allowed_count[of])
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (vr->allowed[SIG_TOKENS_INPUT][i] != vr->allowed[of][i])
            return false;
    for (size_t i = 0; i < vr->source_count; i++) {
        const uint64_t s = store_source_signals(vr->l->st, vr->sources[i].id);
        if ((s >> SIG_TOKENS_INPUT & 1) != (s >> of & 1))
            return false;
    }
    return true;
}

/* The group of a result's group, and its cells of the piece at hand; NULL when the arena is full. */
static struct vprice_cell *piece_of(struct vprice_pending *p, enum signal s, const struct store_group *g, uint32_t columns)
{
    uint32_t key[DIM_COUNT];
    name_key(p, s, g->dim, key);
    const size_t before = p->groups.count, i = vcombos_number(&p->groups, key);
    struct vprice_group *to = &p->list[i];
    if (i == before) {
        memcpy(to->dim, p->groups.dim[i], sizeof to->dim);
        to->name = vcombos_number(&p->recorded->names, key);
        to->books = books(p->recorded, g->dim[DIM_GATEWAY]);
        to->cells = arena_array(arena_of(p), p->ask.columns, sizeof *to->cells);
        if (to->cells == NULL)
            return NULL;
    }
    if (p->piece[i] == NULL)
        p->piece[i] = arena_array(arena_of(p), columns, sizeof *p->piece[i]);
    return p->piece[i];
}

/* Whether a group of requests ended well: those that failed have no tokens. */
static bool is_answered(const struct vprice_pending *p, const struct store_group *g)
{
    enum outcome class = OUTCOME_OTHER;
    (void)outcome_by_name(str_of(text_of(p, g->dim[DIM_CLASS])), &class);
    return class == OUTCOME_OK;
}

/* Adds what a reading tells of a group in one column. */
static void count_cell(struct vprice_cell *to, enum price_term term, bool answered, int64_t sum)
{
    const int64_t n = sum > 0 ? sum : 0;
    if (term == PRICE_COUNTED_TERMS) {
        to->booked_nusd += sum;
        to->is_booked = true;
        return;
    }
    if (term == PRICE_REQUEST) {
        to->requests += n;
        to->requests_known = true;
    }
    if (term != PRICE_REQUEST || answered) {
        to->count[term] += n;
        to->known[term] = true;
    }
}

static enum err collect(struct vprice_pending *p, size_t q, size_t reading, uint32_t columns)
{
    const struct store_result *r = &p->vr->r[q];
    const enum price_term term = readings[reading].term;

    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        const bool answered = term == PRICE_REQUEST && is_answered(p, g);
        struct vprice_cell *to = piece_of(p, readings[reading].signal, g, columns);
        if (to == NULL)
            return ERR_NOMEM;
        for (uint32_t c = 0; c < columns; c++)
            if (g->cells[c].n > 0)
                count_cell(&to[c], term, answered, g->cells[c].sum);
    }
    return ERR_OK;
}

/* What is told of the sizes of prompts, by what tokens are priced by; engines of one model are added. */
static enum err collect_sizes(struct vprice_pending *p, size_t q, uint32_t columns)
{
    const struct store_result *r = &p->vr->r[q];
    enum err e = ERR_OK;
    if (!p->has_sizes)
        return ERR_OK;
    memset(p->sizes, 0, p->recorded->most * sizeof(void *));
    for (size_t i = 0; i < r->count; i++) {
        uint32_t key[DIM_COUNT];
        name_key(p, SIG_PROMPT_SIZE, r->groups[i].dim, key);
        struct hist_set **to = &p->sizes[vcombos_number(&p->sized, key)], *of = r->groups[i].hists;
        if (*to == NULL)
            *to = of;
        else
            for (uint32_t c = 0; c < columns; c++)
                for (uint32_t m = 0; e == ERR_OK && m < of[c].count; m++)
                    e = hist_set_add(&(*to)[c], &of[c].h[m], arena_of(p));
    }
    return e;
}

/* How large the prompts of these tokens were, where that is told of the very same requests: a histogram in whole tokens whose sum they are.
 * Where they are counted from that sum it is not told twice, and what its buckets can hold decides. */
static bool read_sizes(const struct hist_set *set, int64_t tokens, int64_t bound[], int64_t count[], struct price_sizes *ret)
{
    const struct hist *h = &set->h[0];
    money_wide least = 0, most = 0;
    size_t n = 0;
    if (set->count != 1 || h->scheme != HIST_CLASSIC || h->count > SIZES_MAX || h->n == 0)
        return false;
    for (uint32_t i = 0; i < h->count; i++) {
        double lo, hi;
        hist_bucket(h, i, &lo, &hi);
        const int64_t most_here = hi < (double)size_most ? (int64_t)floor(hi) : INT64_MAX, c = (int64_t)h->counts[i];
        if (n == 0 || bound[n - 1] != most_here) { /* else no whole number, or none that can be told, lies between the two bounds */
            bound[n] = most_here;
            count[n++] = 0;
        }
        count[n - 1] += c;
        least += (money_wide)c * (n == 1 ? 0 : bound[n - 2] + 1);
        most += (money_wide)c * (most_here < tokens ? most_here : tokens);
    }
    *ret = (struct price_sizes){bound, count, n};
    return h->sum_fixed != 0 ? h->sum_fixed == tokens : least <= tokens && tokens <= most;
}

/* Prices what a piece counted of a group in one column. */
static void price_cell(struct vprice_pending *p, const struct vprice_name *n, const struct hist_set *told, struct vprice_cell *c)
{
    const int64_t tokens = c->count[PRICE_INPUT] + c->count[PRICE_OUTPUT];
    const struct price_how how = {.service = PRICE_STANDARD};
    struct price_usage usage;
    struct price_interval cost;
    int64_t ignored, bound[SIZES_MAX], count[SIZES_MAX];
    struct price_sizes sizes;

    if (tokens == 0) {
        c->untold_nusd = c->booked_nusd;
        return;
    }
    memcpy(usage.count, c->count, sizeof usage.count);
    /* Without a price of their own, requests only bound how large prompts were, which those of other sources do not. */
    if (!p->has_requests && n->is_found && !price_rate_find(&n->found.price, PRICE_REQUEST, PRICE_STANDARD, 0, &ignored))
        usage.count[PRICE_REQUEST] = 0;
    const bool sized = told != NULL && read_sizes(told, c->count[PRICE_INPUT], bound, count, &sizes);
    if (!n->is_found || n->why[0] != '\0' || price_bounds(&n->found.price, &usage, sized ? &sizes : NULL, &how, &cost, NULL) != ERR_OK) {
        c->unpriced_tokens = tokens;
        return;
    }
    c->priced_tokens = tokens;
    c->booked_priced_nusd = c->booked_nusd;
    c->lo = cost.lo;
    c->hi = cost.hi;
    c->notes = cost.notes;
    bool listed = n->found.override == NULL || n->found.override->is_discount;
    c->is_near = listed && (!n->found.match.is_exact || n->found.match.is_before);
}

void vprice_add(struct vprice_cell *sum, const struct vprice_cell *c)
{
    for (int t = 0; t < PRICE_COUNTED_TERMS; t++) {
        sum->count[t] += c->count[t];
        sum->known[t] = sum->known[t] || c->known[t];
    }
    sum->requests += c->requests;
    sum->requests_known = sum->requests_known || c->requests_known;
    sum->lo += c->lo;
    sum->hi += c->hi;
    sum->priced_tokens += c->priced_tokens;
    sum->unpriced_tokens += c->unpriced_tokens;
    sum->booked_nusd += c->booked_nusd;
    sum->booked_priced_nusd += c->booked_priced_nusd;
    sum->untold_nusd += c->untold_nusd;
    sum->is_booked = sum->is_booked || c->is_booked;
    sum->is_near = sum->is_near || c->is_near;
    sum->notes |= c->notes;
}

/* ", line 12", or that it came with the recording. */
static const char *where_configured(struct arena *a, const struct price_override *o)
{
    return o->line > 0 ? arena_printf(a, ", line %u", o->line) : " as recorded";
}

const char *vprice_how(struct arena *a, const struct vprice_name *n)
{
    const struct price_override *o = n->found.override;
    const char *where = o != NULL ? where_configured(a, o) : "";
    const char *as = n->found.upstream != NULL ? arena_printf(a, "as %s, ", n->found.upstream) : "";
    if (as == NULL || where == NULL)
        return NULL;
    if (n->why[0] != '\0')
        return arena_printf(a, "%sno price: %s", as, n->why);
    if (o != NULL && !o->is_discount)
        return arena_printf(a, "%sconfigured%s", as, where);
    return o != NULL ? arena_printf(a, "%s%s; discount configured%s", as, n->found.match.how, where)
                     : arena_printf(a, "%s%s", as, n->found.match.how);
}

static int64_t nusd_of(money_wide v)
{
    int64_t nusd;
    return money_wide_to_nusd(v, &nusd) ? nusd : v < 0 ? INT64_MIN : INT64_MAX;
}

int64_t vprice_tokens(const struct vprice_cell *c)
{
    return c->priced_tokens + c->unpriced_tokens;
}

struct vspend_amount vprice_booked(const struct vprice_cell *c, struct vtrust t)
{
    return (struct vspend_amount){c->is_booked, c->booked_nusd, c->booked_nusd, vnum_of(0, 0, VNUM_SUM, t).exact};
}

struct vspend_amount vprice_computed(const struct vprice_cell *c, struct vtrust t)
{
    static const enum exactness of[] = {
        [PRICE_EXACT] = EXACT, [PRICE_AT_LEAST] = AT_LEAST, [PRICE_AT_MOST] = AT_MOST, [PRICE_ABOUT] = ABOUT};
    const struct vnum n = {.exact = c->is_near ? ABOUT : of[price_bound_of(c->notes)]};
    t.less = t.less || c->unpriced_tokens > 0 || c->untold_nusd > 0;
    return (struct vspend_amount){c->priced_tokens > 0, nusd_of(c->lo), nusd_of(c->hi), vnum_marked(n, VNUM_SUM, t).exact};
}

/* ---- pieces ---- */

static void ask_piece(struct vprice_pending *p, struct piece *at)
{
    const uint32_t dims = p->ask.dims | priced_dims;

    at->q = p->vr->count;
    for (size_t i = 0; i < READINGS; i++)
        (void)vread_add(p->vr, readings[i].signal, readings[i].signal == SIG_REQUESTS ? dims | DIM_BIT(DIM_CLASS) : dims, at->t0_ms,
                        at->step_ms, at->columns);
    (void)vread_add(p->vr, SIG_PROMPT_SIZE, dims, at->t0_ms, at->step_ms, at->columns);
}

/* Prices what was read of a piece. */
static enum err take_piece(struct vprice_pending *p, const struct piece *at)
{
    struct vread *vr = p->vr;
    const uint32_t columns = at->columns, first = at->first;
    enum err e = ERR_OK;

    memset(p->piece, 0, p->recorded->most * sizeof(void *));
    for (size_t i = 0; i < READINGS && e == ERR_OK; i++)
        e = collect(p, at->q + i, i, columns);
    if (e == ERR_OK)
        e = collect_sizes(p, at->q + SIZES, columns);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < p->groups.count; i++) {
        const struct hist_set *sizes = p->has_sizes ? p->sizes[vcombos_number(&p->sized, p->groups.dim[i])] : NULL;
        for (uint32_t c = 0; p->piece[i] != NULL && c < columns; c++) {
            price_cell(p, &p->name[p->list[i].name], sizes != NULL ? &sizes[c] : NULL, &p->piece[i][c]);
            vprice_add(&p->list[i].cells[first + c], &p->piece[i][c]);
        }
    }
    const struct store_result *timed = &vr->r[vr->r[at->q].count > 0 ? at->q : at->q + READINGS - 1];
    for (uint32_t c = 0; c < columns && timed->count > 0; c++) {
        p->covered_ms[first + c] += timed->cover[c].ms;
        p->covered_about[first + c] = p->covered_about[first + c] || timed->cover[c].about;
    }
    p->ret.booked_trust = vtrust_join(p->ret.booked_trust, vread_trust(vr, at->q + READINGS - 1));
    p->ret.tokens_trust = vtrust_join(p->ret.tokens_trust, vtrust_join(vread_trust(vr, at->q), vread_trust(vr, at->q + 3)));
    p->ret.pieces++;
    return ERR_OK;
}

/* The columns between two changes of prices: whole ones at once, and the parts of columns at its ends. */
static void cut_stretch(struct vprice_pending *p, int64_t from_ms, int64_t to_ms)
{
    const int64_t step = p->ask.step_ms, t0 = p->ask.t0_ms, at_ms = from_ms;

    while (from_ms < to_ms) {
        const int64_t column = (from_ms - t0) / step, end = t0 + (column + 1) * step;
        const int64_t whole = from_ms == end - step ? (to_ms - from_ms) / step : 0;
        const int64_t until = whole > 0 ? from_ms + whole * step : end < to_ms ? end : to_ms;
        p->pieces[p->piece_count++] = (struct piece){.at_ms = at_ms,
                                                     .t0_ms = from_ms,
                                                     .step_ms = whole > 0 ? step : until - from_ms,
                                                     .columns = whole > 0 ? (uint32_t)whole : 1,
                                                     .first = (uint32_t)column};
        from_ms = until;
    }
}

static enum err cut_pieces(struct vprice_pending *p)
{
    const int64_t t0 = p->ask.t0_ms, t1 = t0 + p->ask.step_ms * p->ask.columns;
    size_t count;
    int64_t from = t0;
    const int64_t *dates = price_book_dates(&p->book->book, t0, t1, arena_of(p), &count);

    p->pieces = dates != NULL ? arena_array(arena_of(p), 3 * (count + 1), sizeof *p->pieces) : NULL; /* a begin, whole columns, an end */
    if (p->pieces == NULL)
        return ERR_NOMEM;
    (void)look_up(p, t0);
    for (size_t i = 0; i < count; i++) {
        if (!look_up(p, dates[i]))
            continue;
        cut_stretch(p, from, dates[i]);
        from = dates[i];
    }
    cut_stretch(p, from, t1);
    return ERR_OK;
}

enum err vprice_begin(struct vread *vr, const struct vprice_book *book, const struct vprice_ask *ask, struct vprice_pending **ret,
                      struct errctx *ctx)
{
    struct vprice_pending *p = arena_alloc(vr->l->arena, sizeof *p);

    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while pricing");
    *p = (struct vprice_pending){.vr = vr,
                                 .book = book,
                                 .recorded = book->names,
                                 .ask = *ask,
                                 .has_requests = counts_same_requests(vr, SIG_REQUESTS),
                                 .has_sizes = counts_same_requests(vr, SIG_PROMPT_SIZE)};
    if ((p->recorded->most == 0 && find_names(p) != ERR_OK) || make_lists(p) != ERR_OK || cut_pieces(p) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while pricing");
    const int64_t since = store_recorded_since_ms(vr->l->st);
    p->ret.booked_trust.less = p->ret.tokens_trust.less = since == 0 || since > ask->t0_ms; /* not all of the time was recorded */
    p->is_asked = p->piece_count <= (VREAD_MAX - vr->count) / QUERIES;
    for (size_t i = 0; p->is_asked && i < p->piece_count; i++)
        ask_piece(p, &p->pieces[i]);
    *ret = p;
    return ERR_OK;
}

enum err vprice_finish(struct vprice_pending *p, struct vprice *ret, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < p->piece_count; i++) {
        (void)look_up(p, p->pieces[i].at_ms);
        if (!p->is_asked) {
            p->vr->count = 0;
            ask_piece(p, &p->pieces[i]);
            e = vread_run(p->vr, ctx);
        }
        if (e == ERR_OK)
            e = take_piece(p, &p->pieces[i]);
    }
    if (e != ERR_OK)
        return e;
    *ret = p->ret;
    ret->names = p->name;
    ret->name_count = p->recorded->names.count;
    ret->groups = p->list;
    ret->count = p->groups.count;
    ret->covered_ms = p->covered_ms;
    ret->covered_about = p->covered_about;
    return ERR_OK;
}

enum err vprice_load(struct vread *vr, const struct vprice_book *book, const struct vprice_ask *ask, struct vprice *ret, struct errctx *ctx)
{
    struct vprice_pending *p;

    vr->count = 0;
    enum err e = vprice_begin(vr, book, ask, &p, ctx);
    if (e == ERR_OK && p->is_asked)
        e = vread_run(vr, ctx);
    return e == ERR_OK ? vprice_finish(p, ret, ctx) : e;
}
