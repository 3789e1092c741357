/* SPDX-License-Identifier: MIT */
/* How this works: each source has one connection with a small state: idle, asking, or waiting for the request budget between two
 * requests of one poll. The http handlers pass bytes on as they come; on_done only notes that an answer is there, and the loop then takes
 * it in, asks on, and commits, so that no callback runs deeper than one level. */
#include "record/loop.h"

#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/canary_state.h"
#include "record/canary.h"
#include "record/clockwatch.h"
#include "record/http.h"
#include "record/pager.h"
#include "record/presence.h"
#include "record/schedule.h"
#include "record/secret.h"
#include "record/tailfile.h"

enum {
    GROUP_MS = 200,          /* a finished poll waits this long for others */
    KEY_MS = 50,             /* between looks at a command that yields a secret */
    TICK_MS = 2000,          /* acts of operators are taken in, and alerts looked at, this often */
    PRESENCE_MS = 60 * 1000, /* between looks at the presence file */
    TRIM_MS = 60 * 1000,     /* between returns of freed memory */
    WAIT_MAX_MS = 1000,
    COMPLAIN_MS = 10 * 60 * 1000, /* between two lines about the same trouble */
    GROUP_STEPS = 10,             /* instants of a replay per transaction */
    CANARY_PRICES_BYTES_MAX = 256 << 20,
};

enum link_state { LINK_IDLE, LINK_ASKING, LINK_ANSWERED, LINK_WANTS_TOKEN };

struct link {
    struct loop *l;
    struct http_conn *conn; /* NULL = its secret could not be read */
    enum link_state state;
    struct source_request wants; /* LINK_WANTS_TOKEN */
    struct http_result result;   /* LINK_ANSWERED */
    bool waits;                  /* the command that yields its secret is running */
    char refused[512];           /* why conn is NULL */
    struct tailfile tail;        /* of a source that is a file, and has no connection */
};

struct loop {
    struct recorder *r;
    struct loop_options opt;
    struct secrets *secrets;
    struct http *http;
    struct link *links;
    uint32_t count;
    struct schedule schedule;
    int64_t virtual_ms;    /* replay: the instant asked about, 0 = live */
    int64_t pending_since; /* system time of the first finished poll that is not committed, 0 = none */
    int64_t tick_ms, trim_ms, presence_ms;
    struct clockwatch clocks;
    struct canaries *canaries; /* NULL = none are configured, or they cannot be run */
    struct pager *pager;       /* NULL = a replay */
    struct arena prices;       /* theirs */
    struct canaries_book book;
    uint64_t acts; /* of operators, that they have heard */
    bool stopping;
    bool kept, failing;  /* the last commit went where it belongs; it failed */
    char complaint[512]; /* the last one */
    int64_t complained_ms;
};

static int64_t system_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t wall(const struct loop *l)
{
    return l->virtual_ms != 0 ? l->virtual_ms : clock_wall_ms(l->opt.clock);
}

static bool on_head(void *ctx, const struct http_result *so_far, struct errctx *reason)
{
    struct link *k = ctx;
    (void)reason;
    const struct source_answer head = {.content_type = so_far->content_type,
                                       .open_ended = so_far->open_ended,
                                       .same = so_far->status == HTTP_NOT_MODIFIED,
                                       .etag = so_far->etag};
    recorder_head(k->l->r, (uint32_t)(k - k->l->links), &head);
    return true;
}

static bool on_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct link *k = ctx;
    return recorder_body(k->l->r, (uint32_t)(k - k->l->links), bytes, n, reason);
}

static void on_done(void *ctx, const struct http_result *res)
{
    struct link *k = ctx;
    k->result = *res;
    k->state = LINK_ANSWERED;
}

static enum err read_secrets(struct loop *l, const struct config_source *cfg, struct http_options *o, struct errctx *ctx)
{
    enum err (*read)(struct secrets *, const struct config_secret *, const char *, struct str *, struct errctx *) =
        l->opt.send_time ? secrets_read : secrets_try; /* a replay waits: its instants are to be the same each time */
    char what[200];
    str_format(what, sizeof what, "bearer token of source %s", cfg->name);
    enum err e = secret_is_given(&cfg->bearer) ? read(l->secrets, &cfg->bearer, what, &o->bearer, ctx) : ERR_OK;
    if (e == ERR_OK && cfg->user != NULL) {
        struct str password;
        str_format(what, sizeof what, "password of source %s", cfg->name);
        e = read(l->secrets, &cfg->password, what, &password, ctx);
        if (e == ERR_OK)
            e = secrets_basic(l->secrets, cfg->user, password, &cfg->password, what, &o->authorization, ctx);
    }
    for (uint32_t i = 0; i < cfg->header_count && e == ERR_OK; i++) {
        str_format(what, sizeof what, "header %s of source %s", cfg->header[i].name, cfg->name);
        o->header[i].name = cfg->header[i].name;
        if (cfg->header[i].value != NULL)
            o->header[i].value = str_of(cfg->header[i].value);
        else
            e = read(l->secrets, &cfg->header[i].secret, what, &o->header[i].value, ctx);
        o->header_count = i + 1;
    }
    return e;
}

/* Reads the source's secrets and opens its connection. */
static enum err connect_link(struct link *k, struct errctx *why)
{
    struct loop *l = k->l;
    uint32_t i = (uint32_t)(k - l->links);
    const struct config_source *cfg = &l->opt.cfg->sources[i];
    struct http_options o = {
        .url = cfg->url,
        .total_ms = cfg->timeout_ms,
        .max_body_bytes = (size_t)cfg->max_body_bytes,
        .accept = recorder_accept(l->r, i),
        .ca_file = cfg->ca_file,
        .insecure_tls = cfg->insecure_tls,
        .allow_plaintext_token = cfg->allow_plaintext_token,
    };
    struct http_conn *conn;
    if (cfg->kind == SOURCE_CHANGES)
        return ERR_OK; /* nobody is asked */
    enum err e = read_secrets(l, cfg, &o, why);
    k->waits = e == ERR_BUSY;
    if (e == ERR_OK)
        e = http_add(l->http, &o, &conn, why);
    if (e == ERR_OK) {
        http_remove(k->conn);
        k->conn = conn;
    } else {
        str_copy(k->refused, sizeof k->refused, str_of(why->text));
    }
    return e;
}

/* Without its secret a source is down from the beginning, and the others go on. */
static enum err open_link(struct loop *l, uint32_t i, struct errctx *ctx)
{
    struct link *k = &l->links[i];
    struct errctx why = {""};
    uint32_t slot;
    k->l = l;
    enum err e = schedule_add(&l->schedule, l->opt.cfg->sources[i].interval_ms, clock_mono_ms(l->opt.clock), &slot);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for the schedule");
    e = connect_link(k, &why);
    return e == ERR_NOMEM ? errctx_set(ctx, e, "%s", why.text) : ERR_OK;
}

/* A key that is refused, or could not be read, may have been renewed in the meantime. */
static void renew_key(struct link *k)
{
    const struct config_source *cfg = &k->l->opt.cfg->sources[k - k->l->links];
    bool given = secret_is_given(&cfg->bearer) || cfg->user != NULL || cfg->header_count > 0;
    struct errctx why = {""};
    if (given && (k->conn == NULL || k->result.status == 401 || k->result.status == 403))
        (void)!connect_link(k, &why);
}

/* Hears out the commands that yield secrets. */
static void await_keys(struct loop *l)
{
    struct errctx why = {""};
    for (uint32_t i = 0; i < l->count; i++) {
        struct link *k = &l->links[i];
        if (!k->waits || (k->conn != NULL && http_is_busy(k->conn)))
            continue;
        bool first = k->conn == NULL;
        (void)!connect_link(k, &why);
        if (first && !k->waits && k->state == LINK_IDLE)
            schedule_wake(&l->schedule, i, clock_mono_ms(l->opt.clock));
    }
}

/* ---- canaries ---- */

/* A commit that is not theirs, so that nothing of theirs waits for it. */
static enum err flush(void *ctx, int64_t now_ms, struct errctx *why)
{
    struct loop *l = ctx;
    l->pending_since = 0;
    return recorder_commit(l->r, now_ms, why);
}

/* Not while a source asks, or waits for, further requests of its poll. */
static bool may_ask(void *ctx)
{
    struct loop *l = ctx;
    for (uint32_t i = 0; i < l->count; i++)
        if (l->links[i].state == LINK_WANTS_TOKEN)
            return false;
    return schedule_take_spare_token(&l->schedule, clock_mono_ms(l->opt.clock));
}

/* What is wrong with them ends no recording. */
static enum err open_canaries(struct loop *l)
{
    struct errctx why = {""};
    const struct canaries_options o = {
        .cfg = l->opt.cfg,
        .book = &l->book.book,
        .st = l->opt.store,
        .http = l->http,
        .secrets = l->secrets,
        .log = l->opt.log,
        .flush = flush,
        .may_ask = may_ask,
        .ctx = l,
    };
    struct str left;
    if (l->opt.cfg->canary_count == 0 && store_note(l->opt.store, CANARY_NOTE, INT64_MAX, &l->prices, &left) != ERR_OK)
        return ERR_OK; /* there are none, and were none that are to be taken off the screen */
    enum err e = canaries_read_book(l->opt.cfg, &l->prices, &l->book, &why);
    if (e != ERR_OK && e != ERR_NOMEM) { /* then the configuration's own prices are all there are */
        if (l->opt.log != NULL)
            log_line(l->opt.log, LOG_LEVEL_ERROR, "canary", "%s", why.text);
        l->book.book = (struct price_book){&l->book.table, l->opt.cfg->prices, l->opt.cfg->price_count};
        e = ERR_OK;
    }
    if (e == ERR_OK)
        e = canaries_open(&o, wall(l), &l->canaries, &why);
    if (e != ERR_OK && l->opt.log != NULL)
        log_line(l->opt.log, LOG_LEVEL_ERROR, "canary", "none is run: %s", why.text);
    return e == ERR_NOMEM ? e : ERR_OK;
}

static void step_canaries(struct loop *l)
{
    if (l->canaries == NULL)
        return;
    if (recorder_acts_taken(l->r) != l->acts) {
        l->acts = recorder_acts_taken(l->r);
        canaries_hear(l->canaries, wall(l));
    }
    canaries_step(l->canaries, wall(l));
}

/* ---- who is told ---- */

static const struct page_log *pages(void *ctx)
{
    const struct loop *l = ctx;
    return recorder_pages(l->r);
}

static int64_t pages_seq(void *ctx)
{
    const struct loop *l = ctx;
    return recorder_pages_seq(l->r);
}

static enum err open_pager(struct loop *l, struct errctx *ctx)
{
    const struct pager_options o = {
        .cfg = l->opt.cfg,
        .st = l->opt.store,
        .http = l->http,
        .secrets = l->secrets,
        .log = l->opt.log,
        .pages = pages,
        .pages_seq = pages_seq,
        .flush = flush,
        .ctx = l,
    };
    const struct config *cfg = l->opt.cfg;
    const bool any = cfg->pager_count > 0 || cfg->heartbeat.file != NULL || config_post_is_given(&cfg->heartbeat.post);
    struct str left;
    if (!any && store_note(l->opt.store, PAGING_NOTE, INT64_MAX, &l->prices, &left) != ERR_OK)
        return ERR_OK; /* nobody is told, and nobody was, whose trouble is to be taken off the screen */
    return pager_open(&o, wall(l), clock_mono_ms(l->opt.clock), &l->pager, ctx);
}

enum err loop_open(struct recorder *r, const struct loop_options *opt, struct loop **ret, struct errctx *ctx)
{
    struct loop *l = calloc(1, sizeof *l);
    if (l == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the recorder's loop");
    l->r = r;
    l->opt = *opt;
    l->kept = recorder_is_kept(r);
    l->links = calloc((size_t)opt->cfg->source_count + 1, sizeof *l->links);
    arena_init(&l->prices, CANARY_PRICES_BYTES_MAX);
    l->secrets = secrets_new();
    bool live = !opt->send_time; /* a simulated world is asked without jitter or budget: it is our own, and must be the same each time */
    schedule_init(&l->schedule, live ? opt->cfg->requests_per_second : 0, live, opt->seed, clock_mono_ms(opt->clock));
    enum err e = l->links == NULL || l->secrets == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory for the recorder's loop")
                                                        : http_open(l->secrets, opt->user_agent, &l->http, ctx);
    for (uint32_t i = 0; i < opt->cfg->source_count && e == ERR_OK; i++) {
        e = open_link(l, i, ctx);
        l->count += e == ERR_OK;
    }
    if (e == ERR_OK && live && opt->store != NULL && open_canaries(l) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for canaries");
    if (e == ERR_OK && live && opt->store != NULL)
        e = open_pager(l, ctx);
    if (e != ERR_OK) {
        loop_close(l);
        return e;
    }
    *ret = l;
    return ERR_OK;
}

void loop_close(struct loop *l)
{
    if (l == NULL)
        return;
    canaries_close(l->canaries);
    pager_close(l->pager);
    arena_fini(&l->prices);
    for (uint32_t i = 0; i < l->count; i++) {
        http_remove(l->links[i].conn);
        tailfile_close(&l->links[i].tail);
    }
    http_close(l->http);
    schedule_fini(&l->schedule);
    secrets_free(l->secrets);
    free(l->links);
    free(l);
}

void loop_set_clock(struct loop *l, const struct clock *clock, double speed)
{
    l->opt.clock = clock;
    l->opt.speed = speed;
    l->virtual_ms = 0;
    int64_t now = clock_mono_ms(clock);
    for (uint32_t i = 0; i < l->schedule.count; i++)
        l->schedule.list[i].due_ms = now; /* the last replayed instant may be a whole step ago */
    l->schedule.filled_ms = now;
}

struct file_answer {
    struct link *k;
    struct errctx refused;
};

static bool on_file_bytes(void *ctx, const void *bytes, size_t n)
{
    struct file_answer *a = ctx;
    return on_body(a->k, bytes, n, &a->refused);
}

/* What is new in a file is there at once. */
static void read_file(struct link *k, const struct source_request *rq)
{
    struct file_answer a = {.k = k, .refused = {""}};
    struct errctx why = {""};
    size_t bytes = 0;
    const struct source_answer head = {.content_type = "", .etag = ""};
    const int64_t began_ms = system_ms();
    memset(&k->result, 0, sizeof k->result);
    if (rq->again)
        tailfile_close(&k->tail);
    recorder_head(k->l->r, (uint32_t)(k - k->l->links), &head);
    if (tailfile_read(&k->tail, rq->file, on_file_bytes, &a, &bytes, &why) != ERR_OK) {
        k->result.failed = HTTP_CONTENT;
        str_copy(k->result.reason, sizeof k->result.reason, str_of(a.refused.text[0] != '\0' ? a.refused.text : why.text));
    }
    str_copy(k->result.url, sizeof k->result.url, str_of(rq->file));
    k->result.bytes = (int64_t)bytes;
    k->result.total_ms = system_ms() - began_ms;
    k->state = LINK_ANSWERED;
}

static void ask(struct link *k, const struct source_request *rq)
{
    struct loop *l = k->l;
    const struct http_request request = {rq->url, rq->form, l->opt.send_time ? wall(l) : 0, rq->etag};
    const struct http_handler on = {on_head, on_body, on_done, k};
    struct errctx why = {""};
    if (rq->file != NULL) {
        read_file(k, rq);
        return;
    }
    k->state = LINK_ASKING;
    if (k->conn != NULL && http_start(k->conn, &request, &on, &why) == ERR_OK)
        return;
    memset(&k->result, 0, sizeof k->result);
    k->result.failed = HTTP_SEND;
    str_copy(k->result.reason, sizeof k->result.reason, str_of(k->conn == NULL ? k->refused : why.text));
    k->state = LINK_ANSWERED;
}

/* Begins a poll of a source that is due. */
static void begin_poll(struct link *k)
{
    struct source_request rq;
    uint32_t i = (uint32_t)(k - k->l->links);
    if (k->waits && k->conn == NULL) /* no failure of the source: it will be asked at its next beat */
        schedule_done(&k->l->schedule, i, true, clock_mono_ms(k->l->opt.clock));
    else if (recorder_request(k->l->r, i, wall(k->l), &rq))
        ask(k, &rq);
    else
        schedule_done(&k->l->schedule, i, true, clock_mono_ms(k->l->opt.clock));
}

/* Takes an answer in and goes on with the poll, or ends it. */
static void take_answer(struct link *k)
{
    struct loop *l = k->l;
    uint32_t i = (uint32_t)(k - l->links);
    k->state = LINK_IDLE;
    bool good = recorder_done(l->r, i, &k->result, wall(l));
    if (l->pending_since == 0)
        l->pending_since = system_ms();
    if (l->pager != NULL)
        pager_saw_poll(l->pager, clock_mono_ms(l->opt.clock));
    struct source_request rq;
    if (!good)
        renew_key(k);
    if (!recorder_request(l->r, i, wall(l), &rq)) {
        if (l->virtual_ms != 0)
            return;
        int64_t now = clock_mono_ms(l->opt.clock);
        schedule_done(&l->schedule, i, good, now);
        if (!good)
            schedule_hold(&l->schedule, i, k->result.retry_after_ms, now);
        return;
    }
    k->wants = rq;
    k->state = LINK_WANTS_TOKEN;
}

static void take_answers(struct loop *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct link *k = &l->links[i];
        if (k->state == LINK_ANSWERED)
            take_answer(k);
        if (k->state == LINK_WANTS_TOKEN && (l->virtual_ms != 0 || schedule_take_token(&l->schedule, clock_mono_ms(l->opt.clock))))
            ask(k, &k->wants);
    }
}

static bool is_any(const struct loop *l, enum link_state state)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->links[i].state == state)
            return true;
    }
    return false;
}

static bool told_to_stop(const struct loop *l)
{
    struct pollfd p = {.fd = l->opt.stop_fd, .events = POLLIN};
    return l->opt.stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

/* The same trouble is said once in a while: polls come every few seconds, and a full disk lasts for hours. */
static void complain(struct loop *l, const struct errctx *ctx)
{
    int64_t now = system_ms();
    if (l->opt.log == NULL || (strcmp(l->complaint, ctx->text) == 0 && now - l->complained_ms < COMPLAIN_MS))
        return;
    str_copy(l->complaint, sizeof l->complaint, str_of(ctx->text));
    l->complained_ms = now;
    log_line(l->opt.log, LOG_LEVEL_ERROR, "recorder", "%s", ctx->text);
}

/* After a commit that succeeded: where it went, when that is news. */
static void tell_store(struct loop *l)
{
    bool kept = recorder_is_kept(l->r);
    if (l->opt.log == NULL || (kept == l->kept && !l->failing))
        return;
    if (!kept && l->kept)
        log_line(l->opt.log, LOG_LEVEL_WARN, "store",
                 "cannot be written: what comes from here on is NOT KEPT, only shown; the file is tried again every minute");
    else if (kept)
        log_line(l->opt.log, LOG_LEVEL_INFO, "store", "is written again");
    l->kept = kept;
    l->failing = false;
    l->complaint[0] = '\0';
}

/* Commits finished polls once nobody is expected soon, or they have waited long enough. A store that cannot be written is said in the
 * log and noted as a gap; the next commit may succeed. */
static void commit_finished(struct loop *l)
{
    if (l->pending_since == 0 || (is_any(l, LINK_ASKING) && system_ms() - l->pending_since < GROUP_MS))
        return;
    struct errctx ctx = {""};
    if (recorder_commit(l->r, wall(l), &ctx) == ERR_OK) {
        tell_store(l);
    } else {
        l->failing = true;
        complain(l, &ctx);
    }
    l->pending_since = 0;
}

static void keep_house(struct loop *l)
{
    int64_t now = system_ms();
    if (now - l->tick_ms < TICK_MS)
        return;
    l->tick_ms = now;
    struct errctx ctx = {""};
    if (recorder_tick(l->r, wall(l), &ctx) != ERR_OK)
        complain(l, &ctx);
    else if (l->pager != NULL)
        pager_saw_commit(l->pager, clock_mono_ms(l->opt.clock));
    if (now - l->trim_ms >= TRIM_MS) { /* sealing a shard takes ten times what a poll does, and glibc would keep it */
        l->trim_ms = now;
        malloc_trim(0);
    }
}

/* Time that nobody looked at is a gap. */
static void watch_clocks(struct loop *l)
{
    const struct clockwatch before = l->clocks, now = {clock_wall_ms(l->opt.clock), clock_mono_ms(l->opt.clock), system_ms()};
    switch (clockwatch_turn(&l->clocks, &now)) {
    case CLOCKWATCH_STEADY: break;
    case CLOCKWATCH_FORWARD: recorder_gap(l->r, before.wall_ms, now.wall_ms, "the machine slept, or its clock was set forward"); break;
    case CLOCKWATCH_STALLED: recorder_gap(l->r, before.wall_ms, now.wall_ms, "the recorder did not run: it was stopped, or hung"); break;
    case CLOCKWATCH_BACK:
        if (l->opt.log != NULL)
            log_line(l->opt.log, LOG_LEVEL_WARN, "recorder", "the wall clock was set back by %lld ms",
                     (long long)(before.wall_ms - now.wall_ms + now.mono_ms - before.mono_ms));
        break;
    }
}

static bool is_forgotten(struct loop *l, int64_t started_ms)
{
    int64_t now = system_ms(), age;
    if (l->opt.seen_store == NULL || l->opt.cfg->linger_ms <= 0 || now - l->presence_ms < PRESENCE_MS)
        return false;
    l->presence_ms = now;
    if (!presence_age(l->opt.seen_store, &age) || age > now - started_ms)
        age = now - started_ms;
    return age >= l->opt.cfg->linger_ms;
}

static int64_t wait_ms(const struct loop *l)
{
    int64_t due = schedule_wait(&l->schedule, clock_mono_ms(l->opt.clock), WAIT_MAX_MS);
    if (is_any(l, LINK_WANTS_TOKEN)) {
        int64_t token = schedule_token_wait(&l->schedule, clock_mono_ms(l->opt.clock));
        due = token < due ? token : due;
    }
    double real = (double)due / (l->opt.speed > 0 ? l->opt.speed : 1.0);
    int64_t wait = (int64_t)real + (real > (double)(int64_t)real ? 1 : 0);
    if (l->pending_since != 0 && wait > GROUP_MS)
        wait = GROUP_MS;
    for (uint32_t i = 0; i < l->count; i++)
        wait = l->links[i].waits && wait > KEY_MS ? KEY_MS : wait;
    if (l->canaries != NULL)
        wait = canaries_wait(l->canaries, wall(l), wait);
    if (l->pager != NULL)
        wait = pager_wait(l->pager, wall(l), clock_mono_ms(l->opt.clock), wait);
    return wait < 1 ? 1 : wait;
}

enum err loop_run(struct loop *l, const char **ret_why, struct errctx *ctx)
{
    int64_t started = system_ms();
    l->presence_ms = started;
    for (;;) {
        uint32_t i;
        watch_clocks(l);
        while (schedule_take(&l->schedule, clock_mono_ms(l->opt.clock), &i))
            begin_poll(&l->links[i]);
        int running = 0;
        enum err e = http_wait(l->http, wait_ms(l), l->opt.stop_fd, &running, ctx);
        if (e != ERR_OK)
            return e;
        take_answers(l);
        await_keys(l);
        commit_finished(l);
        keep_house(l);
        step_canaries(l);
        if (l->pager != NULL)
            pager_step(l->pager, wall(l), clock_mono_ms(l->opt.clock));
        if (told_to_stop(l)) {
            *ret_why = "the recorder was stopped";
            return ERR_OK;
        }
        if (is_forgotten(l, started)) {
            *ret_why = "the recorder ended because no console has been open for long";
            return ERR_OK;
        }
    }
}

/* Waits until every source has answered about l->virtual_ms. */
static enum err finish_instant(struct loop *l, struct errctx *ctx)
{
    while (is_any(l, LINK_ASKING) || is_any(l, LINK_ANSWERED) || is_any(l, LINK_WANTS_TOKEN)) {
        int running = 0;
        enum err e = is_any(l, LINK_ANSWERED) ? ERR_OK : http_wait(l->http, WAIT_MAX_MS, l->opt.stop_fd, &running, ctx);
        if (e != ERR_OK)
            return e;
        take_answers(l);
        if (told_to_stop(l))
            l->stopping = true;
    }
    return ERR_OK;
}

static enum err commit_instants(struct loop *l, const struct loop_replay *replay, int64_t t, struct errctx *ctx)
{
    enum err e = recorder_commit(l->r, t, ctx);
    l->pending_since = 0;
    if (e == ERR_OK)
        replay->progress(replay->ctx, (double)(t - replay->from_ms) / (double)(replay->until_ms - replay->from_ms));
    return e;
}

enum err loop_replay(struct loop *l, const struct loop_replay *replay, int64_t *ret_end, bool *ret_stopped, struct errctx *ctx)
{
    enum err e = ERR_OK;
    int64_t done = replay->from_ms; /* the last instant that is complete */
    uint32_t steps = 0;
    for (int64_t t = replay->from_ms + replay->step_ms; t <= replay->until_ms && e == ERR_OK && !l->stopping; t += replay->step_ms) {
        l->virtual_ms = t;
        replay->instant(replay->ctx, t);
        for (uint32_t i = 0; i < l->count; i++)
            begin_poll(&l->links[i]);
        /* The servers now work on this instant while the ones before are written. */
        int running = 0;
        e = http_wait(l->http, 0, -1, &running, ctx);
        if (e == ERR_OK && steps > 0 && steps % GROUP_STEPS == 0)
            e = commit_instants(l, replay, done, ctx);
        if (e == ERR_OK)
            e = finish_instant(l, ctx);
        if (e == ERR_OK)
            e = recorder_analyse(l->r, t, ctx);
        if (e == ERR_OK)
            e = recorder_judge_sources(l->r, t, ctx);
        done = t;
        steps++;
    }
    if (e == ERR_OK && steps > 0)
        e = commit_instants(l, replay, done, ctx);
    if (e == ERR_OK) {
        *ret_end = done;
        *ret_stopped = l->stopping;
    }
    return e;
}
