/* SPDX-License-Identifier: MIT */
#include "sim/road.h"

#include <math.h>
#include <string.h>

#include "model/money.h"

enum {
    COOLDOWN_MS = 5000,            /* LiteLLM's default cooldown_time */
    COOLDOWN_ATTEMPTS = 5,         /* of one minute, before a deployment may be taken out */
    TIMEOUT_US = 600000000,        /* LiteLLM's default request timeout */
    ENGINE_PATIENCE_US = 30000000, /* an engine refuses what would wait longer, as vLLM does past max_num_queued_reqs */
    CUT_EVERY = 31                 /* about 3 % of answers run into max_tokens */
};

/* Shares of requests that meet something on an ordinary day. */
static const double share_auth = .0005, share_bad_request = .0025, share_filter = .0004, share_broken_stream = .0003,
                    share_timeout = .00004, share_unpriced = .00002, share_evaluated = .05, share_blocked_pii = .0012,
                    share_blocked_policy = .0008, share_guardrail_error = .00005, share_corrupted = .00001, retry_fails = .10,
                    stray_valid = .85; /* of what a model answers well: prompts that were written for another one */

void road_init(struct road *r, uint64_t seed)
{
    memset(r, 0, sizeof *r);
    rng_seed(&r->rng, seed);
    rng_seed(&r->aside, seed ^ UINT64_C(0x6173696465));
    effects_reset(&r->fx);
}

static bool happens(struct road *r, double share)
{
    return rng_unit(&r->rng) < share;
}

static bool happens_aside(struct road *r, double share)
{
    return rng_unit(&r->aside) < share;
}

static int64_t draw(struct road *r, double median, double sigma)
{
    return (int64_t)rng_lognormal(&r->rng, median, sigma);
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static void draw_sizes(struct road *r, struct request *q)
{
    const struct team *team = company_team(company_key(q->key)->team);
    const struct model *model = company_model((enum model_id)q->model);
    q->input = clamp(draw(r, team->prompt_median * r->fx.key[q->key].prompt, team->prompt_sigma), 8, 1000000);
    double cached = team->cached * (1.25 * rng_unit(&r->rng) + .375); /* mean 1 over the draw */
    cached = (cached < .98 ? cached : .98) * r->fx.model[q->model].cached;
    q->cached = (int64_t)((double)q->input * cached);
    q->cached -= q->cached % 128; /* providers cache whole blocks */
    int64_t visible = clamp(draw(r, team->output_median * r->fx.model[q->model].output, team->output_sigma), 1, 32000);
    q->reasoning = model->reasoning > 0 ? (int64_t)((double)visible * model->reasoning * 2 * rng_unit(&r->rng)) : 0;
    q->output = visible + q->reasoning;
    q->version = (uint8_t)r->fx.model[q->model].version;
}

static void draw_stages(struct road *r, struct request *q)
{
    const struct team *team = company_team(company_key(q->key)->team);
    q->queue_us = draw(r, 600, .8);
    q->overhead_us = draw(r, 5500, .5);
    if (team->retrieves && q->tries == 0) {
        q->embedding_us = draw(r, 21000, .35);
        q->retrieval_us = draw(r, 68000 * r->fx.retrieval, .55);
    }
}

/* Asks the guardrails that run before the call; false when one blocks. */
static bool pass_guardrails(struct road *r, struct request *q)
{
    enum team_id team = company_key(q->key)->team;
    bool asks_policy = team == TEAM_SUPPORT || team == TEAM_MOBILE || team == TEAM_SALES;
    double u = rng_unit(&r->rng);
    q->guardrail_us[GUARDRAIL_PII] = draw(r, 17000 * r->fx.guardrail[GUARDRAIL_PII], .35);
    q->verdict[GUARDRAIL_PII] = u < share_blocked_pii ? VERDICT_BLOCKED : u > 1 - share_guardrail_error ? VERDICT_ERROR : VERDICT_OK;
    if (q->verdict[GUARDRAIL_PII] == VERDICT_BLOCKED || !asks_policy)
        return q->verdict[GUARDRAIL_PII] != VERDICT_BLOCKED;
    q->guardrail_us[GUARDRAIL_POLICY] = draw(r, 88000 * r->fx.guardrail[GUARDRAIL_POLICY], .40);
    q->verdict[GUARDRAIL_POLICY] = u > .5 && u < .5 + share_blocked_policy ? VERDICT_BLOCKED : VERDICT_OK;
    return q->verdict[GUARDRAIL_POLICY] != VERDICT_BLOCKED;
}

static bool in_rotation(const struct road *r, unsigned d, int64_t now_ms)
{
    return r->deployment[d].cooled_until_ms <= now_ms;
}

/* A deployment of the model, not `avoid`; DEPLOYMENT_NONE when there is none in rotation. */
static unsigned pick(struct road *r, const struct model *m, int64_t now_ms, unsigned avoid)
{
    unsigned fit[DEPLOYMENT_COUNT], n = 0;
    for (unsigned d = m->first; d <= (unsigned)m->last; d++) {
        if (d != avoid && in_rotation(r, d, now_ms))
            fit[n++] = d;
    }
    if (n == 0)
        return DEPLOYMENT_NONE;
    return n == 1 ? fit[0] : fit[rng_below(&r->rng, n)];
}

/* Counts an attempt against its deployment; true when it takes the deployment out of rotation. */
static bool count_attempt(struct road *r, const struct model *m, unsigned d, int64_t now_ms, bool failed)
{
    struct deployment_state *s = &r->deployment[d];
    if (s->minute != now_ms / 60000)
        *s = (struct deployment_state){.minute = now_ms / 60000, .cooled_until_ms = s->cooled_until_ms};
    s->asked++;
    s->failed += failed ? 1 : 0;
    bool last = true; /* a fallback is the only one of its kind */
    for (unsigned other = m->first; other <= (unsigned)m->last && d != (unsigned)m->fallback; other++)
        last = last && (other == d || !in_rotation(r, other, now_ms));
    if (!failed || last || s->asked < COOLDOWN_ATTEMPTS || s->failed * 5 <= s->asked * 4)
        return false;
    s->cooled_until_ms = now_ms + COOLDOWN_MS;
    return true;
}

/* What becomes of one attempt. least: it fails at least this often (a retry of something that just failed). */
static enum fate attempt(struct road *r, unsigned d, double least)
{
    double ordinary = company_deployment((enum deployment_id)d)->failing;
    double failing = 1 - (1 - ordinary) * (1 - r->fx.deployment[d].failing);
    double u = rng_unit(&r->rng);
    failing = failing < least ? least : failing;
    if (u < failing)
        return u < r->fx.deployment[d].failing * .3 ? FATE_UNAVAILABLE : FATE_SERVER_ERROR; /* 503 is a brownout's answer */
    return happens(r, r->fx.deployment[d].limited) ? FATE_RATE_LIMITED : FATE_OK;
}

/* Makes one attempt, writes it down, and adds what a failed one costs in time. */
static enum fate try_deployment(struct road *r, struct request *q, const struct model *m, unsigned d, double least)
{
    enum fate f = attempt(r, d, least);
    bool cooled = count_attempt(r, m, d, q->arrival_ms, f != FATE_OK);
    q->deployment = (uint8_t)d;
    q->attempt[q->attempt_count++] = (struct attempt){(uint8_t)d, (uint8_t)f, cooled};
    if (f != FATE_OK)
        q->total_us += f == FATE_RATE_LIMITED ? draw(r, 120000, .4) : draw(r, 450000 * r->fx.deployment[d].ttft, .7);
    return f;
}

static enum fate route(struct road *r, struct request *q)
{
    const struct model *m = company_model((enum model_id)q->model);
    const double stray = r->fx.model[q->model].stray;
    unsigned d = pick(r, m, q->arrival_ms, DEPLOYMENT_NONE);
    enum fate f = FATE_NO_DEPLOYMENT;
    if (stray > 0 && happens_aside(r, stray))
        d = r->fx.model[q->model].stray_to;
    if (d != DEPLOYMENT_NONE) {
        f = try_deployment(r, q, m, d, 0);
        unsigned again = m->first == m->last ? d : pick(r, m, q->arrival_ms, d);
        double least = r->fx.deployment[d].stubborn > retry_fails ? r->fx.deployment[d].stubborn : retry_fails;
        if (fate_is_providers(f) && again != DEPLOYMENT_NONE)
            f = try_deployment(r, q, m, again, least);
    }
    if (f == FATE_OK || m->fallback == DEPLOYMENT_NONE || happens(r, company_key(q->key)->strict))
        return f;
    unsigned asked = q->deployment;
    q->fallback = true;
    enum fate other = try_deployment(r, q, m, m->fallback, 0);
    if (other != FATE_OK)
        q->deployment = (uint8_t)asked; /* the client is told the first model's error */
    return other == FATE_OK ? other : f;
}

/* Takes the earliest free slot from now_us on for service_us; returns when it is free. Cost: O(log slots). */
static int64_t take_slot(struct engine_state *e, uint32_t slots, int64_t now_us, int64_t service_us)
{
    int64_t start = e->free_us[0] > now_us ? e->free_us[0] : now_us;
    int64_t end = start + service_us;
    uint32_t at = 0;
    for (uint32_t child = 1; child < slots; child = 2 * at + 1) { /* sift down */
        if (child + 1 < slots && e->free_us[child + 1] < e->free_us[child])
            child++;
        if (e->free_us[child] >= end)
            break;
        e->free_us[at] = e->free_us[child];
        at = child;
    }
    e->free_us[at] = end;
    return start;
}

static bool engine_is_full(const struct road *r, const struct request *q)
{
    int engine = company_deployment((enum deployment_id)q->deployment)->engine;
    return engine >= 0 && r->engine[engine].free_us[0] - q->arrival_ms * 1000 > ENGINE_PATIENCE_US;
}

/* How long the model takes. A self-hosted engine decodes slower the fuller it is, and lets requests wait for a slot. */
static void answer(struct road *r, struct request *q)
{
    const struct deployment *d = company_deployment((enum deployment_id)q->deployment);
    double fresh_ktokens = (double)(q->input - q->cached) / 1000;
    double first = (d->ttft_median_ms + d->ttft_per_ktoken_ms * fresh_ktokens) * r->fx.deployment[q->deployment].ttft;
    double tpot = d->tpot_median_ms * r->fx.deployment[q->deployment].tpot;
    q->prefill_us = draw(r, first * 1000, d->ttft_sigma);
    if (d->engine >= 0) {
        const struct engine *e = company_engine((unsigned)d->engine);
        struct engine_state *s = &r->engine[d->engine];
        tpot *= 1 + .8 * (double)s->running / (double)e->slots;
        if (s->tokens_held + q->input > e->kv_tokens) {
            s->preemptions++;
            q->prefill_us += q->prefill_us / 2;
        }
        q->tpot_us = draw(r, tpot * 1000, d->tpot_sigma);
        q->decode_us = q->tpot_us * (q->output - 1);
        int64_t now_us = q->arrival_ms * 1000 + q->total_us;
        q->wait_us = take_slot(s, e->slots, now_us, q->prefill_us + q->decode_us) - now_us;
    } else {
        q->tpot_us = draw(r, tpot * 1000, d->tpot_sigma);
        q->decode_us = q->tpot_us * (q->output - 1);
    }
    q->ttft_us = q->wait_us + q->prefill_us;
    q->llm_us = q->wait_us + q->prefill_us + q->decode_us;
}

static int64_t priced(int64_t tokens, int64_t price_pusd)
{
    int64_t nusd = 0;
    return money_price(tokens, price_pusd, &nusd) ? nusd : 0;
}

static void price(struct road *r, struct request *q)
{
    const struct deployment *d = company_deployment((enum deployment_id)q->deployment);
    q->written = d->write_pusd > 0 && q->input - q->cached >= 1024 ? (q->input - q->cached) / 4 : 0;
    q->spend_nusd = priced(q->input - q->cached - q->written, d->input_pusd) + priced(q->cached, d->cached_pusd) +
                    priced(q->written, d->write_pusd) + priced(q->output, d->output_pusd);
    q->spend_nusd = llround((double)q->spend_nusd * r->fx.model[q->model].booked);
    q->unpriced = happens(r, share_unpriced);
    if (q->unpriced)
        q->spend_nusd = 0;
    r->deployment[q->deployment].tokens += q->input + q->output;
}

static void evaluate(struct road *r, struct request *q)
{
    const struct model *m = company_model((enum model_id)q->answerer);
    const struct team *team = company_team(company_key(q->key)->team);
    q->evaluated = happens(r, share_evaluated);
    if (!q->evaluated)
        return;
    double judge = m->judge + .11 * rng_normal(&r->rng);
    double valid = company_task_mean((enum task_id)q->task, m->json_valid, m->extract_json_valid);
    valid *= q->answerer != q->model ? stray_valid : 1;
    q->json_valid = happens(r, valid * r->fx.model[q->model].json_valid);
    q->judge_milli = clamp((int64_t)(judge * 1000), 0, 1000);
    q->called_tool = happens(r, team->tools);
    q->tool_ok = happens(r, company_task_mean((enum task_id)q->task, m->tool_ok, m->extract_tool_ok));
    q->refused = happens(r, m->refusal);
}

/* After evaluate(), which knows of what it sampled whether a tool was called. */
static void finish(struct road *r, struct request *q)
{
    bool calls = happens_aside(r, company_team(company_key(q->key)->team)->tools);
    bool nan = happens_aside(r, share_corrupted);
    q->called_tool = q->evaluated ? q->called_tool : calls;
    q->corrupted = nan && company_deployment((enum deployment_id)q->deployment)->engine >= 0;
    q->end = q->output % CUT_EVERY == 0 ? END_LENGTH : q->called_tool ? END_TOOL_CALLS : END_STOP;
}

/* What else can end a request that the provider took: the client's own faults, filters, broken streams. */
static enum fate provider_verdict(struct road *r, const struct request *q)
{
    double u = rng_unit(&r->rng);
    if (q->input > company_model((enum model_id)q->model)->context_tokens)
        return FATE_CONTEXT;
    if (engine_is_full(r, q))
        return FATE_UNAVAILABLE;
    if (u < share_bad_request)
        return FATE_BAD_REQUEST;
    enum provider_id provider = company_deployment((enum deployment_id)q->deployment)->provider;
    if (u < share_bad_request + share_filter && (provider == PROVIDER_OPENAI || provider == PROVIDER_AZURE))
        return FATE_FILTER;
    if (u > 1 - share_broken_stream)
        return FATE_SERVER_ERROR;
    return u > 1 - share_broken_stream - share_timeout ? FATE_TIMEOUT : FATE_OK;
}

static enum fate call_model(struct road *r, struct request *q)
{
    enum fate f = route(r, q);
    if (f != FATE_OK)
        return f;
    f = provider_verdict(r, q);
    q->attempt[q->attempt_count - 1].fate = (uint8_t)f;
    if (f == FATE_OK || f == FATE_SERVER_ERROR)
        answer(r, q);
    else
        q->llm_us = f == FATE_TIMEOUT ? TIMEOUT_US : draw(r, 180000, .4);
    if (q->llm_us > TIMEOUT_US) {
        q->llm_us = TIMEOUT_US;
        f = FATE_TIMEOUT;
        q->attempt[q->attempt_count - 1].fate = (uint8_t)f;
    }
    q->total_us += q->llm_us;
    return f;
}

/* The model whose answer it is: of a deployment that no rotation of the model asked has, that deployment's own. */
static enum model_id answerer(const struct request *q)
{
    const struct model *m = company_model((enum model_id)q->model);
    if ((q->deployment >= (unsigned)m->first && q->deployment <= (unsigned)m->last) || q->deployment == (unsigned)m->fallback)
        return (enum model_id)q->model;
    for (unsigned i = 0; i < MODEL_COUNT; i++) {
        const struct model *own = company_model((enum model_id)i);
        if (q->deployment >= (unsigned)own->first && q->deployment <= (unsigned)own->last)
            return (enum model_id)i;
    }
    return (enum model_id)q->model;
}

void road_travel(struct road *r, struct request *q)
{
    double extracts = company_task_share(TASK_EXTRACT) * r->fx.model[q->model].extracts;
    q->deployment = DEPLOYMENT_NONE;
    q->answerer = q->model;
    if (q->tries == 0)
        q->task = happens_aside(r, extracts) ? TASK_EXTRACT : TASK_CHAT;
    draw_sizes(r, q);
    draw_stages(r, q);
    q->total_us = q->queue_us + q->overhead_us;
    if (happens(r, share_auth)) {
        q->fate = FATE_AUTH;
    } else if (r->fx.key[q->key].spent) {
        q->fate = FATE_BUDGET;
    } else if (!pass_guardrails(r, q)) {
        q->fate = FATE_GUARDRAIL;
    } else {
        q->total_us += q->guardrail_us[GUARDRAIL_PII] + q->guardrail_us[GUARDRAIL_POLICY];
        q->streamed = happens(r, company_key(q->key)->streams);
        q->fate = (uint8_t)call_model(r, q);
    }
    if (q->fate == FATE_OK) {
        q->answerer = (uint8_t)answerer(q);
        price(r, q);
        evaluate(r, q);
        finish(r, q);
    }
    q->end_ms = q->arrival_ms + q->total_us / 1000;
}
