/* SPDX-License-Identifier: MIT */
#include "sim/scenario.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/timefmt.h"

#define MINUTES(n) (INT64_C(60000) * (n))
#define HOURS(n) MINUTES(60 * INT64_C(n))

void effects_reset(struct effects *fx)
{
    memset(fx, 0, sizeof *fx);
    for (unsigned i = 0; i < DEPLOYMENT_COUNT; i++)
        fx->deployment[i].ttft = fx->deployment[i].tpot = 1;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        fx->key[i].rate = fx->key[i].prompt = 1;
    for (unsigned i = 0; i < MODEL_COUNT; i++)
        fx->model[i].json_valid = fx->model[i].output = fx->model[i].extracts = fx->model[i].booked = 1;
}

/* From 1 to full, in proportion to strength. */
static double factor(double full, double strength)
{
    return 1 + (full - 1) * strength;
}

/* Both shares at once: one of two independent causes is enough. */
static void either(double *share, double more)
{
    *share = 1 - (1 - *share) * (1 - more);
}

static void at_least(double *v, double floor)
{
    if (*v < floor)
        *v = floor;
}

static void slow_down(struct effects *fx, enum deployment_id d, double ttft, double tpot)
{
    fx->deployment[d].ttft *= ttft;
    fx->deployment[d].tpot *= tpot;
}

/* Both of openai's regions are nearly gone. A request that may fall back goes to azure, which is dearer and slower but well; one that
 * may not, fails. */
static void apply_brownout(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_GPT_X_EU1].failing, .97 * strength);
    either(&fx->deployment[DEPLOYMENT_GPT_X_EU2].failing, .99 * strength);
    slow_down(fx, DEPLOYMENT_GPT_X_EU1, factor(3.2, strength), factor(1.5, strength));
    slow_down(fx, DEPLOYMENT_GPT_X_EU2, factor(3.6, strength), factor(1.6, strength));
    either(&fx->deployment[DEPLOYMENT_GPT_X_WEU].limited, .02 * strength);
    slow_down(fx, DEPLOYMENT_GPT_X_WEU, factor(1.7, strength), factor(1.2, strength));
}

static void apply_small_brownout(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_C_S].failing, .16 * strength);
    at_least(&fx->deployment[DEPLOYMENT_C_S].stubborn, .75 * strength);
    slow_down(fx, DEPLOYMENT_C_S, factor(2.0, strength), factor(1.2, strength));
}

/* A loop that calls itself: seven times the requests, and every round carries the previous ones in its prompt. */
static void apply_runaway(struct effects *fx, double strength, int64_t elapsed_ms)
{
    unsigned key;
    double growth = (double)elapsed_ms / (double)MINUTES(30);
    if (!company_key_by_alias("agents-f31a", &key))
        return;
    fx->key[key].rate *= factor(7.5, strength);
    fx->key[key].prompt *= 1 + 3 * (growth < 1 ? growth : 1);
}

static void apply_drift(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_GPT_X].version = 1;
    fx->model[MODEL_GPT_X].json_valid *= .940 / .989;
    fx->model[MODEL_GPT_X].output *= .78;
}

static void apply_mispriced(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_C_L].booked *= 1.25;
}

/* Applications of all teams let gpt-x extract where they let it talk before: as many requests of each key, of the same sizes. */
static void apply_traffic_mix(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_GPT_X].extracts *= 6.52;
}

static const struct scenario scenarios[] = {
    {.name = "brownout",
     .duration_ms = MINUTES(25),
     .ramp_ms = 20000,
     .apply = apply_brownout,
     .component = "provider=openai",
     .scope = "model=gpt-x",
     .what = "openai answers gpt-x with 5xx (eu2 99 %, eu1 97 % of attempts) and slowly; requests that may fall back go to "
             "azure/gpt-x-weu, which is dearer and slower, the others fail",
     .expect = {{"fail_ratio", "model=gpt-x", "ratio", .0004, .38, .06},
                {"fallback_ratio", "model=gpt-x", "ratio", .0005, .61, .08},
                {"attempt_fail_ratio", "deployment=gpt-x-eu2", "ratio", .0035, .99, .02},
                {"attempt_fail_ratio", "deployment=gpt-x-eu1", "ratio", .0035, .97, .02}}},
    {.name = "runaway-key",
     .duration_ms = MINUTES(45),
     .ramp_ms = 120000,
     .apply = apply_runaway,
     .component = "key=agents-f31a",
     .scope = "team=agents",
     .what = "key agents-f31a sends 7.5 times its requests, with prompts that grow to four times their length within 30 min",
     .expect = {{"request_rate_factor", "key=agents-f31a", "ratio", 1, 7.5, 1}, {"prompt_factor", "key=agents-f31a", "ratio", 1, 3.2, 1}}},
    {.name = "drift",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_drift,
     .component = "model=gpt-x",
     .scope = "model=gpt-x",
     .what = "gpt-x is answered by gpt-x-2026-11-20 instead of gpt-x-2026-10-02: less valid JSON, shorter answers, every answer 200",
     .expect = {{"eval_json_valid", "model=gpt-x", "ratio", .989, .940, .01},
                {"output_tokens_factor", "model=gpt-x", "ratio", 1, .78, .03},
                {"fail_ratio", "model=gpt-x", "ratio", .0004, .0004, .0006}}},
    {.name = "mispriced",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_mispriced,
     .component = "model=c-l",
     .scope = "model=c-l",
     .what = "the gateway books c-l a quarter dearer than its provider asks: its price list is wrong",
     .expect = {{"booked_factor", "model=c-l", "ratio", 1, 1.25, .001}}},
    {.name = "traffic-mix",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_traffic_mix,
     .component = "route=/extract",
     .scope = "model=gpt-x",
     .what =
         "the traffic of gpt-x changed and no model did: 39 % of its requests instead of 6 % come by /extract, where 85 % of the JSON is "
         "valid, in every team; each key sends as many as before, and within each team and route valid JSON, versions, lengths and "
         "prices are as before; the share of good tool calls falls a little with the traffic",
     .expect = {{"eval_json_valid", "model=gpt-x", "ratio", .989, .940, .01},
                {"eval_json_valid", "model=gpt-x,route=/extract", "ratio", .850, .850, .02},
                {"eval_json_valid", "model=gpt-x,route=/chat", "ratio", .998, .998, .003},
                {"eval_share", "model=gpt-x,route=/extract", "ratio", .06, .391, .03},
                {"output_tokens_factor", "model=gpt-x", "ratio", 1, 1, .03},
                {"fail_ratio", "model=gpt-x", "ratio", .0004, .0004, .0006}}},
};
enum { SCENARIO_COUNT = sizeof scenarios / sizeof scenarios[0] };

/* Not offered by --scenario: every recorded history contains it. */
static const struct scenario past_brownout = {
    .name = "past-brownout",
    .duration_ms = MINUTES(20),
    .ramp_ms = 30000,
    .apply = apply_small_brownout,
    .component = "provider=anthropic",
    .scope = "model=c-s",
    .what = "anthropic answers c-s with 5xx (16 % of attempts) and slowly; three retries in four fail as well",
    .expect = {{"fail_ratio", "model=c-s", "ratio", .0004, .12, .03}},
};

static void add(struct script *s, const struct scenario *row, int64_t onset_ms)
{
    int64_t end = row->duration_ms > 0 ? onset_ms + row->duration_ms : INT64_MAX;
    s->incident[s->count++] = (struct incident){row, onset_ms, end};
}

static const struct scenario *find(struct str name)
{
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        if (str_eq_z(name, scenarios[i].name))
            return &scenarios[i];
    }
    return NULL;
}

static enum err unknown(struct str name, struct errctx *ctx)
{
    char known[256] = "none";
    size_t n = strlen(known);
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        if (str_format(known + n, sizeof known - n, ", %s", scenarios[i].name))
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
        add(s, &past_brownout, live_ms - HOURS(14));
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
        write_time(&w, "end_ms", "end", in->end_ms);
        json_string(&w, "component", in->scenario->component);
        json_string(&w, "scope", in->scenario->scope);
        json_string(&w, "what", in->scenario->what);
        write_expectations(&w, in->scenario);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err != ERR_OK ? w.err : buf_append_char(out, '\n');
}
