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
};

static void on_ended(void *ctx, const struct request *q)
{
    struct sim *s = ctx;
    litellm_book(s->litellm, q, traffic_road(s->traffic));
    for (unsigned e = 0; e < ENGINE_COUNT; e++)
        vllm_book(s->vllm[e], q);
    otel_book(s->otel, q);
}

static enum err advance_seconds(struct sim *s, int64_t until_s)
{
    enum err err = ERR_OK;
    while (err == ERR_OK && traffic_now_s(s->traffic) < until_s) {
        litellm_tick(s->litellm, traffic_now_s(s->traffic));
        err = traffic_tick(s->traffic);
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
    script_add_past(&script, c->live_ms);
    struct sim *s = calloc(1, sizeof *s);
    if (s == NULL)
        return out_of_memory(ctx);
    int64_t born_ms = c->start_ms - SIM_WARM_UP_MS;
    s->config = *c;
    s->script = script;
    s->traffic = traffic_new(c->seed, &script, born_ms / 1000, (struct traffic_observer){s, on_ended});
    s->litellm = litellm_new(born_ms);
    s->otel = otel_new(born_ms);
    bool made = s->traffic != NULL && s->litellm != NULL && s->otel != NULL;
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        s->vllm[e] = vllm_new(e, born_ms);
        s->dcgm[e] = dcgm_new(e, born_ms);
        made = made && s->vllm[e] != NULL && s->dcgm[e] != NULL;
    }
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
    case SIM_PAGE_LITELLM: return litellm_render(s->litellm, s->traffic, out);
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

size_t sim_series(const struct sim *s)
{
    return litellm_series(s->litellm);
}
