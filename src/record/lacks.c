/* SPDX-License-Identifier: MIT */
#include "record/lacks_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

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
    free(k->expected);
    k->groups = NULL;
    k->expected = NULL;
}

void lacks_forget_polls(struct lacks *k)
{
    k->poll_count = k->skipped = 0;
    k->stride = 1;
}

static void move_back(int64_t *ms, int64_t by_ms)
{
    if (*ms != 0)
        *ms = *ms - by_ms > 0 ? *ms - by_ms : 1;
}

void lacks_move_times(struct normaliser *n, int64_t by_ms)
{
    for (uint32_t i = 0; i < n->slots.count; i++) {
        move_back(&n->slots.list[i].moved_ms, by_ms);
        move_back(&n->slots.list[i].left_ms, by_ms);
    }
    move_back(&n->lacks.since_ms, by_ms);
    move_back(&n->lacks.earlier.since_ms, by_ms);
    move_back(&n->lacks.expected_ms, by_ms);
    move_back(&n->lacks.asked_ms, by_ms);
    move_back(&n->finished_ms, by_ms);
    lacks_forget_polls(&n->lacks);
}

/* ---- a slot ---- */

const struct feed *lacks_feed(const struct normaliser *n, const struct slot *s)
{
    for (uint32_t i = s->feed; i != SLOT_NONE; i = n->feeds[i].next) {
        if (n->feeds[i].role != FEED_NATIVE && !normalise_is_spoken_for(n, n->feeds[i].row))
            return &n->feeds[i];
    }
    return NULL;
}

const struct series *lacks_series(const struct normaliser *n, const struct feed *f)
{
    switch ((enum feed_role)f->role) {
    case FEED_HISTOGRAM: return &n->buckets.list[f->out].series;
    case FEED_COUNTER:
    case FEED_GAUGE:
    case FEED_N:
    case FEED_SUM:
    case FEED_BAD:
    case FEED_NATIVE: break;
    }
    return store_series_at(n->st, n->outs.list[f->out].series - 1);
}

bool lacks_is_failure(const struct normaliser *n, const struct series *s)
{
    enum outcome o;
    return s->dim[DIM_CLASS] != 0 && outcome_by_name(str_of(intern_text(store_strings(n->st), s->dim[DIM_CLASS])), &o) && outcome_is_bad(o);
}

struct lack_group *lacks_group(const struct normaliser *n, const struct slot *s, const struct feed *f)
{
    size_t metric = (size_t)(n->names[s->name].metric - n->p->metrics);
    return &n->lacks.groups[2 * metric + lacks_is_failure(n, lacks_series(n, f))];
}

static bool left_now(const struct normaliser *n, const struct slot *s)
{
    return s->lack == LACK_NOT && !s->replaced && s->seen != n->poll && s->last_seen != 0 && s->last_seen == n->finished;
}

static bool moved_lately(const struct normaliser *n, const struct slot *s)
{
    return s->cumulative && s->moved_ms != 0 && n->t_ms - s->moved_ms <= LACKS_LATELY_MS;
}

/* ---- things that were removed ---- */

uint32_t *lacks_values_shown(const struct normaliser *n)
{
    uint32_t *shown = calloc((size_t)intern_count(store_strings(n->st)) + 1, sizeof *shown);
    for (uint32_t i = 0; shown != NULL && i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const struct feed *f = s->seen == n->poll ? lacks_feed(n, s) : NULL;
        const struct series *of = f != NULL ? lacks_series(n, f) : NULL;
        for (int d = 0; of != NULL && d < DIM_COUNT; d++)
            shown[of->dim[d]] |= DIM_BIT(d);
    }
    return shown;
}

bool lacks_is_removed(const uint32_t *shown, const struct series *s)
{
    for (int d = 0; shown != NULL && d < DIM_COUNT; d++) {
        if (d != DIM_CLASS && d != DIM_GATEWAY && s->dim[d] != 0 && (shown[s->dim[d]] & DIM_BIT(d)) == 0)
            return true;
    }
    return false;
}

/* ---- series that others stand in for ---- */

/* The output of a feed, SLOT_NONE = not chosen yet. */
static uint32_t out_of(const struct normaliser *n, const struct feed *f)
{
    return f->role == FEED_HISTOGRAM ? n->buckets.list[f->out].out : f->out;
}

static bool shows_any(const struct normaliser *n, const struct buckets_hist *h)
{
    const struct slot *s = n->slots.list;
    bool any =
        (h->sum_slot != SLOT_NONE && s[h->sum_slot].seen == n->poll) || (h->count_slot != SLOT_NONE && s[h->count_slot].seen == n->poll);
    for (uint32_t k = 0; k < h->count && !any; k++)
        any = s[h->list[k].slot].seen == n->poll;
    return any;
}

/* Whether the page feeds the output of a series that is not on it. Of a histogram without some of its own parts nobody stands in for
 * these. */
static bool is_fed(const struct normaliser *n, const struct feed *f)
{
    const uint32_t out = out_of(n, f);
    return out != SLOT_NONE && n->outs.list[out].shown == n->poll && (f->role != FEED_HISTOGRAM || !shows_any(n, &n->buckets.list[f->out]));
}

/* ---- judging ---- */

/* Histograms whose page has other buckets than before, or other spellings of them, miss none. */
static void settle_histograms(struct normaliser *n)
{
    for (uint32_t i = 0; i < n->buckets.count; i++)
        buckets_settle(&n->buckets.list[i], n->slots.list, n->poll);
    for (uint32_t i = 0; n->lacks.since_ms != 0 && i < n->slots.count; i++) {
        if (n->slots.list[i].replaced)
            lacks_let_go(&n->slots.list[i]);
    }
}

static void count_slot(struct normaliser *n, const struct slot *s, const struct feed *f, bool gone)
{
    struct lack_group *g = lacks_group(n, s, f);
    const bool here = s->seen == n->poll;
    const uint32_t out = out_of(n, f);
    g->present += here;
    g->moving += here && moved_lately(n, s);
    g->left += gone;
    g->lacking += !here && s->lack != LACK_NOT;
    g->moved += !here && s->lack == LACK_MOVED;
    if (here && out != SLOT_NONE)
        n->outs.list[out].shown = n->poll;
}

uint32_t lacks_survey(struct normaliser *n)
{
    uint32_t left = 0;
    for (size_t i = 0; i < 2 * n->p->metric_count; i++) {
        struct lack_group *g = &n->lacks.groups[i];
        *g = (struct lack_group){.earlier = g->earlier, .shown = g->shown};
    }
    for (uint32_t i = 0; i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const bool here = s->seen == n->poll, gone = left_now(n, s);
        const struct feed *f = here || gone || s->lack != LACK_NOT ? lacks_feed(n, s) : NULL;
        if (f == NULL)
            continue;
        count_slot(n, s, f, gone);
        left += gone;
    }
    return left;
}

static enum lack miss(struct normaliser *n, const struct slot *s, const struct feed *f)
{
    const enum signal signal = n->p->metrics[f->row].signal;
    const struct lack_group *g = lacks_group(n, s, f);
    if (f->role == FEED_HISTOGRAM && buckets_awaits(&n->buckets.list[f->out]))
        return LACK_MOVED;
    if (!n->opt.scraped || f->role == FEED_GAUGE || is_fed(n, f))
        return LACK_NOT;
    if (moved_lately(n, s))
        return LACK_MOVED;
    return g->present == 0 && is_read(signal) && !n->p->expires ? LACK_WHOLE : LACK_NOT;
}

bool lacks_is_whole(const struct lack_group *g)
{
    return g->lacking > 0 && (g->present == 0 || (g->moving == 0 && g->moved > 0));
}

void lacks_let_go(struct slot *s)
{
    s->lack = LACK_NOT;
    s->left_ms = 0;
}

void lacks_let_all_go(struct normaliser *n)
{
    for (uint32_t i = 0; i < n->slots.count; i++)
        lacks_let_go(&n->slots.list[i]);
    n->lacks.since_ms = 0;
    lacks_forget_polls(&n->lacks);
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
    bool any = false;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        const struct feed *f = left_now(n, s) ? lacks_feed(n, s) : NULL;
        const enum lack lack = f != NULL ? miss(n, s, f) : LACK_NOT;
        if (lack == LACK_NOT)
            continue;
        mark(n, s, lack);
        any = true;
    }
    for (uint32_t i = 0; any && n->opt.scraped && i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        if (left_now(n, s) && lacks_feed(n, s) != NULL)
            mark(n, s, LACK_ALONG);
    }
}

/* What others stand in for by now is missed no more, nor, after a while, what was removed from a metric that shows others. */
static void reconsider(struct normaliser *n)
{
    uint32_t *shown = lacks_values_shown(n);
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        const struct feed *f = s->lack != LACK_NOT && s->seen != n->poll ? lacks_feed(n, s) : NULL;
        if (f == NULL)
            continue;
        const struct lack_group *g = lacks_group(n, s, f);
        const bool removed = g->present > 0 && n->t_ms - s->left_ms > LACKS_REMOVED_MS && lacks_is_removed(shown, lacks_series(n, f));
        if (is_fed(n, f) || removed)
            s->lack = LACK_ALONG;
        if (!lacks_is_whole(g) && n->t_ms - s->left_ms > LACKS_WAIT_MS)
            lacks_let_go(s);
    }
    free(shown);
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
    return verdict != SAWTOOTH_CONTINUE || (!n->sawtooth.returned && n->judged.fell > 0 && n->judged.fell * 2 >= n->judged.counters);
}

/* Whether so much began anew that what is away did as well. */
static bool is_sure(const struct normaliser *n, enum sawtooth_verdict verdict)
{
    return verdict == SAWTOOTH_RESTARTED || n->judged.fell >= 3 || n->judged.fell == n->judged.counters;
}

/* Whether the process began after the last page of an earlier run that lacked nothing. */
static bool is_younger(const struct normaliser *n)
{
    return n->lacks.earlier.since_ms != 0 && n->judged.start_s * 1000.0 > (double)n->lacks.earlier.since_ms;
}

void lacks_judge(struct normaliser *n, enum sawtooth_verdict verdict)
{
    const bool anew = n->done > 0 && began_anew(n, verdict);
    settle_histograms(n);
    if (anew && verdict != SAWTOOTH_UNKNOWN && is_sure(n, verdict))
        n->born = n->poll;
    if (n->seen_kept == 0)
        return;
    lacks_expect(n);
    if (anew || is_younger(n))
        lacks_forget_earlier(&n->lacks);
    if (anew)
        lacks_expect_nothing(&n->lacks);
    if (anew) {
        n->lacks.lost = n->lacks.lost || n->lacks.since_ms != 0;
        lacks_let_all_go(n);
    }
    if (anew || n->done == 0)
        return;
    if (lacks_survey(n) > 0)
        mark_left(n);
    if (n->lacks.since_ms == 0)
        return;
    reconsider(n);
    unstage_torn_histograms(n);
}
