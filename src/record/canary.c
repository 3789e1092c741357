/* SPDX-License-Identifier: MIT */
/* How this works: each canary is a small machine: idle, waiting for the request budget, asking, answered, checking. canaries_step moves
 * each as far as it goes. The http handlers only collect bytes and note that an answer is there. */
#include "record/canary_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "record/child.h"

enum {
    ANSWER_BYTES_MAX = 1 << 20,
    BODY_BYTES_MAX = 1 << 20,
    SCRATCH_BYTES_MAX = 128 << 20, /* an answer of ANSWER_BYTES_MAX as a tree, twice */
    ARENA_BYTES_MAX = 4 << 20,
    FAILURES_MAX = 3, /* in a row, of transport: the rest would fail, too, and would be paid for */
    SOON_MS = 50,     /* between looks at a command, or one that yields a key */
    BUDGET_MS = 250,  /* between looks at the request budget */
};

void canary_tell(const struct run *r, enum log_level level, const char *text)
{
    if (r->all->opt.log != NULL)
        log_line(r->all->opt.log, level, "canary", "%s: %s", r->cfg->c.name, text);
}

static void set_why(struct run *r, const char *text)
{
    (void)str_copy(r->why, sizeof r->why, str_of(text));
}

/* Writes down how things stand; a store that cannot take it is said in the log, and the next word says the same. */
static void keep(struct run *r, int64_t now_ms)
{
    struct errctx why = {""};
    if (canary_flush(r->all, now_ms, &why) != ERR_OK || canary_keep(r->all, NULL, now_ms, &why) != ERR_OK)
        canary_tell(r, LOG_LEVEL_ERROR, why.text);
}

/* ---- a run ends ---- */

static void drop_conn(struct run *r)
{
    http_remove(r->conn);
    r->conn = NULL;
    buf_reset(&r->answer);
    buf_reset(&r->body);
}

/* It does not run, and why; the next try is at next_ms. */
static void refuse(struct run *r, const char *why, int64_t next_ms, int64_t now_ms)
{
    if (strcmp(r->why, why) != 0)
        canary_tell(r, LOG_LEVEL_WARN, why);
    set_why(r, why);
    r->st.next_ms = next_ms;
    canary_take_order(r);
    keep(r, now_ms);
}

static uint32_t failures(const struct canary_state *s)
{
    uint32_t n = 0;
    for (int f = 0; f < CANARY_FAILURES; f++)
        n += s->failed[f];
    return n;
}

static void count_up(struct run *r)
{
    struct canary_state *s = &r->st;
    s->passed = s->bad = 0;
    memset(s->failed, 0, sizeof s->failed);
    for (uint32_t i = 0; i < r->cfg->c.item_count; i++) {
        const struct canary_result *of = &r->results[i];
        s->passed += of->outcome == CANARY_PASSED;
        s->bad += of->outcome == CANARY_BAD;
        s->failed[of->failure] += of->outcome == CANARY_FAILED;
    }
}

/* "3 of 5 prompts have no verdict (429 1, not asked 2): first: ..." */
static void say_failures(struct run *r)
{
    char text[CANARY_WHY_MAX];
    const uint32_t n = failures(&r->st);
    r->why[0] = '\0';
    if (n == 0)
        return;
    (void)str_format(text, sizeof text, "%u of %u prompts have no verdict (", n, r->cfg->c.item_count);
    for (int f = 0, k = 0; f < CANARY_FAILURES; f++) {
        const size_t at = strlen(text);
        if (r->st.failed[f] > 0)
            (void)str_format(text + at, sizeof text - at, "%s%s %u", k++ > 0 ? ", " : "", canary_failure_name((enum canary_failure)f),
                             r->st.failed[f]);
    }
    (void)str_format(r->why, sizeof r->why, "%s); first: %s", text, r->first);
}

/* That prompts are not answered any more, or are again, is an event of its own: no score tells it. */
static void put_turn(struct run *r, bool failed_before, int64_t now_ms)
{
    char key[200], scope[200], text[CANARY_WHY_MAX + 200];
    struct errctx why = {""};
    const bool fails = failures(&r->st) > 0;
    if (fails == failed_before)
        return;
    (void)str_format(key, sizeof key, "canary:%s:%s:%lld", r->cfg->c.name, fails ? "fails" : "answers", (long long)now_ms);
    (void)str_format(scope, sizeof scope, "model=%s", r->cfg->c.model);
    (void)str_format(text, sizeof text, "canary %s: %s", r->cfg->c.name, fails ? r->why : "all prompts have a verdict again");
    const struct event ev = {
        .at_ms = r->began_ms, .known_ms = now_ms, .kind = EVENT_SOURCE, .scope = scope, .text = text, .source = "gwtop"};
    if (store_put_event(r->all->opt.st, key, &ev, &why) != ERR_OK)
        canary_tell(r, LOG_LEVEL_ERROR, why.text);
}

static void end_run(struct run *r, int64_t now_ms)
{
    struct errctx why = {""};
    struct canary_state *s = &r->st;
    const bool failed_before = failures(s) > 0;
    const int64_t wish_ms = r->result.retry_after_ms;

    count_up(r);
    say_failures(r);
    canary_settle(s, r->reserved_day_ms, r->reserved_nusd, r->settled_nusd);
    (void)!canary_price_run(r, now_ms, NULL); /* with what this one has shown */
    s->running = false;
    s->ended_ms = now_ms;
    s->next_ms = canary_next(s, now_ms);
    s->next_ms = s->next_ms < now_ms + wish_ms ? now_ms + wish_ms : s->next_ms;
    r->phase = RUN_IDLE;
    drop_conn(r);
    if (r->why[0] != '\0')
        canary_tell(r, LOG_LEVEL_WARN, r->why);
    enum err e = canary_flush(r->all, now_ms, &why);
    if (e == ERR_OK) {
        put_turn(r, failed_before, now_ms);
        e = canary_keep_run(r, now_ms, &why);
    }
    if (e != ERR_OK)
        canary_tell(r, LOG_LEVEL_ERROR, why.text);
}

static void note_item(struct run *r, enum canary_outcome outcome, enum canary_failure failure, const char *why)
{
    struct canary_result *of = &r->results[r->item];
    of->outcome = outcome;
    of->failure = failure;
    (void)str_copy(r->whys[r->item], sizeof r->whys[r->item], str_of(why));
    if (outcome == CANARY_FAILED && r->first[0] == '\0')
        (void)str_copy(r->first, sizeof r->first, str_of(why));
}

/* What is left is not asked. */
static void stop_run(struct run *r, const char *why, int64_t now_ms)
{
    for (; r->item < r->cfg->c.item_count; r->item++)
        note_item(r, CANARY_FAILED, CANARY_NOT_ASKED, why);
    end_run(r, now_ms);
}

static void next_item(struct run *r, enum canary_outcome outcome, enum canary_failure failure, const char *why, int64_t now_ms)
{
    const bool transport = outcome == CANARY_FAILED && failure != CANARY_NO_VERDICT;
    note_item(r, outcome, failure, why);
    r->in_a_row = transport ? r->in_a_row + 1 : 0;
    r->item++;
    buf_reset(&r->answer);
    arena_reset(&r->all->scratch);
    if (r->item == r->cfg->c.item_count)
        end_run(r, now_ms);
    else if (transport && r->result.retry_after_ms > 0)
        stop_run(r, "the endpoint wants to be left alone for a while", now_ms);
    else if (r->in_a_row >= FAILURES_MAX)
        stop_run(r, "three prompts in a row had no answer", now_ms);
    else
        r->phase = RUN_WANTS_TOKEN;
}

/* ---- asking ---- */

static bool on_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct run *r = ctx;
    if (buf_append(&r->answer, bytes, n) == ERR_OK)
        return true;
    (void)errctx_set(reason, ERR_NOMEM, "out of memory for the answer");
    return false;
}

static void on_done(void *ctx, const struct http_result *res)
{
    struct run *r = ctx;
    r->result = *res;
    r->phase = RUN_ANSWERED;
}

static void ask(struct run *r, int64_t now_ms)
{
    const struct canary *k = &r->cfg->c;
    const struct http_handler on = {NULL, on_body, on_done, r};
    struct errctx why = {""};
    if (!canary_holds(r, now_ms, &why)) {
        stop_run(r, why.text, now_ms);
        return;
    }
    buf_reset(&r->body);
    memset(&r->result, 0, sizeof r->result);
    enum err e = canary_body(k, &k->items[r->item], &r->body);
    if (e == ERR_OK) {
        const struct http_request rq = {.body = buf_str(&r->body)};
        r->phase = RUN_ASKING;
        e = http_start(r->conn, &rq, &on, &why);
    }
    if (e != ERR_OK)
        next_item(r, CANARY_FAILED, CANARY_NO_ANSWER, why.text[0] != '\0' ? why.text : "the prompt is too long to be sent", now_ms);
}

static void wait_or_ask(struct run *r, int64_t now_ms)
{
    if (r->all->opt.may_ask(r->all->opt.ctx))
        ask(r, now_ms);
}

/* Nothing was sent, so nothing can have been charged. */
static bool was_sent(const struct http_result *res)
{
    return res->failed != HTTP_DNS && res->failed != HTTP_TCP && res->failed != HTTP_TLS;
}

static void take_failure(struct run *r, int64_t now_ms)
{
    const struct http_result *res = &r->result;
    char text[CANARY_WHY_MAX];
    const enum canary_failure f = res->status == 429         ? CANARY_LIMITED
                                  : res->status >= 500       ? CANARY_5XX
                                  : res->failed == HTTP_TIME ? CANARY_TIMEOUT
                                                             : CANARY_NO_ANSWER;
    if (res->failed == HTTP_STATUS) /* the body of an error may hold the prompt */
        (void)str_format(text, sizeof text, "%s: status %d%s", res->url, res->status,
                         res->status == 401 || res->status == 403 ? ", it wants another key" : "");
    else
        (void)str_copy(text, sizeof text, str_of(res->reason));
    r->settled_nusd += was_sent(res) ? r->price.item_nusd[r->item] : 0;
    next_item(r, CANARY_FAILED, f, text, now_ms);
}

static void take_verdict(struct run *r, enum canary_verdict v, const char *why, int64_t now_ms)
{
    if (v == CANARY_PASS)
        next_item(r, CANARY_PASSED, 0, "", now_ms);
    else if (v == CANARY_FAIL)
        next_item(r, CANARY_BAD, 0, why, now_ms);
    else
        next_item(r, CANARY_FAILED, CANARY_NO_VERDICT, why, now_ms);
}

static void take_answer(struct run *r, int64_t now_ms)
{
    const struct canary_item *it = &r->cfg->c.items[r->item];
    struct canaries *c = r->all;
    struct canary_answer a;
    struct errctx why = {""};
    char text[CANARY_WHY_MAX];
    if (r->result.failed != HTTP_DONE) {
        take_failure(r, now_ms);
        return;
    }
    if (canary_read_answer(buf_str(&r->answer), it->check == CANARY_TOKEN ? it->want : NULL, &c->scratch, &a, &why) != ERR_OK) {
        (void)str_format(text, sizeof text, "%s: %s", r->result.url, why.text);
        r->settled_nusd += r->price.item_nusd[r->item];
        next_item(r, CANARY_FAILED, CANARY_NO_ANSWER, text, now_ms);
        return;
    }
    canary_settle_item(r, &a);
    r->results[r->item].logprob = a.logprob;
    enum canary_verdict v = canary_judge(it, &a, &c->scratch, &why);
    if (v == CANARY_PENDING)
        v = canary_command_start(it, a.text, &r->child, &why);
    if (v != CANARY_PENDING) {
        take_verdict(r, v, why.text, now_ms);
        return;
    }
    r->phase = RUN_CHECKING;
    r->child_since_ms = now_ms;
}

static void hear_command(struct run *r, int64_t now_ms)
{
    struct errctx why = {""};
    const int64_t since = now_ms - r->child_since_ms;
    const enum canary_verdict v = canary_command_hear(r->child, since < 0 || since >= r->cfg->c.command_timeout_ms, &why);
    if (v == CANARY_PENDING)
        return;
    r->child = 0;
    take_verdict(r, v, why.text, now_ms);
}

/* ---- a run begins ---- */

/* Errors: ERR_BUSY while the command that yields the key runs. */
static enum err connect_run(struct run *r, struct errctx *why)
{
    struct canaries *c = r->all;
    char what[200];
    struct http_options o = {
        .url = r->cfg->c.url,
        .total_ms = r->cfg->c.timeout_ms,
        .max_body_bytes = ANSWER_BYTES_MAX,
        .accept = "application/json",
        .post_type = "application/json",
        .once = true,
        .ca_file = r->cfg->ca_file,
        .insecure_tls = r->cfg->insecure_tls,
        .allow_plaintext_token = r->cfg->allow_plaintext_token,
    };
    (void)str_format(what, sizeof what, "key of canary %s", r->cfg->c.name);
    enum err e = secret_is_given(&r->cfg->key) ? secrets_try(c->opt.secrets, &r->cfg->key, what, &o.bearer, why) : ERR_OK;
    return e == ERR_OK ? http_add(c->opt.http, &o, &r->conn, why) : e;
}

static void start_items(struct run *r)
{
    const struct canary *k = &r->cfg->c;
    for (uint32_t i = 0; i < k->item_count; i++) {
        r->whys[i][0] = '\0';
        r->results[i] =
            (struct canary_result){.id = k->items[i].id, .hash = canary_item_hash(&k->items[i]), .logprob = NAN, .why = r->whys[i]};
    }
    r->item = r->in_a_row = 0;
    r->first[0] = '\0';
}

static void begin_run(struct run *r, int64_t now_ms)
{
    struct canaries *c = r->all;
    const struct canary *k = &r->cfg->c;
    const int64_t later_ms = now_ms + k->interval_ms;
    char text[CANARY_WHY_MAX];
    struct errctx why = {""};
    enum err e = canary_price_run(r, now_ms, &why);
    if (e == ERR_OK)
        e = canary_find_price(c->opt.book, k, now_ms, &r->model_price, &why);
    if (e != ERR_OK) {
        refuse(r, why.text, later_ms, now_ms);
        return;
    }
    struct canary_state probe = r->st;
    if (!canary_reserve(&probe, r->price.run_nusd, now_ms)) {
        canary_say_cap(r, now_ms, text, sizeof text);
        refuse(r, text, canary_day(now_ms) + INT64_C(86400000), now_ms);
        return;
    }
    e = r->conn == NULL ? connect_run(r, &why) : ERR_OK;
    if (e != ERR_OK && e != ERR_BUSY) {
        refuse(r, why.text, later_ms, now_ms);
        return;
    }
    if (e == ERR_BUSY || !c->opt.may_ask(c->opt.ctx))
        return; /* its key is being fetched, or it waits for the budget: nothing is reserved meanwhile */
    e = canary_begin(r, now_ms, &why);
    if (e != ERR_OK) {
        drop_conn(r);
        refuse(r, why.text, later_ms, now_ms);
        return;
    }
    start_items(r);
    ask(r, now_ms);
}

/* ---- outside ---- */

static bool is_due(const struct run *r, int64_t now_ms)
{
    return r->ordered || (r->all->opt.alone == NULL && now_ms >= r->st.next_ms);
}

void canaries_step(struct canaries *c, int64_t now_ms)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct run *r = &c->runs[i];
        switch (r->phase) {
        case RUN_IDLE:
            if (is_due(r, now_ms))
                begin_run(r, now_ms);
            break;
        case RUN_WANTS_TOKEN: wait_or_ask(r, now_ms); break;
        case RUN_ASKING: break;
        case RUN_ANSWERED: take_answer(r, now_ms); break;
        case RUN_CHECKING: hear_command(r, now_ms); break;
        }
    }
}

int64_t canaries_wait(const struct canaries *c, int64_t now_ms, int64_t max_ms)
{
    int64_t wait = max_ms;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct run *r = &c->runs[i];
        int64_t w = max_ms;
        if (r->phase == RUN_IDLE)
            w = !is_due(r, now_ms) ? (c->opt.alone == NULL ? r->st.next_ms - now_ms : max_ms) : BUDGET_MS;
        else if (r->phase == RUN_WANTS_TOKEN)
            w = BUDGET_MS;
        else if (r->phase == RUN_CHECKING)
            w = SOON_MS;
        else if (r->phase == RUN_ANSWERED)
            w = 0;
        wait = w < wait ? w : wait;
    }
    return wait > 0 ? wait : 0;
}

bool canaries_are_running(const struct canaries *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->runs[i].phase != RUN_IDLE || c->runs[i].ordered)
            return true;
    return false;
}

void canaries_order(struct canaries *c, int64_t now_ms)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->opt.alone != NULL && &c->runs[i].cfg->c != c->opt.alone)
            continue;
        c->runs[i].ordered = true;
        c->runs[i].ordered_ms = now_ms;
    }
}

/* What operators took for normal. */
static void hear_accepted(struct canaries *c, const struct store_act *acts, size_t count, int64_t now_ms)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct run *r = &c->runs[i];
        struct errctx why = {""};
        bool accepted = false;
        enum err e = r->drift != NULL ? canary_drift_accept(r->drift, acts, count, now_ms, &c->scratch, &accepted, &why) : ERR_OK;
        if (e != ERR_OK)
            canary_tell(r, LOG_LEVEL_ERROR, why.text);
        else if (accepted)
            keep(r, now_ms);
    }
}

void canaries_hear(struct canaries *c, int64_t now_ms)
{
    struct store_act *acts;
    size_t count;
    const int64_t heard_ms = c->order_ms;
    if (store_acts(c->opt.st, INT64_MAX, &c->scratch, &acts, &count, NULL) != ERR_OK)
        count = 0; /* they are looked at again with the next act */
    hear_accepted(c, acts, count, now_ms);
    for (size_t i = 0; i < count; i++) {
        if (acts[i].pending || strcmp(acts[i].verb, CANARY_ACT) != 0 || acts[i].at_ms <= heard_ms)
            continue;
        c->order_ms = acts[i].at_ms > c->order_ms ? acts[i].at_ms : c->order_ms;
        for (uint32_t k = 0; k < c->count; k++) {
            struct run *r = &c->runs[k];
            if (strcmp(r->cfg->c.name, acts[i].text) != 0)
                continue;
            r->ordered_ms = acts[i].at_ms;
            r->ordered = r->ordered || (r->phase == RUN_IDLE && now_ms - acts[i].at_ms <= CANARY_ORDER_MAX_MS);
            if (!r->ordered) { /* it runs already, or is too old */
                canary_take_order(r);
                keep(r, now_ms);
            }
        }
    }
    arena_reset(&c->scratch);
}

static enum err open_run(struct canaries *c, uint32_t i)
{
    struct run *r = &c->runs[i];
    r->all = c;
    r->cfg = &c->opt.cfg->canaries[i];
    const struct canary *k = &r->cfg->c;
    http_url_public(k->url, r->url);
    r->st = (struct canary_state){
        .name = k->name, .model = k->model, .url = r->url, .interval_ms = k->interval_ms, .cap_nusd = k->cap_nusd, .why = r->why};
    buf_init(&r->body, BODY_BYTES_MAX);
    buf_init(&r->answer, ANSWER_BYTES_MAX);
    r->results = calloc(k->item_count, sizeof *r->results);
    r->whys = calloc(k->item_count, sizeof *r->whys);
    return r->results != NULL && r->whys != NULL ? ERR_OK : ERR_NOMEM;
}

enum err canaries_open(const struct canaries_options *opt, int64_t now_ms, struct canaries **ret, struct errctx *ctx)
{
    struct canaries *c = calloc(1, sizeof *c);
    if (c == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for canaries");
    c->opt = *opt;
    arena_init(&c->arena, ARENA_BYTES_MAX);
    arena_init(&c->scratch, SCRATCH_BYTES_MAX);
    c->runs = calloc(opt->cfg->canary_count + 1, sizeof *c->runs);
    enum err e = c->runs == NULL ? ERR_NOMEM : ERR_OK;
    for (uint32_t i = 0; i < opt->cfg->canary_count && e == ERR_OK; i++) {
        c->count++;
        e = open_run(c, i);
    }
    if (e != ERR_OK)
        (void)errctx_set(ctx, e, "out of memory for canaries");
    else
        e = canary_keep_open(c, now_ms, ctx);
    for (uint32_t i = 0; i < c->count && e == ERR_OK; i++) {
        c->runs[i].st.next_ms = canary_next(&c->runs[i].st, now_ms);
        (void)!canary_price_run(&c->runs[i], now_ms, NULL); /* without a price it says so when it is due */
    }
    if (e == ERR_OK)
        e = canary_flush(c, now_ms, ctx);
    struct errctx why = {""};
    if (e == ERR_OK && canary_keep(c, NULL, now_ms, &why) != ERR_OK && opt->log != NULL) /* it is tried again before a run */
        log_line(opt->log, LOG_LEVEL_WARN, "canary", "%s", why.text);
    if (e != ERR_OK) {
        canaries_close(c);
        return e;
    }
    *ret = c;
    return ERR_OK;
}

void canaries_close(struct canaries *c)
{
    if (c == NULL)
        return;
    for (uint32_t i = 0; i < c->count; i++) {
        struct run *r = &c->runs[i];
        if (r->child != 0)
            (void)child_end(r->child, true);
        http_remove(r->conn);
        canary_drift_close(r->drift);
        buf_fini(&r->body);
        buf_fini(&r->answer);
        free(r->results);
        free(r->whys);
    }
    free(c->runs);
    arena_fini(&c->arena);
    arena_fini(&c->scratch);
    free(c);
}
