/* SPDX-License-Identifier: MIT */
#include "sim/sim.h"

#include <stdlib.h>

#include "sim/dcgm.h"
#include "sim/litellm.h"
#include "sim/otel.h"
#include "sim/scenario.h"
#include "sim/traffic.h"
#include "sim/vllm.h"

struct sim {
    struct sim_config config;
    struct script script;
    struct traffic *traffic;
    struct litellm *litellm;
    struct vllm *vllm[ENGINE_COUNT];
    struct dcgm *dcgm[ENGINE_COUNT];
    struct otel *otel;
    struct buf frozen; /* the gateway's page of when it froze; empty: it does not */
};

enum { PAGE_MAX = 32 << 20 };

static void on_ended(void *ctx, const struct request *q)
{
    struct sim *s = ctx;
    litellm_book(s->litellm, q, traffic_road(s->traffic));
    for (unsigned e = 0; e < ENGINE_COUNT; e++)
        vllm_book(s->vllm[e], q);
    otel_book(s->otel, q);
}

/* An engine that starts anew has counted nothing. */
static enum err start_anew(struct sim *s, unsigned engine, int64_t now_ms)
{
    struct vllm *fresh = vllm_new(engine, now_ms);
    if (fresh == NULL)
        return ERR_NOMEM;
    vllm_free(s->vllm[engine]);
    s->vllm[engine] = fresh;
    return ERR_OK;
}

/* A frozen page is that of the second in which it froze, whoever asks for it when. */
static enum err freeze(struct sim *s)
{
    if (!traffic_road(s->traffic)->fx.frozen)
        buf_reset(&s->frozen);
    else if (s->frozen.len == 0)
        return litellm_render(s->litellm, s->traffic, &s->frozen);
    return ERR_OK;
}

static enum err advance_seconds(struct sim *s, int64_t until_s)
{
    enum err err = ERR_OK;
    while (err == ERR_OK && traffic_now_s(s->traffic) < until_s) {
        const int64_t now_s = traffic_now_s(s->traffic);
        for (unsigned e = 0; e < ENGINE_COUNT && err == ERR_OK; e++)
            err = script_restarts(&s->script, e, now_s * 1000) ? start_anew(s, e, now_s * 1000) : ERR_OK;
        litellm_tick(s->litellm, now_s);
        err = err == ERR_OK ? traffic_tick(s->traffic) : err;
        err = err == ERR_OK ? freeze(s) : err;
        for (unsigned e = 0; e < ENGINE_COUNT; e++)
            dcgm_tick(s->dcgm[e], s->traffic);
    }
    return err;
}

static enum err out_of_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "the simulated gateway ran out of memory");
}

enum err sim_new(const struct sim_config *c, struct sim **ret, struct errctx *ctx)
{
    struct script script = {.count = 0};
    enum err err = script_add(&script, c->scenarios != NULL ? c->scenarios : "none", c->onset_ms, ctx);
    if (err != ERR_OK)
        return err;
    if (c->live_ms - c->start_ms >= SIM_PAST_MS)
        script_add_past(&script, c->live_ms);
    struct sim *s = calloc(1, sizeof *s);
    if (s == NULL)
        return out_of_memory(ctx);
    int64_t born_ms = c->start_ms - SIM_WARM_UP_MS;
    s->config = *c;
    s->script = script;
    buf_init(&s->frozen, PAGE_MAX);
    s->traffic = traffic_new(c->seed, &script, born_ms / 1000, (struct traffic_observer){s, on_ended});
    s->litellm = litellm_new(born_ms);
    s->otel = otel_new(born_ms);
    bool made = s->traffic != NULL && s->litellm != NULL && s->otel != NULL;
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        s->vllm[e] = vllm_new(e, born_ms);
        s->dcgm[e] = dcgm_new(e, born_ms);
        made = made && s->vllm[e] != NULL && s->dcgm[e] != NULL;
    }
    unsigned key;
    int64_t spent_ms;
    if (made && script_spends(&script, &key, &spent_ms))
        litellm_drain(s->litellm, key, spent_ms);
    if (!made || advance_seconds(s, c->start_ms / 1000) != ERR_OK) {
        sim_free(s);
        return out_of_memory(ctx);
    }
    *ret = s;
    return ERR_OK;
}

void sim_free(struct sim *s)
{
    if (s == NULL)
        return;
    traffic_free(s->traffic);
    litellm_free(s->litellm);
    otel_free(s->otel);
    buf_fini(&s->frozen);
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        vllm_free(s->vllm[e]);
        dcgm_free(s->dcgm[e]);
    }
    free(s);
}

int64_t sim_now_ms(const struct sim *s)
{
    return traffic_now_s(s->traffic) * 1000;
}

enum err sim_advance(struct sim *s, int64_t wall_ms, struct errctx *ctx)
{
    if (wall_ms - sim_now_ms(s) > SIM_ADVANCE_MAX_MS)
        return errctx_set(ctx, ERR_LIMIT, "the simulated gateway goes at most 8 days ahead at once; ask for an earlier instant first");
    return advance_seconds(s, wall_ms / 1000) != ERR_OK ? out_of_memory(ctx) : ERR_OK;
}

enum err sim_render(struct sim *s, enum sim_page page, struct buf *out)
{
    switch (page) {
    case SIM_PAGE_LITELLM:
        return s->frozen.len > 0 ? buf_append(out, s->frozen.data, s->frozen.len) : litellm_render(s->litellm, s->traffic, out);
    case SIM_PAGE_VLLM_QWEN: return vllm_render(s->vllm[0], s->traffic, out);
    case SIM_PAGE_VLLM_LLAMA: return vllm_render(s->vllm[1], s->traffic, out);
    case SIM_PAGE_DCGM_QWEN: return dcgm_render(s->dcgm[0], out);
    case SIM_PAGE_DCGM_LLAMA: return dcgm_render(s->dcgm[1], out);
    case SIM_PAGE_OTEL: return otel_render(s->otel, out);
    case SIM_PAGE_COUNT: break;
    }
    return ERR_NOTFOUND;
}

enum err sim_truth(const struct sim *s, struct buf *out)
{
    return script_truth(&s->script, s->config.seed, s->config.live_ms, out);
}

const struct incident *sim_deploy(const struct sim *s)
{
    return script_deploy(&s->script);
}

size_t sim_series(const struct sim *s)
{
    return litellm_series(s->litellm);
}
