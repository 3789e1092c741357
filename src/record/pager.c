/* SPDX-License-Identifier: MIT */
#include "record/pager.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/timefmt.h"
#include "record/heartbeat.h"
#include "record/page_run.h"

enum {
    BACKOFF_MS = 5 * 1000,
    BACKOFF_MAX_MS = 5 * 60 * 1000,
    SOON_MS = 50, /* between looks at a command */
    SCRATCH_BYTES_MAX = 4 << 20,
    LATE_MS = 24 * 60 * 60 * 1000,
};

/* One target that is told pages. The first pager_count of targets are of these; heartbeats follow. */
struct pager {
    struct pager_options opt;
    struct paging_target *targets;
    struct page_run **runs;    /* one per pager */
    struct page_told *running; /* what each tells, seq 0 = nothing */
    struct page_log kept;      /* what somebody is owed, or was: the log's own go after a hundred others */
    uint32_t pager_count, count;
    struct heartbeat *beat; /* NULL = none is configured */
    struct paging_target *beat_file, *beat_url;
    struct arena scratch;
    bool changed; /* how it stands is to be written down */
};

static void say(const struct pager *p, enum log_level level, const char *name, const char *text)
{
    if (p->opt.log != NULL)
        log_line(p->opt.log, level, "pager", "%s: %s", name, text);
}

/* ---- what is kept ---- */

static const struct page_told *find(const struct pager *p, int64_t seq)
{
    const struct page_told *of = page_log_find(&p->kept, seq);
    return of != NULL ? of : page_log_find(p->opt.pages(p->opt.ctx), seq);
}

static bool is_wanted(const struct pager *p, int64_t seq)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct paging_target *t = &p->targets[i];
        for (uint32_t k = 0; k < t->owed_count; k++)
            if (t->owed[k].seq == seq)
                return true;
        for (uint32_t k = 0; k < t->failed_count; k++)
            if (t->failed[k] == seq)
                return true;
    }
    return false;
}

/* Keeps what somebody is owed or was, as long as that is so. */
static void keep_pages(struct pager *p)
{
    const struct page_log *log = p->opt.pages(p->opt.ctx);
    struct page_log *kept = &p->kept;
    uint32_t n = 0;
    for (uint32_t i = 0; i < kept->count; i++)
        if (is_wanted(p, kept->list[i].seq))
            kept->list[n++] = kept->list[i];
    kept->count = n;
    for (uint32_t i = 0; i < log->count && kept->count < PAGES_KEPT; i++)
        if (page_log_find(kept, log->list[i].seq) == NULL && is_wanted(p, log->list[i].seq))
            kept->list[kept->count++] = log->list[i];
}

static void keep(struct pager *p, int64_t now_ms)
{
    keep_pages(p);
    struct buf out;
    struct errctx why = {""};
    buf_init(&out, PAGING_NOTE_MAX_BYTES);
    enum err e = paging_write(p->targets, p->count, &out);
    if (e == ERR_OK)
        e = store_put_note(p->opt.st, PAGING_NOTE, now_ms, buf_str(&out), &why);
    buf_reset(&out);
    if (e == ERR_OK)
        e = page_log_write(&p->kept, &out);
    if (e == ERR_OK)
        e = store_put_note(p->opt.st, PAGING_KEPT_NOTE, 0, buf_str(&out), &why); /* one version: nobody reads an old one */
    if (e == ERR_OK)
        e = p->opt.flush(p->opt.ctx, now_ms, &why);
    if (e != ERR_OK)
        say(p, LOG_LEVEL_ERROR, "how paging stands cannot be written down", errctx_text(&why, e));
    buf_fini(&out);
    p->changed = e != ERR_OK;
}

/* Of a secret address the place that it is read from: what stands there is another when it was renewed. */
static uint64_t identity_of_post(const struct config_post *p, uint64_t h)
{
    const char *const from[] = {p->url, p->url_secret.file, p->url_secret.env, p->url_secret.command};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        h = from[i] != NULL ? hash_bytes(from[i], strlen(from[i]), h + i) : h;
    return h;
}

static uint64_t identity_of(const struct config_pager *c)
{
    uint64_t h = hash_u64(c->on, 1);
    for (const char *const *arg = c->argv; arg != NULL && *arg != NULL; arg++)
        h = hash_bytes(*arg, strlen(*arg) + 1, h);
    return identity_of_post(&c->post, h);
}

/* In the order of their numbers, each once. False: a hundred wait. */
static bool owe(struct paging_target *t, int64_t seq, int64_t now_ms)
{
    uint32_t at = t->owed_count;
    while (at > 0 && t->owed[at - 1].seq >= seq)
        at--;
    if (at < t->owed_count && t->owed[at].seq == seq)
        return true;
    if (t->owed_count == PAGING_OWED_MAX)
        return false;
    memmove(&t->owed[at + 1], &t->owed[at], (t->owed_count - at) * sizeof t->owed[0]);
    t->owed[at] = (struct paging_owed){.seq = seq, .next_ms = now_ms};
    t->owed_count++;
    return true;
}

/* Goes on where an earlier recorder was. Whoever starts one anew may have repaired what failed: what was given up is tried again, and one
 * that is configured otherwise has failed nothing. */
static void recall(struct paging_target *t, const struct paging_target *was, int64_t now_ms)
{
    const uint64_t identity = t->identity;
    const bool lately = was->failing_since_ms != 0 && now_ms - was->failing_since_ms <= LATE_MS;
    *t = *was;
    t->identity = identity;
    t->failed_count = 0;
    for (uint32_t i = 0; lately && i < was->failed_count; i++)
        if (!owe(t, was->failed[i], now_ms))
            t->failed[t->failed_count++] = was->failed[i];
    if (was->identity == identity && (was->heartbeat || (lately && t->owed_count > 0))) /* until it has been told something */
        return;
    t->failing_since_ms = 0;
    t->why[0] = '\0';
    for (uint32_t i = 0; i < t->owed_count; i++)
        t->owed[i] = (struct paging_owed){.seq = t->owed[i].seq, .next_ms = now_ms};
}

static enum err read_state(struct pager *p, int64_t now_ms, struct errctx *ctx)
{
    struct str text;
    struct errctx bad = {""};
    struct paging_target *was;
    uint32_t count;
    enum err e = store_note(p->opt.st, PAGING_KEPT_NOTE, INT64_MAX, &p->scratch, &text);
    if (e == ERR_OK)
        e = page_log_read(text, &p->scratch, &p->kept, &bad);
    if (e == ERR_OK || e == ERR_NOTFOUND || e == ERR_PARSE)
        e = store_note(p->opt.st, PAGING_NOTE, INT64_MAX, &p->scratch, &text);
    if (e == ERR_OK)
        e = paging_read(text, &p->scratch, &was, &count, &bad);
    if (e == ERR_NOTFOUND || e == ERR_PARSE)
        return ERR_OK;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "how paging stands cannot be read from the store");
    for (uint32_t i = 0; i < p->count; i++)
        for (uint32_t k = 0; k < count; k++)
            if (strcmp(was[k].name, p->targets[i].name) == 0 && was[k].heartbeat == p->targets[i].heartbeat)
                recall(&p->targets[i], &was[k], now_ms);
    arena_reset(&p->scratch);
    return ERR_OK;
}

static struct paging_target *add(struct pager *p, const char *name, uint64_t identity, bool heartbeat)
{
    struct paging_target *t = &p->targets[p->count++];
    (void)str_copy(t->name, sizeof t->name, str_of(name));
    t->identity = identity;
    t->heartbeat = heartbeat;
    t->seen_seq = p->opt.pages_seq(p->opt.ctx); /* a new one is not told of before */
    return t;
}

enum err pager_open(const struct pager_options *opt, int64_t now_ms, int64_t mono_ms, struct pager **ret, struct errctx *ctx)
{
    const struct config *cfg = opt->cfg;
    struct pager *p = calloc(1, sizeof *p);
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the pager");
    p->opt = *opt;
    arena_init(&p->scratch, SCRATCH_BYTES_MAX);
    p->targets = calloc(PAGING_TARGETS_MAX, sizeof *p->targets);
    p->runs = calloc(cfg->pager_count + 1, sizeof *p->runs);
    p->running = calloc(cfg->pager_count + 1, sizeof *p->running);
    bool good = p->targets != NULL && p->runs != NULL && p->running != NULL;
    for (; good && p->pager_count < cfg->pager_count; p->pager_count++) {
        const struct config_pager *c = &cfg->pagers[p->pager_count];
        (void)add(p, c->name, identity_of(c), false);
        p->runs[p->pager_count] = page_run_new(cfg, c, store_path(opt->st), opt->http, opt->secrets);
        good = p->runs[p->pager_count] != NULL;
    }
    if (good && cfg->heartbeat.file != NULL)
        p->beat_file = add(p, "file", hash_bytes(cfg->heartbeat.file, strlen(cfg->heartbeat.file), 1), true);
    if (good && config_post_is_given(&cfg->heartbeat.post))
        p->beat_url = add(p, "url", identity_of_post(&cfg->heartbeat.post, 1), true);
    if (good && (p->beat_file != NULL || p->beat_url != NULL)) {
        p->beat = heartbeat_new(cfg, opt->http, opt->secrets, mono_ms);
        good = p->beat != NULL;
    }
    enum err e = good ? read_state(p, now_ms, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory for the pager");
    if (e != ERR_OK) {
        pager_close(p);
        return e;
    }
    keep(p, now_ms); /* so that who is new here is not new to the next one */
    *ret = p;
    return ERR_OK;
}

void pager_close(struct pager *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; p->runs != NULL && i < p->opt.cfg->pager_count; i++)
        page_run_free(p->runs[i]);
    heartbeat_free(p->beat);
    free(p->runs);
    free(p->running);
    free(p->targets);
    arena_fini(&p->scratch);
    free(p);
}

/* ---- who is owed what ---- */

static bool knows(const struct pager *p, const struct paging_target *t, int64_t incident)
{
    for (uint32_t i = 0; i < t->told_count; i++)
        if (t->told[i] == incident)
            return true;
    for (uint32_t i = 0; i < t->owed_count; i++) {
        const struct page_told *of = find(p, t->owed[i].seq);
        if (of != NULL && of->incident == incident)
            return true;
    }
    return false;
}

/* The first that is due; owed_count = none. */
static uint32_t due(const struct paging_target *t, int64_t now_ms)
{
    uint32_t i = 0;
    while (i < t->owed_count && now_ms < t->owed[i].next_ms && t->owed[i].next_ms - now_ms <= BACKOFF_MAX_MS)
        i++;
    return i;
}

static void settle(struct paging_target *t, uint32_t i)
{
    memmove(&t->owed[i], &t->owed[i + 1], (t->owed_count - i - 1) * sizeof t->owed[0]);
    t->owed_count--;
}

static void remember_told(struct paging_target *t, const struct page_told *of)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->told_count; i++) /* what is over needs no remembering, and what is told again is newest */
        if (t->told[i] != of->incident)
            t->told[n++] = t->told[i];
    t->told_count = n;
    if (of->on == PAGE_RESOLVED)
        return;
    if (t->told_count == PAGING_TOLD_MAX)
        memmove(t->told, t->told + 1, --t->told_count * sizeof t->told[0]);
    t->told[t->told_count++] = of->incident;
}

/* ---- what came of it ---- */

static void put_entry(struct pager *p, const struct paging_target *t, const struct page_told *of, char letter, const char *text,
                      int64_t now_ms)
{
    struct errctx why = {""};
    const char *key = arena_printf(&p->scratch, "%lld:%s:%s:%lld", (long long)of->incident, letter == '!' ? "untold" : "told", t->name,
                                   (long long)of->seq);
    const struct timeline_entry entry = {
        .incident = of->incident, .at_ms = now_ms, .known_ms = now_ms, .letter = letter, .text = text, .source = "gwtop"};
    if (key == NULL || text == NULL || store_put_timeline(p->opt.st, key, &entry, &why) != ERR_OK)
        say(p, LOG_LEVEL_ERROR, t->name, key == NULL || text == NULL ? "out of memory" : why.text);
}

/* What fails is an event of its own, so that it is seen where nobody looks at the incident. */
static void put_failure(struct pager *p, const struct paging_target *t, int64_t number, const char *scope, const char *text, int64_t now_ms)
{
    struct errctx why = {""};
    const char *key = arena_printf(&p->scratch, "pager:%s:%lld", t->name, (long long)number);
    const struct event ev = {.at_ms = now_ms, .known_ms = now_ms, .kind = EVENT_PAGE, .scope = scope, .text = text, .source = "gwtop"};
    say(p, LOG_LEVEL_ERROR, t->name, text != NULL ? text : "out of memory");
    if (key == NULL || text == NULL || store_put_event(p->opt.st, key, &ev, &why) != ERR_OK)
        say(p, LOG_LEVEL_ERROR, t->name, why.text);
}

/* The caller takes it off what is owed. */
static void give_up(struct pager *p, struct paging_target *t, int64_t seq, const struct page_told *of, const char *word, int64_t now_ms)
{
    const char *text = of != NULL ? arena_printf(&p->scratch, "PAGE NOT DELIVERED: #%lld %s to %s: %s", (long long)of->incident,
                                                 page_on_name(of->on), t->name, word)
                                  : arena_printf(&p->scratch, "PAGE NOT DELIVERED: to %s: %s", t->name, word);
    put_failure(p, t, seq, of != NULL ? of->scope : "", text, now_ms);
    if (of != NULL)
        put_entry(p, t, of, '!', text, now_ms);
    t->failing_since_ms = t->failing_since_ms != 0 ? t->failing_since_ms : now_ms;
    if (t->failed_count == PAGING_OWED_MAX)
        memmove(t->failed, t->failed + 1, --t->failed_count * sizeof t->failed[0]);
    t->failed[t->failed_count++] = seq;
    (void)str_copy(t->why, sizeof t->why, str_of(word));
    p->changed = true;
}

static void take_new(struct pager *p, int64_t now_ms)
{
    const struct page_log *log = p->opt.pages(p->opt.ctx);
    const int64_t last = p->opt.pages_seq(p->opt.ctx);
    bool any = false;
    for (uint32_t i = 0; i < p->pager_count; i++) {
        struct paging_target *t = &p->targets[i];
        for (uint32_t k = 0; t->seen_seq < last && k < log->count; k++) {
            const struct page_told *of = &log->list[k];
            if (of->seq <= t->seen_seq || of->seq > last || (p->opt.cfg->pagers[i].on >> of->on & 1) == 0 ||
                (of->on == PAGE_RESOLVED && !knows(p, t, of->incident)))
                continue;
            if (!owe(t, of->seq, now_ms))
                give_up(p, t, of->seq, of, "a hundred others wait for it already", now_ms);
            any = true;
        }
        t->seen_seq = last;
    }
    if (any)
        keep_pages(p);
}

static void delivered(struct pager *p, struct paging_target *t, uint32_t i, const struct page_told *of, const char *word, int64_t now_ms)
{
    char at[TIMEFMT_MAX];
    instant_format_clock(now_ms, at);
    const char *what = of->on == PAGE_PAGE ? "paged by" : of->on == PAGE_TICKET ? "ticket told by" : "end told by";
    put_entry(p, t, of, 'P', arena_printf(&p->scratch, "%s %s, %s, %s", what, t->name, word, at), now_ms);
    say(p, LOG_LEVEL_INFO, t->name, word);
    remember_told(t, of);
    t->ok_ms = now_ms;
    t->failing_since_ms = 0;
    t->failed_count = 0;
    t->why[0] = '\0';
    settle(t, i);
    p->changed = true;
}

static void hear(struct pager *p, uint32_t i, int64_t now_ms, int64_t mono_ms)
{
    struct paging_target *t = &p->targets[i];
    char word[PAGE_TEXT_MAX], text[PAGE_TEXT_MAX];
    const enum page_word came = page_run_hear(p->runs[i], mono_ms, word, sizeof word);
    uint32_t k = 0;
    if (came == PAGE_RUN_PENDING)
        return;
    const struct page_told *of = &p->running[i];
    while (k < t->owed_count && t->owed[k].seq != of->seq)
        k++;
    if (k == t->owed_count)
        return;
    if (came == PAGE_RUN_GOOD) {
        delivered(p, t, k, of, word, now_ms);
        return;
    }
    struct paging_owed *o = &t->owed[k];
    if (++o->tries > p->opt.cfg->pagers[i].retries) {
        (void)str_format(text, sizeof text, "%s", word);
        if (o->tries > 1)
            (void)str_format(text, sizeof text, "%s, after %u tries", word, o->tries);
        give_up(p, t, of->seq, of, text, now_ms);
        settle(t, k);
        return;
    }
    const int64_t wait = (int64_t)BACKOFF_MS << (o->tries < 8 ? o->tries - 1 : 7);
    o->next_ms = now_ms + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
    say(p, LOG_LEVEL_WARN, t->name, word);
    p->changed = true;
}

static void begin(struct pager *p, uint32_t i, int64_t now_ms, int64_t mono_ms)
{
    struct paging_target *t = &p->targets[i];
    const uint32_t k = due(t, now_ms);
    if (k == t->owed_count)
        return;
    const struct page_told *of = find(p, t->owed[k].seq);
    if (of == NULL || now_ms - of->known_ms > LATE_MS) {
        give_up(p, t, t->owed[k].seq, of, of != NULL ? "it is more than a day old" : "what it said is kept no more", now_ms);
        settle(t, k);
        return;
    }
    p->running[i] = *of;
    page_run_start(p->runs[i], of, mono_ms);
}

/* ---- outside ---- */

static void step_heartbeat(struct pager *p, int64_t now_ms, int64_t mono_ms)
{
    if (p->beat == NULL || !heartbeat_step(p->beat, now_ms, mono_ms, p->beat_file, p->beat_url))
        return;
    struct paging_target *both[] = {p->beat_file, p->beat_url};
    for (size_t i = 0; i < 2; i++) {
        struct paging_target *t = both[i];
        if (t != NULL && t->failing_since_ms != 0) /* one event per failure, however its reason goes on */
            put_failure(p, t, t->failing_since_ms, "", arena_printf(&p->scratch, "HEARTBEAT NOT SENT: %s: %s", t->name, t->why), now_ms);
    }
    p->changed = true;
}

void pager_saw_poll(struct pager *p, int64_t mono_ms)
{
    if (p->beat != NULL)
        heartbeat_saw_poll(p->beat, mono_ms);
}

void pager_saw_commit(struct pager *p, int64_t mono_ms)
{
    if (p->beat != NULL)
        heartbeat_saw_analysis(p->beat, mono_ms);
}

void pager_step(struct pager *p, int64_t now_ms, int64_t mono_ms)
{
    take_new(p, now_ms);
    for (uint32_t i = 0; i < p->pager_count; i++) {
        if (page_run_is_busy(p->runs[i]))
            hear(p, i, now_ms, mono_ms);
        if (!page_run_is_busy(p->runs[i]))
            begin(p, i, now_ms, mono_ms);
    }
    step_heartbeat(p, now_ms, mono_ms);
    if (p->changed)
        keep(p, now_ms);
    arena_reset(&p->scratch);
}

int64_t pager_wait(const struct pager *p, int64_t now_ms, int64_t mono_ms, int64_t max_ms)
{
    int64_t wait = p->beat != NULL ? heartbeat_wait(p->beat, mono_ms, max_ms) : max_ms;
    for (uint32_t i = 0; i < p->pager_count; i++) {
        const struct paging_target *t = &p->targets[i];
        const bool busy = page_run_is_busy(p->runs[i]);
        if (busy)
            wait = wait > SOON_MS ? SOON_MS : wait;
        for (uint32_t k = 0; k < t->owed_count && !busy; k++) {
            const int64_t w = t->owed[k].next_ms - now_ms;
            wait = w < wait ? w : wait;
        }
    }
    return wait > 0 ? wait : 0;
}
