/* SPDX-License-Identifier: MIT */
#include "cli/cost_spend.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

enum { MODELS_SHOWN = 10 };
enum { AMOUNT_MAX = 2 * MONEY_MAX + 8 };

/* ---- text ---- */

/* "$4.20", "~$4.20", "$4.20..$5.10", "?" */
static const char *amount(const struct vspend_amount *a, char out[AMOUNT_MAX])
{
    char lo[MONEY_MAX], hi[MONEY_MAX];
    money_format(a->lo_nusd, lo);
    money_format(a->hi_nusd, hi);
    if (!a->known)
        (void)str_format(out, AMOUNT_MAX, "%s", NUMFMT_UNKNOWN);
    else if (strcmp(lo, hi) == 0)
        (void)str_format(out, AMOUNT_MAX, "%s%s", exact_mark(a->exact), lo);
    else
        (void)str_format(out, AMOUNT_MAX, "%s%s..%s", exact_mark(a->exact), lo, hi);
    return out;
}

/* Of what lies beside the computed interval: "-$1.20", "0" where it lies within. */
static const char *over(const struct vspend_row *r, char out[AMOUNT_MAX])
{
    const int64_t by = r->over.lo_nusd > 0 ? r->over.lo_nusd : r->over.hi_nusd < 0 ? r->over.hi_nusd : 0;
    char money[MONEY_MAX];
    money_format(by, money);
    (void)str_format(out, AMOUNT_MAX, "%s%s", by > 0 ? "+" : "", !r->over.known ? NUMFMT_UNKNOWN : by == 0 ? "0" : money);
    return out;
}

/* Two digits where whole percents would hide a part. */
static const char *unpriced(double share, char out[NUMFMT_MAX])
{
    if (isnan(share))
        (void)str_copy(out, NUMFMT_MAX, str_of(NUMFMT_NONE));
    else if (share == 0)
        (void)str_copy(out, NUMFMT_MAX, str_of("0%"));
    else
        numfmt_percent(share, out);
    return out;
}

static const char *value(const struct view_spend *v, const struct vspend_row *r, size_t d, const struct cli_store *s,
                         char out[CLI_CELL_MAX])
{
    const char *text = r->is_total ? (d == 0 ? "total" : "") : r->is_other ? (d == 0 ? "other" : "") : r->value[d];
    return mask_name(s->io.mask && !r->is_total && !r->is_other, v->dims[d], text, out, CLI_CELL_MAX);
}

void spend_print_models(const struct view_spend *v, const struct cli_store *s)
{
    struct cli_table t;
    char a[AMOUNT_MAX], b[AMOUNT_MAX], c[AMOUNT_MAX], u[NUMFMT_MAX];

    if (v->model_count == 0 || v->summary.sentence[0] == '\0')
        return;
    cli_print(&s->io, "\n");
    cli_table_init(&t, &s->io, 6, 0x1e);
    cli_table_cell(&t, "model");
    cli_table_cell(&t, "booked");
    cli_table_cell(&t, "computed");
    cli_table_cell(&t, "booked over");
    cli_table_cell(&t, "unpriced");
    cli_table_cell(&t, "price found");
    const size_t shown = v->model_count <= MODELS_SHOWN ? v->model_count : MODELS_SHOWN - 1;
    for (size_t i = 0; i < shown; i++) {
        const struct vspend_row *r = &v->models[i];
        cli_table_cell(&t, "%s", r->value[0]);
        cli_table_cell(&t, "%s", amount(&r->booked, a));
        cli_table_cell(&t, "%s", amount(&r->computed, b));
        cli_table_cell(&t, "%s", over(r, c));
        cli_table_cell(&t, "%s", unpriced(r->unpriced_share, u));
        cli_table_cell(&t, "%s", r->how);
    }
    cli_table_print(&t);
    if (shown < v->model_count)
        cli_print(&s->io, "and %zu more models: --by model --json\n", v->model_count - shown);
}

/* What is lost of the amount is lost of the counts, too. */
static const char *count(const struct view_spend *v, const struct vspend_row *r, enum price_term t, char out[NUMFMT_MAX])
{
    char n[NUMFMT_MAX];
    if (!r->known[t])
        return NUMFMT_UNKNOWN;
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(v->counts_exact), numfmt_count((double)r->count[t], n));
    return out;
}

void spend_print_rows(const struct view_spend *v, const struct cli_store *s)
{
    enum { HEADS = 8 };
    struct cli_table t;
    char name[CLI_CELL_MAX], a[AMOUNT_MAX], u[NUMFMT_MAX], window[TIMEFMT_MAX], now[TIMEFMT_MAX], rate[CLI_CELL_MAX];
    const char *const heads[HEADS] = {"booked", "computed", "unpriced", rate, "answered", "tokens in", "cached", "tokens out"};

    duration_format(v->window_ms, window);
    duration_format(v->summary.now_ms, now);
    (void)str_format(rate, sizeof rate, "$/h last %s", now);
    cli_table_init(&t, &s->io, v->dim_count + 1 + HEADS, 0x1ffU << v->dim_count);
    for (size_t d = 0; d < v->dim_count; d++)
        cli_table_cell(&t, "%s", dim_name(v->dims[d]));
    cli_table_cell(&t, "$ in %s", window);
    for (size_t i = 0; i < HEADS; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vspend_row *r = &v->rows[i];
        for (size_t d = 0; d < v->dim_count; d++)
            cli_table_cell(&t, "%s", value(v, r, d, s, name));
        cli_table_cell(&t, "%s", amount(&r->cost, a));
        cli_table_cell(&t, "%s", amount(&r->booked, a));
        cli_table_cell(&t, "%s", amount(&r->computed, a));
        cli_table_cell(&t, "%s", unpriced(r->unpriced_share, u));
        cli_table_cell(&t, "%s", amount(&r->per_h, a));
        cli_table_cell(&t, "%s", count(v, r, PRICE_REQUEST, u));
        cli_table_cell(&t, "%s", count(v, r, PRICE_INPUT, u));
        cli_table_cell(&t, "%s", count(v, r, PRICE_CACHED, u));
        cli_table_cell(&t, "%s", count(v, r, PRICE_OUTPUT, u));
    }
    cli_table_print(&t);
}

void spend_by(const struct view_spend *v, char out[CLI_CELL_MAX])
{
    out[0] = '\0';
    for (size_t d = 0; d < v->dim_count; d++) {
        char before[CLI_CELL_MAX];
        (void)str_copy(before, sizeof before, str_of(out));
        (void)str_format(out, CLI_CELL_MAX, "%s%s%s", before, d > 0 ? "," : "", dim_name(v->dims[d]));
    }
}

const struct vspend_row *spend_row_of(const struct view_spend *v, const char *name, bool is_total)
{
    for (size_t i = 0; i < v->row_count; i++)
        if (is_total ? v->rows[i].is_total : !v->rows[i].is_total && !v->rows[i].is_other && strcmp(v->rows[i].value[0], name) == 0)
            return &v->rows[i];
    return NULL;
}

/* ---- JSON ---- */

static void json_usd(struct json *w, const char *key, bool known, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    json_string(w, key, known ? text : NULL);
}

/* "usd_least", "usd_most", "usd_exactness" with a prefix. */
static void json_amount(struct json *w, const char *prefix, const struct vspend_amount *a)
{
    char key[64];
    (void)str_format(key, sizeof key, "%s_least", prefix);
    json_usd(w, key, a->known, a->lo_nusd);
    (void)str_format(key, sizeof key, "%s_most", prefix);
    json_usd(w, key, a->known, a->hi_nusd);
    (void)str_format(key, sizeof key, "%s_exactness", prefix);
    json_string(w, key, a->known ? cli_exactness(a->exact) : NULL);
}

static void json_booked(struct json *w, const struct vspend_amount *a)
{
    json_usd(w, "booked_usd", a->known, a->lo_nusd);
    json_string(w, "booked_usd_exactness", a->known ? cli_exactness(a->exact) : NULL);
}

static void json_counts(struct json *w, const struct vspend_row *r)
{
    static const struct {
        const char *key;
        enum price_term term;
    } counts[] = {{"answered", PRICE_REQUEST},     {"tokens_input", PRICE_INPUT},
                  {"tokens_cached", PRICE_CACHED}, {"tokens_cache_write", PRICE_CACHE_WRITE},
                  {"tokens_output", PRICE_OUTPUT}, {"tokens_reasoning", PRICE_REASONING}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (r->known[counts[i].term])
            json_i64(w, counts[i].key, r->count[counts[i].term]);
        else
            json_null(w, counts[i].key);
    }
}

void spend_json_computed(struct json *w, const struct vspend_row *r)
{
    const struct vspend_amount unknown = {.known = false};
    json_amount(w, "computed_usd", r != NULL ? &r->computed : &unknown);
    json_f64(w, "unpriced_share", r != NULL ? r->unpriced_share : NAN);
}

void spend_json(struct json *w, const struct view_spend *v, const struct cli_store *s)
{
    const struct vprice_summary *m = &v->summary;
    json_object(w, "computed");
    cli_json_text(&s->io, w, "sentence", m->sentence);
    json_string(w, "list", m->list);
    json_string(w, "basis", m->basis);
    json_bool(w, "is_basis_of_cost", m->is_computed);
    json_booked(w, &m->booked);
    json_amount(w, "computed_usd", &m->computed);
    json_amount(w, "booked_over_usd", &m->over);
    json_amount(w, "cost_usd", &m->cost);
    json_amount(w, "usd_per_h_now", &m->per_h);
    json_bool(w, "usd_per_h_now_is_whole", m->per_h_is_whole);
    json_f64(w, "unpriced_share", m->unpriced_share);
    json_i64(w, "unpriced_models", (int64_t)m->unpriced_models);
    json_array(w, "models");
    for (size_t i = 0; i < v->model_count; i++) {
        const struct vspend_row *r = &v->models[i];
        json_object(w, NULL);
        json_string(w, "model", r->value[0]);
        json_booked(w, &r->booked);
        spend_json_computed(w, r);
        json_amount(w, "booked_over_usd", &r->over);
        json_string(w, "price_found", r->how);
        json_end(w);
    }
    json_end(w);
    json_end(w);
}

static const char *kind(const struct vspend_row *r)
{
    return r->is_total ? "total" : r->is_other ? "other" : "row";
}

void spend_json_rows(struct json *w, const struct view_spend *v, const struct cli_store *s)
{
    char name[CLI_CELL_MAX];
    json_array(w, "rows");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vspend_row *r = &v->rows[i];
        json_object(w, NULL);
        for (size_t d = 0; d < v->dim_count; d++)
            json_string(w, dim_name(v->dims[d]), r->is_total || r->is_other ? NULL : value(v, r, d, s, name));
        json_string(w, "kind", kind(r));
        json_amount(w, "cost_usd", &r->cost);
        json_booked(w, &r->booked);
        spend_json_computed(w, r);
        json_amount(w, "usd_per_h_now", &r->per_h);
        json_counts(w, r);
        json_end(w);
    }
    json_end(w);
}

/* ---- CSV ---- */

/* After a comma; an empty cell where it is not known. */
static void csv_usd(const struct cli_io *io, bool known, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format_exact(nusd, text);
    cli_print(io, ",%s", known ? text : "");
}

static void csv_amount(const struct cli_io *io, const struct vspend_amount *a)
{
    csv_usd(io, a->known, a->lo_nusd);
    csv_usd(io, a->known, a->hi_nusd);
    cli_print(io, ",%s", a->known ? cli_exactness(a->exact) : "");
}

static void csv_count(const struct cli_io *io, bool known, int64_t n)
{
    if (known)
        cli_print(io, ",%lld", (long long)n);
    else
        cli_print(io, ",");
}

void spend_csv_computed(const struct cli_io *io, const struct vspend_row *r)
{
    const struct vspend_amount unknown = {.known = false};
    csv_amount(io, r != NULL ? &r->computed : &unknown);
    cli_csv_number(io, r != NULL ? r->unpriced_share : NAN);
}

void spend_csv_rows(const struct view_spend *v, const struct cli_store *s)
{
    static const enum price_term terms[] = {PRICE_REQUEST, PRICE_INPUT, PRICE_CACHED, PRICE_CACHE_WRITE, PRICE_OUTPUT, PRICE_REASONING};
    const struct cli_io *io = &s->io;
    char name[CLI_CELL_MAX];

    spend_by(v, name);
    cli_print(io,
              "%s,kind,cost_usd_least,cost_usd_most,cost_usd_exactness,booked_usd,booked_usd_exactness" SPEND_CSV_COMPUTED
              ",usd_per_h_now_least,usd_per_h_now_most,usd_per_h_now_exactness,answered,tokens_input,tokens_cached,tokens_cache_write,"
              "tokens_output,tokens_reasoning\n",
              name);
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vspend_row *r = &v->rows[i];
        for (size_t d = 0; d < v->dim_count; d++) {
            cli_csv_text(io, value(v, r, d, s, name));
            cli_print(io, ",");
        }
        cli_print(io, "%s", kind(r));
        csv_amount(io, &r->cost);
        csv_usd(io, r->booked.known, r->booked.lo_nusd);
        cli_print(io, ",%s", r->booked.known ? cli_exactness(r->booked.exact) : "");
        spend_csv_computed(io, r);
        csv_amount(io, &r->per_h);
        for (size_t k = 0; k < sizeof terms / sizeof terms[0]; k++)
            csv_count(io, r->known[terms[k]], r->count[terms[k]]);
        cli_print(io, "\n");
    }
}

/* ---- FOCUS ----
 * The FinOps Open Cost and Usage Specification 1.2, its columns in the order of the alphabet, ours as x_ after them. Whoever issues the
 * invoice does not see a gateway: what a gateway booked stands for what is billed. What is not known is empty, where the specification
 * wants a number. */

static void focus_instant(const struct cli_io *io, int64_t at_ms)
{
    char iso[TIMEFMT_MAX];
    instant_format_iso(instant_floor(at_ms, 1000), iso);
    cli_print(io, ",%s", iso);
}

static void focus_text(const struct cli_io *io, const char *text)
{
    cli_print(io, ",");
    if (text[0] != '\0')
        cli_csv_text(io, text);
}

static int64_t tokens_of(const struct vcharge *r)
{
    return r->count[PRICE_INPUT] + r->count[PRICE_OUTPUT];
}

/* Costs: billed is what the money rests on; contracted what the prices in force make of the tokens, list what the list alone does. Where
 * prices depend on the size of prompts, the most that it can be; x_ columns have both ends. */
static void focus_costs(const struct cli_io *io, const struct vcharge *r, const char *column)
{
    const bool billed = strcmp(column, "BilledCost") == 0 || strcmp(column, "EffectiveCost") == 0;
    const bool listed = strcmp(column, "ListCost") == 0;
    const struct vspend_amount *a = billed ? &r->cost : &r->computed;
    csv_usd(io, a->known && (billed || (r->is_priced && (!listed || r->is_listed))), a->hi_nusd);
}

static void focus_row(const struct cli_io *io, const struct vcharge *r)
{
    static const enum price_term terms[] = {PRICE_INPUT, PRICE_CACHED, PRICE_CACHE_WRITE, PRICE_OUTPUT, PRICE_REASONING, PRICE_REQUEST};
    char key[CLI_CELL_MAX], team[CLI_CELL_MAX], money[MONEY_MAX], what[CLI_CELL_MAX];
    const bool has_tokens = r->known[PRICE_INPUT] || r->known[PRICE_OUTPUT];
    const char *sold_by = r->provider[0] != '\0' ? r->provider : r->gateway;

    (void)mask_name(io->mask, DIM_KEY, r->key, key, sizeof key);
    (void)mask_name(io->mask, DIM_TEAM, r->team, team, sizeof team);
    money_format_exact(r->cost.hi_nusd, money);
    cli_print(io, "%s", r->cost.known ? money : ""); /* BilledCost */
    focus_text(io, r->gateway);
    focus_text(io, r->gateway);
    cli_print(io, ",USD");
    focus_instant(io, r->month_to_ms);
    focus_instant(io, r->month_from_ms);
    cli_print(io, ",Usage,,");
    (void)str_format(what, sizeof what, "tokens of %s%s%s", r->model[0] != '\0' ? r->model : "an unnamed model",
                     r->deployment[0] != '\0' ? " at " : "", r->deployment);
    cli_csv_text(io, what);
    cli_print(io, ",Usage-Based");
    focus_instant(io, r->to_ms);
    focus_instant(io, r->from_ms);
    csv_count(io, has_tokens, tokens_of(r));
    cli_print(io, ",Tokens");
    focus_costs(io, r, "ContractedCost");
    focus_costs(io, r, "EffectiveCost");
    focus_text(io, sold_by);
    focus_costs(io, r, "ListCost");
    cli_print(io, ",Standard");
    csv_count(io, has_tokens, tokens_of(r));
    cli_print(io, ",Tokens");
    focus_text(io, sold_by);
    focus_text(io, sold_by);
    focus_text(io, r->region);
    focus_text(io, r->deployment);
    cli_print(io, ",AI and Machine Learning");
    focus_text(io, r->model[0] != '\0' ? r->model : "(none)");
    cli_print(io, ",Generative AI");
    focus_text(io, r->model);
    focus_text(io, team);
    focus_text(io, team);
    focus_text(io, key);
    csv_usd(io, r->booked.known, r->booked.lo_nusd);
    csv_amount(io, &r->computed);
    cli_print(io, ",%s", r->is_priced ? "true" : "false");
    focus_text(io, r->how);
    for (size_t k = 0; k < sizeof terms / sizeof terms[0]; k++)
        csv_count(io, r->known[terms[k]], r->count[terms[k]]);
    cli_print(io, ",%s", !r->cost.known ? "unknown" : r->is_booked ? "booked" : r->is_priced ? "computed" : "computed in part");
    cli_print(io, ",%s\n", r->cost.known ? cli_exactness(r->cost.exact) : "");
}

void spend_focus(const struct view_charges *v, const struct cli_store *s)
{
    cli_print(&s->io, "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,"
                      "ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,"
                      "ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingCategory,PricingQuantity,PricingUnit,ProviderName,"
                      "PublisherName,RegionId,ResourceId,ServiceCategory,ServiceName,ServiceSubcategory,SkuId,SubAccountId,SubAccountName,"
                      "x_ApiKey,x_BookedCost,x_ComputedCostLeast,x_ComputedCostMost,x_ComputedExactness,x_IsPriced,x_PriceFound,"
                      "x_InputTokens,x_CachedInputTokens,x_CacheWriteTokens,x_OutputTokens,x_ReasoningTokens,x_AnsweredRequests,x_"
                      "CostBasis,x_CostExactness\n");
    for (size_t i = 0; i < v->count; i++)
        focus_row(&s->io, &v->rows[i]);
}
