/* SPDX-License-Identifier: MIT */
/* A parser by recursive descent; nodes are put in order of evaluation, so that a value is one pass over them. */
#include "model/ruleexpr.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 20, WINDOW_MS = 5 * 60 * 1000, WINDOW_LEAST_MS = 60 * 1000, WINDOW_MOST_MS = 24 * 60 * 60 * 1000 };

struct parser {
    struct str text;
    size_t at;
    struct arena *arena;
    struct ruleexpr *x;
    struct errctx *ctx;
    enum err err;
    size_t err_at;
    unsigned depth;
};

/* The first fault counts. Returns false, for whoever reads on. */
static bool fault(struct parser *p, size_t at, enum err e, const char *what)
{
    if (p->err == ERR_OK) {
        p->err = errctx_set(p->ctx, e, "%s", what);
        p->err_at = at;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(struct parser *p)
{
    while (p->at < p->text.n && is_blank(p->text.p[p->at]))
        p->at++;
    return p->at < p->text.n ? p->text.p[p->at] : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c || p->at >= p->text.n)
        return false;
    p->at++;
    return true;
}

static bool want(struct parser *p, char c, const char *what)
{
    return take(p, c) || fault(p, p->at, ERR_PARSE, what);
}

static struct str word(struct parser *p)
{
    (void)peek(p);
    const size_t from = p->at;
    while (p->at < p->text.n && (is_letter(p->text.p[p->at]) || (p->at > from && is_digit(p->text.p[p->at]))))
        p->at++;
    return (struct str){p->text.p + from, p->at - from};
}

/* ---- numbers ---- */

static const struct {
    const char *name;
    double factor;
    bool is_time;
} units[] = {{"%", 0.01, false}, {"ms", 1e-3, true}, {"s", 1, true},    {"m", 60, true},  {"h", 3600, true},
             {"d", 86400, true}, {"k", 1e3, false},  {"M", 1e6, false}, {"G", 1e9, false}};

/* Of time alone where ret_is_time is asked for. */
static bool number(struct parser *p, double *ret, bool *ret_is_time)
{
    (void)peek(p);
    const size_t from = p->at;
    double v;
    *ret_is_time = false;
    while (p->at < p->text.n && (is_digit(p->text.p[p->at]) || p->text.p[p->at] == '.'))
        p->at++;
    if (p->at == from || !str_to_f64((struct str){p->text.p + from, p->at - from}, &v))
        return fault(p, from, ERR_PARSE, "expected a number like 0.05, 5% or 2s");
    const size_t unit_at = p->at;
    if (p->at < p->text.n && p->text.p[p->at] == '%')
        p->at++;
    else
        while (p->at < p->text.n && is_letter(p->text.p[p->at]))
            p->at++;
    const struct str unit = {p->text.p + unit_at, p->at - unit_at};
    *ret = v;
    if (unit.n == 0)
        return true;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!str_eq_z(unit, units[i].name))
            continue;
        *ret = v * units[i].factor;
        *ret_is_time = units[i].is_time;
        return true;
    }
    return fault(p, unit_at, ERR_PARSE, "is no unit; there are %, ms, s, m, h, d, k, M and G");
}

/* ---- terms ---- */

static bool read_part(struct parser *p, struct ruleexpr_selector *s)
{
    enum dim dim;
    const struct str name = word(p);
    if (!dim_by_name(name, &dim))
        return fault(p, p->at - name.n, ERR_PARSE,
                     "expected a dimension: gateway, provider, model, deployment, region, team, key, route, stage, class, name or judge");
    if (!want(p, '=', "expected = and a text in double quotes") || !want(p, '"', "expected a text in double quotes"))
        return false;
    for (;;) {
        const size_t from = p->at;
        while (p->at < p->text.n && p->text.p[p->at] != '"' && p->text.p[p->at] != '|')
            p->at++;
        if (p->at == p->text.n)
            return fault(p, from, ERR_PARSE, "this text has no end: a double quote is missing");
        if (p->at == from)
            return fault(p, from, ERR_PARSE, "expected a value");
        if (s->part_count == RULEEXPR_PARTS_MAX)
            return fault(p, from, ERR_LIMIT, "more than 8 values of dimensions");
        const char *value = arena_strdup(p->arena, (struct str){p->text.p + from, p->at - from});
        if (value == NULL)
            return fault(p, from, ERR_NOMEM, "out of memory");
        s->part[s->part_count++] = (struct scope_part){dim, value};
        if (p->text.p[p->at++] == '"')
            return true;
    }
}

static bool read_selector(struct parser *p, struct str name, size_t name_at, struct ruleexpr_selector *s)
{
    if (!signal_by_name(name, &s->signal))
        return fault(p, name_at, ERR_PARSE, "expected a signal, such as requests, cost or ttft (gwtop-profiles(5) lists them)");
    if (!take(p, '{'))
        return true;
    do {
        if (!read_part(p, s))
            return false;
    } while (take(p, ','));
    return want(p, '}', "expected , or }");
}

static const struct {
    const char *name, *needs;
    unsigned kinds; /* bit s of enum signal_kind */
} functions[] = {
    [RULEEXPR_GAUGE] = {"", "counts: write rate(...), sum(...) or another function of it", 1U << KIND_GAUGE},
    [RULEEXPR_RATE] = {"rate", "is a gauge: write it alone", 1U << KIND_INCREMENT | 1U << KIND_HISTOGRAM | 1U << KIND_SCORE},
    [RULEEXPR_SUM] = {"sum", "is a gauge: write it alone", 1U << KIND_INCREMENT | 1U << KIND_HISTOGRAM | 1U << KIND_SCORE},
    [RULEEXPR_RATIO] = {"ratio", "is a gauge: divide it by /", 1U << KIND_INCREMENT | 1U << KIND_HISTOGRAM | 1U << KIND_SCORE},
    [RULEEXPR_QUANTILE] = {"quantile", "has no quantiles: it is no latency", 1U << KIND_HISTOGRAM},
    [RULEEXPR_MEAN] = {"mean", "has no mean: it is neither a latency nor a score", 1U << KIND_HISTOGRAM | 1U << KIND_SCORE},
    [RULEEXPR_BAD] = {"bad", "is no score: nothing of it is good or bad", 1U << KIND_SCORE},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static bool take_selector(struct parser *p, struct ruleexpr_term *t, struct str name, size_t at)
{
    struct ruleexpr_selector *s = &t->selector[t->selector_count];
    if (!read_selector(p, name, at, s))
        return false;
    if ((functions[t->fn].kinds >> signal_info(s->signal)->kind & 1) == 0)
        return fault(p, at, ERR_PARSE, functions[t->fn].needs);
    t->selector_count++;
    return true;
}

static bool next_selector(struct parser *p, struct ruleexpr_term *t)
{
    (void)peek(p);
    const size_t at = p->at;
    return take_selector(p, t, word(p), at);
}

static bool read_window(struct parser *p, struct ruleexpr_term *t)
{
    double v;
    bool is_time;
    t->window_ms = WINDOW_MS;
    if (!take(p, ','))
        return true;
    (void)peek(p);
    const size_t at = p->at;
    if (!number(p, &v, &is_time))
        return false;
    if (!is_time || v * 1000 < WINDOW_LEAST_MS || v * 1000 > WINDOW_MOST_MS)
        return fault(p, at, ERR_PARSE, "expected a window of 1m to 1d, such as 5m");
    t->window_ms = (int64_t)(v * 1000);
    return true;
}

static bool read_arguments(struct parser *p, struct ruleexpr_term *t)
{
    bool is_time;
    if (!next_selector(p, t))
        return false;
    if (t->fn == RULEEXPR_RATIO && (!want(p, ',', "expected , and what it is a share of") || !next_selector(p, t)))
        return false;
    if (t->fn == RULEEXPR_QUANTILE) {
        if (!want(p, ',', "expected , and a quantile like 0.95"))
            return false;
        (void)peek(p);
        const size_t at = p->at;
        if (!number(p, &t->q, &is_time))
            return false;
        if (is_time || !(t->q > 0 && t->q < 1))
            return fault(p, at, ERR_PARSE, "expected a quantile between 0 and 1, such as 0.95");
    }
    return read_window(p, t) && want(p, ')', "expected , or )");
}

static bool add_node(struct parser *p, struct ruleexpr_node n, uint32_t *ret)
{
    if (p->x->node_count == RULEEXPR_NODES_MAX)
        return fault(p, p->at, ERR_LIMIT, "is too long: more than 64 numbers, terms and operations");
    *ret = p->x->node_count++;
    p->x->node[*ret] = n;
    return true;
}

static bool read_term(struct parser *p, uint32_t *ret)
{
    (void)peek(p);
    const size_t at = p->at;
    const struct str name = word(p);
    if (p->x->term_count == RULEEXPR_TERMS_MAX)
        return fault(p, at, ERR_LIMIT, "is the ninth signal or function; 8 are read");
    struct ruleexpr_term *t = &p->x->term[p->x->term_count];
    *t = (struct ruleexpr_term){.fn = RULEEXPR_GAUGE};
    for (int f = 1; f < FUNCTIONS && peek(p) == '('; f++)
        t->fn = str_eq_z(name, functions[f].name) ? (enum ruleexpr_fn)f : t->fn;
    if (peek(p) == '(' && t->fn == RULEEXPR_GAUGE)
        return fault(p, at, ERR_PARSE, "is no function; there are rate, sum, ratio, quantile, mean and bad");
    const bool good = t->fn == RULEEXPR_GAUGE ? take_selector(p, t, name, at) : take(p, '(') && read_arguments(p, t);
    return good && add_node(p, (struct ruleexpr_node){.op = RULEEXPR_TERM, .a = p->x->term_count++}, ret);
}

/* ---- arithmetic ---- */

static bool read_sum(struct parser *p, uint32_t *ret);

static bool read_unary(struct parser *p, uint32_t *ret)
{
    bool is_time, good;
    struct ruleexpr_node n = {.op = RULEEXPR_NUMBER};
    if (++p->depth > DEPTH_MAX)
        return fault(p, p->at, ERR_LIMIT, "is nested more than 20 deep");
    const char c = peek(p);
    if (c == '-') {
        p->at++;
        n.op = RULEEXPR_NEGATE;
        good = read_unary(p, &n.a) && add_node(p, n, ret);
    } else if (c == '(') {
        p->at++;
        good = read_sum(p, ret) && want(p, ')', "expected an operation or )");
    } else if (is_letter(c)) {
        good = read_term(p, ret);
    } else if (is_digit(c) || c == '.') {
        good = number(p, &n.number, &is_time) && add_node(p, n, ret);
    } else {
        good = fault(p, p->at, ERR_PARSE, "expected a signal, a function, a number or (");
    }
    p->depth--;
    return good;
}

static bool read_product(struct parser *p, uint32_t *ret)
{
    bool good = read_unary(p, ret);
    while (good && (peek(p) == '*' || peek(p) == '/')) {
        struct ruleexpr_node n = {.op = p->text.p[p->at++] == '*' ? RULEEXPR_TIMES : RULEEXPR_BY, .a = *ret};
        good = read_unary(p, &n.b) && add_node(p, n, ret);
    }
    return good;
}

static bool read_sum(struct parser *p, uint32_t *ret)
{
    bool good = read_product(p, ret);
    while (good && (peek(p) == '+' || peek(p) == '-')) {
        struct ruleexpr_node n = {.op = p->text.p[p->at++] == '+' ? RULEEXPR_ADD : RULEEXPR_SUBTRACT, .a = *ret};
        good = read_product(p, &n.b) && add_node(p, n, ret);
    }
    return good;
}

static bool read_compare(struct parser *p)
{
    bool is_time;
    struct ruleexpr_compare c;
    if (p->x->compare_count == RULEEXPR_COMPARES_MAX)
        return fault(p, p->at, ERR_LIMIT, "is the fifth comparison; 4 are read");
    if (!read_sum(p, &c.node))
        return false;
    const char op = peek(p);
    if (op != '>' && op != '<')
        return fault(p, p->at, ERR_PARSE, "expected an operation, or a comparison: > >= < <=");
    p->at++;
    c.above = op == '>';
    c.or_equal = p->at < p->text.n && p->text.p[p->at] == '=';
    p->at += c.or_equal;
    const bool negative = take(p, '-');
    if (!number(p, &c.threshold, &is_time))
        return false;
    c.threshold = negative ? -c.threshold : c.threshold;
    p->x->compare[p->x->compare_count++] = c;
    return true;
}

enum err ruleexpr_parse(struct str text, struct arena *a, struct ruleexpr *ret, size_t *ret_at, struct errctx *ctx)
{
    struct parser p = {.text = text, .arena = a, .x = ret, .ctx = ctx};
    memset(ret, 0, sizeof *ret);
    bool good = text.n <= RULEEXPR_BYTES_MAX || fault(&p, RULEEXPR_BYTES_MAX, ERR_LIMIT, "is longer than 1000 bytes");
    while (good && read_compare(&p)) {
        if (peek(&p) == '\0' && p.at == text.n)
            break;
        const size_t at = p.at;
        good = str_eq_z(word(&p), "and") || fault(&p, at, ERR_PARSE, "expected and, or the end");
    }
    *ret_at = p.err_at;
    return p.err == ERR_OK && ret->term_count == 0 ? (*ret_at = 0, errctx_set(ctx, ERR_PARSE, "names no signal")) : p.err;
}

bool ruleexpr_number(struct str text, double *ret)
{
    struct errctx why;
    bool is_time;
    struct parser p = {.text = text, .ctx = &why};
    const bool negative = take(&p, '-');
    double v;
    if (!number(&p, &v, &is_time) || peek(&p) != '\0' || p.at != text.n)
        return false;
    *ret = negative ? -v : v;
    return true;
}

/* ---- values ---- */

static double by(double a, double b)
{
    return b == 0 ? NAN : a / b;
}

double ruleexpr_value(const struct ruleexpr *x, uint32_t compare, const double *value)
{
    double v[RULEEXPR_NODES_MAX];
    for (uint32_t i = 0; i <= x->compare[compare].node; i++) {
        const struct ruleexpr_node *n = &x->node[i];
        switch (n->op) {
        case RULEEXPR_NUMBER: v[i] = n->number; break;
        case RULEEXPR_TERM: v[i] = value[n->a]; break;
        case RULEEXPR_NEGATE: v[i] = -v[n->a]; break;
        case RULEEXPR_ADD: v[i] = v[n->a] + v[n->b]; break;
        case RULEEXPR_SUBTRACT: v[i] = v[n->a] - v[n->b]; break;
        case RULEEXPR_TIMES: v[i] = v[n->a] * v[n->b]; break;
        case RULEEXPR_BY: v[i] = by(v[n->a], v[n->b]); break;
        }
    }
    const double r = v[x->compare[compare].node];
    return isfinite(r) ? r : NAN;
}

enum ruleexpr_truth ruleexpr_holds(const struct ruleexpr *x, double first_threshold, const double *value)
{
    bool unknown = false;
    for (uint32_t i = 0; i < x->compare_count; i++) {
        const struct ruleexpr_compare *c = &x->compare[i];
        const double v = ruleexpr_value(x, i, value), at = i == 0 ? first_threshold : c->threshold;
        if (isnan(v))
            unknown = true;
        else if (!(c->above ? v > at : v < at) && !(c->or_equal && v == at))
            return RULEEXPR_FALSE;
    }
    return unknown ? RULEEXPR_UNKNOWN : RULEEXPR_TRUE;
}
