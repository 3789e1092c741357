/* SPDX-License-Identifier: MIT */
/* How sources stand: one status per store source, put with the next commit when it changed; and the gaps that failures leave. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"
#include "record/recorder_int.h"

static const char sawtooth_reason[] = "counters go up and down: several workers answer behind one port, so what is counted is not known; "
                                      "set PROMETHEUS_MULTIPROC_DIR there, or scrape each worker";

/* A target that two discoveries in a row did not show is not merely late. */
static const int64_t SHOWN_MS = 10 * 60 * 1000;

enum {
    STALE_INTERVALS = 3, /* as readers call a source stale */
    LATE_ROW_MS =
        60 * 1000, /* of what is always late, one row: its beginning is told to have been known so much later than it was, at most */
};

void recorder_target_fini(struct target *t)
{
    normaliser_free(t->normaliser);
    versions_free(t->versions);
    free(t->key);
    free(t->name);
    free(t->url);
}

static const char unsettled_reason[] = "the recorder ended before it was known why its counters fell or jumped";

/* What its last answer lacked. */
static void recall_lack(struct target *t, const struct source_lack *lack)
{
    t->status.lack = *lack;
    str_copy(t->lacking, sizeof t->lacking, str_of(lack->metrics != NULL ? lack->metrics : ""));
    if (lack->since_ms != 0)
        str_copy(t->reason, sizeof t->reason, str_of("lacks series that it had, as an earlier run of the recorder told"));
}

/* A run that was killed wrote nothing down of what waited; one that stopped did. */
static void recall_watch(struct target *t, const struct source_status *s)
{
    if (s->state == SOURCE_STOPPED || s->watching_since_ms == 0)
        return;
    t->status.watching_since_ms = s->watching_since_ms;
    t->status.watching_signals = s->watching_signals;
    if (t->reason[0] == '\0')
        str_copy(t->reason, sizeof t->reason, str_of("its counters fell or jumped before an earlier run of the recorder ended: watching"));
}

/* What the store knows: the newest last_ok up to until_ms of its sources of this name, or, with below, of those named below it; and the
 * profile of the last of them (may be NULL). t (may be NULL): the target of that name. */
static enum err recall(struct recorder *r, const char *name, bool below, int64_t until_ms, struct target *t, int64_t *ret_ms,
                       const struct profile **ret_profile, struct errctx *ctx)
{
    struct arena a;
    arena_init(&a, 64 << 20);
    struct source_status *list;
    size_t count, n = strlen(name);
    int64_t newest = 0;
    const struct profile *profile = NULL;
    enum err e = store_sources(r->st, until_ms, &a, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        bool same = below ? strncmp(list[i].name, name, n) == 0 && list[i].name[n] == '/' : strcmp(list[i].name, name) == 0;
        if (same && list[i].last_ok_ms > newest)
            newest = list[i].last_ok_ms;
        if (same)
            profile = profiles_by_name(r->opt.profiles, list[i].profile);
        if (same && t != NULL)
            recall_lack(t, &list[i].lack);
        if (same && t != NULL)
            recall_watch(t, &list[i]);
    }
    arena_fini(&a);
    if (e == ERR_OK) {
        *ret_ms = newest;
        *ret_profile = profile;
    }
    return e;
}

/* What an earlier run wrote down of its buckets is not lost with the next note. */
static enum err recall_odd_buckets(struct recorder *r, struct target *t, struct errctx *ctx)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    enum err e = store_odd_buckets(r->st, t->status.id, INT64_MAX, &a, t->odd_buckets_ms, ctx);
    arena_fini(&a);
    return e;
}

enum err recorder_stored_until(const struct feedsource *s, int64_t *ret_ms, struct errctx *ctx)
{
    const struct profile *ignored;
    return recall(s->r, s->targets[0].name, true, s->r->opened_ms, NULL, ret_ms, &ignored, ctx);
}

static enum err name_target(struct feedsource *s, struct target *t, struct str key, struct errctx *ctx)
{
    char raw[512], name[256], url[HTTP_URL_MAX];
    if (key.n == 0)
        str_format(raw, sizeof raw, "%s", s->cfg->name);
    else
        str_format(raw, sizeof raw, "%s/%.*s", s->cfg->name, (int)(key.n < 400 ? key.n : 400), key.p);
    safe_text(name, sizeof name, str_of(raw));
    if (s->cfg->kind == SOURCE_CHANGES)
        safe_text(url, sizeof url, str_of(s->cfg->url)); /* a file */
    else
        http_url_public(s->cfg->url, url);
    t->key = str_dup(key);
    t->name = str_dup(str_of(name));
    t->url = str_dup(str_of(url));
    return t->key == NULL || t->name == NULL || t->url == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", s->cfg->name)
                                                               : ERR_OK;
}

static void point_texts(struct feedsource *s, struct target *t)
{
    t->status.name = t->name;
    t->status.kind = s->source == NULL ? "" : s->source->ops->name;
    t->status.url = t->url;
    t->status.gateway = s->cfg->gateway;
    t->status.profile = t->profile == NULL ? "" : t->profile->name;
    t->status.reason = t->reason;
    t->status.warning = t->warning;
    t->status.lack.metrics = t->lacking;
}

static enum err register_target(struct feedsource *s, struct target *t, struct errctx *ctx)
{
    point_texts(s, t);
    t->status.interval_ms = s->cfg->interval_ms;
    return store_put_source(s->r->st, &t->status, &t->status.id, ctx);
}

/* The target now speaks p. */
static enum err set_profile(struct feedsource *s, struct target *t, const struct profile *p, struct errctx *ctx)
{
    t->profile = p;
    s->r->unruled = true;
    enum err e = register_target(s, t, ctx);
    if (e != ERR_OK)
        return e;
    const int64_t lack_ms = t->status.lack.since_ms;
    struct normalise_options opt = {
        .source = t->status.id,
        .gateway = s->cfg->gateway,
        .max_series = s->cfg->max_series,
        .scraped = s->cfg->kind == SOURCE_METRICS,
        .stored_ms = lack_ms != 0 && t->lacking[0] == '\0' ? lack_ms : t->before_ms, /* what was expected then is still */
        .lack = &t->status.lack,
    };
    normaliser_free(t->normaliser);
    versions_free(t->versions);
    t->normaliser = NULL;
    t->versions = NULL;
    e = normaliser_new(s->r->st, p, &opt, &t->normaliser, ctx);
    return e == ERR_OK && p->version_count > 0 && opt.scraped ? versions_new(p, t->name, &t->versions, ctx) : e;
}

static void drop_target(struct feedsource *s, uint32_t k)
{
    recorder_target_fini(&s->targets[k]);
    s->targets[k] = s->targets[--s->target_count];
    if (k < s->target_count)
        point_texts(s, &s->targets[k]);
    s->current = 0;
}

/* Of more targets in a day than there is room for, the one that was not shown for longest goes before its time. */
static enum err make_room(struct feedsource *s, struct errctx *ctx)
{
    uint32_t oldest = 1;
    for (uint32_t k = 2; k < s->target_count; k++)
        oldest = s->targets[k].heard_ms < s->targets[oldest].heard_ms ? k : oldest;
    struct target *t = &s->targets[oldest];
    if (s->poll_ms - t->heard_ms < SHOWN_MS)
        return errctx_set(ctx, ERR_LIMIT, "source %s shows more than %d targets; narrow it with match", s->cfg->name, TARGETS_MAX);
    t->status.state = SOURCE_STOPPED;
    str_copy(t->reason, sizeof t->reason, str_of("its Prometheus shows others in its place"));
    enum err e = store_put_status(s->r->st, s->poll_ms, &t->status, ctx);
    if (e == ERR_OK)
        drop_target(s, oldest);
    return e;
}

static enum err add_target(struct feedsource *s, struct str key, uint32_t *ret, struct errctx *ctx)
{
    enum err e = s->target_count >= TARGETS_MAX ? make_room(s, ctx) : ERR_OK;
    if (e != ERR_OK)
        return e;
    if (s->target_count == s->target_cap) {
        uint32_t cap = s->target_cap == 0 ? 1 : s->target_cap * 2;
        struct target *list = realloc(s->targets, cap * sizeof *list);
        if (list == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for source %s", s->cfg->name);
        s->targets = list;
        s->target_cap = cap;
        for (uint32_t i = 0; i < s->target_count; i++)
            point_texts(s, &s->targets[i]); /* they point into themselves */
    }
    struct target *t = &s->targets[s->target_count];
    memset(t, 0, sizeof *t);
    t->process_start_s = NAN;
    e = name_target(s, t, key, ctx);
    if (e == ERR_OK)
        e = recall(s->r, t->name, false, s->poll_ms > 0 ? s->poll_ms : s->r->opened_ms, t, &t->before_ms, &t->profile, ctx);
    if (e == ERR_OK)
        e = register_target(s, t, ctx);
    if (e == ERR_OK)
        e = recall_odd_buckets(s->r, t, ctx);
    if (e != ERR_OK) {
        recorder_target_fini(t);
        return e;
    }
    t->changed = true;
    *ret = s->target_count++;
    return ERR_OK;
}

enum err recorder_target(struct feedsource *s, struct str key, const struct profile *p, uint32_t *ret, struct errctx *ctx)
{
    uint32_t i = 0;
    while (i < s->target_count && !str_eq_z(key, s->targets[i].key))
        i++;
    enum err e = i < s->target_count ? ERR_OK : add_target(s, key, &i, ctx);
    if (e == ERR_OK && p != NULL && (s->targets[i].profile != p || s->targets[i].normaliser == NULL))
        e = set_profile(s, &s->targets[i], p, ctx);
    if (e == ERR_OK)
        *ret = i;
    return e;
}

static void say(const struct recorder *r, enum log_level level, const struct target *t, const char *text)
{
    if (r->opt.log != NULL)
        log_line(r->opt.log, level, t->name, "%s", text);
}

static void set_state(struct recorder *r, struct target *t, enum source_state state, const char *reason, int64_t at_ms)
{
    struct source_status before = t->status;
    char old_reason[REASON_MAX];
    memcpy(old_reason, t->reason, sizeof old_reason);
    before.reason = old_reason;
    bool moved = t->status.state != state, told = strcmp(t->reason, reason) != 0;
    t->status.state = state;
    str_copy(t->reason, sizeof t->reason, str_of(reason));
    t->changed = true;
    bool bad = state == SOURCE_DOWN || state == SOURCE_SAWTOOTH || state == SOURCE_PARTIAL || state == SOURCE_WATCHING;
    if (moved || (told && bad))
        say(r, bad ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, t, state == SOURCE_OK && reason[0] == '\0' ? "answers" : reason);
    struct errctx ctx = {""};
    if (moved && r->an != NULL && analyser_source_changed(r->an, &before, &t->status, at_ms, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

static void put_gap(struct recorder *r, const struct target *t, int64_t t0_ms, int64_t t1_ms, const char *reason, bool lost,
                    uint64_t signals)
{
    struct errctx ctx = {""};
    const struct store_gap gap = {t->status.id, t0_ms, t1_ms, reason, lost, signals};
    if (t0_ms < t1_ms && store_put_gap(r->st, &gap, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

/* The time between two polls of a source that answers: a page that takes longer than its interval is asked again once it is there. */
static int64_t pace_ms(const struct target *t)
{
    return t->status.slow_ms > t->status.interval_ms ? t->status.slow_ms : t->status.interval_ms;
}

static void put_late(struct recorder *r, const struct target *t, int64_t t0_ms, int64_t t1_ms, int64_t known_ms, bool part)
{
    struct errctx ctx = {""};
    const struct store_late late = {t->status.id, t0_ms, t1_ms, known_ms, part};
    if (t0_ms < t1_ms && store_put_late(r->st, &late, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

/* What this poll told of times that are over: at a past cursor in them it is to be seen that it was not known then. Comes before
 * close_gaps. */
static void note_late(struct recorder *r, const struct feedsource *s, struct target *t, const struct normalise_report *rep, int64_t t_ms)
{
    const int64_t known_ms = s->stamped && s->poll_ms > t_ms ? s->poll_ms : t_ms,
                  last_ms = t->before_ms > 0 ? t->before_ms : t->status.last_ok_ms, patience_ms = STALE_INTERVALS * pace_ms(t);
    for (size_t i = 0, k = 0; i < rep->made_good_count; i = k) {
        for (k = i + 1; k < rep->made_good_count && rep->made_good[k].t0_ms == rep->made_good[k - 1].t1_ms;)
            k++;
        put_late(r, t, rep->made_good[i].t0_ms, rep->made_good[k - 1].t1_ms, known_ms, true);
    }
    if (s->stamped && known_ms - t_ms > patience_ms + s->cfg->lag_ms) { /* goes on until the next commit */
        const int64_t from_ms = last_ms > 0 && last_ms < t_ms ? last_ms : t_ms - t->status.interval_ms;
        if (t->late_from_ms == 0 || (t->late_put && (from_ms != t->late_to_ms || t_ms - t->late_from_ms > LATE_ROW_MS)))
            t->late_from_ms = from_ms;
        t->late_put = false;
        t->late_to_ms = t_ms;
        t->late_known_ms = known_ms;
    } else if (!s->stamped && last_ms > 0 && !t->lost && t->before_ms == 0 && rep->resets == 0 && !rep->restarted && !rep->sawtooth &&
               (t->failed_since_ms > 0 || last_ms + patience_ms < t_ms)) {
        put_late(r, t, last_ms, t_ms, t_ms, false);
    }
}

/* The times that nothing was recorded and that end with this poll. Counters tell at its end what they counted in it, unless they began anew
 * or nobody kept what they were: of a run's first poll, unless it was read again where the last one ended. */
static void close_gaps(struct recorder *r, struct target *t, const struct normalise_report *rep, int64_t t_ms)
{
    const bool anew = rep->resets > 0 || rep->restarted;
    const bool hole = t->before_ms > 0 && (rep->first || t->before_ms + 2 * t->status.interval_ms < t_ms);
    const bool unsettled = t->before_ms > 0 && t->status.watching_since_ms > 0, of_all = t->status.watching_signals == 0;
    if (unsettled)
        put_gap(r, t, t->status.watching_since_ms, hole && of_all ? t_ms : t->before_ms, unsettled_reason, true,
                t->status.watching_signals);
    if (hole && !(unsettled && of_all))
        put_gap(r, t, t->before_ms, t_ms, t->before_ms < r->opened_ms ? "the recorder was not running" : "it was not shown any more", true,
                0);
    else if (!unsettled && t->failed_since_ms > 0 && t->status.last_ok_ms > 0)
        put_gap(r, t,
                !t->lost           ? t->status.last_ok_ms
                : t->stored_ms > 0 ? t->stored_ms
                                   : r->opened_ms,
                t_ms, t->fail_reason, t->lost || anew, 0);
    else if (!unsettled && anew && t->status.last_ok_ms > 0 && t->status.last_ok_ms + 2 * pace_ms(t) < t_ms)
        put_gap(r, t, t->status.last_ok_ms, t_ms, "its counters began anew while nobody asked it", true, 0);
    t->before_ms = t->failed_since_ms = 0;
}

/* "3.1s", the tenth rounded up; "1s", "5m". */
static const char *seconds(int64_t ms, char out[TIMEFMT_MAX])
{
    const int64_t tenths = (ms + 99) / 100;
    if (tenths % 10 == 0)
        duration_format(tenths * 100, out);
    else
        (void)str_format(out, TIMEFMT_MAX, "%lld.%llds", (long long)(tenths / 10), (long long)(tenths % 10));
    return out;
}

/* What is worth telling about a source that answers, as safe text; "" = nothing. */
static const char *remark_of(const struct feedsource *s, const struct target *t, char out[REASON_MAX])
{
    const char *remark = s->source->ops->remark(s->source);
    const bool unverified = s->cfg->insecure_tls && strncmp(s->cfg->url, "https:", 6) == 0;
    char raw[REASON_MAX], took[TIMEFMT_MAX], every[TIMEFMT_MAX], slow[2 * TIMEFMT_MAX + 40] = "";
    remark = remark != NULL ? remark
             : unverified   ? "its certificate is not verified (insecure_tls): whoever stands between can change what it says"
                            : "";
    if (t->status.slow_ms != 0)
        (void)str_format(slow, sizeof slow, "answers in up to %s, asked every %s%s", seconds(t->status.slow_ms, took),
                         seconds(t->status.interval_ms, every), remark[0] != '\0' ? "; " : "");
    (void)str_format(raw, sizeof raw, "%s%s", slow, remark);
    safe_text(out, REASON_MAX, str_of(raw));
    return out;
}

/* Where buckets were made good, consoles say so beside the figures for as long as their window reaches back to it. */
static void note_odd_buckets(struct recorder *r, struct target *t, uint64_t odd, int64_t t_ms)
{
    int64_t at_ms[SIG_COUNT];
    struct errctx ctx = {""};
    bool due = false;
    memcpy(at_ms, t->odd_buckets_ms, sizeof at_ms);
    for (int i = 0; i < SIG_COUNT; i++) {
        if ((odd >> i & 1) == 0)
            continue;
        due = due || at_ms[i] == 0 || t_ms - at_ms[i] >= STORE_ODD_BUCKETS_MS;
        at_ms[i] = t_ms > at_ms[i] ? t_ms : at_ms[i];
    }
    if (!due)
        return;
    if (store_put_odd_buckets(r->st, t->status.id, t_ms, at_ms, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
    else
        memcpy(t->odd_buckets_ms, at_ms, sizeof at_ms);
}

/* What its counters tell of its process some polls later. */
static void note_restart(struct recorder *r, const struct feedsource *s, const struct target *t, const struct normalise_report *rep,
                         int64_t t_ms)
{
    struct errctx ctx = {""};
    const int64_t known = s->backfill && s->poll_ms > t_ms ? s->poll_ms : t_ms;
    if (rep->began_t1_ms != 0 && r->an != NULL &&
        analyser_began_anew(r->an, t->name, t->status.id, rep->began_t0_ms, rep->began_t1_ms, known, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
    if (rep->leapt_t1_ms != 0 && r->an != NULL &&
        analyser_leapt(r->an, t->name, t->status.id, rep->leapt_t0_ms, rep->leapt_t1_ms, known, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

/* What was counted and nobody will know: a gap, for whatever adds up, and an event where no state of the source tells it. */
static void note_lost(struct recorder *r, const struct feedsource *s, const struct target *t, const struct normalise_report *rep,
                      int64_t t_ms)
{
    struct errctx ctx = {""};
    const int64_t known = s->backfill && s->poll_ms > t_ms ? s->poll_ms : t_ms;
    if (rep->lost_t1_ms == 0)
        return;
    put_gap(r, t, rep->lost_t0_ms, rep->lost_t1_ms, rep->lost_why, true, rep->lost_signals);
    if (rep->lost_event && r->an != NULL &&
        analyser_lost(r->an, t->name, t->status.id, rep->lost_t0_ms, rep->lost_t1_ms, known, rep->lost_why, &ctx) != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

/* What runs behind a page, by its own word. The key holds the text: two things may change at one time. */
static void note_versions(struct recorder *r, const struct target *t, bool mixed, int64_t t_ms)
{
    struct version_change list[PROFILE_VERSIONS_MAX];
    struct errctx ctx = {""};
    size_t count = 0;
    enum err e = t->versions != NULL && r->an != NULL ? versions_end(t->versions, r->st, t_ms, mixed, list, &count, &ctx) : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        char key[REASON_MAX], text[REASON_MAX];
        const struct event ev = {.at_ms = t_ms,
                                 .known_ms = t_ms,
                                 .kind = list[i].config ? EVENT_CONFIG : EVENT_DEPLOY,
                                 .scope = "",
                                 .text = text,
                                 .source = t->name};
        (void)str_format(text, sizeof text, "what runs there is another by its own page: %s", list[i].text);
        (void)str_format(key, sizeof key, "version:%u:%lld:%zu", t->status.id, (long long)t_ms, i);
        e = analyser_change(r->an, key, &ev, &ctx);
    }
    if (e != ERR_OK)
        say(r, LOG_LEVEL_ERROR, t, ctx.text);
}

void recorder_good(struct recorder *r, struct feedsource *s, struct target *t, const struct normalise_report *rep, int64_t t_ms)
{
    note_late(r, s, t, rep, t_ms);
    close_gaps(r, t, rep, t_ms);
    if (!rep->sawtooth)
        t->status.sawtooth_since_ms = 0;
    else if (t->status.sawtooth_since_ms == 0)
        t->status.sawtooth_since_ms = rep->taken_back_ms != 0 ? rep->taken_back_ms : t->status.last_ok_ms > 0 ? t->status.last_ok_ms : t_ms;
    t->status.watching_since_ms = rep->watch_ms;
    t->status.watching_signals = rep->watch_signals;
    t->status.last_ok_ms = t_ms;
    t->status.last_try_ms = t_ms > t->status.last_try_ms ? t_ms : t->status.last_try_ms;
    t->status.series_seen = rep->seen;
    t->status.series_kept = rep->kept;
    t->status.series_dropped = rep->dropped;
    t->status.frozen_since_ms = 0;
    t->status.families_unknown = rep->families_unknown;
    t->status.warnings = rep->warnings;
    str_copy(t->warning, sizeof t->warning, str_of(rep->warning));
    uint64_t signals = t->signals | normalise_signals(t->normaliser);
    bool other_process = !isnan(rep->process_start_s) && rep->process_start_s != t->process_start_s;
    r->unruled |= signals != t->signals || (other_process && isnan(t->process_start_s));
    t->signals = signals;
    note_odd_buckets(r, t, rep->odd_buckets, t_ms);
    note_restart(r, s, t, rep, t_ms);
    note_lost(r, s, t, rep, t_ms);
    note_versions(r, t, rep->sawtooth, t_ms);
    t->process_start_s = rep->process_start_s;
    t->status.lack = rep->lack;
    str_copy(t->lacking, sizeof t->lacking, str_of(rep->lack.metrics != NULL ? rep->lack.metrics : ""));
    t->status.lack.metrics = t->lacking;
    if (r->an != NULL)
        analyser_lacks(r->an, t->status.id, &rep->lack, rep->lack_lost);
    char remark[REASON_MAX];
    if (rep->sawtooth)
        set_state(r, t, SOURCE_SAWTOOTH, sawtooth_reason, t_ms);
    else if (rep->lack.since_ms != 0)
        set_state(r, t, SOURCE_PARTIAL, rep->lack_text, t_ms);
    else if (rep->watch_ms != 0)
        set_state(r, t, SOURCE_WATCHING, rep->watch_text, t_ms);
    else
        set_state(r, t, SOURCE_OK, remark_of(s, t, remark), t_ms);
}

void recorder_go_on(struct recorder *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->sources[i].target_count; k++) {
            const struct source_status *s = &r->sources[i].targets[k].status;
            if (s->lack.since_ms != 0)
                analyser_lacks(r->an, s->id, &s->lack, false);
        }
    }
}

void recorder_note_end(struct feedsource *s)
{
    s->poll_ms = s->took_ms = 0;
    if (++s->longest_polls < SLOW_POLLS)
        return;
    s->longest_ms[1] = s->longest_ms[0];
    s->longest_ms[0] = 0;
    s->longest_polls = 0;
}

/* How long it may take to answer. What did not answer says nothing of that. */
static int64_t longest_answer(struct feedsource *s, const struct http_result *res)
{
    s->took_ms += res->total_ms;
    if (res->failed == HTTP_DONE && s->took_ms > s->longest_ms[0])
        s->longest_ms[0] = s->took_ms;
    return s->longest_ms[0] > s->longest_ms[1] ? s->longest_ms[0] : s->longest_ms[1];
}

void recorder_note_answer(struct feedsource *s, const struct http_result *res, int64_t now_ms)
{
    const int64_t longest_ms = longest_answer(s, res);
    for (uint32_t i = 0; i < s->target_count; i++) {
        struct target *t = &s->targets[i];
        t->status.last_try_ms = s->poll_ms > 0 ? s->poll_ms : now_ms;
        t->status.http_status = res->status;
        t->status.bytes = res->bytes;
        t->status.duration_ms = res->total_ms;
        t->status.slow_ms = longest_ms > t->status.interval_ms ? longest_ms : 0;
        t->status.cert_expiry_ms = res->cert_expiry_ms;
        t->changed = true;
    }
}

void recorder_answered(struct recorder *r, struct feedsource *s, int64_t now_ms)
{
    struct target *t = &s->targets[0];
    char remark[REASON_MAX];
    s->heard_ms = s->poll_ms > 0 ? s->poll_ms : now_ms;
    if (t->normaliser == NULL) { /* else its own poll told everything */
        t->status.last_ok_ms = s->heard_ms;
        if (s->scores != NULL)
            recorder_scores_tell(s, t, s->heard_ms);
        if (s->told != NULL)
            recorder_changes_tell(s, t, s->heard_ms);
        if (s->alerts != NULL)
            recorder_alerts_tell(s, t);
        set_state(r, t, SOURCE_OK, remark_of(s, t, remark), now_ms);
    }
}

void recorder_bad(struct recorder *r, struct feedsource *s, const char *reason, int64_t now_ms)
{
    for (uint32_t i = 0; i < s->target_count; i++) {
        struct target *t = &s->targets[i];
        if (t->failed_since_ms == 0)
            t->failed_since_ms = now_ms;
        str_copy(t->fail_reason, sizeof t->fail_reason, str_of(reason));
        t->status.last_try_ms = s->poll_ms > 0 ? s->poll_ms : now_ms;
        t->status.frozen_since_ms = s->source->ops->frozen_since != NULL ? s->source->ops->frozen_since(s->source) : 0;
        set_state(r, t, SOURCE_DOWN, reason, now_ms);
    }
}

enum err recorder_put_statuses(struct recorder *r, int64_t now_ms, bool news, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->sources[i].target_count && e == ERR_OK; k++) {
            struct target *t = &r->sources[i].targets[k];
            if (t->late_from_ms != 0 && !t->late_put)
                put_late(r, t, t->late_from_ms, t->late_to_ms, t->late_known_ms, false);
            t->late_put = true;
            if (!t->changed || (news && t->status.state == t->put_state && t->status.state != SOURCE_DOWN))
                continue;
            int64_t at = t->status.last_try_ms > 0 ? t->status.last_try_ms : now_ms;
            e = store_put_status(r->st, t->status.state == SOURCE_STOPPED ? now_ms : at, &t->status, ctx);
            t->changed = e != ERR_OK;
            t->put_state = t->status.state;
        }
    }
    return e;
}

void recorder_stopped(struct recorder *r, const char *reason)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->sources[i].target_count; k++) {
            struct target *t = &r->sources[i].targets[k];
            const int64_t waits_ms = t->before_ms > 0        ? t->status.watching_since_ms
                                     : t->normaliser != NULL ? normalise_waits_since(t->normaliser)
                                                             : 0;
            const uint64_t signals = t->before_ms > 0        ? t->status.watching_signals
                                     : t->normaliser != NULL ? normalise_waits_signals(t->normaliser)
                                                             : 0;
            if (waits_ms > 0)
                put_gap(r, t, waits_ms, t->before_ms > 0 ? t->before_ms : t->status.last_ok_ms, unsettled_reason, true, signals);
            t->status.state = SOURCE_STOPPED;
            str_copy(t->reason, sizeof t->reason, str_of(reason));
            t->changed = true;
        }
    }
}

static void forget_gone(struct feedsource *s)
{
    for (uint32_t k = s->target_count - 1; k > 0; k--) { /* [0] stays */
        if (s->targets[k].gone)
            drop_target(s, k);
    }
}

void recorder_stored(struct recorder *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        forget_gone(&r->sources[i]);
        for (uint32_t k = 0; k < r->sources[i].target_count; k++) {
            struct target *t = &r->sources[i].targets[k];
            t->stored_ms = t->status.last_ok_ms;
            t->lost = false;
        }
    }
}

void recorder_forget(struct recorder *r)
{
    r->unruled = true;
    for (uint32_t i = 0; i < r->count; i++) {
        recorder_changes_forget(&r->sources[i]);
        for (uint32_t k = 0; k < r->sources[i].target_count; k++) {
            struct target *t = &r->sources[i].targets[k];
            if (t->normaliser != NULL)
                normalise_forget_time(t->normaliser);
            if (t->versions != NULL)
                versions_forget(t->versions);
            t->lost = true;
            if (t->failed_since_ms == 0)
                t->failed_since_ms = t->status.last_ok_ms;
            str_copy(t->fail_reason, sizeof t->fail_reason, str_of("the store could not be written"));
        }
    }
}

void recorder_gap(struct recorder *r, int64_t t0_ms, int64_t t1_ms, const char *reason)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->sources[i].target_count; k++) {
            const struct target *t = &r->sources[i].targets[k];
            if (t->normaliser != NULL && t1_ms - t0_ms >= t->status.interval_ms) /* else no poll was missed */
                put_gap(r, t, t0_ms, t1_ms, reason, false, 0);                   /* counters are asked again, and tell */
        }
    }
}

struct source_status recorder_status(const struct recorder *r, uint32_t i)
{
    return r->sources[i].targets[0].status;
}
