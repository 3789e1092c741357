/* SPDX-License-Identifier: MIT */
/* What a model is booked at is not what its tokens cost: over an hour the two differ by more than the interval that the prices leave, and
 * by more than a hundredth. Either the gateway books by other prices than those that are known here, or it counts something wrong; both are
 * worth a look, neither pages anybody.
 *
 * How this works: every quarter of an hour the last hour is read from the store in columns of five minutes, and each name (provider, model,
 * deployment) whose price is certain is priced; names without one, or with one that changed within the hour, are left out on both sides.
 * Only sources that told both tokens and spend in whole are read, so that the two are of the same requests. It is over when the last
 * quarter of an hour agrees, or was accepted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/price_book.h"
#include "analysis/price_bounds.h"
#include "base/timefmt.h"
#include "record/analyse_detect.h"

enum {
    JUDGE_MS = 15 * MINUTE_MS,
    COLUMN_MS = 5 * MINUTE_MS,
    COLUMNS = HOUR_MS / COLUMN_MS,
    RECENT = JUDGE_MS / COLUMN_MS,
    LEAST_TOKENS = 10000, /* in the hour; a quarter of it in the last quarter */
    PERCENT = 1,          /* of what the tokens cost: less is rounding, or a request booked at $0 */
    WATCHED_MAX = GROUPS_MAX,
    PRICES_MAX_BYTES = 256 << 20,
};
static const int64_t least_nusd = NUSD_PER_USD / 100;

static const struct {
    enum signal signal;
    enum price_term term;
} readings[] = {{SIG_TOKENS_INPUT, PRICE_INPUT},   {SIG_TOKENS_CACHED, PRICE_CACHED},       {SIG_TOKENS_CACHE_WRITE, PRICE_CACHE_WRITE},
                {SIG_TOKENS_OUTPUT, PRICE_OUTPUT}, {SIG_TOKENS_REASONING, PRICE_REASONING}, {SIG_COST, PRICE_COUNTED_TERMS}};
enum { READINGS = sizeof readings / sizeof readings[0] };
static const uint32_t name_dims =
    DIM_BIT(DIM_GATEWAY) | DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_NAME);

/* A gateway's model that was found once. */
struct watched {
    char *rule, *scope, *text;
    bool firing;
    int64_t since_ms, seen_ms; /* of the last version of its finding; when it last had tokens */
    double accepted;           /* booked over computed that an operator took for normal, 0 = none */
    double ratio, computed_per_s;
    int64_t onset_ms, onset_error_ms, tokens;
};

struct price_watch {
    struct watched *list;
    uint32_t count, cap;
    int64_t judged_ms;
    bool resumed;
    struct arena arena; /* the prices, while they are compared with: a list of thousands is not kept for the quarter of an hour between */
    struct price_table table;
    const char *list_name;
};

static void *make(void)
{
    struct price_watch *w = calloc(1, sizeof *w);
    if (w != NULL)
        arena_init(&w->arena, PRICES_MAX_BYTES);
    return w;
}

static void drop(void *state)
{
    struct price_watch *w = state;
    for (uint32_t i = 0; i < w->count; i++) {
        free(w->list[i].rule);
        free(w->list[i].scope);
        free(w->list[i].text);
    }
    free(w->list);
    free(w);
}

/* It reads the store by itself. */
static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    (void)an;
    (void)state;
    (void)s;
    (void)ret_link;
    (void)ret_wanted;
    (void)ctx;
    return ERR_OK;
}

static enum err nomem(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while comparing spend with prices");
}

/* ---- findings ---- */

/* The entry of a rule and scope, made when there is none; *ret NULL past WATCHED_MAX. */
static enum err watched_of(struct price_watch *w, const char *rule, const char *scope, struct watched **ret, struct errctx *ctx)
{
    *ret = NULL;
    for (uint32_t i = 0; i < w->count; i++) {
        if (strcmp(w->list[i].rule, rule) == 0 && strcmp(w->list[i].scope, scope) == 0) {
            *ret = &w->list[i];
            return ERR_OK;
        }
    }
    if (w->count == WATCHED_MAX)
        return ERR_OK;
    void *list = w->list;
    enum err e = analyse_grow(&list, &w->cap, w->count, sizeof *w->list, ctx);
    if (e != ERR_OK)
        return e;
    w->list = list;
    struct watched *t = &w->list[w->count];
    *t = (struct watched){.rule = strdup(rule), .scope = strdup(scope), .text = strdup("")};
    w->count++;
    if (t->rule == NULL || t->scope == NULL || t->text == NULL) {
        free(t->rule);
        free(t->scope);
        free(t->text);
        w->count--;
        return nomem(ctx);
    }
    *ret = t;
    return ERR_OK;
}

static enum err keep_text(struct watched *t, const char *text, struct errctx *ctx)
{
    char *copy = text != NULL ? strdup(text) : NULL;
    if (copy == NULL)
        return nomem(ctx);
    free(t->text);
    t->text = copy;
    return ERR_OK;
}

/* Goes on from what the store says. */
static enum err resume(struct analyser *an, struct price_watch *w, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && !w->resumed && i < an->finding_count; i++) {
        const struct alert *al = &an->findings[i];
        struct watched *t = NULL;
        if (strncmp(al->rule, "price:", 6) != 0)
            continue;
        e = watched_of(w, al->rule, al->scope, &t, ctx);
        if (e != ERR_OK || t == NULL)
            continue;
        t->firing = al->state == ALERT_FIRING;
        t->since_ms = al->since_ms;
        t->seen_ms = al->since_ms;
        t->onset_ms = al->onset_ms;
        t->onset_error_ms = al->onset_error_ms;
        t->tokens = al->total;
        t->computed_per_s = al->burn_long;
        t->ratio = al->burn_long > 0 ? al->burn_short / al->burn_long : 0;
        t->accepted = al->total == 0 ? t->ratio : 0;
        e = keep_text(t, al->text, ctx);
    }
    w->resumed = true;
    return e;
}

static enum err put(struct analyser *an, struct watched *t, enum alert_state state, const char *text, int64_t at_ms, int64_t known_ms,
                    struct errctx *ctx)
{
    const struct alert al = {.rule = t->rule,
                             .scope = t->scope,
                             .severity = SEV_NONE,
                             .state = state,
                             .since_ms = at_ms > t->since_ms ? at_ms : t->since_ms + 1,
                             .onset_ms = t->onset_ms,
                             .onset_error_ms = t->onset_error_ms,
                             .known_ms = known_ms,
                             .burn_long = t->computed_per_s,
                             .burn_short = t->computed_per_s * t->ratio,
                             .window_long_ms = HOUR_MS,
                             .window_short_ms = HOUR_MS,
                             .total = t->accepted > 0 ? 0 : t->tokens,
                             .text = text};
    t->since_ms = al.since_ms;
    t->firing = state == ALERT_FIRING;
    return store_put_alert(an->st, &al, ctx);
}

/* ---- the last hour ---- */

struct column {
    money_wide lo, hi;
    int64_t booked, tokens;
};
struct tally {
    uint32_t gateway, model;
    bool own, listed; /* priced by the configuration, by the list */
    struct column column[COLUMNS];
};
/* One name's counts. */
struct counted {
    uint32_t dim[DIM_COUNT];
    int64_t count[COLUMNS][PRICE_COUNTED_TERMS], booked[COLUMNS];
};
struct last_hour {
    struct counted *list;
    size_t count, cap;
    struct tally *tallies;
    size_t tally_count;
    int64_t t0_ms;
};

/* Whether a source told some of what is compared in part alone: what is left of tokens and of spend need not be of the same requests. */
static bool told_in_part(const struct analyser *an, const struct source_status *s, int64_t t0_ms, int64_t t1_ms)
{
    uint64_t compared = 0;
    for (size_t i = 0; i < READINGS; i++)
        compared |= UINT64_C(1) << readings[i].signal;
    return (s->state == SOURCE_PARTIAL && (s->lack.part & compared) != 0) || analyse_torn_source(an, s->id, compared, t0_ms, t1_ms);
}

/* Sources that told tokens and spend in whole, and have the word for both. */
static enum err find_sources(struct analyser *an, int64_t t0_ms, int64_t t1_ms, uint32_t **ret, uint32_t *ret_count, struct errctx *ctx)
{
    const uint32_t *cost, *tokens;
    uint32_t costs, token_count, n = 0;
    struct source_status *list;
    size_t count;
    enum err e = store_sources(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    if (e == ERR_OK)
        e = analyse_allowed(an, SIG_COST, &cost, &costs, ctx);
    if (e == ERR_OK)
        e = analyse_allowed(an, SIG_TOKENS_INPUT, &tokens, &token_count, ctx);
    uint32_t *ids = e == ERR_OK ? arena_array(&an->scratch, count + 1, sizeof *ids) : NULL;
    if (ids == NULL)
        return e != ERR_OK ? e : nomem(ctx);
    for (size_t i = 0; i < count; i++) {
        const uint64_t both = UINT64_C(1) << SIG_COST | UINT64_C(1) << SIG_TOKENS_INPUT;
        bool in_cost = cost == NULL, in_tokens = tokens == NULL;
        for (uint32_t k = 0; cost != NULL && k < costs; k++)
            in_cost = in_cost || cost[k] == list[i].id;
        for (uint32_t k = 0; tokens != NULL && k < token_count; k++)
            in_tokens = in_tokens || tokens[k] == list[i].id;
        if (in_cost && in_tokens && !told_in_part(an, &list[i], t0_ms, t1_ms) && (store_source_signals(an->st, list[i].id) & both) == both)
            ids[n++] = list[i].id;
    }
    *ret = ids;
    *ret_count = n;
    return ERR_OK;
}

static struct counted *counted_of(struct last_hour *h, const uint32_t dim[DIM_COUNT])
{
    for (size_t i = 0; i < h->count; i++)
        if (memcmp(h->list[i].dim, dim, sizeof h->list[i].dim) == 0)
            return &h->list[i];
    if (h->count == h->cap)
        return NULL;
    memcpy(h->list[h->count].dim, dim, sizeof h->list[h->count].dim);
    return &h->list[h->count++];
}

static void collect(struct last_hour *h, const struct store_result *r, enum price_term term)
{
    for (size_t i = 0; i < r->count; i++) {
        struct counted *c = counted_of(h, r->groups[i].dim);
        for (int k = 0; c != NULL && k < COLUMNS; k++) {
            const struct store_cell *cell = &r->groups[i].cells[k];
            const int64_t sum = cell->n > 0 ? cell->sum : 0;
            if (term == PRICE_COUNTED_TERMS)
                c->booked[k] += sum;
            else
                c->count[k][term] += sum > 0 ? sum : 0;
        }
    }
}

static enum err read_hour(struct analyser *an, int64_t t1_ms, struct last_hour *h, struct errctx *ctx)
{
    struct store_query q[READINGS];
    struct store_result r[READINGS];
    uint32_t *sources, source_count;
    enum err e = find_sources(an, t1_ms - HOUR_MS, t1_ms, &sources, &source_count, ctx);
    if (e != ERR_OK || source_count == 0)
        return e;
    memset(q, 0, sizeof q);
    h->t0_ms = t1_ms - HOUR_MS;
    for (size_t i = 0; i < READINGS; i++)
        q[i] = (struct store_query){.signal = readings[i].signal,
                                    .filter = {.sources = sources, .source_count = source_count},
                                    .group_by = name_dims,
                                    .t0_ms = h->t0_ms,
                                    .step_ms = COLUMN_MS,
                                    .columns = COLUMNS};
    e = store_read(an->st, q, READINGS, &an->scratch, r, ctx);
    for (size_t i = 0; e == ERR_OK && i < READINGS; i++)
        h->cap += r[i].count;
    h->cap = h->cap < WATCHED_MAX ? h->cap : WATCHED_MAX;
    if (e == ERR_OK) {
        h->list = arena_array(&an->scratch, h->cap + 1, sizeof *h->list);
        h->tallies = arena_array(&an->scratch, h->cap + 1, sizeof *h->tallies);
        e = h->list != NULL && h->tallies != NULL ? ERR_OK : nomem(ctx);
    }
    for (size_t i = 0; e == ERR_OK && i < READINGS; i++)
        collect(h, &r[i], readings[i].term);
    return e;
}

static struct tally *tally_of(struct last_hour *h, uint32_t gateway, uint32_t model)
{
    for (size_t i = 0; i < h->tally_count; i++)
        if (h->tallies[i].gateway == gateway && h->tallies[i].model == model)
            return &h->tallies[i];
    h->tallies[h->tally_count] = (struct tally){.gateway = gateway, .model = model};
    return &h->tallies[h->tally_count++];
}

static const char *name_of(const struct analyser *an, const struct counted *c, enum dim d)
{
    return c->dim[d] != 0 ? intern_text(store_strings(an->st), c->dim[d]) : "";
}

/* Whether a name's price is certain, and the same all through the hour. */
static bool find_price(struct analyser *an, const struct price_book *b, const struct counted *c, int64_t t0_ms, struct price_found *ret)
{
    const struct price_served served = {name_of(an, c, DIM_MODEL), name_of(an, c, DIM_PROVIDER), name_of(an, c, DIM_DEPLOYMENT),
                                        name_of(an, c, DIM_NAME)};
    struct price_found end;
    if (!price_book_find_served(b, &served, t0_ms, ret) || ret->price.unpriced != NULL)
        return false;
    const bool listed = ret->override == NULL || ret->override->is_discount;
    if (listed && (!ret->match.is_exact || ret->match.is_before))
        return false;
    return price_book_find_served(b, &served, t0_ms + HOUR_MS, &end) && price_is_same(&ret->price, &end.price) &&
           ret->price.multiplier == end.price.multiplier;
}

static void price_name(const struct price_found *f, const struct counted *c, struct tally *t)
{
    const struct price_how how = {.service = PRICE_STANDARD};
    t->own = t->own || f->override != NULL;
    t->listed = t->listed || f->override == NULL || f->override->is_discount;
    for (int k = 0; k < COLUMNS; k++) {
        struct price_usage usage;
        struct price_interval cost;
        memcpy(usage.count, c->count[k], sizeof usage.count);
        const int64_t tokens = usage.count[PRICE_INPUT] + usage.count[PRICE_OUTPUT];
        if (tokens == 0 && c->booked[k] == 0)
            continue;
        if (price_bounds(&f->price, &usage, NULL, &how, &cost, NULL) != ERR_OK)
            continue;
        const enum price_bound bound = price_bound_of(cost.notes);
        if (bound == PRICE_ABOUT || bound == PRICE_AT_LEAST)
            continue;
        t->column[k].lo += bound == PRICE_AT_MOST ? 0 : cost.lo;
        t->column[k].hi += cost.hi;
        t->column[k].booked += c->booked[k];
        t->column[k].tokens += tokens;
    }
}

/* ---- judging ---- */

/* Booked over what it should be at most, or under what it should be at least, as a ratio; 1 within. */
static double ratio_of(const struct column *c)
{
    int64_t lo = 0, hi = 0;
    if (!money_wide_to_nusd(c->lo, &lo) || !money_wide_to_nusd(c->hi, &hi))
        return 1;
    if (c->booked > hi && c->booked - hi >= least_nusd)
        return hi > 0 ? (double)c->booked / (double)hi : 1;
    if (c->booked < lo && lo - c->booked >= least_nusd)
        return (double)c->booked / (double)lo;
    return 1;
}

static bool is_beyond(double ratio, double normal)
{
    const double by = ratio / (normal > 0 ? normal : 1) - 1;
    return by * 100 > PERCENT || by * 100 < -PERCENT;
}

static struct column sum_of(const struct tally *t, int from, int to)
{
    struct column sum = {.booked = 0};
    for (int k = from; k < to; k++) {
        sum.lo += t->column[k].lo;
        sum.hi += t->column[k].hi;
        sum.booked += t->column[k].booked;
        sum.tokens += t->column[k].tokens;
    }
    return sum;
}

static bool agrees(const struct column *c)
{
    int64_t lo = 0, hi = 0;
    (void)money_wide_to_nusd(c->lo, &lo);
    (void)money_wide_to_nusd(c->hi, &hi);
    return c->booked * 100 <= hi * (100 + PERCENT) && c->booked * 100 >= lo * (100 - PERCENT);
}

/* The last column with tokens that agrees, before which nothing is said: *ret_before, -1 = none; and the first of those after it that has
 * any. */
static int onset_of(const struct tally *t, int *ret_before)
{
    int first = COLUMNS, k = COLUMNS - 1;
    for (; k >= 0; k--) {
        if (t->column[k].tokens == 0)
            continue;
        if (agrees(&t->column[k]))
            break;
        first = k;
    }
    *ret_before = k;
    return first < COLUMNS ? first : 0;
}

/* It began after the last column that agrees, or so late in that one that it stays within what agrees, and before the end of the first that
 * differs; and counts lie within their polls only. What differs all through the hour began before it, nobody knows when. */
static void put_onset(struct watched *t, int before, int first, int64_t t0_ms, int64_t poll_ms)
{
    const double unseen = fmin(1, 2 * PERCENT / 100.0 / fmax(fabs(t->ratio - 1), 1e-9)); /* twice: traffic is not even */
    if (before < 0) {
        t->onset_ms = t->onset_error_ms = 0;
        return;
    }
    const int64_t from = t0_ms + (before + 1) * (int64_t)COLUMN_MS - llround(unseen * COLUMN_MS) - poll_ms,
                  to = t0_ms + (first + 1) * (int64_t)COLUMN_MS + poll_ms, half = (to - from) / 2;
    t->onset_ms = from + half;
    t->onset_error_ms = (half + 999) / 1000 * 1000;
}

static const char *priced_by(struct analyser *an, const struct price_watch *w, const struct tally *of)
{
    return !of->own     ? w->list_name
           : of->listed ? arena_printf(&an->scratch, "%s and configured prices", w->list_name)
                        : "the configured prices";
}

/* "gpt-x is booked 10% above what its tokens cost by the configured prices: $1.32 for $1.20" */
static const char *describe(struct analyser *an, const struct price_watch *w, const struct watched *t, const struct tally *of,
                            const struct column *since, int64_t should_nusd)
{
    char booked[MONEY_MAX], cost[MONEY_MAX];
    const bool more = t->ratio > 1;
    const double percent = 100 * (more ? t->ratio - 1 : 1 - t->ratio);
    const char *model = text_string(an, of->model), *by = priced_by(an, w, of);
    money_format(since->booked, booked);
    money_format(should_nusd, cost);
    return model != NULL && by != NULL ? arena_printf(&an->scratch, "%s is booked %.*f%% %s what its tokens cost by %s: %s for %s", model,
                                                      percent < 10 ? 1 : 0, percent, more ? "above" : "below", by, booked, cost)
                                       : NULL;
}

static enum err report(struct analyser *an, const struct price_watch *w, struct watched *t, const struct tally *of, double ratio,
                       int64_t t0_ms, const struct interval *in, struct errctx *ctx)
{
    int before;
    const int first = onset_of(of, &before);
    const int whole = first > 0 && first + 1 < COLUMNS ? first + 1 : first; /* it began somewhere within the first */
    const struct column since = sum_of(of, whole, COLUMNS);
    const double own = ratio_of(&since);
    int64_t should = 0;
    t->ratio = is_beyond(own, 0) ? own : ratio;
    (void)money_wide_to_nusd(t->ratio > 1 ? since.hi : since.lo, &should);
    put_onset(t, before, first, t0_ms, in->t1_ms - in->t0_ms);
    t->tokens = since.tokens;
    t->accepted = 0;
    t->computed_per_s = (double)should / NUSD_PER_USD / ((double)(COLUMNS - whole) * COLUMN_MS / 1000);
    const char *text = describe(an, w, t, of, &since, should);
    const char *id = arena_printf(&an->scratch, "%s:%s:%lld", t->rule, t->scope, (long long)in->t1_ms);
    enum err e = keep_text(t, text, ctx);
    if (e == ERR_OK)
        e = analyse_event(an, id, EVENT_PRICE, t->onset_ms, in->known_ms, t->scope, text, ctx);
    return e == ERR_OK ? put(an, t, ALERT_FIRING, t->text, in->t1_ms, in->known_ms, ctx) : e;
}

static enum err judge(struct analyser *an, struct price_watch *w, const struct last_hour *h, const struct tally *of,
                      const struct interval *in, struct errctx *ctx)
{
    const struct column hour = sum_of(of, 0, COLUMNS), recent = sum_of(of, COLUMNS - RECENT, COLUMNS);
    const bool recent_tells = recent.tokens >= LEAST_TOKENS * RECENT / COLUMNS;
    const char *rule = analyse_rule(an, "price", of->gateway), *model = text_string(an, of->model);
    const char *scope = model != NULL ? arena_printf(&an->scratch, "model=%s", model) : NULL;
    struct watched *t;
    if (rule == NULL || scope == NULL)
        return nomem(ctx);
    enum err e = watched_of(w, rule, scope, &t, ctx);
    if (e != ERR_OK || t == NULL)
        return e;
    t->seen_ms = hour.tokens > 0 ? in->t1_ms : t->seen_ms;
    const double now = ratio_of(&hour), last = ratio_of(&recent);
    if (t->firing) {
        const bool over = recent_tells ? !is_beyond(last, 0) : hour.tokens >= LEAST_TOKENS && !is_beyond(now, 0);
        return over || in->t1_ms - t->seen_ms >= DAY_MS ? put(an, t, ALERT_INACTIVE, t->text, in->t1_ms, in->known_ms, ctx) : ERR_OK;
    }
    if (hour.tokens < LEAST_TOKENS || !is_beyond(now, t->accepted) || !is_beyond(now, 0) || (recent_tells && !is_beyond(last, t->accepted)))
        return ERR_OK;
    return report(an, w, t, of, now, h->t0_ms, in, ctx);
}

/* A finding whose model is gone ends after a day: nobody will ever know. */
static enum err end_unseen(struct analyser *an, struct price_watch *w, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < w->count; i++)
        if (w->list[i].firing && in->t1_ms - w->list[i].seen_ms >= DAY_MS)
            e = put(an, &w->list[i], ALERT_INACTIVE, w->list[i].text, in->t1_ms, in->known_ms, ctx);
    return e;
}

/* The price list is read anew each time: it is updated while the recorder runs. One that cannot be read leaves none to compare with. */
static bool read_prices(struct analyser *an, struct price_watch *w)
{
    const char *path = NULL;
    struct str text = {NULL, 0};
    w->table = (struct price_table){.origin = ""};
    w->list_name = "the configured prices";
    if (config_read_price_list(an->cfg, PRICE_FILE_MAX, &w->arena, &path, &text, NULL) != ERR_OK ||
        price_book_read(text, path, &w->arena, &w->table, NULL) != ERR_OK)
        w->table = (struct price_table){.origin = ""};
    else
        w->list_name = text.p == NULL ? "the built-in price list" : "the price list";
    return w->table.count > 0 || an->cfg->price_count > 0;
}

/* Compares the last hour with the prices. */
static enum err compare(struct analyser *an, struct price_watch *w, const struct interval *in, struct errctx *ctx)
{
    struct last_hour h = {.count = 0};
    struct price_found f;
    const struct price_book book = {&w->table, an->cfg->prices, an->cfg->price_count};
    enum err e = read_hour(an, instant_floor(in->t1_ms, COLUMN_MS), &h, ctx);
    for (size_t i = 0; e == ERR_OK && i < h.count; i++)
        if (find_price(an, &book, &h.list[i], h.t0_ms, &f))
            price_name(&f, &h.list[i], tally_of(&h, h.list[i].dim[DIM_GATEWAY], h.list[i].dim[DIM_MODEL]));
    for (size_t i = 0; e == ERR_OK && i < h.tally_count; i++)
        e = judge(an, w, &h, &h.tallies[i], in, ctx);
    return e == ERR_OK ? end_unseen(an, w, in, ctx) : e;
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    struct price_watch *w = state;
    if (w->judged_ms != 0 && in->t1_ms - w->judged_ms < JUDGE_MS)
        return ERR_OK;
    w->judged_ms = in->t1_ms;
    enum err e = resume(an, w, ctx);
    if (e == ERR_OK && read_prices(an, w))
        e = compare(an, w, in, ctx);
    w->table = (struct price_table){.origin = ""};
    arena_fini(&w->arena);
    return e;
}

/* The ratio that was found is normal from now on: a contract that nobody wrote down. */
static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    struct price_watch *w = state;
    const int64_t now = analyse_newest_ms(an);
    enum err e = resume(an, w, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < w->count; i++) {
        struct watched *t = &w->list[i];
        if (!t->firing || a->at_ms < t->since_ms || !acceptance_is_of(a, t->rule, t->scope))
            continue;
        const char *author = text_safe(an, a->author);
        const char *text = author != NULL ? arena_printf(&an->scratch, "%s; taken for normal by %s", t->text, author) : NULL;
        t->accepted = t->ratio;
        e = text != NULL ? put(an, t, ALERT_INACTIVE, text, now, now, ctx) : nomem(ctx);
    }
    return e;
}

const struct detector detect_price = {
    .name = "price", .make = make, .drop = drop, .on_series = on_series, .on_interval = on_interval, .accept = accept};
