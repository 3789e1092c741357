/* SPDX-License-Identifier: MIT */
/* The company whose traffic is simulated: teams, keys, models, deployments and prices, as static tables, and when people work.
 *
 * Numbers are invented to be plausible for a mid-sized company: about 15 requests/s on average, 25 at the peak, $4,000 a day. */
#ifndef GWTOP_SIM_COMPANY_H
#define GWTOP_SIM_COMPANY_H

#include <stdbool.h>
#include <stdint.h>

enum team_id { TEAM_SEARCH, TEAM_SUPPORT, TEAM_BATCH, TEAM_AGENTS, TEAM_SALES, TEAM_LEGAL, TEAM_MOBILE, TEAM_DATA, TEAM_COUNT };
enum provider_id { PROVIDER_OPENAI, PROVIDER_AZURE, PROVIDER_ANTHROPIC, PROVIDER_VLLM, PROVIDER_COUNT };
enum model_id { MODEL_GPT_X, MODEL_GPT_X_MINI, MODEL_C_L, MODEL_C_S, MODEL_QWEN, MODEL_LLAMA, MODEL_COUNT };
enum deployment_id {
    DEPLOYMENT_GPT_X_EU1,
    DEPLOYMENT_GPT_X_EU2,
    DEPLOYMENT_GPT_X_WEU,
    DEPLOYMENT_GPT_X_MINI,
    DEPLOYMENT_C_L,
    DEPLOYMENT_C_S,
    DEPLOYMENT_QWEN,
    DEPLOYMENT_LLAMA,
    DEPLOYMENT_COUNT,
    DEPLOYMENT_NONE = DEPLOYMENT_COUNT
};
/* What an application wants of a model: talk, or nested fields out of a text, which is harder. */
enum task_id { TASK_CHAT, TASK_EXTRACT, TASK_COUNT };
enum { ENGINE_COUNT = 2, KEY_COUNT = 40, VERSION_COUNT = 2 };

struct team {
    const char *alias;
    const float *hours;                 /* 24 relative rates, one per UTC hour, mean 1 */
    double weekend;                     /* the weekend's rate against a working day's */
    double prompt_median, prompt_sigma; /* input tokens, lognormal */
    double output_median, output_sigma; /* output tokens */
    double cached;                      /* share of an input that repeats (system prompt, history) */
    bool retrieves;                     /* its applications look documents up before they ask */
    double tools;                       /* share of requests that call tools */
    int64_t budget_nusd;                /* per month */
};

struct model {
    const char *name;                           /* the model group that clients ask for */
    const char *version[VERSION_COUNT];         /* what answers, before and after a version change */
    enum deployment_id first, last;             /* deployments in rotation */
    enum deployment_id fallback;                /* DEPLOYMENT_NONE: no other model takes over */
    int64_t context_tokens;                     /* longest prompt */
    double reasoning;                           /* reasoning tokens per visible output token, 0 = the model does not think aloud */
    double json_valid, judge, tool_ok, refusal; /* evaluation means of an ordinary day, each in [0, 1] */
    double extract_json_valid, extract_tool_ok; /* the first and third at extraction */
};

struct deployment {
    const char *id;       /* the operator's model_id */
    const char *group;    /* model group that a router names it by */
    const char *upstream; /* litellm_model_name: the provider's name for it, with the provider before a slash where LiteLLM needs it */
    const char *api_base;
    enum provider_id provider;
    int engine; /* index of the self-hosted engine, -1 = none */
    double ttft_median_ms, ttft_per_ktoken_ms, ttft_sigma;
    double tpot_median_ms, tpot_sigma;
    double failing;                                           /* share of attempts that fail on an ordinary day */
    int64_t input_pusd, cached_pusd, write_pusd, output_pusd; /* pico-USD per token */
    int64_t rpm_limit, tpm_limit;                             /* the provider's limits, 0 = it tells none */
};

struct key {
    const char *alias;
    enum team_id team;
    double rate; /* requests/s on a working day's average */
    enum model_id model[2];
    double first;   /* share of requests for model[0] */
    double streams; /* share of streamed requests */
    const char *route, *user_agent;
    int64_t budget_nusd; /* per month, 0 = none */
    double strict;       /* share of requests that forbid a fallback (disable_fallbacks): their answers must come from the model asked */
};

struct engine {
    const char *name;   /* its page: /vllm/<name>/metrics */
    const char *served; /* --served-model-name */
    enum deployment_id deployment;
    uint32_t slots;    /* max_num_seqs */
    int64_t kv_tokens; /* KV cache capacity */
    uint32_t gpus;     /* at most 8, on one host: /dcgm/<name>/metrics */
};

const struct team *company_team(enum team_id t);
const struct model *company_model(enum model_id m);
const struct deployment *company_deployment(enum deployment_id d);
const struct key *company_key(unsigned k); /* k < KEY_COUNT */
const struct engine *company_engine(unsigned e);
const char *company_provider(enum provider_id p); /* as LiteLLM's api_provider names it */
bool company_key_by_alias(const char *alias, unsigned *ret);

const char *company_route(enum task_id t); /* the application's own, not the gateway's path */
double company_task_share(enum task_id t); /* of any key's requests on an ordinary day; their sum is 1 */
/* An evaluation's mean at a task, of its mean over an ordinary day and its mean at extraction. */
double company_task_mean(enum task_id t, double mean, double extract);

/* A team's rate at an instant, relative to a working day's mean. Cost: O(1). */
double company_rhythm(enum team_id t, int64_t wall_s);

#endif
