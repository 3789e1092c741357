/* SPDX-License-Identifier: MIT */
#include "sim/otel.h"

#include <stdlib.h>

#include "base/str.h"
#include "sim/page.h"

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BOUNDS(b) .bounds = (b), .bound_count = sizeof(b) / sizeof((b)[0])
#define SCOPE "otel_scope_name", "otel_scope_schema_url", "otel_scope_version"
#define APP_SCOPE "company.rag", "", "3.2.0"
#define EVAL_SCOPE "company.evals", "", "1.9.1"
#define EMBEDDING_MODEL "embed-s"
#define EVAL_LABELS LABELS("gen_ai_evaluation_name", "gen_ai_request_model", "gen_ai_response_model", "http_route", "job", SCOPE, "team_id")
#define CHOICE_LABELS                                                                                                                      \
    LABELS("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_response_finish_reason", "gen_ai_response_model", "job", SCOPE,        \
           "team_id")
#define SDK_VERSION "0.49.6"

/* The conventions' advised bounds: 10 ms * 2^n and 4^n tokens. */
static const int64_t duration_bounds[] = {10000,   20000,   40000,   80000,    160000,   320000,   640000,
                                          1280000, 2560000, 5120000, 10240000, 20480000, 40960000, 81920000};
static const int64_t token_bounds[] = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

enum otel_family { O_DURATION, O_TOKENS, O_CHOICES, O_EVAL, O_EVAL_FAILED, O_EVAL_SUM, O_TARGET_INFO, O_COUNT };

static const struct page_family families[O_COUNT] = {
    [O_DURATION] = {.name = "gen_ai_client_operation_duration_seconds",
                    .help = "GenAI operation duration.",
                    .type = PAGE_HISTOGRAM,
                    .decimals = 6,
                    BOUNDS(duration_bounds),
                    .labels = LABELS("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "job", SCOPE)},
    [O_TOKENS] = {.name = "gen_ai_client_token_usage",
                  .help = "Number of input and output tokens used.",
                  .type = PAGE_HISTOGRAM,
                  BOUNDS(token_bounds),
                  .labels =
                      LABELS("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type", "job", SCOPE)},
    [O_CHOICES] = {.name = "gen_ai_client_generation_choices_total",
                   .help = "Number of choices returned by chat completions call",
                   .type = PAGE_COUNTER,
                   .labels = CHOICE_LABELS},
    [O_EVAL] = {.name = "gen_ai_evaluation_total", .help = "Answers evaluated.", .type = PAGE_COUNTER, .labels = EVAL_LABELS},
    [O_EVAL_FAILED] = {.name = "gen_ai_evaluation_failed_total",
                       .help = "Answers that an evaluation found bad.",
                       .type = PAGE_COUNTER,
                       .labels = EVAL_LABELS},
    [O_EVAL_SUM] = {.name = "gen_ai_evaluation_score_sum",
                    .help = "Sum of the scores given.",
                    .type = PAGE_COUNTER,
                    .decimals = 3,
                    .labels = EVAL_LABELS},
    [O_TARGET_INFO] = {.name = "target_info",
                       .help = "Target metadata",
                       .type = PAGE_GAUGE,
                       .labels = LABELS("job", "service_version", "telemetry_sdk_language", "telemetry_sdk_name")},
};

enum evaluation { EVAL_JSON, EVAL_JUDGE, EVAL_TOOL, EVAL_REFUSAL, EVAL_COUNT };

struct evaluation_children {
    page_child n, failed, sum;
};

struct otel {
    struct page *page;
    int64_t start_ms;
    page_child embedding[TEAM_COUNT], retrieval[TEAM_COUNT], tokens[TEAM_COUNT];
    page_child choices[TEAM_COUNT][MODEL_COUNT][END_COUNT];
    struct evaluation_children eval[EVAL_COUNT][MODEL_COUNT][VERSION_COUNT][TEAM_COUNT][TASK_COUNT];
    struct evaluation_children stray[EVAL_COUNT][MODEL_COUNT][MODEL_COUNT][TEAM_COUNT][TASK_COUNT]; /* by model asked and answering */
};

struct otel *otel_new(int64_t start_ms)
{
    struct otel *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->start_ms = start_ms;
    o->page = page_new(PAGE_GO);
    if (o->page == NULL) {
        free(o);
        return NULL;
    }
    for (unsigned f = 0; f < O_COUNT; f++)
        page_declare(o->page, &families[f]);
    page_child info = page_add(o->page, O_TARGET_INFO, LABELS("company/evals", "1.9.1", "python", "opentelemetry"), start_ms);
    page_set(o->page, info, 1);
    return o;
}

void otel_free(struct otel *o)
{
    if (o != NULL)
        page_free(o->page);
    free(o);
}

static void add_application(struct otel *o, enum team_id team)
{
    char job[40];
    str_format(job, sizeof job, "company/%s", company_team(team)->alias);
    o->embedding[team] = page_add(o->page, O_DURATION, LABELS("embeddings", "hosted_vllm", EMBEDDING_MODEL, job, APP_SCOPE), o->start_ms);
    o->retrieval[team] = page_add(o->page, O_DURATION, LABELS("retrieval", "pgvector", "", job, APP_SCOPE), o->start_ms);
    o->tokens[team] =
        page_add(o->page, O_TOKENS, LABELS("embeddings", "hosted_vllm", EMBEDDING_MODEL, "input", job, APP_SCOPE), o->start_ms);
    page_set(o->page, page_add(o->page, O_TARGET_INFO, LABELS(job, "3.2.0", "python", "opentelemetry"), o->start_ms), 1);
}

static void book_retrieval(struct otel *o, const struct request *q)
{
    enum { QUESTION_SHARE = 12, QUESTION_MIN = 6 }; /* the question is a small part of what the model is sent */
    enum team_id team = company_key(q->key)->team;
    if (o->embedding[team] == 0)
        add_application(o, team);
    page_observe(o->page, o->embedding[team], q->embedding_us, 1);
    page_observe(o->page, o->retrieval[team], q->retrieval_us, 1);
    page_observe(o->page, o->tokens[team], QUESTION_MIN + q->input / QUESTION_SHARE, 1);
}

/* As OpenLLMetry counts them in the application. The gateway answers with the name that it was asked for, and the provider is whose library
 * the application calls it with. */
static void book_choice(struct otel *o, const struct request *q)
{
    static const char *const reasons[END_COUNT] = {"stop", "length", "tool_calls"};
    const struct key *key = company_key(q->key);
    page_child *c = &o->choices[key->team][q->model][q->end];
    if (*c == 0) {
        const char *team = company_team(key->team)->alias;
        char job[40];
        str_format(job, sizeof job, "company/%s", team);
        const char *const *values = LABELS("chat", "openai", reasons[q->end], company_model((enum model_id)q->model)->name, job,
                                           "opentelemetry.instrumentation.openai.v1", "", SDK_VERSION, team);
        *c = page_add(o->page, O_CHOICES, values, o->start_ms);
    }
    page_increment(o->page, *c, 1);
}

static void book_score(struct otel *o, const struct request *q, enum evaluation e, int64_t score_milli, bool failed)
{
    static const char *const names[EVAL_COUNT] = {"json_valid", "judge", "tool_call_ok", "refusal"};
    enum team_id team = company_key(q->key)->team;
    const struct model *m = company_model((enum model_id)q->model), *own = company_model((enum model_id)q->answerer);
    struct evaluation_children *c =
        q->answerer == q->model ? &o->eval[e][q->model][q->version][team][q->task] : &o->stray[e][q->model][q->answerer][team][q->task];
    if (c->n == 0) {
        const char *const *values = LABELS(names[e], m->name, own->version[q->answerer == q->model ? q->version : 0],
                                           company_route((enum task_id)q->task), "company/evals", EVAL_SCOPE, company_team(team)->alias);
        c->n = page_add(o->page, O_EVAL, values, o->start_ms);
        c->failed = page_add(o->page, O_EVAL_FAILED, values, o->start_ms);
        c->sum = page_add(o->page, O_EVAL_SUM, values, o->start_ms);
    }
    page_increment(o->page, c->n, 1);
    page_increment(o->page, c->failed, failed ? 1 : 0);
    page_increment(o->page, c->sum, score_milli);
}

void otel_book(struct otel *o, const struct request *q)
{
    enum { JUDGE_PASSES_MILLI = 500 };
    if (q->retrieval_us > 0)
        book_retrieval(o, q);
    if (q->fate == FATE_OK)
        book_choice(o, q);
    if (!q->evaluated)
        return;
    book_score(o, q, EVAL_JSON, q->json_valid ? 1000 : 0, !q->json_valid);
    book_score(o, q, EVAL_JUDGE, q->judge_milli, q->judge_milli < JUDGE_PASSES_MILLI);
    if (q->called_tool)
        book_score(o, q, EVAL_TOOL, q->tool_ok ? 1000 : 0, !q->tool_ok);
    book_score(o, q, EVAL_REFUSAL, q->refused ? 1000 : 0, q->refused);
}

enum err otel_render(struct otel *o, struct buf *out)
{
    return page_render(o->page, out);
}
