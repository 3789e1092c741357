/* SPDX-License-Identifier: MIT */
#include "base/jsonschema.h"

#include <math.h>
#include <string.h>

enum { PLACE_MAX = 200 };

/* A JSON pointer to where one is, for sentences; cut where it is too long. */
struct place {
    char text[PLACE_MAX];
    size_t n;
};

static struct place below(const struct place *at, struct str key)
{
    struct place p = *at;
    if (p.n + key.n + 2 > sizeof p.text)
        return p;
    p.text[p.n++] = '/';
    memcpy(p.text + p.n, key.p, key.n);
    p.n += key.n;
    p.text[p.n] = '\0';
    return p;
}

static double number_of(const struct jsontree *n)
{
    double v = NAN;
    (void)str_to_f64(n->text, &v);
    return v;
}

static bool is_whole(const struct jsontree *n)
{
    const double v = number_of(n);
    return isfinite(v) && floor(v) == v;
}

/* ---- the schema itself ---- */

static enum err check_at(const struct jsontree *s, const struct place *at, struct errctx *ctx);

static const char *const type_names[] = {"null", "boolean", "number", "integer", "string", "array", "object"};

static bool is_type_name(const struct jsontree *n)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (n->kind == JSONTREE_STRING && str_eq_z(n->text, type_names[i]))
            return true;
    return false;
}

static enum err bad(struct errctx *ctx, const struct place *at, const char *what)
{
    return errctx_set(ctx, ERR_CONFIG, "%s%s%s%s", at->n > 0 ? "at " : "", at->text, at->n > 0 ? ": " : "", what);
}

static enum err check_type(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    bool good = is_type_name(n) || (n->kind == JSONTREE_ARRAY && n->child != NULL);
    for (const struct jsontree *c = n->kind == JSONTREE_ARRAY ? n->child : NULL; c != NULL; c = c->next)
        good = good && is_type_name(c);
    return good ? ERR_OK : bad(ctx, at, "type is one of null, boolean, number, integer, string, array, object, or a list of them");
}

static enum err check_members(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    if (n->kind != JSONTREE_OBJECT)
        return bad(ctx, at, "properties is an object of schemas");
    enum err e = ERR_OK;
    for (const struct jsontree *c = n->child; c != NULL && e == ERR_OK; c = c->next) {
        const struct place p = below(at, c->key);
        e = check_at(c, &p, ctx);
    }
    return e;
}

static enum err check_required(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    bool good = n->kind == JSONTREE_ARRAY;
    for (const struct jsontree *c = good ? n->child : NULL; c != NULL; c = c->next)
        good = good && c->kind == JSONTREE_STRING;
    return good ? ERR_OK : bad(ctx, at, "required is a list of names");
}

static enum err check_schema(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    return check_at(n, at, ctx);
}

static enum err check_list(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    return n->kind == JSONTREE_ARRAY && n->child != NULL ? ERR_OK : bad(ctx, at, "enum is a list of values");
}

static enum err check_number(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    return n->kind == JSONTREE_NUMBER && isfinite(number_of(n)) ? ERR_OK : bad(ctx, at, "a bound is a number");
}

static enum err check_count(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    return n->kind == JSONTREE_NUMBER && is_whole(n) && number_of(n) >= 0 ? ERR_OK : bad(ctx, at, "a length is a whole number from 0 on");
}

static enum err check_nothing(const struct jsontree *n, const struct place *at, struct errctx *ctx)
{
    (void)n, (void)at, (void)ctx;
    return ERR_OK;
}

/* ---- a value ---- */

static bool holds_at(const struct jsontree *s, const struct jsontree *v, const struct place *at, struct errctx *why);

static bool no(struct errctx *why, const struct place *at, const char *what)
{
    (void)errctx_set(why, ERR_PARSE, "%s %s", at->n > 0 ? at->text : "the value", what);
    return false;
}

static bool is_of_type(const struct jsontree *v, struct str type)
{
    switch (v->kind) {
    case JSONTREE_NULL: return str_eq_z(type, "null");
    case JSONTREE_FALSE:
    case JSONTREE_TRUE: return str_eq_z(type, "boolean");
    case JSONTREE_NUMBER: return str_eq_z(type, "number") || (str_eq_z(type, "integer") && is_whole(v));
    case JSONTREE_STRING: return str_eq_z(type, "string");
    case JSONTREE_ARRAY: return str_eq_z(type, "array");
    case JSONTREE_OBJECT: return str_eq_z(type, "object");
    }
    return false;
}

static size_t child_count(const struct jsontree *n)
{
    size_t count = 0;
    for (const struct jsontree *c = n->child; c != NULL; c = c->next)
        count++;
    return count;
}

static const struct jsontree *member(const struct jsontree *n, struct str key)
{
    for (const struct jsontree *c = n->child; c != NULL; c = c->next)
        if (str_eq(c->key, key))
            return c;
    return NULL;
}

/* Numbers by their value, objects whatever the order of their members. */
static bool is_equal(const struct jsontree *a, const struct jsontree *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSONTREE_NUMBER)
        return number_of(a) == number_of(b);
    if (a->kind == JSONTREE_STRING)
        return str_eq(a->text, b->text);
    if (child_count(a) != child_count(b))
        return false;
    const struct jsontree *y = b->child;
    for (const struct jsontree *x = a->child; x != NULL; x = x->next, y = y->next) {
        const struct jsontree *other = a->kind == JSONTREE_OBJECT ? member(b, x->key) : y;
        if (other == NULL || !is_equal(x, other))
            return false;
    }
    return true;
}

static bool holds_type(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                       struct errctx *why)
{
    bool good = k->kind == JSONTREE_STRING && is_of_type(v, k->text);
    (void)s;
    for (const struct jsontree *c = k->kind == JSONTREE_ARRAY ? k->child : NULL; c != NULL && !good; c = c->next)
        good = is_of_type(v, c->text);
    return good || no(why, at, "is of another type");
}

static bool holds_enum(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                       struct errctx *why)
{
    (void)s;
    for (const struct jsontree *c = k->child; c != NULL; c = c->next)
        if (is_equal(c, v))
            return true;
    return no(why, at, "is none of enum");
}

static bool holds_const(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                        struct errctx *why)
{
    (void)s;
    return is_equal(k, v) || no(why, at, "is not const");
}

static bool holds_properties(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                             struct errctx *why)
{
    bool good = true;
    (void)s;
    for (const struct jsontree *c = v->kind == JSONTREE_OBJECT ? v->child : NULL; c != NULL && good; c = c->next) {
        const struct jsontree *of = member(k, c->key);
        const struct place p = below(at, c->key);
        good = of == NULL || holds_at(of, c, &p, why);
    }
    return good;
}

static bool holds_required(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                           struct errctx *why)
{
    (void)s;
    for (const struct jsontree *c = v->kind == JSONTREE_OBJECT ? k->child : NULL; c != NULL; c = c->next) {
        const struct place p = below(at, c->text);
        if (member(v, c->text) == NULL)
            return no(why, &p, "is missing");
    }
    return true;
}

static bool holds_additional(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                             struct errctx *why)
{
    const struct jsontree *known = jsontree_get(s, "properties");
    bool good = true;
    for (const struct jsontree *c = v->kind == JSONTREE_OBJECT ? v->child : NULL; c != NULL && good; c = c->next) {
        const struct place p = below(at, c->key);
        if (known == NULL || member(known, c->key) == NULL)
            good = k->kind == JSONTREE_FALSE ? no(why, &p, "is no property of the schema") : holds_at(k, c, &p, why);
    }
    return good;
}

static bool holds_items(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,
                        struct errctx *why)
{
    bool good = true;
    size_t i = 0;
    char index[24];
    (void)s;
    for (const struct jsontree *c = v->kind == JSONTREE_ARRAY ? v->child : NULL; c != NULL && good; c = c->next) {
        (void)str_format(index, sizeof index, "%zu", i++);
        const struct place p = below(at, str_of(index));
        good = holds_at(k, c, &p, why);
    }
    return good;
}

/* In code points; the text is valid UTF-8 or is told by its bytes. */
static double length_of(const struct jsontree *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->text.n; i++)
        n += ((unsigned char)v->text.p[i] & 0xc0) != 0x80;
    return (double)n;
}

enum bound { AT_LEAST, AT_MOST, ABOVE, BELOW };
static bool is_within(double v, enum bound b, double limit)
{
    return b == AT_LEAST ? v >= limit : b == AT_MOST ? v <= limit : b == ABOVE ? v > limit : v < limit;
}

#define BOUND(name, applies_to, measure, how, said)                                                                                        \
    static bool name(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at,                 \
                     struct errctx *why)                                                                                                   \
    {                                                                                                                                      \
        (void)s;                                                                                                                           \
        return v->kind != (applies_to) || is_within(measure, how, number_of(k)) || no(why, at, said);                                      \
    }
BOUND(holds_minimum, JSONTREE_NUMBER, number_of(v), AT_LEAST, "is below minimum")
BOUND(holds_maximum, JSONTREE_NUMBER, number_of(v), AT_MOST, "is above maximum")
BOUND(holds_above, JSONTREE_NUMBER, number_of(v), ABOVE, "is not above exclusiveMinimum")
BOUND(holds_below, JSONTREE_NUMBER, number_of(v), BELOW, "is not below exclusiveMaximum")
BOUND(holds_min_length, JSONTREE_STRING, length_of(v), AT_LEAST, "is shorter than minLength")
BOUND(holds_max_length, JSONTREE_STRING, length_of(v), AT_MOST, "is longer than maxLength")
BOUND(holds_min_items, JSONTREE_ARRAY, (double)child_count(v), AT_LEAST, "has fewer items than minItems")
BOUND(holds_max_items, JSONTREE_ARRAY, (double)child_count(v), AT_MOST, "has more items than maxItems")

static const struct keyword {
    const char *name;
    enum err (*check)(const struct jsontree *n, const struct place *at, struct errctx *ctx);
    bool (*holds)(const struct jsontree *k, const struct jsontree *s, const struct jsontree *v, const struct place *at, struct errctx *why);
} keywords[] = {
    {"type", check_type, holds_type},
    {"enum", check_list, holds_enum},
    {"const", check_nothing, holds_const},
    {"properties", check_members, holds_properties},
    {"required", check_required, holds_required},
    {"additionalProperties", check_schema, holds_additional},
    {"items", check_schema, holds_items},
    {"minItems", check_count, holds_min_items},
    {"maxItems", check_count, holds_max_items},
    {"minimum", check_number, holds_minimum},
    {"maximum", check_number, holds_maximum},
    {"exclusiveMinimum", check_number, holds_above},
    {"exclusiveMaximum", check_number, holds_below},
    {"minLength", check_count, holds_min_length},
    {"maxLength", check_count, holds_max_length},
    {"$schema", check_nothing, NULL},
    {"$id", check_nothing, NULL},
    {"$comment", check_nothing, NULL},
    {"title", check_nothing, NULL},
    {"description", check_nothing, NULL},
    {"default", check_nothing, NULL},
    {"examples", check_nothing, NULL},
    {"deprecated", check_nothing, NULL},
};

static const struct keyword *keyword_of(struct str name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (str_eq_z(name, keywords[i].name))
            return &keywords[i];
    return NULL;
}

static enum err check_at(const struct jsontree *s, const struct place *at, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (s->kind == JSONTREE_TRUE || s->kind == JSONTREE_FALSE)
        return ERR_OK;
    if (s->kind != JSONTREE_OBJECT)
        return bad(ctx, at, "a schema is an object, true or false");
    for (const struct jsontree *c = s->child; c != NULL && e == ERR_OK; c = c->next) {
        const struct keyword *k = keyword_of(c->key);
        const struct place p = below(at, c->key);
        e = k != NULL ? k->check(c, &p, ctx)
                      : errctx_set(ctx, ERR_CONFIG, "at %s: the keyword '%.*s' of JSON Schema is not checked by gwtop", p.text,
                                   (int)(c->key.n < 40 ? c->key.n : 40), c->key.p);
    }
    return e;
}

enum err jsonschema_check(const struct jsontree *schema, struct errctx *ctx)
{
    const struct place top = {.n = 0};
    return check_at(schema, &top, ctx);
}

static bool holds_at(const struct jsontree *s, const struct jsontree *v, const struct place *at, struct errctx *why)
{
    bool good = true;
    if (s->kind != JSONTREE_OBJECT)
        return s->kind == JSONTREE_TRUE || no(why, at, "may not be there");
    for (const struct jsontree *c = s->child; c != NULL && good; c = c->next) {
        const struct keyword *k = keyword_of(c->key);
        good = k == NULL || k->holds == NULL || k->holds(c, s, v, at, why);
    }
    return good;
}

bool jsonschema_holds(const struct jsontree *schema, const struct jsontree *v, struct errctx *why)
{
    const struct place top = {.n = 0};
    return holds_at(schema, v, &top, why);
}
