/* SPDX-License-Identifier: MIT */
#include "sim/scenario.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/timefmt.h"

#define HOURS(n) (INT64_C(3600000) * (n))

void effects_reset(struct effects *fx)
{
    memset(fx, 0, sizeof *fx);
    for (unsigned i = 0; i < DEPLOYMENT_COUNT; i++)
        fx->deployment[i].ttft = fx->deployment[i].tpot = 1;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        fx->key[i].rate = fx->key[i].prompt = 1;
    for (unsigned i = 0; i < MODEL_COUNT; i++)
        fx->model[i].json_valid = fx->model[i].output = fx->model[i].cached = fx->model[i].extracts = fx->model[i].booked = 1;
    for (unsigned i = 0; i < GUARDRAIL_COUNT; i++)
        fx->guardrail[i] = 1;
    fx->retrieval = 1;
}

static void add(struct script *s, const struct scenario *row, int64_t onset_ms)
{
    int64_t end = row->duration_ms > 0 ? onset_ms + row->duration_ms : INT64_MAX;
    s->incident[s->count++] = (struct incident){row, onset_ms, end};
}

static const struct scenario *find(struct str name)
{
    for (size_t i = 0; i < scenario_count(); i++) {
        if (str_eq_z(name, scenario_at(i)->name))
            return scenario_at(i);
    }
    return NULL;
}

static enum err unknown(struct str name, struct errctx *ctx)
{
    char known[512] = "none";
    size_t n = strlen(known);
    for (size_t i = 0; i < scenario_count(); i++) {
        if (str_format(known + n, sizeof known - n, ", %s", scenario_at(i)->name))
            n += strlen(known + n);
    }
    return errctx_set(ctx, ERR_USAGE, "there is no scenario \"%.*s\"; expected one of %s, or several joined by commas",
                      (int)(name.n > 60 ? 60 : name.n), name.p, known);
}

enum err script_add(struct script *s, const char *names, int64_t onset_ms, struct errctx *ctx)
{
    struct script done = *s;
    for (const char *at = names;; at++) {
        size_t n = strcspn(at, ",");
        struct str name = {at, n};
        const struct scenario *row = find(name);
        if (row == NULL && !str_eq_z(name, "none"))
            return unknown(name, ctx);
        if (row != NULL && done.count == INCIDENTS_MAX - 1) /* room is kept for the past one */
            return errctx_set(ctx, ERR_USAGE, "at most %d scenarios can run at once", INCIDENTS_MAX - 1);
        if (row != NULL)
            add(&done, row, onset_ms);
        at += n;
        if (*at == '\0')
            break;
    }
    *s = done;
    return ERR_OK;
}

void script_add_past(struct script *s, int64_t live_ms)
{
    if (s->count < INCIDENTS_MAX)
        add(s, scenario_past(), live_ms - HOURS(14));
}

/* How much of an incident is in force: a ramp at both ends. */
static double strength(const struct incident *i, int64_t wall_ms)
{
    if (wall_ms < i->onset_ms || wall_ms >= i->end_ms)
        return 0;
    int64_t ramp = i->scenario->ramp_ms, in = wall_ms - i->onset_ms + 1000, left = i->end_ms - wall_ms;
    int64_t nearest = in < left ? in : left;
    return nearest < ramp ? (double)nearest / (double)ramp : 1;
}

bool script_effects(const struct script *s, int64_t wall_ms, struct effects *ret)
{
    bool any = false;
    effects_reset(ret);
    for (size_t i = 0; i < s->count; i++) {
        double x = strength(&s->incident[i], wall_ms);
        if (x > 0)
            s->incident[i].scenario->apply(ret, x, wall_ms - s->incident[i].onset_ms);
        any = any || x > 0;
    }
    return any;
}

bool script_restarts(const struct script *s, unsigned engine, int64_t wall_ms)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct incident *in = &s->incident[i];
        if (in->scenario->restarts == (int)engine && (in->onset_ms == wall_ms || in->end_ms == wall_ms))
            return true;
    }
    return false;
}

bool script_spends(const struct script *s, unsigned *ret_key, int64_t *ret_at_ms)
{
    struct effects fx;
    for (size_t i = 0; i < s->count; i++) {
        effects_reset(&fx);
        s->incident[i].scenario->apply(&fx, 1, 0);
        for (unsigned k = 0; k < KEY_COUNT; k++) {
            if (!fx.key[k].spent)
                continue;
            *ret_key = k;
            *ret_at_ms = s->incident[i].onset_ms;
            return true;
        }
    }
    return false;
}

const struct incident *script_deploy(const struct script *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->incident[i].scenario->deploy != NULL)
            return &s->incident[i];
    }
    return NULL;
}

/* A drift takes hours to be seen, what does not end by itself is no exercise, and where no incident opens nobody can acknowledge one. */
static bool shows_soon(const struct scenario *row)
{
    return row->duration_ms > 0 && strcmp(row->kind, "quality") != 0 && row->expects < EXPECTS_SOURCE_TROUBLE;
}

const struct scenario *scenario_random(struct rng *r)
{
    const struct scenario *row;
    do
        row = scenario_at((size_t)rng_below(r, scenario_count()));
    while (!shows_soon(row));
    return row;
}

static void write_time(struct json *w, const char *key_ms, const char *key_iso, int64_t ms)
{
    char iso[TIMEFMT_MAX];
    if (ms == INT64_MAX) {
        json_null(w, key_ms);
        json_null(w, key_iso);
        return;
    }
    instant_format_iso(ms, iso);
    json_i64(w, key_ms, ms);
    json_string(w, key_iso, iso);
}

static void write_expectations(struct json *w, const struct scenario *row)
{
    json_array(w, "expected");
    for (size_t i = 0; i < SCENARIO_EXPECTATIONS && row->expect[i].signal != NULL; i++) {
        const struct scenario_expectation *e = &row->expect[i];
        json_object(w, NULL);
        json_string(w, "signal", e->signal);
        json_string(w, "scope", e->scope);
        json_string(w, "unit", e->unit);
        json_f64(w, "before", e->before);
        json_f64(w, "during", e->during);
        json_f64(w, "tolerance", e->tolerance);
        json_end(w);
    }
    json_end(w);
}

enum err script_truth(const struct script *s, uint64_t seed, int64_t live_ms, struct buf *out)
{
    struct json w;
    json_begin(&w, out, true);
    json_object(&w, NULL);
    json_i64(&w, "seed", (int64_t)seed);
    write_time(&w, "live_ms", "live", live_ms);
    json_array(&w, "incidents");
    for (size_t i = 0; i < s->count; i++) {
        const struct incident *in = &s->incident[i];
        json_object(&w, NULL);
        json_string(&w, "scenario", in->scenario->name);
        write_time(&w, "onset_ms", "onset", in->onset_ms);
        write_time(&w, "ended_ms", "ended", in->end_ms);
        json_string(&w, "component", in->scenario->component);
        json_array(&w, "also");
        for (size_t k = 0; k < SCENARIO_ALIASES && in->scenario->also[k] != NULL; k++)
            json_string(&w, NULL, in->scenario->also[k]);
        json_end(&w);
        json_string(&w, "scope", in->scenario->scope);
        json_string(&w, "kind", in->scenario->kind);
        json_string(&w, "expects", scenario_expects_name(in->scenario->expects));
        if (in->scenario->deploy != NULL)
            json_string(&w, "deploy", in->scenario->deploy);
        json_string(&w, "what", in->scenario->what);
        write_expectations(&w, in->scenario);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err != ERR_OK ? w.err : buf_append_char(out, '\n');
}

static enum err list_json(struct buf *out)
{
    struct json w;
    json_begin(&w, out, true);
    json_object(&w, NULL);
    json_array(&w, "scenarios");
    for (size_t i = 0; i < scenario_count(); i++) {
        const struct scenario *row = scenario_at(i);
        json_object(&w, NULL);
        json_string(&w, "name", row->name);
        json_string(&w, "kind", row->kind);
        json_string(&w, "expects", scenario_expects_name(row->expects));
        if (row->duration_ms > 0)
            json_i64(&w, "lasts_ms", row->duration_ms);
        else
            json_null(&w, "lasts_ms");
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err != ERR_OK ? w.err : buf_append_char(out, '\n');
}

enum err scenario_list(bool as_json, struct buf *out)
{
    enum err err = as_json ? list_json(out) : ERR_OK;
    for (size_t i = 0; !as_json && i < scenario_count() && err == ERR_OK; i++) {
        const struct scenario *row = scenario_at(i);
        char lasts[TIMEFMT_MAX] = "does not end";
        if (row->duration_ms > 0)
            duration_format(row->duration_ms, lasts);
        err = buf_printf(out, "%-18s %-9s %s\n", row->name, row->kind, lasts);
    }
    return err;
}
