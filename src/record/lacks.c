/* SPDX-License-Identifier: MIT */
#include "record/lacks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "record/normalise_int.h"

enum {
    LATELY_MS = 4 * 60 * 1000, /* less than exporters wait that forget idle series: OpenTelemetry's metric_expiration is 5 min */
};

/* What objectives, cost and latency read. */
static bool is_read(enum signal s)
{
    switch (s) {
    case SIG_REQUESTS:
    case SIG_ATTEMPTS:
    case SIG_COST:
    case SIG_TOKENS_INPUT:
    case SIG_TOKENS_CACHED:
    case SIG_TOKENS_CACHE_WRITE:
    case SIG_TOKENS_OUTPUT:
    case SIG_TOKENS_REASONING: return true;
    default: return signal_info(s)->kind == KIND_HISTOGRAM;
    }
}

enum err lacks_init(struct lacks *k, size_t metric_count)
{
    *k = (struct lacks){.stride = 1};
    k->groups = calloc(2 * metric_count + 1, sizeof *k->groups);
    return k->groups != NULL ? ERR_OK : ERR_NOMEM;
}

void lacks_fini(struct lacks *k)
{
    free(k->groups);
    k->groups = NULL;
}

void lacks_forget_times(struct lacks *k)
{
    k->poll_count = k->skipped = 0;
    k->stride = 1;
}

/* ---- a slot ---- */

/* Its first feed that counts, NULL = none does. */
static const struct feed *feed_of(const struct normaliser *n, const struct slot *s)
{
    for (uint32_t i = s->feed; i != SLOT_NONE; i = n->feeds[i].next) {
        if (!normalise_is_spoken_for(n, n->feeds[i].row))
            return &n->feeds[i];
    }
    return NULL;
}

static const struct series *series_of(const struct normaliser *n, const struct feed *f)
{
    switch ((enum feed_role)f->role) {
    case FEED_HISTOGRAM: return &n->buckets.list[f->out].series;
    case FEED_NATIVE: return &n->natives.list[f->out].series;
    case FEED_COUNTER:
    case FEED_GAUGE:
    case FEED_N:
    case FEED_SUM:
    case FEED_BAD: break;
    }
    return store_series_at(n->st, n->outs.list[f->out].series - 1);
}

static bool is_failure(const struct normaliser *n, const struct series *s)
{
    enum outcome o;
    return s->dim[DIM_CLASS] != 0 && outcome_by_name(str_of(intern_text(store_strings(n->st), s->dim[DIM_CLASS])), &o) && outcome_is_bad(o);
}

static struct lack_group *group_of(struct normaliser *n, const struct slot *s, const struct feed *f)
{
    size_t metric = (size_t)(n->names[s->name].metric - n->p->metrics);
    return &n->lacks.groups[2 * metric + is_failure(n, series_of(n, f))];
}

static bool left_now(const struct normaliser *n, const struct slot *s)
{
    return s->lack == LACK_NOT && s->seen != n->poll && s->last_seen != 0 && s->last_seen == n->finished;
}

static bool moved_lately(const struct normaliser *n, const struct slot *s)
{
    return s->cumulative && s->moved_ms != 0 && n->t_ms - s->moved_ms <= LATELY_MS;
}

/* ---- things that were removed ---- */

/* Which dimensions have a value on the page: DIM_BIT()s by the value's id. NULL without memory: then nothing counts as removed. */
static uint32_t *values_shown(const struct normaliser *n)
{
    uint32_t *shown = calloc((size_t)intern_count(store_strings(n->st)) + 1, sizeof *shown);
    for (uint32_t i = 0; shown != NULL && i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const struct feed *f = s->seen == n->poll ? feed_of(n, s) : NULL;
        const struct series *of = f != NULL ? series_of(n, f) : NULL;
        for (int d = 0; of != NULL && d < DIM_COUNT; d++)
            shown[of->dim[d]] |= DIM_BIT(d);
    }
    return shown;
}

/* What a class says is the page's own: that no failure is left is no sign that something was removed. */
static bool is_removed(const uint32_t *shown, const struct series *s)
{
    for (int d = 0; shown != NULL && d < DIM_COUNT; d++) {
        if (d != DIM_CLASS && d != DIM_GATEWAY && s->dim[d] != 0 && (shown[s->dim[d]] & DIM_BIT(d)) == 0)
            return true;
    }
    return false;
}

/* ---- judging ---- */

/* Counts the slots of all groups; returns how many left with this poll. */
static uint32_t survey(struct normaliser *n)
{
    uint32_t left = 0;
    memset(n->lacks.groups, 0, 2 * n->p->metric_count * sizeof *n->lacks.groups);
    for (uint32_t i = 0; i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const bool here = s->seen == n->poll, gone = left_now(n, s);
        const struct feed *f = here || gone || s->lack != LACK_NOT ? feed_of(n, s) : NULL;
        if (f == NULL)
            continue;
        struct lack_group *g = group_of(n, s, f);
        g->present += here;
        g->moving += here && moved_lately(n, s);
        g->left += gone;
        g->lacking += !here && s->lack != LACK_NOT;
        g->moved += !here && s->lack == LACK_MOVED;
        left += gone;
    }
    return left;
}

static enum lack miss(struct normaliser *n, const struct slot *s, const struct feed *f, const uint32_t *shown)
{
    const enum signal signal = n->p->metrics[f->row].signal;
    const struct lack_group *g = group_of(n, s, f);
    if (f->role == FEED_GAUGE)
        return LACK_NOT;
    if (moved_lately(n, s) && !is_removed(shown, series_of(n, f)))
        return LACK_MOVED;
    if (g->present == 0 && is_read(signal) && (!n->p->expires || moved_lately(n, s)))
        return moved_lately(n, s) ? LACK_MOVED : LACK_WHOLE;
    return LACK_NOT;
}

static void let_go(struct slot *s)
{
    s->lack = LACK_NOT;
    s->left_ms = 0;
}

static void let_all_go(struct normaliser *n)
{
    for (uint32_t i = 0; i < n->slots.count; i++)
        let_go(&n->slots.list[i]);
    n->lacks.since_ms = 0;
    lacks_forget_times(&n->lacks);
}

static void mark(struct normaliser *n, struct slot *s, enum lack lack)
{
    s->lack = (uint8_t)lack;
    s->left_ms = n->finished_ms;
    if (n->lacks.since_ms == 0)
        n->lacks.since_ms = n->finished_ms;
}

/* Marks what left with this poll, where some of it is missed. */
static void mark_left(struct normaliser *n)
{
    uint32_t *shown = values_shown(n);
    bool any = false;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        const struct feed *f = left_now(n, s) ? feed_of(n, s) : NULL;
        const enum lack lack = f != NULL ? miss(n, s, f, shown) : LACK_NOT;
        if (lack == LACK_NOT)
            continue;
        mark(n, s, lack);
        any = true;
    }
    free(shown);
    for (uint32_t i = 0; any && i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        if (left_now(n, s) && feed_of(n, s) != NULL)
            mark(n, s, LACK_ALONG);
    }
}

static bool is_missing(const struct normaliser *n, uint32_t slot)
{
    return slot != SLOT_NONE && n->slots.list[slot].lack != LACK_NOT && n->slots.list[slot].seen != n->poll;
}

static void unstage(struct normaliser *n, uint32_t slot)
{
    if (slot == SLOT_NONE || n->slots.list[slot].seen != n->poll)
        return;
    n->slots.list[slot].seen = 0;
    if (n->slots.list[slot].lack == LACK_NOT)
        mark(n, &n->slots.list[slot], LACK_ALONG);
}

/* A histogram without some of its buckets would be a wrong one: what is there of it waits for the rest. */
static void unstage_torn_histograms(struct normaliser *n)
{
    for (uint32_t i = 0; i < n->buckets.count; i++) {
        const struct buckets_hist *h = &n->buckets.list[i];
        bool torn = is_missing(n, h->sum_slot) || is_missing(n, h->count_slot);
        for (uint32_t k = 0; k < h->count; k++)
            torn = torn || is_missing(n, h->list[k].slot);
        if (!torn)
            continue;
        unstage(n, h->sum_slot);
        unstage(n, h->count_slot);
        for (uint32_t k = 0; k < h->count; k++)
            unstage(n, h->list[k].slot);
    }
}

/* A new process, with or without a start time, or a page that mixes several. */
static bool began_anew(const struct normaliser *n, enum sawtooth_verdict verdict)
{
    return verdict != SAWTOOTH_CONTINUE || (n->judged.fell > 0 && n->judged.fell * 2 >= n->judged.counters);
}

/* Whether so much began anew that what is away did as well. */
static bool is_sure(const struct normaliser *n, enum sawtooth_verdict verdict)
{
    return verdict == SAWTOOTH_RESTARTED || n->judged.fell >= 3 || n->judged.fell == n->judged.counters;
}

void lacks_judge(struct normaliser *n, enum sawtooth_verdict verdict)
{
    const bool anew = n->done > 0 && began_anew(n, verdict);
    if (anew && verdict != SAWTOOTH_UNKNOWN && is_sure(n, verdict))
        n->born = n->poll;
    if (!n->opt.scraped || n->done == 0 || n->seen_kept == 0)
        return;
    if (anew) {
        if (n->lacks.since_ms != 0)
            let_all_go(n);
        return;
    }
    if (survey(n) > 0)
        mark_left(n);
    if (n->lacks.since_ms != 0)
        unstage_torn_histograms(n);
}

/* ---- making good ---- */

/* A series that is back. */
struct back {
    uint32_t slot;
    double to; /* what the page shows */
};

/* Those that are back and went on counting. *ret is the caller's to free. */
static enum err list_back(struct normaliser *n, struct back **ret, uint32_t *ret_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n->slots.count; i++)
        count += n->slots.list[i].lack != LACK_NOT && n->slots.list[i].seen == n->poll;
    struct back *list = count > 0 ? malloc(count * sizeof *list) : NULL;
    if (count > 0 && list == NULL)
        return ERR_NOMEM;
    uint32_t k = 0;
    for (uint32_t i = 0; count > 0 && i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const struct feed *f = s->lack != LACK_NOT && s->seen == n->poll ? feed_of(n, s) : NULL;
        if (f != NULL && f->role != FEED_GAUGE && s->cur >= s->last)
            list[k++] = (struct back){i, s->cur};
    }
    *ret = list;
    *ret_count = k;
    return ERR_OK;
}

/* Makes the poll's number new, so that older numbers can stand for the polls that are made good. */
static void renumber(struct normaliser *n, uint32_t was)
{
    n->poll++;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        if (n->slots.list[i].seen == was)
            n->slots.list[i].seen = n->poll;
    }
}

/* One poll that lacked them, at t: they stood on the line between then and now. */
static enum err make_one_good(struct normaliser *n, const struct back *list, uint32_t count, int64_t t0_ms, int64_t t_ms, struct arena *a,
                              struct store_batch *ret, struct errctx *ctx)
{
    struct normalise_report ignored = {.seen = 0};
    n->poll++;
    for (uint32_t i = 0; i < count; i++) {
        struct slot *s = &n->slots.list[list[i].slot];
        if (s->left_ms >= t_ms)
            continue;
        s->cur = s->last + (list[i].to - s->last) * ((double)(t_ms - s->left_ms) / (double)(n->t_ms - s->left_ms));
        s->seen = n->poll;
        s->left_ms = t_ms;
    }
    *ret = (struct store_batch){.source = n->opt.source, .t0_ms = t0_ms, .t1_ms = t_ms};
    return normalise_account(n, SAWTOOTH_CONTINUE, a, ret, &ignored, ctx);
}

enum err lacks_make_good(struct normaliser *n, struct arena *a, struct store_batch **ret, size_t *ret_count, struct errctx *ctx)
{
    struct lacks *k = &n->lacks;
    struct back *list = NULL;
    uint32_t count = 0;
    *ret = NULL;
    *ret_count = 0;
    if (k->since_ms == 0 || k->poll_count == 0)
        return ERR_OK;
    enum err e = list_back(n, &list, &count);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for series that are back");
    struct store_batch *batches = count > 0 ? arena_array(a, k->poll_count, sizeof *batches) : NULL;
    if (count > 0 && batches == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for series that are back");
    const uint32_t staged = n->poll;
    for (uint32_t i = 0; e == ERR_OK && count > 0 && i < k->poll_count; i++)
        e = make_one_good(n, list, count, i > 0 ? k->polls[i - 1] : k->since_ms, k->polls[i], a, &batches[(*ret_count)++], ctx);
    renumber(n, staged);
    for (uint32_t i = 0; i < count; i++) {
        n->slots.list[list[i].slot].cur = list[i].to;
        n->slots.list[list[i].slot].seen = n->poll;
    }
    free(list);
    *ret = batches;
    return e;
}

/* ---- telling ---- */

static void remember_poll(struct lacks *k, int64_t t_ms)
{
    if (++k->skipped < k->stride)
        return;
    k->skipped = 0;
    if (k->poll_count == LACKS_POLLS_MAX) {
        for (uint32_t i = 0; i < LACKS_POLLS_MAX / 2; i++)
            k->polls[i] = k->polls[2 * i + 1];
        k->poll_count /= 2;
        k->stride *= 2;
    }
    k->polls[k->poll_count++] = t_ms;
}

/* All that was there of a group, or all that moved. */
static bool is_whole(const struct lack_group *g)
{
    return g->lacking > 0 && (g->present == 0 || (g->moving == 0 && g->moved > 0));
}

/* What went before any that is missed still is no longer of interest. */
static void begin_later(struct lacks *k, int64_t since_ms)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->poll_count; i++) {
        if (k->polls[i] > since_ms)
            k->polls[kept++] = k->polls[i];
    }
    k->poll_count = kept;
    k->since_ms = since_ms;
}

/* Lets go of what is back; returns how many are missed of their own. */
static uint32_t let_back_go(struct normaliser *n)
{
    uint32_t missed = 0;
    int64_t since = INT64_MAX;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        if (s->lack != LACK_NOT && s->seen == n->poll)
            let_go(s);
        if (s->lack == LACK_NOT)
            continue;
        missed += s->lack > LACK_ALONG;
        since = s->left_ms < since ? s->left_ms : since;
    }
    if (missed > 0)
        begin_later(&n->lacks, since);
    return missed;
}

static void tell_signals(struct normaliser *n, struct source_lack *ret)
{
    uint64_t shown = 0;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const bool here = s->seen == n->poll;
        if (!here && s->lack == LACK_NOT)
            continue;
        for (uint32_t k = s->feed; k != SLOT_NONE; k = n->feeds[k].next) {
            const struct feed *f = &n->feeds[k];
            const uint64_t bit = UINT64_C(1) << n->p->metrics[f->row].signal;
            if (normalise_is_spoken_for(n, f->row))
                continue;
            shown |= here ? bit : 0;
            ret->part |= here ? 0 : bit;
            ret->family |= !here && is_whole(group_of(n, s, f)) ? bit : 0;
        }
    }
    ret->all = ret->part & ~shown;
}

/* "lacks 12 of 40 series of gw_failures_total and of 3 more metrics since 03:07:15Z": of what is missed whole first, then of what lacks most. */
static void tell_text(const struct normaliser *n, char text[LACKS_TEXT_MAX])
{
    char since[TIMEFMT_MAX], more[64] = "";
    const char *name = "";
    uint32_t metrics = 0, lacking = 0, of = 0;
    bool whole = false;
    for (size_t m = 0; m < n->p->metric_count; m++) {
        const struct lack_group *g = &n->lacks.groups[2 * m];
        const uint32_t here = g[0].lacking + g[1].lacking;
        const bool all = is_whole(&g[0]) || is_whole(&g[1]);
        if (here == 0)
            continue;
        metrics++;
        if (all == whole ? here <= lacking : whole)
            continue;
        whole = all;
        lacking = here;
        of = here + g[0].present + g[1].present;
        name = n->p->metrics[m].name;
    }
    if (metrics > 1)
        (void)str_format(more, sizeof more, " and of %u more metric%s", metrics - 1, metrics == 2 ? "" : "s");
    instant_format_clock(n->lacks.since_ms, since);
    (void)str_format(text, LACKS_TEXT_MAX, "lacks %u of %u series of %.120s%s since %s", lacking, of, name, more, since);
}

struct source_lack lacks_tell(struct normaliser *n, char text[LACKS_TEXT_MAX])
{
    struct source_lack lack = {.since_ms = 0};
    text[0] = '\0';
    if (n->lacks.since_ms == 0)
        return lack;
    if (let_back_go(n) == 0) {
        let_all_go(n);
        return lack;
    }
    remember_poll(&n->lacks, n->t_ms);
    (void)survey(n);
    lack.since_ms = n->lacks.since_ms;
    tell_signals(n, &lack);
    tell_text(n, text);
    return lack;
}
