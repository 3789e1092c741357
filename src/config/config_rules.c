/* SPDX-License-Identifier: MIT */
/* `rules`: what is wrong in an expression is said with the line and column of the fault in it. */
#include <string.h>

#include "base/timefmt.h"
#include "config/config_read.h"
#include "model/money.h"
#include "model/rulelist.h"

enum { NOTE_BYTES_MAX = 4 << 20 };

/* A place within a text of one line; of others only where the text begins is known. */
static struct yaml_node place(const struct yaml_node *n, size_t at)
{
    struct yaml_node here = *n;
    if (memchr(n->text.p, '\n', n->text.n) == NULL && n->line > 0)
        here.column += (uint32_t)at + n->quoted;
    return here;
}

static void read_expr(struct reader *r, const struct yaml_node *n, struct config_rule *rule)
{
    struct errctx why = {""};
    size_t at;
    enum err e = ruleexpr_parse(n->text, r->arena, &rule->x, &at, &why);
    if (e == ERR_NOMEM) {
        r->nomem = true;
        return;
    }
    const struct yaml_node here = place(n, at);
    if (e == ERR_OK)
        return;
    const size_t left = n->text.n - at;
    if (left == 0)
        reader_error(r, &here, "expr", "at its end: %s", why.text);
    else
        reader_error(r, &here, "expr", "at '%.*s' (byte %zu): %s", (int)(left > 20 ? 20 : left), n->text.p + at, at + 1, why.text);
}

/* A dimension is limited in one place, so that nobody wonders which of the two holds. */
static void check_scope(struct reader *r, const struct yaml_node *n, const struct config_rule *rule)
{
    for (uint32_t t = 0; t < rule->x.term_count; t++)
        for (uint32_t i = 0; i < rule->x.term[t].selector_count; i++)
            for (uint32_t k = 0; k < rule->x.term[t].selector[i].part_count; k++)
                for (uint32_t s = 0; s < rule->scope_count; s++)
                    if (rule->x.term[t].selector[i].part[k].dim == rule->scope[s].dim) {
                        reader_error(r, n, "scope", "%s is limited in expr, too: say it in one of them", dim_name(rule->scope[s].dim));
                        return;
                    }
}

/* A threshold on the far side would end it while it holds. */
static void read_clear(struct reader *r, const struct yaml_node *n, struct config_rule *rule)
{
    const struct ruleexpr_compare *c = &rule->x.compare[0];
    rule->clear = c->threshold;
    if (n == NULL)
        return;
    if (n->kind != YAML_SCALAR || !ruleexpr_number(n->text, &rule->clear))
        reader_error(r, n, "clear", "expected a number like 0.05, 5%% or 2s");
    else if (c->above ? rule->clear > c->threshold : rule->clear < c->threshold)
        reader_error(r, n, "clear", "lies on the wrong side: it must be at %s the threshold of the first comparison, %g",
                     c->above ? "or below" : "or above", c->threshold);
}

static void check_name(struct reader *r, const struct yaml_node *item, const struct config *c, const struct config_rule *rule)
{
    static const char *const own[] = {"source_down", "gateway_silent", "certificate"};
    const struct yaml_node *n = yaml_get(item, "name");
    if (rule->name == NULL)
        return;
    if (strchr(rule->name, ':') != NULL || strlen(rule->name) >= PAGE_NAME_MAX)
        reader_error(r, n, "name", "expected fewer than %d bytes, none of them a colon", PAGE_NAME_MAX);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(rule->name, own[i]) == 0)
            reader_error(r, n, "name", "'%s' is a rule of gwtop's own", rule->name);
    for (uint32_t k = 0; k < c->rule_count; k++)
        if (c->rules[k].name != NULL && strcmp(c->rules[k].name, rule->name) == 0)
            reader_error(r, n, "name", "'%s' is the name of an earlier rule, too", rule->name);
}

void config_read_rules(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "rules", CONFIG_RULES_MAX))
        return;
    c->rules = arena_array(r->arena, n->count + 1, sizeof *c->rules);
    r->nomem = r->nomem || c->rules == NULL;
    for (size_t i = 0; c->rules != NULL && i < n->count; i++) {
        const struct yaml_node *item = n->items[i], *scope = yaml_get(item, "scope"), *expr = yaml_get(item, "expr"),
                               *summary = yaml_get(item, "summary");
        struct config_rule *rule = &c->rules[c->rule_count];
        const size_t errors = r->errors;
        config_read_layers(r, SECTION_RULE, "rule", l, item, rule);
        if (item->kind != YAML_MAPPING)
            continue;
        rule->scope_count = scope != NULL ? reader_scope(r, scope, rule->scope) : 0;
        if (expr != NULL && rule->expr != NULL)
            read_expr(r, expr, rule);
        if (r->errors == errors && scope != NULL)
            check_scope(r, scope, rule);
        if (r->errors == errors)
            read_clear(r, yaml_get(item, "clear"), rule);
        if (rule->summary != NULL && strncmp(rule->summary, "budget ", 7) == 0)
            reader_error(r, summary, "summary", "begins with 'budget ', which is how incidents of budgets are told apart");
        check_name(r, item, c, rule);
        c->rule_count++;
    }
}

/* ---- as a note ---- */

struct listing {
    struct rule_info *list;
    size_t count;
    struct arena *a;
    bool nomem;
};

static const char *scope_text(struct arena *a, const struct scope_part *part, uint32_t count)
{
    const char *text = "";
    for (unsigned d = 0; d < DIM_COUNT && text != NULL; d++)
        for (uint32_t i = 0; i < count && text != NULL; i++)
            if (part[i].dim == (enum dim)d)
                text = arena_printf(a, "%s%s%s=%s", text, text[0] != '\0' ? "," : "", dim_name((enum dim)d), part[i].value);
    return text;
}

static void put(struct listing *l, enum rule_kind kind, const char *rule, const char *what, const char *scope, const char *severity,
                const struct duty *duty)
{
    l->nomem = l->nomem || rule == NULL || what == NULL || scope == NULL;
    if (l->nomem || l->count == RULES_MAX)
        return;
    l->list[l->count++] = (struct rule_info){.rule = rule, .kind = kind, .what = what, .scope = scope, .severity = severity};
    if (duty != NULL)
        l->list[l->count - 1].duty = *duty;
}

static void put_configured(struct listing *l, const struct config *c)
{
    static const char *const periods[] = {"day", "week", "month"};
    char limit[MONEY_MAX];
    for (uint32_t i = 0; i < c->slo_count; i++) {
        const struct slo *s = &c->slos[i];
        const char *what = s->kind == SLO_AVAILABILITY ? arena_printf(l->a, "%g%% of requests do not fail", 100 * s->objective)
                                                       : arena_printf(l->a, "%g%% of %s within %g s", 100 * s->objective,
                                                                      signal_info(s->signal)->name, s->threshold);
        put(l, RULE_SLO, arena_printf(l->a, "slo:%s", s->name), what, scope_text(l->a, s->scope, s->scope_count), "page, ticket", &s->duty);
    }
    for (uint32_t i = 0; i < c->budget_count; i++) {
        const struct config_budget *b = &c->budgets[i];
        money_format(b->limit_nusd, limit);
        put(l, RULE_BUDGET, arena_printf(l->a, "budget:%s", b->name), arena_printf(l->a, "%s a %s", limit, periods[b->period]),
            scope_text(l->a, b->scope, b->scope_count), "page, ticket", &b->duty);
    }
    for (uint32_t i = 0; i < c->rule_count; i++) {
        const struct config_rule *r = &c->rules[i];
        put(l, RULE_OWN, arena_printf(l->a, "rule:%s", r->name), r->expr, scope_text(l->a, r->scope, r->scope_count),
            r->severity == RULE_PAGE ? "page" : "ticket", &r->duty);
    }
}

enum err config_rules_to_json(const struct config *c, struct buf *out)
{
    struct arena a;
    arena_init(&a, NOTE_BYTES_MAX);
    struct listing l = {.list = arena_array(&a, RULES_MAX, sizeof *l.list), .a = &a};
    const struct config_builtin *b = &c->builtin;
    l.nomem = l.list == NULL;
    put_configured(&l, c);
    if (b->silent_intervals > 0 && c->source_count > 0)
        put(&l, RULE_BUILTIN, "rule:gateway_silent",
            arena_printf(&a, "no source of a gateway answers for %u intervals", b->silent_intervals), "", "page", NULL);
    if (b->down_intervals > 0 && c->source_count > 0)
        put(&l, RULE_BUILTIN, "rule:source_down", arena_printf(&a, "a source does not answer for %u intervals", b->down_intervals), "",
            "ticket", NULL);
    if ((b->cert_page_ms > 0 || b->cert_ticket_ms > 0) && c->source_count > 0) {
        char page[TIMEFMT_MAX], ticket[TIMEFMT_MAX];
        duration_format(b->cert_page_ms, page);
        duration_format(b->cert_ticket_ms, ticket);
        put(&l, RULE_BUILTIN, "rule:certificate",
            arena_printf(&a, "a source's certificate ends within %s (ticket), %s (page)", ticket, page), "", "page, ticket", NULL);
    }
    enum err e = l.nomem ? ERR_NOMEM : rule_list_write(l.list, l.count, out);
    arena_fini(&a);
    return e;
}
