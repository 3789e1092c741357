/* SPDX-License-Identifier: MIT */
#include "analysis/price_import_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_MAX = 768 << 20, SHOWN_MAX = 40, REASON_MAX = 200 };

/* ---- rows ---- */

static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static const char *keep(struct price_import *im, struct str s)
{
    const char *z = arena_strdup(im->arena, s);
    im->nomem = im->nomem || z == NULL;
    return z != NULL ? z : "";
}

void import_fault(struct price_import *im, const char *fmt, ...)
{
    char text[REASON_MAX];
    va_list args;
    if (im->row.price.unpriced != NULL)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?'; /* our list has one line per row */
    im->row.price.unpriced = keep(im, str_of(text));
}

void import_begin(struct price_import *im, struct str prefix, struct str model, struct str provider, struct str mode)
{
    struct price *p = &im->row.price;
    const char *name = prefix.n == 0 ? arena_strdup(im->arena, model)
                                     : arena_printf(im->arena, "%.*s/%.*s", (int)prefix.n, prefix.p, (int)model.n, model.p);
    im->nomem = im->nomem || name == NULL;
    *p = (struct price){.model = name != NULL ? name : "", .from_ms = PRICE_ALWAYS, .multiplier = PRICE_ONE};
    p->provider = is_plain(provider) ? keep(im, provider) : "";
    p->mode = is_plain(mode) ? keep(im, mode) : "";
    im->report.rows++;
}

/* Whether rounding changed the price by more than a thousandth: it is then not the price any more. */
static bool is_too_fine(struct str text, int power, int64_t pusd)
{
    enum { FINER = 6, MILLION = 1000000, THOUSAND = 1000 };
    int64_t fine;
    bool inexact;
    if (pusd == 0)
        return true; /* something became nothing */
    if (!money_parse_decimal(text, power + FINER, &fine, &inexact))
        return false; /* so large that half a pico-USD is nothing */
    money_wide diff = (money_wide)pusd * MILLION - fine;
    return (diff < 0 ? -diff : diff) * THOUSAND > fine;
}

/* A price as pico-USD; false with a fault. */
static bool read_price(struct price_import *im, const char *field, const struct jsontree *value, int power, enum price_term term,
                       int64_t *ret)
{
    struct str t = value->text;
    int shown = (int)(t.n > SHOWN_MAX ? SHOWN_MAX : t.n);
    bool is_number = value->kind == JSONTREE_NUMBER || value->kind == JSONTREE_STRING, inexact = false;
    if (!is_number) {
        import_fault(im, "%s is no number", field);
        return false;
    }
    if (t.n > 0 && t.p[0] == '-') {
        bool zero = money_parse_decimal(t, power, ret, &inexact) && *ret == 0 && !inexact; /* "-0.0" is what floating point writes */
        if (!zero)
            import_fault(im, "%s is negative or no number: '%.*s'", field, shown, t.p);
        return zero;
    }
    if (!money_parse_decimal(t, power, ret, &inexact)) { /* no number, or beyond int64 */
        int64_t whole;
        bool is_decimal = money_parse_decimal(t, -30, &whole, &inexact);
        import_fault(im, is_decimal ? "%s is absurd: %.*s" : "%s is no number: '%.*s'", field, shown, t.p);
        return false;
    }
    if (*ret > price_term_info(term)->max_pusd) {
        char text[MONEY_MAX];
        price_format_pusd(*ret, text);
        import_fault(im, "%s is absurd: %s USD per %s", field, text, price_term_info(term)->unit);
        return false;
    }
    if (inexact && is_too_fine(t, power, *ret)) {
        import_fault(im, "%s is finer than a pico-dollar: %.*s", field, shown, t.p);
        return false;
    }
    im->report.rounded += inexact;
    return true;
}

void import_rate(struct price_import *im, const char *field, const struct jsontree *value, int power, struct price_rate rate, bool weak)
{
    struct price_row *row = &im->row;
    uint32_t i = 0;
    if (value == NULL || value->kind == JSONTREE_NULL || !read_price(im, field, value, power, (enum price_term)rate.term, &rate.pusd))
        return;
    while (i < row->price.rate_count && !(row->rates[i].term == rate.term && row->rates[i].service == rate.service &&
                                          row->rates[i].above_tokens == rate.above_tokens && row->rates[i].graduated == rate.graduated))
        i++;
    bool is_new = i == row->price.rate_count;
    if (!is_new && (weak || !row->is_weak[i])) {
        if (!weak && row->rates[i].pusd != rate.pusd)
            import_fault(im, "%s has two prices", field);
        return;
    }
    if (i == PRICE_RATES_MAX) {
        import_fault(im, "more than %d prices", PRICE_RATES_MAX);
        return;
    }
    row->rates[i] = rate;
    row->is_weak[i] = weak;
    row->price.rate_count += is_new;
}

void import_uplift(struct price_import *im, const char *field, struct str region, const struct jsontree *value)
{
    struct price *p = &im->row.price;
    struct price_uplift u;
    bool inexact = true;
    if (value == NULL || value->kind == JSONTREE_NULL)
        return;
    if (value->kind != JSONTREE_NUMBER || !money_parse_decimal(value->text, 4, &u.multiplier, &inexact) || inexact || u.multiplier <= 0 ||
        u.multiplier > PRICE_UPLIFT_MAX || !str_copy(u.region, sizeof u.region, region)) {
        import_fault(im, "%s is no factor", field);
        return;
    }
    for (uint32_t i = 0; i < p->uplift_count; i++)
        if (strcmp(p->uplifts[i].region, u.region) == 0)
            return;
    if (p->uplift_count < PRICE_UPLIFTS_MAX)
        p->uplifts[p->uplift_count++] = u;
}

bool import_tokens(const struct jsontree *value, int64_t *ret)
{
    bool inexact = true;
    return value != NULL && (value->kind == JSONTREE_NUMBER || value->kind == JSONTREE_STRING) &&
           money_parse_decimal(value->text, 0, ret, &inexact) && !inexact && *ret >= 0;
}

void import_currency(struct price_import *im, struct str currency)
{
    if (currency.n > 0 && !str_eq_z(currency, "USD"))
        import_fault(im, "its currency is '%.*s', and only USD is known", (int)(currency.n > 10 ? 10 : currency.n), currency.p);
}

static int by_place(const void *a, const void *b)
{
    const struct price_rate *x = a, *y = b;
    if (x->service != y->service)
        return x->service - y->service;
    if (x->above_tokens != y->above_tokens)
        return x->above_tokens < y->above_tokens ? -1 : 1;
    return x->graduated != y->graduated ? x->graduated - y->graduated : x->term - y->term;
}

static int by_region(const void *a, const void *b)
{
    return strcmp(((const struct price_uplift *)a)->region, ((const struct price_uplift *)b)->region);
}

static bool is_priced_by_counts(const struct price_row *row)
{
    for (uint32_t i = 0; i < row->price.rate_count; i++)
        if (row->rates[i].term < PRICE_COUNTED_TERMS)
            return true;
    return false;
}

/* Where the list prices a model in what no counter tells, the reason says in what. */
static void explain_no_price(struct price_import *im)
{
    char text[REASON_MAX] = "the list has no price for it";
    if (im->row.price.rate_count > 0)
        (void)str_format(text, sizeof text, "the list prices it by the %s", price_term_info((enum price_term)im->row.rates[0].term)->unit);
    im->row.price.unpriced = keep(im, str_of(text));
}

void import_end(struct price_import *im)
{
    struct price_row *row = &im->row;
    struct price *p = &row->price;
    size_t length = strlen(p->model);
    if (length == 0 || length > PRICE_NAME_MAX || !is_plain(str_of(p->model))) {
        import_fault(im, "its name cannot be kept");
        p->model = "(a name that cannot be kept)";
    }
    if (p->unpriced == NULL && !is_priced_by_counts(row))
        explain_no_price(im);
    struct price_rate *rates = arena_array(im->arena, p->rate_count + 1, sizeof *rates);
    if (rates == NULL || im->count == im->max) {
        im->nomem = true;
        return;
    }
    memcpy(rates, row->rates, p->rate_count * sizeof *rates);
    qsort(rates, p->rate_count, sizeof *rates, by_place);
    qsort(p->uplifts, p->uplift_count, sizeof p->uplifts[0], by_region);
    p->rates = rates;
    p->rate_count = p->unpriced != NULL ? 0 : p->rate_count;
    p->uplift_count = p->unpriced != NULL ? 0 : p->uplift_count;
    im->report.priced += p->unpriced == NULL;
    im->rows[im->count++] = *p;
}

/* ---- forms ---- */

static bool has(const struct jsontree *n, const char *key)
{
    return jsontree_get(n, key) != NULL;
}

static bool is_agentgateway(const struct jsontree *root)
{
    const struct jsontree *providers = jsontree_get(root, "providers");
    return providers != NULL && providers->kind == JSONTREE_OBJECT && (providers->child == NULL || has(providers->child, "models"));
}

/* Whether the first members that are objects look alike: one is enough, but a list may begin with something else. */
static bool has_member_with(const struct jsontree *root, bool (*test)(const struct jsontree *member))
{
    for (const struct jsontree *m = root->kind == JSONTREE_OBJECT ? root->child : NULL; m != NULL; m = m->next)
        if (m->kind == JSONTREE_OBJECT && test(m))
            return true;
    return false;
}

static bool has_models_with_cost(const struct jsontree *m)
{
    const struct jsontree *models = jsontree_get(m, "models");
    for (const struct jsontree *c = models != NULL && models->kind == JSONTREE_OBJECT ? models->child : NULL; c != NULL; c = c->next)
        if (has(c, "cost"))
            return true;
    return false;
}

static bool has_pricing_config(const struct jsontree *m)
{
    return has(m, "pricing_config");
}

static bool is_litellm_row(const struct jsontree *m)
{
    return has(m, "litellm_provider") || has(m, "input_cost_per_token") || has(m, "output_cost_per_token");
}

static bool read_form(struct price_import *im, const struct jsontree *root)
{
    static const struct {
        const char *form;
        bool (*test)(const struct jsontree *member);
        void (*read)(struct price_import *im, const struct jsontree *root);
    } forms[] = {
        {"Portkey", has_pricing_config, import_portkey},
        {"models.dev", has_models_with_cost, import_modelsdev},
        {"LiteLLM", is_litellm_row, import_litellm},
    };
    if (is_agentgateway(root)) {
        im->report.form = "agentgateway";
        import_agentgateway(im, root);
        return true;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (has_member_with(root, forms[i].test)) {
            im->report.form = forms[i].form;
            forms[i].read(im, root);
            return true;
        }
    }
    return false;
}

static size_t count_objects(const struct jsontree *n)
{
    size_t count = n->kind == JSONTREE_OBJECT;
    for (const struct jsontree *c = n->child; c != NULL; c = c->next)
        count += count_objects(c);
    return count;
}

/* Two rows of one name that differ: which of them holds nobody can tell, so none does. */
static void settle_twice(struct price_import *im)
{
    size_t kept = 0;
    for (size_t i = 0; i < im->count; i++) {
        struct price *p = &im->rows[i];
        if (kept == 0 || strcmp(im->rows[kept - 1].model, p->model) != 0) {
            im->rows[kept++] = *p;
            continue;
        }
        struct price *first = &im->rows[kept - 1];
        im->report.rows--;
        im->report.priced -= p->unpriced == NULL;
        if (price_is_same(first, p))
            continue;
        im->report.priced -= first->unpriced == NULL;
        first->unpriced = "two rows of this name have different prices";
        first->rate_count = first->uplift_count = 0;
    }
    im->count = kept;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct price *)a)->model, ((const struct price *)b)->model);
}

/* Rows with a fault are those without a price whose reason is none of the two that explain_no_price gives. */
static enum err collect_faults(struct price_import *im, struct errctx *ctx)
{
    size_t n = 0;
    im->report.faults = arena_array(im->arena, im->count + 1, sizeof *im->report.faults);
    if (im->report.faults == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the price list");
    for (size_t i = 0; i < im->count; i++) {
        const char *why = im->rows[i].unpriced;
        if (why != NULL && strncmp(why, "the list ", strlen("the list ")) != 0)
            im->report.faults[n++] = &im->rows[i];
    }
    im->report.fault_count = n;
    im->report.no_price = im->report.rows - im->report.priced - n;
    return ERR_OK;
}

static enum err read_list(struct price_import *im, const struct jsontree *root, struct price_table *ret, struct errctx *ctx)
{
    const char *name = im->opt->name;
    im->max = count_objects(root);
    im->rows = im->max <= PRICE_ROWS_MAX ? arena_array(im->arena, im->max + 1, sizeof *im->rows) : NULL;
    if (im->rows == NULL)
        return errctx_set(ctx, ERR_LIMIT, "%s: too many rows, or out of memory", name);
    if (!read_form(im, root))
        return errctx_set(ctx, ERR_PARSE, "%s: not a price list that gwtop reads: LiteLLM's, models.dev's (agentgateway's too), Portkey's",
                          name);
    if (im->nomem)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    qsort(im->rows, im->count, sizeof *im->rows, by_name);
    settle_twice(im);
    enum err e = collect_faults(im, ctx);
    if (e == ERR_OK && im->report.priced == 0)
        e = errctx_set(ctx, ERR_PARSE, "%s: a list of %s's form without one price that can be taken", name, im->report.form);
    if (e == ERR_OK)
        *ret = (struct price_table){im->rows, im->count, 0, im->report.form};
    return e;
}

static enum err import_ours(struct str text, const struct price_import_options *opt, struct arena *a, struct price_table *ret,
                            struct price_import_report *report, struct errctx *ctx)
{
    enum err e = price_table_parse(text, opt->name, a, ret, ctx);
    if (e != ERR_OK)
        return e;
    *report = (struct price_import_report){.form = "gwtop", .rows = ret->count};
    for (size_t i = 0; i < ret->count; i++)
        report->priced += ret->rows[i].unpriced == NULL;
    report->no_price = report->rows - report->priced;
    return ERR_OK;
}

enum err price_import(struct str text, const struct price_import_options *opt, struct arena *a, struct price_table *ret,
                      struct price_import_report *ret_report, struct errctx *ctx)
{
    struct errctx why = {""};
    const struct jsontree *root;
    struct arena tree;
    if (text.n > PRICE_FILE_MAX)
        return errctx_set(ctx, ERR_LIMIT, "%s: larger than %d MB", opt->name, PRICE_FILE_MAX >> 20);
    if (price_table_is_ours(text))
        return import_ours(text, opt, a, ret, ret_report, ctx);
    struct price_import *im = calloc(1, sizeof *im);
    arena_init(&tree, TREE_MAX);
    enum err e = im != NULL ? jsontree_parse(text, &tree, &root, &why) : errctx_set(&why, ERR_NOMEM, "out of memory");
    if (e != ERR_OK) {
        e = errctx_set(ctx, e, "%s: %s: not a whole price list, nothing was taken from it", opt->name, why.text);
    } else {
        im->opt = opt;
        im->arena = a;
        e = read_list(im, root, ret, ctx);
    }
    if (e == ERR_OK)
        *ret_report = im->report;
    arena_fini(&tree);
    free(im);
    return e;
}
