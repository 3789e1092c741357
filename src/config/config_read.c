/* SPDX-License-Identifier: MIT */
#include "config/config_read.h"

#include <math.h>
#include <string.h>

#include "base/embed.h"

enum { AUTHORITIES_MAX = 500, BINDINGS_MAX = 200 };

extern const struct embed_file embed_themes[];
extern const size_t embed_themes_count;

static void out_of_memory(struct reader *r)
{
    r->nomem = true;
}

/* Fills an item from the built-in defaults, the file's own, and then itself. */
void config_read_layers(struct reader *r, enum section s, const char *key, const struct layers *l, const struct yaml_node *item,
                        void *target)
{
    const struct yaml_node *builtin = yaml_get(l->builtin, key), *user = yaml_get(l->user, key);
    if (builtin != NULL)
        reader_section(r, s, builtin, target, true);
    size_t errors = r->errors, count = r->count;
    if (user != NULL)
        reader_section(r, s, user, target, true);
    r->errors = errors; /* its faults were reported once, when `defaults` itself was read */
    r->count = count;
    reader_section(r, s, item, target, false);
}

/* ---- objectives, budgets ---- */

static void read_slo(struct reader *r, const struct yaml_node *item, struct slo *s)
{
    const struct yaml_node *availability = yaml_get(item, "availability"), *latency = yaml_get(item, "latency"),
                           *scope = yaml_get(item, "scope");
    if ((availability == NULL) == (latency == NULL))
        reader_error(r, item, NULL, "an objective has availability or latency, one of them");
    s->kind = latency != NULL ? SLO_LATENCY : SLO_AVAILABILITY;
    if (latency != NULL)
        reader_section(r, SECTION_LATENCY, latency, s, false);
    s->scope_count = scope != NULL ? reader_scope(r, scope, s->scope) : 0;
    for (uint32_t i = 0; i < s->scope_count; i++)
        if (s->scope[i].dim == DIM_CLASS)
            reader_error(r, scope, "scope", "class is what an objective counts, not what it is limited to");
}

static void read_slos(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "slos", CONFIG_SLOS_MAX))
        return;
    c->slos = arena_array(r->arena, n->count + 1, sizeof *c->slos);
    if (c->slos == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct slo *s = &c->slos[c->slo_count];
        config_read_layers(r, SECTION_SLO, "slo", l, n->items[i], s);
        if (n->items[i]->kind != YAML_MAPPING)
            continue;
        read_slo(r, n->items[i], s);
        for (uint32_t k = 0; k < c->slo_count && s->name != NULL; k++)
            if (c->slos[k].name != NULL && strcmp(c->slos[k].name, s->name) == 0)
                reader_error(r, yaml_get(n->items[i], "name"), "name", "'%s' is the name of an earlier objective too", s->name);
        c->slo_count++;
    }
}

static void read_scores(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "scores", CONFIG_SCORES_MAX))
        return;
    c->scores = arena_array(r->arena, n->count + 1, sizeof *c->scores);
    if (c->scores == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct score_rule *s = &c->scores[c->score_count];
        *s = (struct score_rule){.min = NAN, .max = NAN, .better = SCORE_UNTOLD, .bad = NAN};
        reader_section(r, SECTION_SCORE, item, s, false);
        if (s->name == NULL)
            continue;
        const double min = isnan(s->min) ? 0 : s->min, max = isnan(s->max) ? 1 : s->max;
        if (min >= max)
            reader_error(r, item, "max", "the range of '%s' is empty: max must be more than min", s->name);
        else if ((!isnan(s->min) && s->bad < min) || (!isnan(s->max) && s->bad > max))
            reader_error(r, yaml_get(item, "bad"), "bad", "lies outside the range of '%s'", s->name);
        for (uint32_t k = 0; k < c->score_count; k++)
            if (strcmp(c->scores[k].name, s->name) == 0)
                reader_error(r, yaml_get(item, "name"), "name", "'%s' has an earlier item", s->name);
        c->score_count++;
    }
}

static void read_budgets(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "budgets", CONFIG_BUDGETS_MAX))
        return;
    c->budgets = arena_array(r->arena, n->count + 1, sizeof *c->budgets);
    if (c->budgets == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct config_budget *b = &c->budgets[c->budget_count];
        const struct yaml_node *scope = yaml_get(n->items[i], "scope");
        config_read_layers(r, SECTION_BUDGET, "budget", l, n->items[i], b);
        if (n->items[i]->kind != YAML_MAPPING)
            continue;
        if (yaml_get(n->items[i], "period") == NULL && yaml_get(yaml_get(l->user, "budget"), "period") == NULL)
            reader_error(r, n->items[i], NULL, "period is missing: day, week or month; defaults.budget.period says it for all budgets");
        b->scope_count = scope != NULL ? reader_scope(r, scope, b->scope) : 0;
        for (uint32_t k = 0; k < c->budget_count && b->name != NULL; k++)
            if (c->budgets[k].name != NULL && strcmp(c->budgets[k].name, b->name) == 0)
                reader_error(r, yaml_get(n->items[i], "name"), "name", "'%s' is the name of an earlier budget too", b->name);
        c->budget_count++;
    }
}

/* ---- authority, bindings, screen ---- */

static void read_authority_signal(struct reader *r, const struct yaml_node *n, struct config_authority *a)
{
    if (n == NULL)
        return; /* reported as missing */
    if (n->kind != YAML_SCALAR) {
        reader_error(r, n, "signal", "expected %s", option_type_expected(OPTION_SIGNAL_OR_ALL));
        return;
    }
    a->all_signals = str_eq_z(n->text, "all");
    if (a->all_signals || signal_by_name(n->text, &a->signal))
        return;
    const char *names = "all";
    for (int i = 0; i < SIG_COUNT && names != NULL; i++)
        names = arena_printf(r->arena, "%s|%s", names, signal_info((enum signal)i)->name);
    const char *near = names != NULL ? nearest_name(r->arena, n->text, names) : NULL;
    reader_error(r, n, "signal", "'%.*s' is not a signal%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p,
                 near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "; gwtop-profiles(5) lists them");
}

bool config_check_source(struct reader *r, const struct config *c, const char *option, const struct yaml_node *n)
{
    const char *names = "";
    if (c->source_count == 0)
        return true; /* a configuration for reading only */
    for (uint32_t i = 0; i < c->source_count; i++) {
        if (c->sources[i].name == NULL)
            continue;
        if (str_eq_z(n->text, c->sources[i].name))
            return true;
        const char *longer = i < 50 ? arena_printf(r->arena, "%s%s%s", names, *names ? "|" : "", c->sources[i].name) : NULL;
        names = longer != NULL ? longer : names;
    }
    const char *near = nearest_name(r->arena, n->text, names);
    reader_error(r, n, option, "no source is called '%.*s'%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p,
                 near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    return false;
}

static void read_authorities(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "authority", AUTHORITIES_MAX))
        return;
    c->authorities = arena_array(r->arena, n->count + 1, sizeof *c->authorities);
    if (c->authorities == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct config_authority *a = &c->authorities[c->authority_count];
        reader_section(r, SECTION_AUTHORITY, item, a, false);
        if (item->kind != YAML_MAPPING)
            continue;
        read_authority_signal(r, yaml_get(item, "signal"), a);
        if (a->source != NULL)
            (void)config_check_source(r, c, "source", yaml_get(item, "source"));
        a->gateway = a->gateway != NULL ? a->gateway : c->gateway;
        c->authority_count++;
    }
}

static void read_topology(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "topology", CONFIG_EDGES_MAX))
        return;
    c->topology = arena_array(r->arena, n->count + 1, sizeof *c->topology);
    if (c->topology == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct road_edge *e = &c->topology[c->topology_count];
        reader_section(r, SECTION_EDGE, n->items[i], e, false);
        if (e->from == NULL || e->to == NULL)
            continue;
        if (strcmp(e->from, e->to) == 0)
            reader_error(r, yaml_get(n->items[i], "to"), "to", "'%s' cannot call itself", e->to);
        c->topology_count++;
    }
}

static void read_bindings(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (n->kind != YAML_MAPPING || n->count > BINDINGS_MAX) {
        reader_error(r, n, "bindings", "expected at most %d lines of the form action: key", BINDINGS_MAX);
        return;
    }
    c->bindings = arena_array(r->arena, n->count + 1, sizeof *c->bindings);
    if (c->bindings == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        static const struct option key = {.section = SECTION_BINDINGS, .key = "bindings", .type = OPTION_TEXT};
        struct config_binding *b = &c->bindings[c->binding_count];
        if (reader_value(r, &key, n->keys[i], &b->action) && reader_value(r, &key, n->items[i], &b->key))
            c->binding_count++;
    }
}

static void check_theme(struct reader *r, const struct yaml_node *n)
{
    if (n == NULL || n->kind != YAML_SCALAR || n->text.n == 0 || memchr(n->text.p, '/', n->text.n) != NULL)
        return;
    const char *names = "";
    for (size_t i = 0; i < embed_themes_count && names != NULL; i++) {
        if (str_eq_z(n->text, embed_themes[i].name))
            return;
        names = arena_printf(r->arena, "%s%s%s", names, *names ? "|" : "", embed_themes[i].name);
    }
    reader_error(r, n, "theme", "expected one of %s, or the path of a file (with a /), got '%.*s'",
                 names != NULL ? reader_spell(r, names) : "", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p);
}

/* ---- the whole ---- */

/* Faults of the file's own `defaults` are reported here, once. */
static void check_defaults(struct reader *r, const struct yaml_node *n)
{
    struct config_source source = {0};
    struct slo slo = {0};
    struct config_budget budget = {0};
    struct config_canary canary = {0};
    struct config_pager pager = {0};
    struct config_rule rule = {0};
    const struct yaml_node *s = yaml_get(n, "source"), *o = yaml_get(n, "slo"), *b = yaml_get(n, "budget"), *k = yaml_get(n, "canary");
    struct config none = {0};
    reader_section(r, SECTION_DEFAULTS, n, &none, true);
    if (s != NULL)
        reader_section(r, SECTION_SOURCE, s, &source, true);
    if (yaml_get(s, "headers") != NULL)
        config_read_headers(r, yaml_get(s, "headers"), source.header, &source.header_count);
    if (o != NULL)
        reader_section(r, SECTION_SLO, o, &slo, true);
    if (b != NULL)
        reader_section(r, SECTION_BUDGET, b, &budget, true);
    if (k != NULL)
        reader_section(r, SECTION_CANARY, k, &canary, true);
    if (yaml_get(n, "rule") != NULL)
        reader_section(r, SECTION_RULE, yaml_get(n, "rule"), &rule, true);
    if (yaml_get(n, "on_page") != NULL)
        reader_section(r, SECTION_ON_PAGE, yaml_get(n, "on_page"), &pager, true);
    if (yaml_get(n, "notify") != NULL)
        reader_section(r, SECTION_NOTIFY, yaml_get(n, "notify"), &pager, true);
}

static void set_gateways(struct config *c)
{
    if (c->gateway == NULL)
        c->gateway = c->source_count > 0 && c->sources[0].name != NULL ? c->sources[0].name : "gateway";
    for (uint32_t i = 0; i < c->source_count; i++)
        if (c->sources[i].gateway == NULL)
            c->sources[i].gateway = c->gateway;
}

void config_read(struct reader *r, const struct yaml_node *builtin, const struct yaml_node *root, struct config *c)
{
    const struct layers layers = {yaml_get(builtin, "defaults"), yaml_get(root, "defaults")};
    reader_section(r, SECTION_TOP, builtin, c, false);
    reader_section(r, SECTION_TOP, root, c, false);
    if (layers.user != NULL)
        check_defaults(r, layers.user);
    if (yaml_get(root, "sources") != NULL)
        config_read_sources(r, yaml_get(root, "sources"), &layers, c);
    set_gateways(c);
    if (yaml_get(root, "slos") != NULL)
        read_slos(r, yaml_get(root, "slos"), &layers, c);
    if (yaml_get(root, "scores") != NULL)
        read_scores(r, yaml_get(root, "scores"), c);
    if (yaml_get(root, "budgets") != NULL)
        read_budgets(r, yaml_get(root, "budgets"), &layers, c);
    config_read_pricing(r, root, c);
    c->pricing = config_pricing_text(r, root);
    if (yaml_get(root, "canaries") != NULL)
        config_read_canaries(r, yaml_get(root, "canaries"), &layers, c);
    if (yaml_get(root, "rules") != NULL)
        config_read_rules(r, yaml_get(root, "rules"), &layers, c);
    config_read_paging(r, root, &layers, c);
    if (yaml_get(root, "authority") != NULL)
        read_authorities(r, yaml_get(root, "authority"), c);
    if (yaml_get(root, "topology") != NULL)
        read_topology(r, yaml_get(root, "topology"), c);
    if (yaml_get(root, "bindings") != NULL)
        read_bindings(r, yaml_get(root, "bindings"), c);
    check_theme(r, yaml_get(root, "theme"));
    if (root->kind == YAML_MAPPING && c->source_count == 0 && r->errors == 0)
        reader_warning(r, root, NULL, "no sources: nothing is watched");
    if (root->kind == YAML_MAPPING && c->slo_count == 0 && c->source_count > 0)
        reader_warning(r, root, NULL, "no slos: nothing%s can page; gwtop init --slo proposes some",
                       c->budget_count > 0 && c->rule_count > 0 ? " but a budget and a rule of your own"
                       : c->budget_count > 0                    ? " but a budget"
                       : c->rule_count > 0                      ? " but a rule of your own"
                                                                : "");
}
