/* SPDX-License-Identifier: MIT */
/* How this works: a known series costs one comparison of bytes and two stores, for all work waits until the page is complete. Then the
 * page is judged as a whole, each histogram is accounted for against the buckets it had, each other series against its last value,
 * and only then do the staged values become the last ones. What a series feeds was found out once (normalise_series.c). */
#include "record/normalise_int.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"

enum {
    STALE_SAMPLE_MS = 5 * 60 * 1000, /* an exporter's own timestamp older than this is no news; Prometheus looks back as far */
    SWEEP_EVERY = 256,               /* polls */
    SWEEP_AGE = 512,                 /* polls after which a series that is gone is forgotten */
    SWEEP_LEAST = 64,                /* such series, for it to be worth the while */
    UNKNOWN_MAX = 5000,              /* families counted as unknown */
    TWIN_LEAST = 5,                  /* counters above zero before two pages are called the same */
};
static const double TWIN_SLACK = 0.02; /* what traffic between two polls may add */

enum err normaliser_new(struct store *st, const struct profile *p, const struct normalise_options *opt, struct normaliser **ret,
                        struct errctx *ctx)
{
    struct normaliser *n = calloc(1, sizeof *n);
    if (n == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a source");
    n->st = st;
    n->p = p;
    n->opt = *opt;
    n->opt.lack = NULL;
    n->opt.max_series = opt->max_series < UINT32_MAX / 8 ? opt->max_series : UINT32_MAX / 8;
    n->current = SLOT_NONE;
    slots_init(&n->slots, n->opt.max_series * 2);
    buckets_init(&n->buckets);
    sawtooth_init(&n->sawtooth);
    n->name_ids = intern_new(NAMES_MAX);
    n->unknown = intern_new(UNKNOWN_MAX);
    n->names = calloc(NAMES_FIRST, sizeof *n->names);
    n->name_cap = NAMES_FIRST;
    n->mult = calloc(p->metric_count + 1, sizeof *n->mult);
    n->best = calloc(p->group_count + 1, sizeof *n->best);
    enum err lacks = lacks_init(&n->lacks, p->metric_count);
    if (lacks != ERR_OK || n->name_ids == NULL || n->unknown == NULL || n->names == NULL || n->mult == NULL || n->best == NULL) {
        normaliser_free(n);
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a source");
    }
    n->names[0].left_out = true;
    memset(n->best, UINT8_MAX, p->group_count);
    for (size_t i = 0; i < p->metric_count; i++)
        n->mult[i] = outs_mult(p->metrics[i].signal, p->metrics[i].factor);
    if (opt->scraped && opt->lack != NULL)
        lacks_recall(n, opt->lack);
    enum err e = store_string(st, str_of(opt->gateway), &n->gateway, ctx);
    if (e != ERR_OK) {
        normaliser_free(n);
        return e;
    }
    *ret = n;
    return ERR_OK;
}

void normaliser_free(struct normaliser *n)
{
    if (n == NULL)
        return;
    slots_fini(&n->slots);
    buckets_fini(&n->buckets);
    native_fini(&n->natives);
    outs_fini(&n->outs);
    lacks_fini(&n->lacks);
    held_fini(&n->held);
    dip_close(&n->dip);
    intern_free(n->name_ids);
    intern_free(n->unknown);
    free(n->feeds);
    free(n->names);
    free(n->mult);
    free(n->best);
    free(n);
}

void normalise_warn(struct normaliser *n, const char *fmt, ...)
{
    if (n->warnings++ > 0)
        return;
    char raw[WARNING_TEXT_MAX * 2];
    va_list ap;
    va_start(ap, fmt);
    int len = vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    safe_text(n->warning, sizeof n->warning, (struct str){raw, len < 0 ? 0 : strnlen(raw, sizeof raw)});
}

void normalise_warning(struct normaliser *n, size_t line, const char *what, struct str text)
{
    if (line > 0)
        normalise_warn(n, "line %zu: %s: %.*s", line, what, (int)(text.n < 100 ? text.n : 100), text.p);
    else
        normalise_warn(n, "%s: %.*s", what, (int)(text.n < 100 ? text.n : 100), text.p);
}

void normalise_begin(struct normaliser *n, int64_t t_ms)
{
    n->poll++;
    n->t_ms = t_ms;
    if (t_ms < n->finished_ms)
        lacks_move_times(n, n->finished_ms - t_ms);
    n->judged = (struct sawtooth_poll){.start_s = NAN, .t0_ms = n->last_ms, .t1_ms = t_ms};
    n->seen = n->seen_kept = n->dropped = n->warnings = 0;
    n->fell = n->odd = 0;
    n->warning[0] = '\0';
    n->family_len = 0;
    n->current = SLOT_NONE;
    slots_rewind(&n->slots);
}

void normalise_abort(struct normaliser *n)
{
    n->current = SLOT_NONE; /* staged values carry this poll's number, which no later poll has */
}

void normalise_type(struct normaliser *n, struct str family, enum expo_type type)
{
    n->family_len = family.n < sizeof n->family ? family.n : 0;
    memcpy(n->family, family.p, n->family_len);
    n->family_type = type;
    enum profile_sample sample;
    for (const struct profile_metric *m = profile_find_sample(n->p, family, &sample); m != NULL; m = profile_next(n->p, m)) {
        if (m->group < n->p->group_count && m->rank < n->best[m->group])
            n->best[m->group] = m->rank;
    }
}

bool normalise_known(struct normaliser *n, struct str series)
{
    uint32_t i;
    bool found = slots_find(&n->slots, series, &i);
    n->current = found ? i : SLOT_NONE;
    return found;
}

/* A cumulative value that no counter can have. */
static bool is_refused(struct normaliser *n, double v, size_t line)
{
    if (v >= 0 && v < INFINITY)
        return false;
    normalise_warn(n, "line %zu: a counter whose value is negative or no finite number: left out", line);
    return true;
}

static void stage(struct normaliser *n, struct slot *s, double v, size_t line)
{
    if (s->seen == n->poll) {
        normalise_warn(n, "line %zu: the same series twice on one page: the first one counts", line);
        return;
    }
    if (s->cumulative) {
        if (is_refused(n, v, line))
            return;
        if (s->last_seen != 0)
            normalise_tally(n, s, v);
    }
    s->cur = v;
    s->seen = n->poll;
}

enum err normalise_sample(struct normaliser *n, const struct expo_sample *s, struct errctx *ctx)
{
    uint32_t i = n->current;
    n->current = SLOT_NONE;
    n->seen++;
    if (i == SLOT_NONE) {
        enum err e = normalise_add_series(n, s, &i, ctx);
        if (e != ERR_OK || i == SLOT_NONE)
            return e;
    }
    struct slot *slot = &n->slots.list[i];
    if (n->names[slot->name].is_start)
        n->judged.start_s = s->value;
    if (slot->feed == SLOT_NONE) {
        slot->seen = n->poll;
        return ERR_OK;
    }
    n->seen_kept++;
    if (!s->has_timestamp || s->timestamp_ms > n->t_ms - STALE_SAMPLE_MS)
        stage(n, slot, s->value, s->line);
    else
        normalise_warn(n, "line %zu: a sample whose own timestamp is more than 5 min old: left out", s->line);
    return ERR_OK;
}

enum err normalise_histogram(struct normaliser *n, const struct source_histogram *h, struct errctx *ctx)
{
    uint32_t i;
    n->seen++;
    if (!slots_find(&n->slots, h->series, &i)) {
        enum err e = normalise_add_native(n, h, &i, ctx);
        if (e != ERR_OK || i == SLOT_NONE)
            return e;
    }
    struct slot *s = &n->slots.list[i];
    enum err e = ERR_OK;
    for (uint32_t k = s->feed; k != SLOT_NONE && e == ERR_OK; k = n->feeds[k].next) {
        const struct feed *f = &n->feeds[k];
        if (f->role == FEED_NATIVE)
            e = native_stage(&n->natives.list[f->out], h->count, h->sum, n->p->metrics[f->row].factor, h->buckets, h->bucket_count);
    }
    n->seen_kept += s->feed != SLOT_NONE;
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory for a histogram");
    if (e == ERR_OK)
        s->seen = n->poll;
    else
        normalise_warn(n, "%.*s: a native histogram %s: left out", (int)h->name.n, h->name.p,
                       e == ERR_LIMIT ? "of too many bounds" : "whose buckets have no width");
    return ERR_OK;
}

static void step_gauge(struct normaliser *n, const struct feed *f, double v)
{
    const struct profile_metric *m = &n->p->metrics[f->row];
    bool is_first = n->outs.list[f->out].touched != n->poll;
    struct out *out = outs_touch(&n->outs, f->out, n->poll);
    v *= n->mult[f->row];
    bool known = isfinite(v) && (m->max_valid <= 0 || v <= m->max_valid);
    outs_add_gauge(out, is_first, known ? v : NAN);
}

/* The rise of a cumulative value in fixed point, as a difference of two fixed-point values so that it telescopes. */
static bool rise(double mult, const struct slot *s, bool from_zero, int64_t *ret)
{
    int64_t now, before = 0;
    if (!outs_to_fixed(mult, s->cur, &now) || (!from_zero && !outs_to_fixed(mult, s->last, &before)))
        return false;
    *ret = now - before;
    return true;
}

static void step_counter(struct normaliser *n, const struct feed *f, const struct slot *s, bool from_zero)
{
    double mult = f->role == FEED_N || f->role == FEED_BAD ? 1.0 : n->mult[f->row];
    int64_t by = 0;
    if ((from_zero || s->cur != s->last) && !rise(mult, s, from_zero, &by)) {
        normalise_warn(n, "%s: a value too large to count exactly: left out", n->p->metrics[f->row].name);
        return;
    }
    struct out *out = outs_touch(&n->outs, f->out, n->poll);
    switch ((enum feed_role)f->role) {
    case FEED_N: outs_add_n(out, by); break;
    case FEED_BAD: out->bad += by; break;
    case FEED_SUM:
        out->fed_sum = true;
        out->sum += by;
        break;
    case FEED_COUNTER: out->sum += by; break;
    case FEED_GAUGE:
    case FEED_HISTOGRAM:
    case FEED_NATIVE: break;
    }
}

static bool is_of_hardware(const struct normaliser *n, const struct feed *f)
{
    return n->p->metrics[f->row].signal == SIG_ENERGY;
}

/* Whether a series of a counter that began before it goes on from its last value: what others of the same counter counted since is in that
 * of now. */
static bool goes_on(const struct normaliser *n, const struct feed *f, const struct slot *s)
{
    return s->last_seen != 0 && outs_fed_before(&n->outs.list[f->out], n->poll) <= s->last_seen;
}

static void step_slot(struct normaliser *n, struct slot *s, enum sawtooth_verdict verdict, struct normalise_report *r)
{
    bool is_new = s->last_seen == 0;
    bool of_old = s->last_seen < n->born && s->last_seen != n->finished; /* it was gone while the process became another */
    bool reset = !is_new && s->cumulative && (verdict == SAWTOOTH_RESTARTED || s->cur < s->last || of_old);
    bool is_base = is_new && (n->done == 0 || lacks_awaits(n, s));
    /* How much one counted that fell by little, or that is back, nobody can say. */
    bool alone = s->cumulative && !is_new && !of_old && verdict == SAWTOOTH_CONTINUE;
    bool odd = alone && (s->cur < s->last ? s->cur * 2 >= s->last && (n->sawtooth.many & 1) == 0
                                          : n->sawtooth.refuted && normalise_is_back(s, s->cur));
    bool known = verdict != SAWTOOTH_UNKNOWN && !odd && !is_base;
    const bool fell = alone && !odd && s->cur < s->last;
    bool single = false, named = !fell;
    for (uint32_t i = s->feed; i != SLOT_NONE; i = n->feeds[i].next) {
        const struct feed *f = &n->feeds[i];
        if (f->role == FEED_HISTOGRAM || f->role == FEED_NATIVE || normalise_is_blank(n, f, s, s->cur))
            continue;
        const uint64_t bit = UINT64_C(1) << n->p->metrics[f->row].signal;
        n->fell |= fell ? bit : 0;
        n->odd |= odd ? bit : 0;
        if (!named)
            normalise_note_fall(n, f);
        named = true;
        if (normalise_is_spoken_for(n, f->row))
            continue;
        single = true;
        if (f->role == FEED_GAUGE)
            step_gauge(n, f, s->cur);
        else if (known && !is_of_hardware(n, f))
            step_counter(n, f, s, is_new || reset);
        else if (known && goes_on(n, f, s))
            step_counter(n, f, s, s->cur < s->last);
    }
    r->resets += single && known && reset;
    if (s->cumulative && !is_new)
        normalise_learn(n, s);
    if (s->cumulative && s->cur != s->last && !is_base)
        s->moved_ms = n->finished_ms;
    s->last = s->cur;
}

static void step_slots(struct normaliser *n, enum sawtooth_verdict verdict, struct normalise_report *r)
{
    n->had = 0;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        if (s->seen != n->poll)
            continue;
        if (s->feed != SLOT_NONE)
            step_slot(n, s, verdict, r);
        n->had += s->cumulative && s->last > 0;
        s->last_seen = n->poll;
    }
}

/* Feeds of the slots that are left, packed; numbers of histograms change with moved. */
static void repack_feeds(struct normaliser *n, struct feed *packed, const uint32_t *moved)
{
    uint32_t used = 0;
    n->kept = n->left_out = 0;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        uint32_t chain = SLOT_NONE;
        for (uint32_t k = s->feed; k != SLOT_NONE; k = n->feeds[k].next) {
            struct feed f = n->feeds[k];
            f.out = f.role == FEED_HISTOGRAM ? moved[f.out] : f.out;
            f.next = chain;
            packed[used] = f;
            chain = used++;
        }
        s->feed = chain;
        n->kept += chain != SLOT_NONE || n->names[s->name].is_start;
        n->left_out += chain == SLOT_NONE && !n->names[s->name].is_start;
    }
    free(n->feeds);
    n->feeds = packed;
    n->feed_count = used;
}

/* Series that are gone for long, so that labels which change (pods, request ids) do not fill the table for ever. Without memory for
 * the lists it waits for the next time. */
static void sweep(struct normaliser *n)
{
    if (n->poll < SWEEP_AGE || n->dip.open)
        return;
    uint32_t before = n->poll - SWEEP_AGE, gone = 0;
    for (uint32_t i = 0; i < n->slots.count; i++)
        gone += slots_is_old(&n->slots.list[i], before);
    if (gone < SWEEP_LEAST || gone < n->slots.count / 8)
        return;
    uint32_t *remap = malloc(n->slots.count * sizeof *remap);
    uint32_t *moved = malloc((n->buckets.count + 1) * sizeof *moved);
    struct feed *packed = malloc((n->feed_cap + 1) * sizeof *packed);
    if (remap != NULL && moved != NULL && packed != NULL) {
        slots_sweep(&n->slots, before, remap);
        buckets_remap(&n->buckets, remap, moved);
        for (uint32_t i = 0; i < n->natives.count; i++)
            n->natives.list[i].slot = n->natives.list[i].slot == SLOT_NONE ? SLOT_NONE : remap[n->natives.list[i].slot];
        repack_feeds(n, packed, moved);
        packed = NULL;
    }
    free(remap);
    free(moved);
    free(packed);
}

enum err normalise_account(struct normaliser *n, enum sawtooth_verdict verdict, struct arena *a, struct store_batch *ret,
                           struct normalise_report *r, struct errctx *ctx)
{
    struct store_item *items;
    enum err e = normalise_step_histograms(n, verdict, r, ctx);
    if (e != ERR_OK)
        return e;
    step_slots(n, verdict, r);
    if (outs_items(&n->outs, n->poll, a, &items, &ret->count, &n->signals) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the samples of a poll");
    ret->items = items;
    return ERR_OK;
}

#define SAW_LOST "several workers answered in turn"

/* Of (t0, t1] it is not known what was counted of these signals (0: of all), or only a part of it. What goes on is one time. */
static void lose(struct normaliser *n, struct normalise_report *r, int64_t t0_ms, int64_t t1_ms, uint64_t signals, const char *why,
                 bool is_event)
{
    if (t0_ms <= 0 || t1_ms <= t0_ms)
        return;
    const bool goes_on = n->lost_t1_ms != 0 && t0_ms > n->lost_t0_ms && t0_ms <= n->lost_t1_ms && signals == n->lost_signals;
    n->lost_t0_ms = goes_on ? n->lost_t0_ms : t0_ms;
    n->lost_t1_ms = t1_ms;
    n->lost_signals = signals;
    r->lost_t0_ms = n->lost_t0_ms;
    r->lost_t1_ms = t1_ms;
    r->lost_signals = signals;
    r->lost_why = why;
    r->lost_event = is_event;
}

/* What is not known after this poll. t0_ms: its beginning. */
static void lose_poll(struct normaliser *n, enum sawtooth_verdict verdict, const struct held_settled *was, struct normalise_report *r,
                      int64_t t0_ms)
{
    const struct sawtooth *s = &n->sawtooth;
    const int64_t from = was->lost_t1_ms != 0 ? was->lost_t0_ms : t0_ms;
    const bool own = s->refuted && !s->returned && verdict == SAWTOOTH_CONTINUE && was->lost_signals != 0;
    if (s->on)
        lose(n, r, from, n->t_ms, 0, SAW_LOST, false);
    else if (own)
        lose(n, r, from, n->t_ms, was->lost_signals | n->odd,
             "some of its counters fell and came back: another worker's, or they began anew", true);
    else if (s->returned || s->refuted)
        lose(n, r, from, n->t_ms, 0,
             s->returned ? "its counters fell and came back: another process' page, an old one, or a restart; what they rose by is counted"
                         : "its counters went elsewhere and came back: another process' page, or a restart",
             true);
    else if (verdict == SAWTOOTH_UNKNOWN && !s->hold)
        lose(n, r, from, n->t_ms, 0, "another process answered", false);
    else if (was->lost_t1_ms != 0)
        lose(n, r, was->lost_t0_ms, was->lost_t1_ms, was->lost_signals, "its counters jumped, and then fell", true);
    else if (s->failed_over && was->count > 0)
        lose(n, r, was->counts[0].t0_ms, was->counts[0].t1_ms, 0, "its counters fell by less than half and went on from there", true);
}

/* Adds what has waited and counts now to what is made good, and keeps back what is to wait. */
static enum err hold(struct normaliser *n, enum sawtooth_verdict verdict, struct arena *a, struct store_batch *b,
                     struct store_batch **made_good, struct normalise_report *r, struct errctx *ctx)
{
    struct held_settled was;
    enum err e = held_settle(&n->held, n->st, &n->sawtooth, a, &was);
    struct store_batch *list = e == ERR_OK && was.count > 0 ? arena_array(a, r->made_good_count + was.count, sizeof *list) : NULL;
    if (e != ERR_OK || (was.count > 0 && list == NULL))
        return errctx_set(ctx, ERR_NOMEM, "out of memory for counts that waited");
    if (was.count > 0) {
        for (size_t i = 0; i < r->made_good_count; i++)
            list[i] = (*made_good)[i];
        for (uint32_t i = 0; i < was.count; i++) {
            if (was.counts[i].count > 0)
                list[r->made_good_count++] = was.counts[i];
        }
        *made_good = list;
    }
    if (was.count > 0 && n->sawtooth.began_anew) {
        r->began_t0_ms = was.counts[0].t0_ms;
        r->began_t1_ms = was.counts[0].t1_ms;
    }
    if (was.count > 0 && n->sawtooth.leapt) {
        r->leapt_t0_ms = was.counts[0].t0_ms;
        r->leapt_t1_ms = was.counts[0].t1_ms;
    }
    lose_poll(n, verdict, &was, r, b->t0_ms);
    if (n->sawtooth.hold)
        e = held_take(&n->held, n->st, (n->sawtooth.own & 1) != 0 ? n->fell : 0, a, b);
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "out of memory for counts that wait");
}

/* Judges the staged page, and goes back to what was before a dip that is over. */
static enum err judge(struct normaliser *n, enum sawtooth_verdict *ret, struct errctx *ctx)
{
    enum err e = ERR_OK;
    n->judged.had = n->had;
    dip_compare(n, &n->judged);
    *ret = sawtooth_judge(&n->sawtooth, &n->judged);
    if (n->sawtooth.returned)
        dip_return(n);
    dip_age(n);
    if (n->sawtooth.hold && !n->dip.open && ((n->sawtooth.dips | n->sawtooth.rises) & 1) != 0)
        e = dip_open(n);
    return e == ERR_OK ? ERR_OK : errctx_set(ctx, e, "out of memory for what counters were before they fell");
}

/* What is there is a baseline; its increments mean nothing. */
static void rebase(struct normaliser *n, struct normalise_report *r)
{
    struct errctx ignored = {""};
    dip_close(&n->dip);
    n->lacks.lost = n->lacks.lost || n->lacks.since_ms != 0;
    (void)!normalise_step_histograms(n, SAWTOOTH_UNKNOWN, r, &ignored); /* a native one without an output has it made by the next poll */
    step_slots(n, SAWTOOTH_UNKNOWN, r);
}

/* What the verdict on the page means for what was counted before, and for what is counted now. was: it was known for a mix before. */
static void tell_doubt(struct normaliser *n, bool was, enum sawtooth_verdict verdict, struct normalise_report *r)
{
    const struct sawtooth *s = &n->sawtooth;
    if (s->on && !was) {
        const uint32_t back = sawtooth_doubt(s) < n->end_count ? sawtooth_doubt(s) : n->end_count;
        r->taken_back_ms = back > 0 ? n->ends[back - 1] : n->last_ms;
        lose(n, r, r->taken_back_ms, n->t_ms, 0, SAW_LOST, false);
    }
    if (!s->watch)
        n->watch_ms = 0;
    else if (n->watch_ms == 0)
        n->watch_ms = n->last_ms != 0 ? n->last_ms : n->t_ms;
    r->watch_ms = n->watch_ms;
    r->watch_signals = s->watch && !s->whole ? held_signals(&n->held) : 0;
    r->watch_text = normalise_watch_text(n);
    if (verdict == SAWTOOTH_RESTARTED)
        n->end_count = 0; /* before that it was another process, and no mix */
    memmove(n->ends + 1, n->ends, (SAWTOOTH_DOUBT - 1) * sizeof *n->ends);
    n->ends[0] = n->t_ms;
    n->end_count += n->end_count < SAWTOOTH_DOUBT;
}

enum err normalise_finish(struct normaliser *n, struct arena *a, struct store_batch *ret, struct normalise_report *ret_report,
                          struct errctx *ctx)
{
    struct normalise_report r = {.seen = n->seen, .kept = n->seen_kept, .dropped = n->dropped, .process_start_s = n->judged.start_s};
    const bool judged = n->done > 0 && n->seen_kept > 0; /* a page that shows nothing is no sign of anything */
    const bool was_saw = n->sawtooth.on;
    enum sawtooth_verdict verdict = SAWTOOTH_CONTINUE;
    enum err e = judged ? judge(n, &verdict, ctx) : ERR_OK;
    if (n->done == 0)
        n->sawtooth.start_s = n->judged.start_s;
    if ((n->sawtooth.own & ~1u) == 0)
        n->fell_count = 0;
    struct store_batch *made_good = NULL;
    lacks_judge(n, verdict);
    if (e == ERR_OK)
        e = lacks_make_good(n, a, &made_good, &r.made_good_count, ctx);
    struct store_batch batch = {.source = n->opt.source, .t0_ms = n->last_ms, .t1_ms = n->t_ms};
    if (e == ERR_OK)
        e = normalise_account(n, verdict, a, &batch, &r, ctx);
    if (e == ERR_OK && judged)
        e = hold(n, verdict, a, &batch, &made_good, &r, ctx);
    if (e != ERR_OK)
        rebase(n, &r);
    r.lack = lacks_tell(n, n->lack);
    r.lack_lost = n->lacks.lost;
    n->lacks.lost = e != ERR_OK && n->lacks.lost;
    r.lack_text = n->lack;
    r.made_good = made_good;
    r.waits_since_ms = normalise_waits_since(n);
    r.first = n->done == 0;
    r.restarted = verdict == SAWTOOTH_RESTARTED;
    r.sawtooth = n->sawtooth.on;
    tell_doubt(n, was_saw, verdict, &r);
    r.families_unknown = intern_count(n->unknown) - 1;
    r.warnings = n->warnings;
    r.warning = n->warning;
    n->last_ms = n->t_ms;
    if (n->seen_kept > 0) {
        n->finished = n->poll;
        n->finished_ms = n->t_ms;
    }
    n->done++;
    if (n->poll % SWEEP_EVERY == 0)
        sweep(n);
    if (e != ERR_OK)
        return e;
    *ret = batch;
    *ret_report = r;
    return ERR_OK;
}

bool normalise_is_same_page(const struct normaliser *a, const struct normaliser *b)
{
    if (a->kept > b->kept) {
        const struct normaliser *t = a;
        a = b;
        b = t;
    }
    uint32_t compared = 0, same = 0, i;
    for (uint32_t k = 0; k < a->slots.count; k++) {
        const struct slot *s = &a->slots.list[k];
        if (!s->cumulative || s->last <= 0)
            continue;
        compared++;
        if (slots_peek(&b->slots, slots_key(&a->slots, k), &i))
            same += fabs(b->slots.list[i].last - s->last) <= s->last * TWIN_SLACK + 1; /* they are not read at the same moment */
    }
    return compared >= TWIN_LEAST && same >= compared - compared / 10;
}

int64_t normalise_waits_since(const struct normaliser *n)
{
    return n->held.count > 0 ? n->held.list[0].batch.t0_ms : 0;
}

uint64_t normalise_waits_signals(const struct normaliser *n)
{
    return held_signals(&n->held);
}

int64_t normalise_last_ms(const struct normaliser *n)
{
    return n->last_ms;
}

void normalise_forget_time(struct normaliser *n)
{
    n->last_ms = 0;
    dip_close(&n->dip);
    n->end_count = 0;
    lacks_forget_polls(&n->lacks);
}

uint64_t normalise_signals(const struct normaliser *n)
{
    return n->signals;
}
