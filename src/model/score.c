/* SPDX-License-Identifier: MIT */
#include "model/score.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/signal.h"

const struct score_rule *score_rule_of(const struct score_rule *rules, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(name, rules[i].name))
            return &rules[i];
    return NULL;
}

static bool is_listed(const char *list, struct str label)
{
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ",");
        struct str one = {p, n};
        while (one.n > 0 && *one.p == ' ')
            one = (struct str){one.p + 1, one.n - 1};
        while (one.n > 0 && one.p[one.n - 1] == ' ')
            one.n--;
        if (str_eq(one, label))
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

bool score_counts(const struct score_told *s, const struct score_rule *rule, struct score_count *ret, const char **ret_why)
{
    const bool told = s->kind == SCORE_NUMBER && s->max > s->min, ruled = s->kind == SCORE_NUMBER && rule != NULL;
    const double min = ruled && !isnan(rule->min) ? rule->min
                       : told                     ? s->min
                                                  : 0,
                 max = ruled && !isnan(rule->max) ? rule->max
                       : told                     ? s->max
                                                  : 1;
    const enum score_better better = rule != NULL && rule->better != SCORE_UNTOLD ? rule->better : s->better;
    if (s->kind == SCORE_LABEL && (rule == NULL || rule->bad_labels == NULL)) {
        *ret_why = "has a label, and which of its labels are bad is not known: say so under scores: (bad_labels)";
        return false;
    }
    if (s->kind == SCORE_LABEL) {
        ret->bad = is_listed(rule->bad_labels, s->label);
        ret->value_fixed = ret->bad ? 0 : unit_scale(UNIT_RATIO);
        return true;
    }
    if (isnan(s->value) || !(max > min)) {
        *ret_why = "is not a number";
        return false;
    }
    if (s->value < min || s->value > max) {
        *ret_why = "lies outside its range; say which under scores: (min, max)";
        return false;
    }
    const double line = rule != NULL && s->kind == SCORE_NUMBER && !isnan(rule->bad) ? rule->bad : min + (max - min) / 2;
    ret->bad = better == SCORE_LOWER ? s->value > line : s->value < line;
    if (!unit_to_fixed(UNIT_RATIO, (s->value - min) / (max - min), &ret->value_fixed)) {
        *ret_why = "is not a number";
        return false;
    }
    return true;
}

bool score_time(struct str text, int64_t *ret_ms)
{
    return text.n > 10 && text.p[0] >= '0' && text.p[0] <= '9' && text.p[10] == 'T' && instant_parse(text, 0, ret_ms, NULL) == ERR_OK;
}

/* ---- as JSON ---- */

static enum err take_text(const struct jsontree *o, const char *key, size_t max, struct str *ret, struct errctx *ctx)
{
    const struct jsontree *n = jsontree_get(o, key);
    if (n == NULL || n->kind == JSONTREE_NULL)
        return ERR_OK;
    if (n->kind != JSONTREE_STRING || n->text.n == 0 || n->text.n > max)
        return errctx_set(ctx, ERR_PARSE, "%s must be a text of 1 to %zu bytes", key, max);
    *ret = n->text;
    return ERR_OK;
}

static enum err take_value(const struct jsontree *n, struct score_told *ret, struct errctx *ctx)
{
    if (n != NULL && (n->kind == JSONTREE_TRUE || n->kind == JSONTREE_FALSE)) {
        ret->kind = SCORE_BOOL;
        ret->value = n->kind == JSONTREE_TRUE;
        return ERR_OK;
    }
    double number;
    if (n != NULL && n->kind == JSONTREE_STRING && str_to_f64(n->text, &number)) /* no label is meant */
        return errctx_set(ctx, ERR_PARSE, "value is the text \"%.*s\", which reads like a number: write it without quotes",
                          (int)(n->text.n < 40 ? n->text.n : 40), n->text.p);
    if (n != NULL && n->kind == JSONTREE_STRING && n->text.n > 0 && n->text.n <= SCORE_LABEL_MAX) {
        ret->kind = SCORE_LABEL;
        ret->label = n->text;
        return ERR_OK;
    }
    if (n == NULL || n->kind != JSONTREE_NUMBER || !str_to_f64(n->text, &ret->value) || !isfinite(ret->value))
        return errctx_set(ctx, ERR_PARSE, "value must be a number, true, false or a label of at most %d bytes", SCORE_LABEL_MAX);
    ret->kind = SCORE_NUMBER;
    return ERR_OK;
}

enum err score_from_json(const struct jsontree *o, int64_t now_ms, struct score_told *ret, struct errctx *ctx)
{
    struct score_told s = {.t_ms = now_ms};
    struct str at = {NULL, 0}, better = {NULL, 0};
    if (o == NULL || o->kind != JSONTREE_OBJECT)
        return errctx_set(ctx, ERR_PARSE, "a score is an object like {\"name\": \"faithfulness\", \"value\": 0.83}");
    enum err e = take_text(o, "name", SCORE_NAME_MAX, &s.name, ctx);
    if (e == ERR_OK && s.name.n == 0)
        e = errctx_set(ctx, ERR_PARSE, "name is missing");
    if (e == ERR_OK)
        e = take_value(jsontree_get(o, "value"), &s, ctx);
    if (e == ERR_OK)
        e = take_text(o, "model", SCORE_NAME_MAX, &s.model, ctx);
    if (e == ERR_OK)
        e = take_text(o, "judge", SCORE_NAME_MAX, &s.judge, ctx);
    if (e == ERR_OK)
        e = take_text(o, "id", SCORE_ID_MAX, &s.id, ctx);
    if (e == ERR_OK)
        e = take_text(o, "at", SCORE_NAME_MAX, &at, ctx);
    if (e == ERR_OK && at.n > 0)
        e = instant_parse(at, now_ms, &s.t_ms, ctx);
    if (e == ERR_OK)
        e = take_text(o, "better", SCORE_NAME_MAX, &better, ctx);
    if (e == ERR_OK && better.n > 0 && !str_eq_z(better, "higher") && !str_eq_z(better, "lower"))
        e = errctx_set(ctx, ERR_PARSE, "better must be higher or lower");
    if (e != ERR_OK)
        return e;
    s.better = better.n == 0 ? SCORE_UNTOLD : str_eq_z(better, "lower") ? SCORE_LOWER : SCORE_HIGHER;
    *ret = s;
    return ERR_OK;
}

static void put_text(struct json *w, const char *key, struct str text)
{
    if (text.n > 0)
        json_str(w, key, text);
}

void score_to_json(struct json *w, const struct score_told *s)
{
    char at[TIMEFMT_MAX];
    json_object(w, NULL);
    json_str(w, "name", s->name);
    if (s->kind == SCORE_LABEL)
        json_str(w, "value", s->label);
    else if (s->kind == SCORE_BOOL)
        json_bool(w, "value", s->value != 0);
    else
        json_f64(w, "value", s->value);
    put_text(w, "model", s->model);
    put_text(w, "judge", s->judge);
    instant_format_iso(s->t_ms, at);
    json_string(w, "at", at);
    put_text(w, "id", s->id);
    if (s->better != SCORE_UNTOLD)
        json_string(w, "better", s->better == SCORE_LOWER ? "lower" : "higher");
    json_end(w);
}
