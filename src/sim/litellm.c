/* SPDX-License-Identifier: MIT */
/* How this works: every family has a label list (litellm_families.c); a child's label values are looked up by label name from a
 * struct subject, once, when the child first appears. Children are remembered in arrays indexed by key, team, deployment and fate,
 * so that booking a request is a few dozen additions. */
#include "sim/litellm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/money.h"
#include "sim/litellm_families.h"
#include "sim/number.h"

enum {
    OUTCOMES = FATE_COUNT,
    ACCOUNTS = DEPLOYMENT_COUNT + 2, /* per key: each deployment, and for each of its models what never reached one */
    ADMIN_ROUTES = 6
};

/* Who called: a key, or nobody that the proxy knows. */
struct caller {
    char hash[65], team_id[9], ip[16];
    const char *alias, *team, *route, *user_agent;
};

/* The children of one key at one deployment. */
struct account {
    page_child total_latency, spend, input, output, total, cached, written, reasoning, requests_old, failed_old, attempts, successes,
        remaining_requests, remaining_tokens;
    page_child proxy_total[OUTCOMES], proxy_failed[OUTCOMES], failures[OUTCOMES];
};

struct purse {
    page_child remaining, budget, hours;
    int64_t limit_nusd, spent_nusd; /* limit 0 = none */
};

struct litellm {
    struct page *page;
    uint32_t family[F_COUNT];
    struct caller caller[KEY_COUNT], stranger, admin;
    struct account account[KEY_COUNT][ACCOUNTS];
    struct account strangers[MODEL_COUNT];
    page_child ttft[TEAM_COUNT][DEPLOYMENT_COUNT], llm_latency[DEPLOYMENT_COUNT], tpot[DEPLOYMENT_COUNT];
    page_child queue_time[DEPLOYMENT_COUNT], overhead[DEPLOYMENT_COUNT], zero_cost[DEPLOYMENT_COUNT];
    page_child fallback_ok[KEY_COUNT][OUTCOMES], fallback_failed[KEY_COUNT][OUTCOMES];
    page_child state_upstream[DEPLOYMENT_COUNT], state_group[DEPLOYMENT_COUNT], cooled[DEPLOYMENT_COUNT][OUTCOMES];
    page_child guardrail_latency[GUARDRAIL_COUNT][4], guardrail_requests[GUARDRAIL_COUNT][4], guardrail_errors[GUARDRAIL_COUNT];
    page_child admin_total[ADMIN_ROUTES], admin_failed[ADMIN_ROUTES];
    page_child gauge[F_COUNT]; /* of families without labels */
    page_child spend_capture, rejected;
    struct purse team[TEAM_COUNT], key[KEY_COUNT];
    int64_t now_ms, month_end_s, booked;
    bool drains; /* the budget of key `drained` is used up at an instant that the scenario says */
    unsigned drained;
};

static const char *const admin_routes[ADMIN_ROUTES] = {
    "/key/list", "/team/list", "/v2/team/list", "/user/available_users", "/sso/get/ui_settings", "/health/readiness/details"};

/* What a child's labels are about; absent things read "None". */
struct subject {
    const struct caller *caller;
    const struct deployment *deployment; /* NULL = none */
    const struct model *model;           /* NULL = the request named none */
    enum fate fate;
    const char *guardrail, *status, *error, *reason; /* NULL = none */
    bool names_group;                                /* litellm_model_name holds the model group: a cooldown's state */
};

enum { EXCEPTION_MAX = 64 };

/* "Openai.InternalServerError": the class with its provider, as the proxy writes it. */
static const char *exception_class(const struct subject *s, char room[EXCEPTION_MAX])
{
    if (s->deployment == NULL)
        return fate_text(s->fate)->exception;
    str_format(room, EXCEPTION_MAX, "%s.%s", company_provider(s->deployment->provider), fate_text(s->fate)->exception);
    room[0] = (char)(room[0] - 'a' + 'A');
    return room;
}

static const char *caller_label(const struct caller *c, const char *name)
{
    const struct {
        const char *name, *value;
    } known[] = {{"api_key_alias", c->alias}, {"client_ip", c->ip},    {"hashed_api_key", c->hash},  {"route", c->route},
                 {"team", c->team_id},        {"team_alias", c->team}, {"user_agent", c->user_agent}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    }
    return NULL;
}

static const char *deployment_label(const struct subject *s, const char *name)
{
    const struct deployment *d = s->deployment;
    if (d == NULL)
        return NULL;
    if (strcmp(name, "api_base") == 0)
        return d->api_base;
    if (strcmp(name, "api_provider") == 0)
        return company_provider(d->provider);
    if (strcmp(name, "model_id") == 0)
        return d->id;
    if (strcmp(name, "model_group") == 0)
        return d->group;
    if (strcmp(name, "litellm_model_name") == 0)
        return s->names_group ? d->group : d->upstream;
    if (strcmp(name, "model") == 0) /* the same without "azure/" */
        return strchr(d->upstream, '/') != NULL ? strchr(d->upstream, '/') + 1 : d->upstream;
    return NULL;
}

static const char *outcome_label(const struct subject *s, const char *name, char room[EXCEPTION_MAX])
{
    if (strcmp(name, "requested_model") == 0)
        return s->model != NULL ? s->model->name : "";
    if (strcmp(name, "status_code") == 0 || strcmp(name, "exception_status") == 0)
        return fate_text(s->fate)->status;
    if (strcmp(name, "exception_class") == 0)
        return exception_class(s, room);
    if (strcmp(name, "fallback_model") == 0 && s->model != NULL && s->model->fallback != DEPLOYMENT_NONE)
        return company_deployment(s->model->fallback)->group;
    if (strcmp(name, "hook_type") == 0)
        return "pre_call";
    if (strcmp(name, "guardrail_name") == 0)
        return s->guardrail;
    if (strcmp(name, "status") == 0)
        return s->status;
    if (strcmp(name, "error_type") == 0)
        return s->error;
    return strcmp(name, "reason") == 0 ? s->reason : NULL;
}

static const char *label_value(const struct subject *s, const char *name, char room[EXCEPTION_MAX])
{
    const char *value = s->caller != NULL ? caller_label(s->caller, name) : NULL;
    value = value != NULL ? value : deployment_label(s, name);
    value = value != NULL ? value : outcome_label(s, name, room);
    return value != NULL ? value : "None";
}

static void create(struct litellm *l, page_child *c, enum litellm_family f, const struct subject *s)
{
    const char *values[PAGE_LABELS_MAX];
    char room[EXCEPTION_MAX];
    const char *const *names = litellm_family(f)->labels;
    for (size_t i = 0; names != NULL && names[i] != NULL && i < PAGE_LABELS_MAX; i++)
        values[i] = label_value(s, names[i], room);
    *c = page_add(l->page, l->family[f], values, l->now_ms);
}

/* The child, made when it is touched for the first time. */
static inline page_child touch(struct litellm *l, page_child *c, enum litellm_family f, const struct subject *s)
{
    if (*c == 0)
        create(l, c, f, s);
    return *c;
}

static void set_plain(struct litellm *l, enum litellm_family f, int64_t value)
{
    page_set(l->page, touch(l, &l->gauge[f], f, &(struct subject){0}), value);
}

/* Stable hexadecimal identities: a hash per key, an id per team. */
static void hex(char *out, size_t n, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed);
    for (size_t i = 0; i < n; i++)
        out[i] = "0123456789abcdef"[rng_below(&r, 16)];
    out[n] = '\0';
}

static void init_callers(struct litellm *l)
{
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        const struct key *key = company_key(k);
        struct caller *c = &l->caller[k];
        *c = (struct caller){
            .alias = key->alias, .team = company_team(key->team)->alias, .route = key->route, .user_agent = key->user_agent};
        hex(c->hash, 64, 1000 + k);
        memcpy(c->team_id, "t-", 2); /* ids of the operators' own making; the aliases are for people */
        hex(c->team_id + 2, 6, 2000 + (uint64_t)key->team);
        str_format(c->ip, sizeof c->ip, "10.42.%d.%u", (int)key->team, 11 + k % 8);
    }
    l->stranger = (struct caller){.hash = "None",
                                  .team_id = "None",
                                  .ip = "10.42.9.7",
                                  .alias = "None",
                                  .team = "None",
                                  .route = "/v1/chat/completions",
                                  .user_agent = "python-httpx/0.28.1"};
    l->admin = l->stranger;
    str_format(l->admin.ip, sizeof l->admin.ip, "127.0.0.1");
    l->admin.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:154.0) Gecko/20100101 Firefox/154.0";
}

static void init_constants(struct litellm *l, int64_t start_ms)
{
    static const char *const python[] = {"CPython", "3", "13", "11", "3.13.11"};
    static const char *const provider[] = {"openai"};
    static const char *const reason[] = {"queue_full"};
    page_child info = page_add(l->page, l->family[F_PYTHON_INFO], python, start_ms);
    page_set(l->page, info, 1);
    l->spend_capture = page_add(l->page, l->family[F_SPEND_CAPTURE], provider, start_ms);
    page_set(l->page, l->spend_capture, NUMBER_NAN);
    l->rejected = page_add(l->page, l->family[F_REJECTED], reason, start_ms);
    set_plain(l, F_START_TIME, start_ms);
    set_plain(l, F_MAX_FDS, 1048576);
    set_plain(l, F_USERS, 214);
    set_plain(l, F_ACTIVE_USERS, 187);
    set_plain(l, F_TEAMS, TEAM_COUNT);
}

/* Days since 1970 of the first of the month after the day. Source: Hinnant 2013, "chrono-compatible low-level date algorithms". */
static int64_t next_month(int64_t day)
{
    int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153; /* month, from March = 0 */
    int64_t next_doy = (153 * (mp + 1) + 2) / 5;
    if (mp == 11) /* February: March is the first month of the next such year */
        return z - doy + 365 + (((yoe + 1) % 4 == 0 && (yoe + 1) % 100 != 0) || yoe + 1 == 400 ? 1 : 0) - 719468;
    return z - doy + next_doy - 719468;
}

/* Budgets run by the calendar month; what was spent before the simulation began is a fair share of them. */
static void init_purses(struct litellm *l, int64_t start_ms)
{
    int64_t day = start_ms / 86400000;
    l->month_end_s = next_month(day) * 86400;
    double elapsed = 1 - (double)(l->month_end_s - start_ms / 1000) / (31 * 86400.0);
    elapsed = elapsed < 0 ? 0 : elapsed;
    struct rng r;
    rng_seed(&r, 3000); /* some are thriftier than others */
    for (unsigned t = 0; t < TEAM_COUNT; t++) {
        l->team[t].limit_nusd = company_team((enum team_id)t)->budget_nusd;
        l->team[t].spent_nusd = (int64_t)((double)l->team[t].limit_nusd * (.60 + .36 * rng_unit(&r)) * elapsed);
    }
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        l->key[k].limit_nusd = company_key(k)->budget_nusd;
        l->key[k].spent_nusd = (int64_t)((double)l->key[k].limit_nusd * (.50 + .46 * rng_unit(&r)) * elapsed);
    }
}

struct litellm *litellm_new(int64_t start_ms)
{
    struct litellm *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->page = page_new(PAGE_PYTHON);
    if (l->page == NULL) {
        free(l);
        return NULL;
    }
    l->now_ms = start_ms;
    for (unsigned f = 0; f < F_COUNT; f++)
        l->family[f] = page_declare(l->page, litellm_family((enum litellm_family)f));
    init_callers(l);
    init_constants(l, start_ms);
    init_purses(l, start_ms);
    return l;
}

/* By the hour: requests of the team's rhythm, at what one costs on average. What is then still left is taken by the first refusal. */
void litellm_drain(struct litellm *l, unsigned key, int64_t until_ms)
{
    const struct key *k = company_key(key);
    const struct team *team = company_team(k->team);
    const struct deployment *d = company_deployment(company_model(k->model[0])->first);
    const double in = team->prompt_median * exp(team->prompt_sigma * team->prompt_sigma / 2);
    const double out = team->output_median * exp(team->output_sigma * team->output_sigma / 2);
    const double pusd =
        in * ((1 - team->cached) * (double)d->input_pusd + team->cached * (double)d->cached_pusd) + out * (double)d->output_pusd;
    double requests = 0;
    for (int64_t s = l->now_ms / 1000; s < until_ms / 1000; s += 3600)
        requests += 3600 * k->rate * company_rhythm(k->team, s);
    const int64_t left_nusd = (int64_t)(requests * pusd / 1000);
    l->key[key].spent_nusd = l->key[key].limit_nusd - left_nusd;
    l->drains = true;
    l->drained = key;
}

void litellm_free(struct litellm *l)
{
    if (l != NULL)
        page_free(l->page);
    free(l);
}

static void count(struct litellm *l, page_child *c, enum litellm_family f, const struct subject *s, int64_t by)
{
    page_increment(l->page, touch(l, c, f, s), by);
}

static void observe(struct litellm *l, page_child *c, enum litellm_family f, const struct subject *s, int64_t us)
{
    page_observe(l->page, touch(l, c, f, s), us, 1);
}

/* One series per status: the several kinds of 400 share theirs. */
static enum fate status_of(enum fate f)
{
    return f == FATE_BUDGET || f == FATE_CONTEXT || f == FATE_FILTER || f == FATE_GUARDRAIL ? FATE_BAD_REQUEST : f;
}

static void book_guardrails(struct litellm *l, const struct request *q)
{
    static const char *const names[GUARDRAIL_COUNT] = {"pii", "policy"};
    static const char *const statuses[] = {
        [VERDICT_OK] = "success", [VERDICT_BLOCKED] = "guardrail_intervened", [VERDICT_ERROR] = "guardrail_failed_to_respond"};
    for (unsigned g = 0; g < GUARDRAIL_COUNT; g++) {
        unsigned v = q->verdict[g];
        if (v == VERDICT_NONE)
            continue;
        struct subject s = {.guardrail = names[g], .status = statuses[v], .error = v == VERDICT_ERROR ? "APIConnectionError" : NULL};
        count(l, &l->guardrail_requests[g][v], F_GUARDRAIL_REQUESTS, &s, 1);
        observe(l, &l->guardrail_latency[g][v], F_GUARDRAIL_LATENCY, &s, q->guardrail_us[g]);
        if (v == VERDICT_ERROR)
            count(l, &l->guardrail_errors[g], F_GUARDRAIL_ERRORS, &s, 1);
    }
}

/* The state gauge: each attempt overwrites it, under the upstream's name; a cooldown writes 2 under the group's name, and only that
 * deployment's next success clears both. So it is in the real gateway. */
static void book_state(struct litellm *l, const struct attempt *a, struct subject s)
{
    unsigned d = a->deployment;
    page_set(l->page, touch(l, &l->state_upstream[d], F_DEPLOYMENT_STATE, &s), a->fate == FATE_OK ? 0 : 1);
    if (a->fate == FATE_OK)
        page_set(l->page, l->state_group[d], 0);
    if (!a->cooled)
        return;
    count(l, &l->cooled[d][a->fate], F_COOLED_DOWN, &s, 1);
    s.names_group = true;
    page_set(l->page, touch(l, &l->state_group[d], F_DEPLOYMENT_STATE, &s), 2);
}

static void book_attempts(struct litellm *l, const struct request *q, const struct road *road, struct subject s)
{
    for (unsigned i = 0; i < q->attempt_count; i++) {
        const struct attempt *a = &q->attempt[i];
        struct account *acc = &l->account[q->key][a->deployment];
        s.deployment = company_deployment((enum deployment_id)a->deployment);
        s.fate = (enum fate)a->fate;
        count(l, &acc->attempts, F_DEPLOYMENT_TOTAL, &s, 1);
        if (a->fate == FATE_OK)
            count(l, &acc->successes, F_DEPLOYMENT_SUCCESS, &s, 1);
        else
            count(l, &acc->failures[a->fate], F_DEPLOYMENT_FAILURE, &s, 1);
        book_state(l, a, s);
        if (s.deployment->rpm_limit > 0 && a->fate == FATE_OK) {
            const struct deployment_state *state = &road->deployment[a->deployment];
            page_set(l->page, touch(l, &acc->remaining_requests, F_REMAINING_REQUESTS, &s), s.deployment->rpm_limit - state->asked);
            page_set(l->page, touch(l, &acc->remaining_tokens, F_REMAINING_TOKENS, &s), s.deployment->tpm_limit - state->tokens);
        }
    }
    if (q->fallback) {
        bool ok = q->deployment == s.model->fallback;
        s.deployment = NULL;
        s.fate = FATE_NO_DEPLOYMENT;
        if (q->attempt_count > 1) { /* the failure that made the fallback necessary */
            const struct attempt *before = &q->attempt[q->attempt_count - 2];
            s.deployment = company_deployment((enum deployment_id)before->deployment);
            s.fate = (enum fate)before->fate;
        }
        page_child *c = ok ? &l->fallback_ok[q->key][s.fate] : &l->fallback_failed[q->key][s.fate];
        count(l, c, ok ? F_FALLBACK_OK : F_FALLBACK_FAILED, &s, 1);
    }
}

static void book_tokens(struct litellm *l, const struct request *q, struct account *acc, const struct subject *s)
{
    count(l, &acc->input, F_INPUT_TOKENS, s, q->input);
    count(l, &acc->output, F_OUTPUT_TOKENS, s, q->output);
    count(l, &acc->total, F_TOTAL_TOKENS, s, q->input + q->output);
    if (q->cached > 0)
        count(l, &acc->cached, F_CACHED_TOKENS, s, q->cached);
    if (q->written > 0)
        count(l, &acc->written, F_CACHE_WRITE_TOKENS, s, q->written);
    if (q->reasoning > 0)
        count(l, &acc->reasoning, F_REASONING_TOKENS, s, q->reasoning);
    count(l, &acc->spend, F_SPEND, s, q->spend_nusd);
    if (q->unpriced) {
        struct subject unpriced = *s;
        unpriced.reason = "cost_calculation_error";
        count(l, &l->zero_cost[q->deployment], F_ZERO_COST, &unpriced, 1);
    }
}

/* An answer: latencies are observed on success alone, as the real one does. */
static void book_answer(struct litellm *l, const struct request *q, const struct subject *s)
{
    enum team_id team = company_key(q->key)->team;
    struct account *acc = &l->account[q->key][q->deployment];
    unsigned d = q->deployment;
    observe(l, &acc->total_latency, F_TOTAL_LATENCY, s, q->total_us);
    observe(l, &l->llm_latency[d], F_LLM_LATENCY, s, q->llm_us);
    observe(l, &l->tpot[d], F_TPOT, s, q->llm_us / q->output);
    observe(l, &l->queue_time[d], F_QUEUE_TIME, s, q->queue_us);
    observe(l, &l->overhead[d], F_OVERHEAD, s, q->overhead_us);
    if (q->streamed)
        observe(l, &l->ttft[team][d], F_TTFT, s, q->ttft_us);
    count(l, &acc->requests_old, F_REQUESTS_OLD, s, 1);
    book_tokens(l, q, acc, s);
}

static void set_purse(struct litellm *l, struct purse *p, enum litellm_family first, const struct subject *s, int64_t spend_nusd)
{
    int64_t hours_e4 = (l->month_end_s * 1000 - l->now_ms) * 10000 / 3600000;
    p->spent_nusd += spend_nusd;
    page_set(l->page, touch(l, &p->remaining, first, s), p->limit_nusd > 0 ? p->limit_nusd - p->spent_nusd : NUMBER_INF);
    if (p->limit_nusd > 0) {
        page_set(l->page, touch(l, &p->budget, (enum litellm_family)(first + 1), s), p->limit_nusd);
        page_set(l->page, touch(l, &p->hours, (enum litellm_family)(first + 2), s), hours_e4);
    }
}

static struct account *account_of(struct litellm *l, const struct request *q)
{
    if (q->fate == FATE_AUTH)
        return &l->strangers[q->model];
    if (q->deployment != DEPLOYMENT_NONE)
        return &l->account[q->key][q->deployment];
    return &l->account[q->key][DEPLOYMENT_COUNT + (q->model == company_key(q->key)->model[0] ? 0 : 1)];
}

void litellm_book(struct litellm *l, const struct request *q, const struct road *road)
{
    enum fate f = (enum fate)q->fate;
    bool known = f != FATE_AUTH;
    struct account *acc = account_of(l, q);
    struct subject s = {.caller = known ? &l->caller[q->key] : &l->stranger,
                        .model = company_model((enum model_id)q->model),
                        .deployment = q->deployment != DEPLOYMENT_NONE ? company_deployment((enum deployment_id)q->deployment) : NULL,
                        .fate = f};
    l->now_ms = q->end_ms;
    l->booked++;
    count(l, &acc->proxy_total[status_of(f)], F_PROXY_TOTAL, &s, 1);
    if (f != FATE_OK)
        count(l, &acc->proxy_failed[f], F_PROXY_FAILED, &s, 1);
    if (f != FATE_OK && q->deployment != DEPLOYMENT_NONE)
        count(l, &acc->failed_old, F_LLM_FAILED_OLD, &s, 1);
    if (!known)
        return;
    book_guardrails(l, q);
    book_attempts(l, q, road, s);
    if (f == FATE_OK)
        book_answer(l, q, &s);
    enum team_id team = company_key(q->key)->team;
    struct purse *own = &l->key[q->key];
    if (f == FATE_BUDGET && own->spent_nusd < own->limit_nusd)
        own->spent_nusd = own->limit_nusd;
    else if (f != FATE_BUDGET && l->drains && q->key == l->drained && own->spent_nusd > own->limit_nusd - NUSD_PER_USD)
        own->spent_nusd = own->limit_nusd - NUSD_PER_USD; /* as long as it is not refused, something is left */
    set_purse(l, &l->team[team], F_TEAM_REMAINING, &s, q->spend_nusd);
    set_purse(l, own, F_KEY_REMAINING, &s, q->spend_nusd);
}

void litellm_tick(struct litellm *l, int64_t now_s)
{
    enum { ADMIN_EVERY_S = 97 }; /* somebody's browser tab, logged out long ago */
    l->now_ms = now_s * 1000;
    if (now_s >= l->month_end_s) {
        l->month_end_s = next_month(now_s / 86400) * 86400;
        for (unsigned t = 0; t < TEAM_COUNT; t++)
            l->team[t].spent_nusd = 0;
        for (unsigned k = 0; k < KEY_COUNT; k++)
            l->key[k].spent_nusd = 0;
    }
    if (now_s % ADMIN_EVERY_S != 0)
        return;
    unsigned i = (unsigned)(now_s / ADMIN_EVERY_S) % ADMIN_ROUTES;
    l->admin.route = admin_routes[i];
    struct subject s = {.caller = &l->admin, .fate = FATE_AUTH};
    count(l, &l->admin_total[i], F_PROXY_TOTAL, &s, 1);
    count(l, &l->admin_failed[i], F_PROXY_FAILED, &s, 1);
}

/* The process' own figures, made up from what it does. */
static void refresh_process(struct litellm *l, const struct traffic *t)
{
    int64_t now_s = traffic_now_s(t), in_flight = traffic_in_flight(t);
    set_plain(l, F_VIRTUAL_MEMORY, 1932 * INT64_C(1048576) + in_flight * 8192);
    set_plain(l, F_RESIDENT_MEMORY, 812 * INT64_C(1048576) + in_flight * 65536 + l->booked / 40 * 4096);
    set_plain(l, F_CPU_SECONDS, 1860 + l->booked * 31 / 10); /* 31 ms each */
    set_plain(l, F_OPEN_FDS, 61 + in_flight * 2);
    set_plain(l, F_BATCH_COST_RUN, (now_s - now_s % 3600) * 1000 + 417);
    set_plain(l, F_IN_FLIGHT, in_flight + 1); /* the scrape itself is one */
    set_plain(l, F_ADMITTED, in_flight);
    set_plain(l, F_QUEUED, 0);
    page_set(l->page, l->rejected, traffic_refused(t));
}

enum err litellm_render(struct litellm *l, const struct traffic *t, struct buf *out)
{
    refresh_process(l, t);
    return page_render(l->page, out);
}

size_t litellm_series(const struct litellm *l)
{
    return page_series(l->page);
}
