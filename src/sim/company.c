/* SPDX-License-Identifier: MIT */
#include "sim/company.h"

#include <assert.h>
#include <string.h>

#include "model/money.h"

/* Tables, a row each. */
/* clang-format off */

/* Relative rates per UTC hour of European offices and their customers; each row's mean is 1. */
static const float hours_office[24] = {.12f, .10f, .10f, .12f, .20f, .45f, .95f, 1.60f, 2.05f, 2.20f, 2.15f, 1.75f,
                                       1.70f, 2.10f, 2.20f, 2.00f, 1.55f, 1.00f, .62f, .40f, .25f, .15f, .12f, .12f};
static const float hours_search[24] = {.48f, .42f, .40f, .42f, .50f, .68f, .95f, 1.20f, 1.40f, 1.48f, 1.50f, 1.45f,
                                       1.42f, 1.44f, 1.45f, 1.40f, 1.30f, 1.22f, 1.15f, 1.02f, .90f, .74f, .60f, .48f};
static const float hours_night[24] = {2.35f, 2.50f, 2.50f, 2.40f, 2.10f, 1.50f, .60f, .30f, .25f, .25f, .25f, .25f,
                                      .25f, .25f, .25f, .25f, .30f, .35f, .45f, .60f, .85f, 1.35f, 1.75f, 2.10f};
static const float hours_agents[24] = {.70f, .66f, .64f, .66f, .70f, .80f, .95f, 1.15f, 1.28f, 1.34f, 1.36f, 1.25f,
                                       1.22f, 1.32f, 1.36f, 1.32f, 1.20f, 1.08f, 1.00f, .92f, .86f, .80f, .74f, .69f};
static const float hours_mobile[24] = {.40f, .28f, .22f, .22f, .32f, .62f, 1.10f, 1.28f, 1.10f, .98f, .98f, 1.15f,
                                       1.20f, 1.05f, 1.00f, 1.05f, 1.22f, 1.48f, 1.75f, 1.88f, 1.72f, 1.38f, .98f, .64f};

#define USD(x) ((x) * NUSD_PER_USD)

/* alias, hours, weekend, prompt median and sigma, output median and sigma, cached, retrieves, tools, budget */
static const struct team teams[TEAM_COUNT] = {
    [TEAM_SEARCH] = {"search", hours_search, .80, 1500, .55, 170, .60, .45, true, .05, USD(34000)},
    [TEAM_SUPPORT] = {"support", hours_office, .35, 1900, .60, 210, .55, .40, true, .25, USD(26000)},
    [TEAM_BATCH] = {"batch", hours_night, .90, 1100, .50, 240, .50, .20, false, .00, USD(9000)},
    [TEAM_AGENTS] = {"agents", hours_agents, .70, 3600, .75, 260, .70, .62, false, .70, USD(52000)},
    [TEAM_SALES] = {"sales", hours_office, .15, 1300, .60, 300, .55, .30, true, .10, USD(8000)},
    [TEAM_LEGAL] = {"legal", hours_office, .08, 5200, .80, 420, .60, .30, true, .02, USD(14000)},
    [TEAM_MOBILE] = {"mobile", hours_mobile, 1.20, 420, .60, 110, .60, .35, false, .05, USD(6000)},
    [TEAM_DATA] = {"data", hours_office, .30, 2400, .80, 320, .80, .15, false, .15, USD(7000)},
};

/* name, versions, deployments from - to, fallback, context, reasoning, means of json_valid, judge, tool_ok, refusal; the first and third at
 * extraction */
static const struct model models[MODEL_COUNT] = {
    [MODEL_GPT_X] = {"gpt-x", {"gpt-x-2026-10-02", "gpt-x-2026-11-20"}, DEPLOYMENT_GPT_X_EU1, DEPLOYMENT_GPT_X_EU2,
                     DEPLOYMENT_GPT_X_WEU, 128000, .35, .989, .84, .985, .012, .850, .930},
    [MODEL_GPT_X_MINI] = {"gpt-x-mini", {"gpt-x-mini-2026-09-11", "gpt-x-mini-2026-11-20"}, DEPLOYMENT_GPT_X_MINI,
                          DEPLOYMENT_GPT_X_MINI, DEPLOYMENT_NONE, 128000, 0, .981, .78, .962, .015, .790, .880},
    [MODEL_C_L] = {"c-l", {"c-l-20260801", "c-l-20261105"}, DEPLOYMENT_C_L, DEPLOYMENT_C_L, DEPLOYMENT_NONE, 200000, .60, .992,
                   .88, .991, .018, .900, .960},
    [MODEL_C_S] = {"c-s", {"c-s-20260615", "c-s-20261105"}, DEPLOYMENT_C_S, DEPLOYMENT_C_S, DEPLOYMENT_NONE, 200000, 0, .984, .81,
                   .974, .020, .830, .910},
    [MODEL_QWEN] = {"qwen-72b", {"Qwen/qwen-72b-instruct", "Qwen/qwen-72b-instruct-2"}, DEPLOYMENT_QWEN, DEPLOYMENT_QWEN,
                    DEPLOYMENT_NONE, 32000, 0, .967, .74, .931, .009, .720, .820},
    [MODEL_LLAMA] = {"llama-8b", {"meta/llama-8b-instruct", "meta/llama-8b-instruct-2"}, DEPLOYMENT_LLAMA, DEPLOYMENT_LLAMA,
                     DEPLOYMENT_NONE, 32000, 0, .942, .66, .883, .007, .600, .720},
};

/* id, group, upstream, api_base, provider, engine, ttft median, per 1,000 tokens and sigma, tpot median and sigma, failing, prices of
 * input, cached, written and output, requests and tokens per minute. Prices are pico-USD per token, so $2 per million tokens is
 * 2,000,000. Azure's region takes overflow at a premium. */
static const struct deployment deployments[DEPLOYMENT_COUNT] = {
    [DEPLOYMENT_GPT_X_EU1] = {"gpt-x-eu1", "gpt-x", "gpt-x-chat", "https://eu1.api.openai.example/v1", PROVIDER_OPENAI, -1, 420, 38, .40,
                              14, .25, .0035, 2000000, 200000, 0, 8000000, 5000, 4000000},
    [DEPLOYMENT_GPT_X_EU2] = {"gpt-x-eu2", "gpt-x", "gpt-x-chat", "https://eu2.api.openai.example/v1", PROVIDER_OPENAI, -1, 440, 38, .40,
                              14, .25, .0035, 2000000, 200000, 0, 8000000, 5000, 4000000},
    [DEPLOYMENT_GPT_X_WEU] = {"gpt-x-weu", "azure/gpt-x-weu", "azure/gpt-x-weu", "https://gpt-x-weu.openai.azure.example", PROVIDER_AZURE,
                              -1, 980, 60, .45, 24, .30, .004, 6000000, 3000000, 0, 24000000, 900, 900000},
    [DEPLOYMENT_GPT_X_MINI] = {"gpt-x-mini-eu1", "gpt-x-mini", "gpt-x-mini", "https://eu1.api.openai.example/v1", PROVIDER_OPENAI, -1,
                               260, 20, .38, 7, .22, .002, 250000, 25000, 0, 2000000, 10000, 10000000},
    [DEPLOYMENT_C_L] = {"c-l-1", "c-l", "c-l", "https://api.anthropic.example", PROVIDER_ANTHROPIC, -1, 880, 55, .42, 19, .25, .004,
                        3000000, 300000, 3750000, 15000000, 2000, 1600000},
    [DEPLOYMENT_C_S] = {"c-s-1", "c-s", "c-s", "https://api.anthropic.example", PROVIDER_ANTHROPIC, -1, 480, 30, .38, 11, .22, .003,
                        1000000, 100000, 1250000, 5000000, 4000, 4000000},
    [DEPLOYMENT_QWEN] = {"qwen-72b-a", "qwen-72b", "hosted_vllm/qwen-72b", "http://vllm-qwen-72b.llm.svc:8000/v1", PROVIDER_VLLM,
                         0, 190, 110, .30, 22, .18, .0008, 600000, 600000, 0, 1200000, 0, 0},
    [DEPLOYMENT_LLAMA] = {"llama-8b-a", "llama-8b", "hosted_vllm/llama-8b", "http://vllm-llama-8b.llm.svc:8000/v1", PROVIDER_VLLM,
                          1, 60, 22, .28,  11, .15, .0008, 80000, 80000, 0, 160000, 0, 0},
};

static const struct engine engines[ENGINE_COUNT] = {
    {"qwen-72b", "qwen-72b", DEPLOYMENT_QWEN, 28, 150000, 4},
    {"llama-8b", "llama-8b", DEPLOYMENT_LLAMA, 32, 90000, 1},
};

#define CHAT "/v1/chat/completions"
#define RESPONSES "/v1/responses"
#define MESSAGES "/v1/messages"
#define PY "OpenAI/Python 2.11.0"
#define JS "OpenAI/JS 6.26.0"
#define ANTHROPIC "Anthropic/Python 0.84.0"
#define HTTPX "python-httpx/0.28.1"

/* alias, team, requests/s, models, share of the first, streamed, route, user agent, budget, strict */
static const struct key keys[KEY_COUNT] = {
    {"search-prod-1", TEAM_SEARCH, 1.00, {MODEL_GPT_X, MODEL_GPT_X}, 1, .85, CHAT, PY, USD(18000), .40},
    {"search-prod-2", TEAM_SEARCH, .85, {MODEL_GPT_X, MODEL_GPT_X_MINI}, .80, .85, CHAT, PY, USD(18000), .40},
    {"search-prod-3", TEAM_SEARCH, .55, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .85, CHAT, PY, 0, 0},
    {"search-rerank", TEAM_SEARCH, .70, {MODEL_GPT_X_MINI, MODEL_LLAMA}, .60, 0, CHAT, HTTPX, USD(3000), 0},
    {"search-eval", TEAM_SEARCH, .05, {MODEL_C_S, MODEL_C_S}, 1, 0, CHAT, HTTPX, USD(500), 0},
    {"search-staging", TEAM_SEARCH, .04, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .85, CHAT, PY, 0, 0},
    {"support-chat-1", TEAM_SUPPORT, .80, {MODEL_GPT_X, MODEL_GPT_X}, 1, .95, CHAT, JS, USD(14000), .36},
    {"support-chat-2", TEAM_SUPPORT, .55, {MODEL_GPT_X, MODEL_C_S}, .60, .95, CHAT, JS, 0, .36},
    {"support-mail", TEAM_SUPPORT, .50, {MODEL_C_S, MODEL_C_S}, 1, .10, MESSAGES, ANTHROPIC, USD(6000), 0},
    {"support-summary", TEAM_SUPPORT, .40, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, 0, CHAT, HTTPX, 0, 0},
    {"support-tagger", TEAM_SUPPORT, .30, {MODEL_LLAMA, MODEL_LLAMA}, 1, 0, CHAT, HTTPX, 0, 0},
    {"support-staging", TEAM_SUPPORT, .03, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .90, CHAT, JS, 0, 0},
    {"batch-nightly", TEAM_BATCH, 1.35, {MODEL_LLAMA, MODEL_QWEN}, .80, 0, CHAT, HTTPX, USD(4000), 0},
    {"batch-enrich", TEAM_BATCH, .45, {MODEL_QWEN, MODEL_QWEN}, 1, 0, CHAT, HTTPX, 0, 0},
    {"batch-translate", TEAM_BATCH, .35, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, 0, CHAT, HTTPX, USD(2500), 0},
    {"batch-reports", TEAM_BATCH, .20, {MODEL_GPT_X, MODEL_GPT_X}, 1, 0, CHAT, HTTPX, USD(5000), .38},
    {"agents-f31a", TEAM_AGENTS, .34, {MODEL_C_L, MODEL_C_L}, 1, .95, RESPONSES, PY, USD(15000), 0},
    {"agents-07bc", TEAM_AGENTS, .70, {MODEL_GPT_X, MODEL_GPT_X}, 1, .95, RESPONSES, PY, USD(15000), .36},
    {"agents-2d90", TEAM_AGENTS, .45, {MODEL_C_L, MODEL_C_S}, .35, .95, MESSAGES, ANTHROPIC, USD(12000), 0},
    {"agents-5e44", TEAM_AGENTS, .25, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .95, RESPONSES, PY, 0, 0},
    {"agents-88c1", TEAM_AGENTS, .35, {MODEL_C_S, MODEL_C_S}, 1, .95, MESSAGES, ANTHROPIC, 0, 0},
    {"agents-a9f7", TEAM_AGENTS, .30, {MODEL_QWEN, MODEL_QWEN}, 1, .95, CHAT, PY, 0, 0},
    {"agents-ci", TEAM_AGENTS, .16, {MODEL_C_S, MODEL_C_S}, 1, .40, MESSAGES, ANTHROPIC, USD(2000), 0},
    {"agents-dev", TEAM_AGENTS, .05, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .95, RESPONSES, PY, 0, 0},
    {"sales-copilot", TEAM_SALES, .40, {MODEL_C_S, MODEL_C_S}, 1, .95, MESSAGES, ANTHROPIC, USD(4000), 0},
    {"sales-mail", TEAM_SALES, .30, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .20, CHAT, JS, 0, 0},
    {"sales-crm", TEAM_SALES, .18, {MODEL_LLAMA, MODEL_LLAMA}, 1, 0, CHAT, HTTPX, 0, 0},
    {"sales-staging", TEAM_SALES, .02, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .95, CHAT, JS, 0, 0},
    {"legal-review", TEAM_LEGAL, .22, {MODEL_C_L, MODEL_C_L}, 1, .60, MESSAGES, ANTHROPIC, USD(9000), 0},
    {"legal-search", TEAM_LEGAL, .25, {MODEL_GPT_X, MODEL_GPT_X}, 1, .80, CHAT, PY, USD(5000), .50},
    {"legal-drafts", TEAM_LEGAL, .12, {MODEL_C_S, MODEL_C_S}, 1, .80, MESSAGES, ANTHROPIC, 0, 0},
    {"mobile-ios", TEAM_MOBILE, .75, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .98, CHAT, "okhttp/5.1.0", USD(2500), 0},
    {"mobile-android", TEAM_MOBILE, .70, {MODEL_GPT_X_MINI, MODEL_GPT_X_MINI}, 1, .98, CHAT, "okhttp/5.1.0", USD(2500), 0},
    {"mobile-widgets", TEAM_MOBILE, .25, {MODEL_LLAMA, MODEL_LLAMA}, 1, .50, CHAT, "okhttp/5.1.0", 0, 0},
    {"mobile-beta", TEAM_MOBILE, .10, {MODEL_C_S, MODEL_C_S}, 1, .98, CHAT, "okhttp/5.1.0", USD(1000), 0},
    {"mobile-moderation", TEAM_MOBILE, .20, {MODEL_LLAMA, MODEL_LLAMA}, 1, 0, CHAT, HTTPX, 0, 0},
    {"data-notebooks", TEAM_DATA, .30, {MODEL_QWEN, MODEL_QWEN}, 1, .90, CHAT, PY, 0, 0},
    {"data-sql", TEAM_DATA, .25, {MODEL_QWEN, MODEL_C_S}, .50, .30, CHAT, PY, USD(3000), 0},
    {"data-labels", TEAM_DATA, .28, {MODEL_LLAMA, MODEL_LLAMA}, 1, 0, CHAT, HTTPX, 0, 0},
    {"data-eval", TEAM_DATA, .10, {MODEL_C_S, MODEL_C_S}, 1, 0, MESSAGES, ANTHROPIC, USD(2000), 0},
};

/* clang-format on */

const struct team *company_team(enum team_id t)
{
    assert(t < TEAM_COUNT);
    return &teams[t];
}

const struct model *company_model(enum model_id m)
{
    assert(m < MODEL_COUNT);
    return &models[m];
}

const struct deployment *company_deployment(enum deployment_id d)
{
    assert(d < DEPLOYMENT_COUNT);
    return &deployments[d];
}

const struct key *company_key(unsigned k)
{
    assert(k < KEY_COUNT);
    return &keys[k];
}

const struct engine *company_engine(unsigned e)
{
    assert(e < ENGINE_COUNT);
    return &engines[e];
}

const char *company_provider(enum provider_id p)
{
    static const char *const names[PROVIDER_COUNT] = {"openai", "azure", "anthropic", "hosted_vllm"};
    assert(p < PROVIDER_COUNT);
    return names[p];
}

const char *company_route(enum task_id t)
{
    static const char *const routes[TASK_COUNT] = {"/chat", "/extract"};
    assert(t < TASK_COUNT);
    return routes[t];
}

/* Equal for all keys, or a model's evaluations would follow the hours of whoever extracts most. */
double company_task_share(enum task_id t)
{
    static const double shares[TASK_COUNT] = {.94, .06};
    assert(t < TASK_COUNT);
    return shares[t];
}

double company_task_mean(enum task_id t, double mean, double extract)
{
    double share = company_task_share(TASK_EXTRACT);
    return t == TASK_EXTRACT ? extract : (mean - share * extract) / (1 - share);
}

bool company_key_by_alias(const char *alias, unsigned *ret)
{
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        if (strcmp(keys[k].alias, alias) == 0) {
            *ret = k;
            return true;
        }
    }
    return false;
}

/* How much of the weekend is in force: 0 on a working day, 1 on Saturday and Sunday, with two hours' transition at midnight. */
static double weekend_share(int64_t wall_s)
{
    int64_t day = wall_s / 86400, second = wall_s % 86400;
    int64_t weekday = (day + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    bool off = weekday == 0 || weekday == 6, off_tomorrow = weekday == 5 || weekday == 6;
    double here = off ? 1 : 0, next = off_tomorrow ? 1 : 0;
    double into = ((double)second - 79200) / 7200; /* 22:00 to 24:00 */
    return into > 0 ? here + (next - here) * into : here;
}

double company_rhythm(enum team_id t, int64_t wall_s)
{
    const struct team *team = company_team(t);
    int64_t second = wall_s % 86400;
    int64_t hour = second / 3600;
    double into = (double)(second % 3600) / 3600;
    double now = (double)team->hours[hour], next = (double)team->hours[(hour + 1) % 24];
    double weekend = weekend_share(wall_s);
    return (now + (next - now) * into) * (1 + (team->weekend - 1) * weekend);
}
