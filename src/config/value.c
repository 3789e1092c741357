/* SPDX-License-Identifier: MIT */
/* Reading of single values by the type in the option table. One function per type; each writes the member only when all is well. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "config/reader.h"
#include "model/money.h"
#include "model/price.h"

enum { SHOWN_MAX = 80 };

static const struct {
    const char *suffix;
    double bytes;
} sizes[] = {{"kB", 1e3},
             {"KB", 1e3},
             {"MB", 1e6},
             {"GB", 1e9},
             {"TB", 1e12},
             {"KiB", 1024.0},
             {"MiB", 1048576.0},
             {"GiB", 1073741824.0},
             {"TiB", 1099511627776.0},
             {"B", 1}};

static bool expected(struct reader *r, const struct option *o, const struct yaml_node *n)
{
    char shown[SHOWN_MAX];
    (void)str_copy(shown, sizeof shown, n->text);
    if (o->choices != NULL)
        reader_error(r, n, o->key, "expected one of %s, got '%s'", reader_spell(r, o->choices), shown);
    else
        reader_error(r, n, o->key, "expected %s, got '%s'", option_type_expected(o->type), shown);
    return false;
}

void option_show_amount(enum option_type t, double v, char out[OPTION_AMOUNT_MAX])
{
    char text[TIMEFMT_MAX];
    if (t == OPTION_DURATION || t == OPTION_SECONDS) {
        duration_format((int64_t)(t == OPTION_SECONDS ? v * 1000 : v), text);
        (void)str_format(out, OPTION_AMOUNT_MAX, "%s", v > 0 ? text : "0s");
    } else if (t == OPTION_BYTES) {
        (void)str_format(out, OPTION_AMOUNT_MAX, "%.10g%s",
                         v / (v >= 1e12  ? 1e12
                              : v >= 1e9 ? 1e9
                              : v >= 1e6 ? 1e6
                                         : 1e3),
                         v >= 1e12  ? "TB"
                         : v >= 1e9 ? "GB"
                         : v >= 1e6 ? "MB"
                                    : "KB");
    } else if (t == OPTION_PERCENT) {
        (void)str_format(out, OPTION_AMOUNT_MAX, "%.6g%%", v * 100);
    } else if (t == OPTION_MONEY) {
        (void)str_format(out, OPTION_AMOUNT_MAX, "%.10g USD", v / (double)NUSD_PER_USD);
    } else {
        (void)str_format(out, OPTION_AMOUNT_MAX, "%.10g", v);
    }
}

static bool in_range(struct reader *r, const struct option *o, const struct yaml_node *n, double v)
{
    if ((o->min == 0 && o->max == 0) || (v >= o->min && v <= o->max))
        return true;
    char lo[OPTION_AMOUNT_MAX], hi[OPTION_AMOUNT_MAX], shown[SHOWN_MAX];
    option_show_amount(o->type, o->min, lo);
    option_show_amount(o->type, o->max, hi);
    (void)str_copy(shown, sizeof shown, n->text);
    reader_error(r, n, o->key, "expected %s to %s, got '%s'", lo, hi, shown);
    return false;
}

static struct str trim_right(struct str s)
{
    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

/* Plain decimal digits with at most one point: what a person writes; no exponent, no sign, no NaN. */
static bool is_decimal(struct str s)
{
    size_t points = 0, digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        points += s.p[i] == '.';
        digits += s.p[i] >= '0' && s.p[i] <= '9';
    }
    return digits > 0 && points <= 1 && digits + points == s.n && s.n < 40;
}

static bool read_bytes(struct str s, int64_t *ret)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        double v;
        if (!str_has_suffix(s, sizes[i].suffix))
            continue;
        struct str number = trim_right((struct str){s.p, s.n - strlen(sizes[i].suffix)});
        if (!is_decimal(number) || !str_to_f64(number, &v) || v * sizes[i].bytes > 9e18)
            return false;
        *ret = (int64_t)llround(v * sizes[i].bytes);
        return true;
    }
    return false;
}

/* "99.9%" is read as 99.9e-2, which is the double nearest to 0.999; dividing would be off by one unit in the last place. */
static bool read_percent(struct str s, double *ret)
{
    char text[48];
    if (!str_has_suffix(s, "%"))
        return false;
    struct str number = trim_right((struct str){s.p, s.n - 1});
    return is_decimal(number) && str_format(text, sizeof text, "%.*se-2", (int)number.n, number.p) && str_to_f64(str_of(text), ret);
}

/* "2.50 USD", "$2.50": the number and its currency. False with a finding: no number, no currency, another one than USD. */
static bool read_currency(struct reader *r, const struct option *o, const struct yaml_node *n, struct str s, struct str *ret_number)
{
    size_t i = s.n;
    while (i > 0 && ((s.p[i - 1] >= 'A' && s.p[i - 1] <= 'Z') || (s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z')))
        i--;
    struct str currency = {s.p + i, s.n - i}, number = trim_right((struct str){s.p, i});
    bool dollar = str_has_prefix(number, "$");
    number = dollar ? (struct str){number.p + 1, number.n - 1} : number;
    if (!is_decimal(number) || dollar == (currency.n > 0)) /* an amount without a currency says nothing */
        return expected(r, o, n);
    if (!dollar && !str_eq_z(currency, "USD")) {
        reader_error(r, n, o->key, "unknown currency '%.*s': expected %s", (int)(currency.n > 10 ? 10 : currency.n), currency.p,
                     option_type_expected(o->type));
        return false;
    }
    *ret_number = number;
    return true;
}

static bool read_money(struct reader *r, const struct option *o, const struct yaml_node *n, int64_t *ret)
{
    struct str number;
    return read_currency(r, o, n, n->text, &number) && (money_parse(number, ret) || expected(r, o, n));
}

/* "2.50 USD/M", "$0.0025/K", "0.0000025 USD/token". */
static bool read_price(struct reader *r, const struct option *o, const struct yaml_node *n, int64_t *ret)
{
    static const struct {
        const char *per;
        int power; /* of ten, from USD per that to pico-USD per token */
    } units[] = {{"/M", 6}, {"/1M", 6}, {"/K", 9}, {"/1K", 9}, {"/token", 12}};
    struct str s = n->text, number = {NULL, 0};
    int power = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0] && number.p == NULL; i++) {
        if (!str_has_suffix(s, units[i].per))
            continue;
        number = trim_right((struct str){s.p, s.n - strlen(units[i].per)});
        power = units[i].power;
    }
    if (number.p == NULL)
        return expected(r, o, n);
    if (!read_currency(r, o, n, number, &number))
        return false;
    const int64_t max_pusd = price_term_info(PRICE_INPUT)->max_pusd;
    int64_t pusd;
    bool inexact;
    if (!money_parse_decimal(number, power, &pusd, &inexact) || pusd > max_pusd) {
        char absurd[PRICE_TEXT_MAX];
        price_format(PRICE_INPUT, max_pusd + 1, absurd);
        reader_error(r, n, o->key, "'%.*s' is absurd: %s or more", (int)(s.n > 40 ? 40 : s.n), s.p, absurd);
        return false;
    }
    if (inexact) {
        reader_error(r, n, o->key, "'%.*s' is finer than a pico-dollar per token", (int)(s.n > 40 ? 40 : s.n), s.p);
        return false;
    }
    *ret = pusd;
    return true;
}

/* A date or an instant as it is written; nothing that depends on now. */
static bool read_date(struct reader *r, const struct option *o, const struct yaml_node *n, int64_t *ret)
{
    bool is_date = n->text.n >= 10 && n->text.p[0] >= '0' && n->text.p[0] <= '9' && n->text.p[4] == '-';
    return (is_date && instant_parse(n->text, 0, ret, NULL) == ERR_OK) || expected(r, o, n);
}

static bool read_duration(struct reader *r, const struct option *o, const struct yaml_node *n, int64_t *ret)
{
    int64_t ms;
    if (duration_parse(n->text, &ms, NULL) != ERR_OK)
        return expected(r, o, n);
    if (!in_range(r, o, n, o->type == OPTION_SECONDS ? (double)ms / 1000 : (double)ms))
        return false;
    *ret = ms;
    return true;
}

/* Index of text among "a|b|c", -1 when absent. */
static int choice_index(const char *choices, struct str text)
{
    int i = 0;
    for (const char *p = choices; *p != 0; i++) {
        size_t n = strcspn(p, "|");
        if (str_eq(text, (struct str){p, n}))
            return i;
        p += n + (p[n] == '|');
    }
    return -1;
}

static bool keep_text(struct reader *r, struct str text, const char **ret)
{
    char *copy = arena_strdup(r->arena, text);
    if (copy == NULL) {
        r->nomem = true;
        return false;
    }
    *ret = copy;
    return true;
}

static bool read_text(struct reader *r, const struct option *o, const struct yaml_node *n, const char **ret)
{
    for (size_t i = 0; i < n->text.n; i++) {
        if ((unsigned char)n->text.p[i] < 0x20 || n->text.p[i] == 0x7f) {
            reader_error(r, n, o->key, "a control character is not allowed");
            return false;
        }
    }
    return keep_text(r, n->text, ret);
}

static bool read_prose(struct reader *r, const struct option *o, const struct yaml_node *n, const char **ret)
{
    for (size_t i = 0; i < n->text.n; i++) {
        const unsigned char c = (unsigned char)n->text.p[i];
        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f) {
            reader_error(r, n, o->key, "a control character other than a line's end or a tab is not allowed");
            return false;
        }
    }
    return keep_text(r, n->text, ret);
}

static bool read_path(struct reader *r, const struct option *o, const struct yaml_node *n, const char **ret)
{
    const char *text, *home = getenv("HOME");
    if (!read_text(r, o, n, &text))
        return false;
    if (strncmp(text, "~/", 2) == 0) {
        if (home == NULL || home[0] != '/') {
            reader_error(r, n, o->key, "~/ needs HOME to be set");
            return false;
        }
        text = arena_printf(r->arena, "%s%s", home, text + 1);
    } else if (text[0] != '/') {
        text = arena_printf(r->arena, "%s/%s", r->dir, text);
    }
    if (text == NULL) {
        r->nomem = true;
        return false;
    }
    *ret = text;
    return true;
}

static bool read_url(struct reader *r, const struct option *o, const struct yaml_node *n, const char **ret)
{
    const char *fault = url_fault(n->text);
    const bool of_prometheus = strcmp(o->key, "prometheus") == 0 || strcmp(o->key, "prometheus_rules") == 0,
               of_alertmanager = strcmp(o->key, "alertmanager") == 0,
               listed = strcmp(o->key, "grafana") == 0 || strcmp(o->key, "github") == 0 || strcmp(o->key, "argocd") == 0 ||
                        strcmp(o->key, "status_page") == 0;
    if (fault == NULL && (of_prometheus || of_alertmanager || listed)) {
        struct str s = n->text;
        while (s.n > 0 && s.p[s.n - 1] == '/')
            s.n--;
        if (memchr(s.p, '?', s.n) != NULL)
            fault = "the base address of an API has no ?query";
        else if (of_prometheus && str_has_suffix(s, "/api/v1"))
            fault = "leave out /api/v1: it is added";
        else if (of_alertmanager && str_has_suffix(s, "/api/v2"))
            fault = "leave out /api/v2: it is added";
    }
    if (fault != NULL) {
        reader_error(r, n, o->key, "expected %s: %s", option_type_expected(OPTION_URL), fault);
        return false;
    }
    return keep_text(r, n->text, ret);
}

static size_t skip_label_name(struct str s, size_t i)
{
    size_t start = i;
    for (; i < s.n; i++) {
        bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_';
        if (!letter && !(i > start && s.p[i] >= '0' && s.p[i] <= '9'))
            break;
    }
    return i;
}

static size_t skip_blanks(struct str s, size_t i)
{
    while (i < s.n && s.p[i] == ' ')
        i++;
    return i;
}

/* One matcher at i: name, one of = != =~ !~, a quoted value. Returns where it ends, 0 when it is none. */
static size_t skip_matcher(struct str s, size_t i)
{
    size_t name_end = skip_label_name(s, i), at = skip_blanks(s, name_end);
    if (name_end == i || at + 2 >= s.n)
        return 0;
    bool negated = s.p[at] == '!', second = s.p[at + 1] == '~' || (negated && s.p[at + 1] == '=');
    if ((s.p[at] != '=' && !negated) || (negated && !second))
        return 0;
    at = skip_blanks(s, at + (second ? 2 : 1));
    if (at >= s.n || s.p[at++] != '"')
        return 0;
    while (at < s.n && s.p[at] != '"')
        at += s.p[at] == '\\' ? 2 : 1;
    return at < s.n ? at + 1 : 0;
}

static bool is_match(struct str s)
{
    for (size_t i = skip_blanks(s, 0); i < s.n;) {
        i = skip_matcher(s, i);
        if (i == 0)
            return false;
        i = skip_blanks(s, i);
        if (i < s.n && s.p[i] != ',')
            return false;
        i = skip_blanks(s, i + 1);
    }
    return s.n > 0;
}

static bool read_number(struct reader *r, const struct option *o, const struct yaml_node *n, void *member)
{
    double v;
    int64_t i64;
    switch (o->type) {
    case OPTION_NUMBER:
        if (!is_decimal(n->text) || !str_to_f64(n->text, &v))
            return expected(r, o, n);
        if (in_range(r, o, n, v))
            *(double *)member = v;
        return true;
    case OPTION_PERCENT:
        if (!read_percent(n->text, &v))
            return expected(r, o, n);
        if (in_range(r, o, n, v))
            *(double *)member = v;
        return true;
    case OPTION_COUNT:
        if (!str_to_i64(n->text, &i64))
            return expected(r, o, n);
        if (in_range(r, o, n, (double)i64))
            *(uint32_t *)member = (uint32_t)i64;
        return true;
    case OPTION_BYTES:
        if (!read_bytes(n->text, &i64))
            return expected(r, o, n);
        if (in_range(r, o, n, (double)i64))
            *(int64_t *)member = i64;
        return true;
    case OPTION_MONEY:
        if (!read_money(r, o, n, &i64))
            return false;
        if (in_range(r, o, n, (double)i64))
            *(int64_t *)member = i64;
        return true;
    default: break;
    }
    if (!read_duration(r, o, n, &i64))
        return false;
    if (o->type == OPTION_SECONDS)
        *(double *)member = (double)i64 / 1000;
    else
        *(int64_t *)member = i64;
    return true;
}

static bool read_choice(struct reader *r, const struct option *o, const struct yaml_node *n, void *member)
{
    int i = choice_index(o->choices, n->text);
    if (i < 0)
        return expected(r, o, n);
    if (o->type == OPTION_CHOICE)
        return keep_text(r, n->text, member);
    if (o->type == OPTION_SIGNAL)
        return signal_by_name(n->text, member);
    memcpy(member, &i, sizeof i); /* the enum's rows stand in the order of the choices */
    return true;
}

bool reader_value(struct reader *r, const struct option *o, const struct yaml_node *n, void *member)
{
    if (n->kind != YAML_SCALAR) {
        reader_error(r, n, o->key, "expected %s, got a %s", o->choices != NULL ? "one value" : option_type_expected(o->type),
                     n->kind == YAML_MAPPING ? "mapping" : "list");
        return false;
    }
    if (n->text.n == 0 && !(o->flags & OPTION_MAY_EMPTY)) {
        reader_error(r, n, o->key, "has no value: expected %s%s", o->choices != NULL ? "one of " : option_type_expected(o->type),
                     o->choices != NULL ? reader_spell(r, o->choices) : "");
        return false;
    }
    switch (o->type) {
    case OPTION_TEXT: return read_text(r, o, n, member);
    case OPTION_PROSE: return read_prose(r, o, n, member);
    case OPTION_PATH: return read_path(r, o, n, member);
    case OPTION_URL: return read_url(r, o, n, member);
    case OPTION_MATCH: return is_match(n->text) ? keep_text(r, n->text, member) : expected(r, o, n);
    case OPTION_CHOICE:
    case OPTION_PERIOD:
    case OPTION_SIGNAL: return read_choice(r, o, n, member);
    case OPTION_BOOL:
        if (!str_eq_z(n->text, "true") && !str_eq_z(n->text, "false"))
            return expected(r, o, n);
        *(bool *)member = str_eq_z(n->text, "true");
        return true;
    case OPTION_NUMBER:
    case OPTION_COUNT:
    case OPTION_BYTES:
    case OPTION_DURATION:
    case OPTION_SECONDS:
    case OPTION_PERCENT:
    case OPTION_MONEY: return read_number(r, o, n, member);
    case OPTION_PRICE: return read_price(r, o, n, member);
    case OPTION_DATE: return read_date(r, o, n, member);
    case OPTION_SCOPE:
    case OPTION_WORDS:
    case OPTION_SCHEMA:
    case OPTION_SIGNAL_OR_ALL:
    case OPTION_MAP:
    case OPTION_LIST: break;
    }
    return false; /* read by the section's own code */
}

uint32_t reader_scope(struct reader *r, const struct yaml_node *n, struct scope_part parts[SCOPE_PARTS_MAX])
{
    static const struct option row = {.key = "scope", .type = OPTION_SCOPE};
    uint32_t count = 0, seen = 0;
    if (n->kind != YAML_SCALAR) {
        reader_error(r, n, "scope", "expected %s", option_type_expected(OPTION_SCOPE));
        return 0;
    }
    for (const char *p = n->text.p, *end = p + n->text.n; p < end;) {
        const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma != NULL ? comma : end;
        const char *equals = memchr(p, '=', (size_t)(stop - p));
        if (equals == NULL || equals == p || equals + 1 == stop || comma == end - 1) {
            (void)expected(r, &row, n);
            return 0;
        }
        struct str name = {p, (size_t)(equals - p)};
        enum dim dim;
        if (!dim_by_name(name, &dim)) {
            const char *near = nearest_name(r->arena, name, "gateway|provider|model|deployment|region|team|key|route|stage|class|name");
            reader_error(r, n, "scope", "'%.*s' is not a dimension%s%s%s", (int)(name.n > 40 ? 40 : name.n), name.p,
                         near ? ", did you mean '" : "", near ? near : "",
                         near ? "'?" : " (model, provider, deployment, team, key, route, ...)");
            return 0;
        }
        if (count == SCOPE_PARTS_MAX || (seen & DIM_BIT(dim))) {
            reader_error(r, n, "scope", "%s %s", dim_name(dim),
                         count == SCOPE_PARTS_MAX ? "is the fifth condition, at most 4 are read" : "stands twice");
            return 0;
        }
        seen |= DIM_BIT(dim);
        parts[count].dim = dim;
        if (!keep_text(r, (struct str){equals + 1, (size_t)(stop - equals - 1)}, &parts[count].value))
            return 0;
        count++;
        p = comma != NULL ? comma + 1 : end;
    }
    return count;
}
