/* SPDX-License-Identifier: MIT */
/* LiteLLM's model_prices_and_context_window.json: one object per model, USD per single token. A field's name is what is counted, then
 * suffixes in any order: _above_200k_tokens re-prices the whole request beyond, _priority, _flex and _batches are services.
 * tiered_pricing is a list of steps. Source: github.com/BerriAI/litellm, litellm_core_utils/llm_cost_calc. */
#include "analysis/price_import_int.h"

#include <string.h>

static const struct {
    const char *name;
    enum price_term term;
    bool weak;
} fields[] = {
    {"input_cost_per_token", PRICE_INPUT, false},
    {"output_cost_per_token", PRICE_OUTPUT, false},
    {"cache_read_input_token_cost", PRICE_CACHED, false},
    {"input_cost_per_token_cache_hit", PRICE_CACHED, true},
    {"cache_creation_input_token_cost", PRICE_CACHE_WRITE, false},
    {"cache_creation_input_token_cost_above_1hr", PRICE_CACHE_WRITE_1H, false},
    {"output_cost_per_reasoning_token", PRICE_REASONING, false},
    {"input_cost_per_audio_token", PRICE_AUDIO_INPUT, false},
    {"output_cost_per_audio_token", PRICE_AUDIO_OUTPUT, false},
    {"cache_read_input_audio_token_cost", PRICE_AUDIO_CACHED, false},
    {"cache_read_input_token_cost_per_audio_token", PRICE_AUDIO_CACHED, true},
    {"input_cost_per_request", PRICE_REQUEST, false},
    {"input_cost_per_query", PRICE_QUERY, false},
    {"input_cost_per_second", PRICE_SECOND_INPUT, false},
    {"output_cost_per_second", PRICE_SECOND_OUTPUT, false},
    {"input_cost_per_character", PRICE_CHARACTER_INPUT, false},
    {"output_cost_per_character", PRICE_CHARACTER_OUTPUT, false},
    {"input_cost_per_image", PRICE_IMAGE_INPUT, false},
    {"output_cost_per_image", PRICE_IMAGE_OUTPUT, false},
    {"citation_cost_per_token", PRICE_CITATION, false},
};

static const struct {
    const char *suffix;
    enum price_service service;
} services[] = {{"_priority", PRICE_PRIORITY}, {"_flex", PRICE_FLEX}, {"_batches", PRICE_BATCH}, {"_batch_requests", PRICE_BATCH}};

static struct str without(struct str s, const char *suffix)
{
    return (struct str){s.p, s.n - strlen(suffix)};
}

/* Takes "_above_200k_tokens" off the end. */
static bool take_step(struct str *name, int64_t *ret_above)
{
    static const char above[] = "_above_";
    if (!str_has_suffix(*name, "_tokens"))
        return false;
    struct str s = without(*name, "_tokens");
    bool thousands = str_has_suffix(s, "k");
    s = thousands ? without(s, "k") : s;
    size_t i = s.n;
    while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
        i--;
    struct str number = {s.p + i, s.n - i}, head = {s.p, i};
    if (!str_has_suffix(head, above) || !str_to_i64(number, ret_above) || *ret_above > 1000000000)
        return false;
    *ret_above *= thousands ? 1000 : 1;
    *name = without(head, above);
    return true;
}

static bool take_service(struct str *name, enum price_service *ret)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (str_has_suffix(*name, services[i].suffix)) {
            *ret = services[i].service;
            *name = without(*name, services[i].suffix);
            return true;
        }
    }
    return false;
}

/* What a field prices; false when it is no price that is kept. */
static bool read_field(struct str name, struct price_rate *ret, bool *ret_weak)
{
    enum price_service service = PRICE_STANDARD;
    int64_t above = 0;
    while (take_step(&name, &above) || take_service(&name, &service))
        ;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (str_eq_z(name, fields[i].name)) {
            *ret = (struct price_rate){.term = (uint8_t)fields[i].term, .service = (uint8_t)service, .above_tokens = above};
            *ret_weak = fields[i].weak;
            return true;
        }
    }
    return false;
}

/* graduated and from: those of a step of tiered_pricing. */
static void read_fields(struct price_import *im, const struct jsontree *row, bool graduated, int64_t from)
{
    char field[100];
    for (const struct jsontree *m = row->child; m != NULL; m = m->next) {
        struct price_rate r;
        bool weak;
        if (!read_field(m->key, &r, &weak) || !str_copy(field, sizeof field, m->key))
            continue;
        r.graduated = graduated && r.above_tokens == 0;
        r.above_tokens = r.above_tokens > 0 ? r.above_tokens : from;
        import_rate(im, field, m, USD_PER_TOKEN, r, weak);
    }
}

/* Whether some step of the list ends where this one begins: [0, 1000] before [1000, 2000], or before [1001, 2000]. */
static bool is_reached(const struct jsontree *list, int64_t from)
{
    int64_t to;
    for (const struct jsontree *step = list->child; from > 0 && step != NULL; step = step->next) {
        const struct jsontree *range = jsontree_get(step, "range");
        if (range != NULL && range->child != NULL && import_tokens(range->child->next, &to) && (to == from || to + 1 == from))
            return true;
    }
    return from == 0;
}

static void read_steps(struct price_import *im, const struct jsontree *list)
{
    for (const struct jsontree *step = list != NULL ? list->child : NULL; step != NULL; step = step->next) {
        const struct jsontree *range = jsontree_get(step, "range");
        int64_t from;
        if (range == NULL || !import_tokens(range->child, &from)) {
            import_fault(im, "tiered_pricing has a step without a range");
            return;
        }
        if (!is_reached(list, from)) {
            import_fault(im, "tiered_pricing has a hole: it says nothing of the tokens just below %lld", (long long)from);
            return;
        }
        read_fields(im, step, !im->opt->whole_tiers, from);
    }
}

static void read_uplifts(struct price_import *im, const struct jsontree *row)
{
    static const char prefix[] = "regional_processing_uplift_multiplier_";
    const struct jsontree *special = jsontree_get(row, "provider_specific_entry");
    for (const struct jsontree *m = row->child; m != NULL; m = m->next)
        if (str_has_prefix(m->key, prefix))
            import_uplift(im, prefix, (struct str){m->key.p + strlen(prefix), m->key.n - strlen(prefix)}, m);
    for (const struct jsontree *m = special != NULL ? special->child : NULL; m != NULL; m = m->next)
        if (m->key.n == 2) /* a region such as us; "fast" is another product */
            import_uplift(im, "provider_specific_entry", m->key, m);
}

static struct str text_of(const struct jsontree *n)
{
    return n != NULL && n->kind == JSONTREE_STRING ? n->text : (struct str){"", 0};
}

/* What is counted in tokens or requests. A row that does not say is taken. */
static bool is_kept_mode(struct str mode)
{
    static const char *const kept[] = {"", "chat", "responses", "completion", "embedding", "rerank"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (str_eq_z(mode, kept[i]))
            return true;
    return false;
}

void import_litellm(struct price_import *im, const struct jsontree *root)
{
    for (const struct jsontree *row = root->child; row != NULL; row = row->next) {
        struct str mode = text_of(jsontree_get(row, "mode"));
        if (str_eq_z(row->key, "sample_spec")) /* the list's own explanation */
            continue;
        if (row->kind == JSONTREE_OBJECT && !is_kept_mode(mode)) {
            im->report.other_kind++;
            continue;
        }
        import_begin(im, (struct str){"", 0}, row->key, text_of(jsontree_get(row, "litellm_provider")), mode);
        if (row->kind != JSONTREE_OBJECT)
            import_fault(im, "the row is no object");
        import_currency(im, text_of(jsontree_get(row, "currency")));
        read_fields(im, row, false, 0);
        read_steps(im, jsontree_get(row, "tiered_pricing"));
        read_uplifts(im, row);
        const struct jsontree *search = jsontree_get(row, "search_context_cost_per_query");
        import_rate(im, "search_context_size_medium", jsontree_get(search, "search_context_size_medium"), USD_PER_TOKEN,
                    (struct price_rate){.term = PRICE_SEARCH}, false);
        import_end(im);
    }
}
