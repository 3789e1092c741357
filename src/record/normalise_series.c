/* SPDX-License-Identifier: MIT */
#include "record/normalise_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"

enum {
    VALUE_MAX = 200,       /* bytes kept of a dimension's value; longer ones end in ~ */
    LABEL_BYTES_MAX = 8192 /* bytes of unescaped label values of one series; what passes is cut */
};

static bool is_family_of(const struct normaliser *n, struct str name)
{
    static const char *const suffixes[] = {"", "_total", "_bucket", "_sum", "_count", "_created", "_info"};
    if (n->family_len == 0 || name.n < n->family_len || memcmp(name.p, n->family, n->family_len) != 0)
        return false;
    struct str rest = {name.p + n->family_len, name.n - n->family_len};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (str_eq_z(rest, suffixes[i]))
            return true;
    }
    return false;
}

/* Whether a # TYPE says that the metric is not what the profile means. */
static bool contradicts(enum expo_type type, const struct profile_metric *m)
{
    const enum signal_kind kind = profile_metric_kind(m);
    switch (type) {
    case EXPO_UNTYPED:
    case EXPO_STATESET:
    case EXPO_INFO: return false;
    case EXPO_GAUGE: return kind != KIND_GAUGE;
    case EXPO_COUNTER:
    case EXPO_GAUGE_HISTOGRAM: return kind == KIND_GAUGE || kind == KIND_HISTOGRAM;
    case EXPO_SUMMARY: /* its sum and count are those of a histogram without buckets */
    case EXPO_HISTOGRAM: return kind == KIND_GAUGE;
    }
    return false;
}

static void find_out(struct normaliser *n, struct str text, struct name *name)
{
    struct str family = is_family_of(n, text) ? (struct str){n->family, n->family_len} : text;
    name->type = is_family_of(n, text) ? n->family_type : EXPO_UNTYPED;
    name->is_start = str_eq_z(text, "process_start_time_seconds");
    name->metric = profile_find_sample(n->p, text, &name->sample);
    if (name->metric != NULL && name->metric->by_type && contradicts(name->type, name->metric)) {
        normalise_warn(n, "%.*s: its TYPE is not that of %s in profile %s, so it is left out", (int)text.n, text.p,
                       signal_info(name->metric->signal)->name, n->p->name);
        name->metric = NULL;
        name->left_out = true;
    } else if (name->metric != NULL && name->sample == SAMPLE_VALUE && profile_metric_kind(name->metric) == KIND_HISTOGRAM) {
        name->metric = NULL; /* quantiles made by the exporter cannot be added up */
        name->left_out = true;
    } else if (name->metric == NULL && (profile_ignores(n->p, text) || profile_ignores(n->p, family))) {
        name->left_out = true;
    } else if (name->metric == NULL && !name->is_start) {
        uint32_t id;
        name->left_out = true;
        (void)!intern_add(n->unknown, family, &id); /* too many such: the rest is not counted */
    }
}

static enum err get_name(struct normaliser *n, struct str text, uint32_t *ret, struct errctx *ctx)
{
    enum err e = intern_add(n->name_ids, text, ret);
    if (e == ERR_LIMIT) { /* a page of endless names: what comes last is not looked at */
        *ret = 0;
        return ERR_OK;
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for the names of metrics");
    if (*ret >= n->name_cap) {
        uint32_t cap = n->name_cap * 2;
        struct name *names = realloc(n->names, cap * sizeof *names);
        if (names == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the names of metrics");
        memset(names + n->name_cap, 0, (cap - n->name_cap) * sizeof *names);
        n->names = names;
        n->name_cap = cap;
    }
    struct name *name = &n->names[*ret];
    if (name->metric == NULL && !name->left_out && !name->is_start)
        find_out(n, text, name);
    return ERR_OK;
}

static void expose(struct normaliser *n, const struct profile_metric *m)
{
    for (; m != NULL; m = profile_next(n->p, m)) {
        if (m->group < n->p->group_count && m->rank < n->best[m->group])
            n->best[m->group] = m->rank;
    }
}

/* The label set as the profile wants it, unescaped into text. */
static void to_pairs(const struct expo_label *labels, size_t count, struct profile_pair *pairs, char *text)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct str v = labels[i].value;
        if (labels[i].escaped) {
            v.n = v.n < LABEL_BYTES_MAX - used ? v.n : LABEL_BYTES_MAX - used;
            size_t len = expo_unescape(v, text + used);
            v = (struct str){text + used, len};
            used += len;
        }
        pairs[i] = (struct profile_pair){labels[i].name, v};
    }
}

static enum err to_series(struct normaliser *n, const struct profile_metric *m, const struct str dims[DIM_COUNT], struct series *ret,
                          struct errctx *ctx)
{
    struct series s = {.source = n->opt.source, .signal = (uint16_t)m->signal};
    for (unsigned d = 0; d < DIM_COUNT; d++) {
        char safe[VALUE_MAX];
        if (dims[d].n == 0)
            continue;
        size_t len = safe_text(safe, sizeof safe, dims[d]);
        enum err e = store_string(n->st, (struct str){safe, len}, &s.dim[d], ctx);
        if (e != ERR_OK)
            return e;
    }
    s.dim[DIM_GATEWAY] = n->gateway;
    *ret = s;
    return ERR_OK;
}

static enum err add_feed(struct normaliser *n, const struct feed *feed, uint32_t *ret, struct errctx *ctx)
{
    if (n->feed_count == n->feed_cap) {
        uint32_t cap = n->feed_cap == 0 ? 256 : n->feed_cap * 2;
        struct feed *feeds = realloc(n->feeds, cap * sizeof *feeds);
        if (feeds == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the table of series");
        n->feeds = feeds;
        n->feed_cap = cap;
    }
    n->feeds[n->feed_count] = *feed;
    *ret = n->feed_count++;
    return ERR_OK;
}

static struct str histogram_family(struct str name, enum profile_sample sample)
{
    size_t suffix = sample == SAMPLE_BUCKET ? sizeof "_bucket" - 1 : sample == SAMPLE_SUM ? sizeof "_sum" - 1 : sizeof "_count" - 1;
    return (struct str){name.p, name.n - suffix};
}

static struct str label_of(const struct expo_sample *s, const char *name)
{
    for (size_t i = 0; i < s->label_count; i++) {
        if (str_eq_z(s->labels[i].name, name))
            return s->labels[i].value;
    }
    return (struct str){"", 0};
}

/* Puts the slot into its histogram, made when new. A part that cannot be used leaves the slot feeding nothing. */
static enum err join_histogram(struct normaliser *n, const struct expo_sample *s, const struct name *name, const struct profile_metric *m,
                               const struct series *series, uint32_t slot, uint32_t *ret, struct errctx *ctx)
{
    uint32_t row = (uint32_t)(m - n->p->metrics);
    struct buckets_id id = buckets_identity(&n->buckets, histogram_family(s->name, name->sample), s->labels, s->label_count, row);
    uint32_t h;
    if (!buckets_find(&n->buckets, &id, &h)) {
        enum err e = buckets_make(&n->buckets, &id, &h);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory for the table of histograms");
        struct buckets_hist *fresh = &n->buckets.list[h];
        fresh->series = *series;
        fresh->row = row;
        fresh->factor = m->factor;
        fresh->mult = n->mult[row];
    }
    struct buckets_hist *hist = &n->buckets.list[h];
    enum err e = ERR_OK;
    switch (name->sample) {
    case SAMPLE_BUCKET: e = buckets_add(hist, label_of(s, "le"), slot, n->slots.list, n->poll); break;
    case SAMPLE_SUM: hist->sum_slot = slot; break;
    case SAMPLE_COUNT: hist->count_slot = slot; break;
    case SAMPLE_VALUE: break;
    }
    if (e == ERR_NOMEM)
        return errctx_set(ctx, e, "out of memory for a histogram");
    if (e != ERR_OK) {
        normalise_warn(n, "line %zu: a bucket whose le is missing, no number, given twice or one too many: left out", s->line);
        return ERR_OK;
    }
    *ret = h;
    return ERR_OK;
}

static enum feed_role role_of(const struct profile_metric *m)
{
    switch (m->part) {
    case PART_N: return FEED_N;
    case PART_SUM: return FEED_SUM;
    case PART_BAD: return FEED_BAD;
    case PART_WHOLE: break;
    }
    switch (signal_info(m->signal)->kind) {
    case KIND_GAUGE: return FEED_GAUGE;
    case KIND_HISTOGRAM: return FEED_HISTOGRAM;
    case KIND_INCREMENT:
    case KIND_SCORE: break;
    }
    return FEED_COUNTER;
}

/* The output of counters that are parts of a latency: a distribution of one bucket, which holds everything. */
static enum err get_average(struct normaliser *n, const struct profile_metric *m, struct series *series, uint32_t *ret, struct errctx *ctx)
{
    const struct hist_bounds *none;
    enum err e = store_bounds(n->st, NULL, 0, &none, ctx);
    if (e != ERR_OK)
        return e;
    series->bounds = none->id;
    return outs_get(&n->outs, n->st, series, 1, m, ret, ctx);
}

/* One row of the profile for one series. */
static enum err feed_row(struct normaliser *n, const struct expo_sample *s, const struct name *name, const struct profile_metric *m,
                         const struct str dims[DIM_COUNT], uint32_t slot, struct errctx *ctx)
{
    struct series series;
    enum err e = to_series(n, m, dims, &series, ctx);
    if (e != ERR_OK)
        return e;
    struct feed feed = {
        .out = SLOT_NONE, .next = n->slots.list[slot].feed, .row = (uint16_t)(m - n->p->metrics), .role = (uint8_t)role_of(m)};
    if (feed.role == FEED_HISTOGRAM)
        e = join_histogram(n, s, name, m, &series, slot, &feed.out, ctx);
    else if (signal_info(m->signal)->kind == KIND_HISTOGRAM)
        e = get_average(n, m, &series, &feed.out, ctx);
    else
        e = outs_get(&n->outs, n->st, &series, 0, m, &feed.out, ctx);
    if (e == ERR_OK && feed.role == FEED_SUM)
        n->outs.list[feed.out].has_sum = true;
    if (e == ERR_OK && feed.role == FEED_BAD)
        n->outs.list[feed.out].has_bad = true;
    if (e == ERR_OK && feed.out != SLOT_NONE)
        e = add_feed(n, &feed, &n->slots.list[slot].feed, ctx);
    if (feed.role != FEED_GAUGE)
        n->slots.list[slot].cumulative = name->sample != SAMPLE_SUM; /* a sum of signed values may fall without a reset */
    return e;
}

/* A histogram without one of its buckets would be a wrong one. */
static void break_histogram(struct normaliser *n, const struct expo_sample *s, const struct name *name)
{
    for (const struct profile_metric *m = name->metric; m != NULL; m = profile_next(n->p, m)) {
        uint32_t h;
        struct buckets_id id = buckets_identity(&n->buckets, histogram_family(s->name, name->sample), s->labels, s->label_count,
                                                (uint64_t)(m - n->p->metrics));
        if (buckets_find(&n->buckets, &id, &h))
            n->buckets.list[h].broken = true;
    }
}

enum err normalise_add_series(struct normaliser *n, const struct expo_sample *s, uint32_t *ret, struct errctx *ctx)
{
    uint32_t name_id, slot;
    *ret = SLOT_NONE;
    enum err e = get_name(n, s->name, &name_id, ctx);
    if (e != ERR_OK)
        return e;
    const struct name name = n->names[name_id];
    expose(n, name.metric);
    if (name.metric != NULL && n->kept >= n->opt.max_series) {
        n->dropped++;
        if (name.sample != SAMPLE_VALUE)
            break_histogram(n, s, &name);
        return ERR_OK;
    }
    if (name.metric == NULL && n->left_out >= n->opt.max_series)
        return ERR_OK; /* nothing is lost: it is only read in full each time */
    e = slots_add(&n->slots, s->series, &slot);
    if (e == ERR_LIMIT) {
        n->dropped += name.metric != NULL;
        return ERR_OK;
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for the table of series");
    n->slots.list[slot].name = name_id;

    struct profile_pair pairs[EXPO_LABELS_MAX];
    char text[LABEL_BYTES_MAX];
    if (name.metric != NULL)
        to_pairs(s->labels, s->label_count, pairs, text);
    for (const struct profile_metric *m = name.metric; m != NULL && e == ERR_OK; m = profile_next(n->p, m)) {
        struct str dims[DIM_COUNT] = {{NULL, 0}};
        if (profile_fold(n->p, m, pairs, s->label_count, dims))
            e = feed_row(n, s, &name, m, dims, slot, ctx);
    }
    if (n->slots.list[slot].feed != SLOT_NONE || name.is_start)
        n->kept++;
    else
        n->left_out++;
    *ret = slot;
    return e;
}

static enum err feed_native(struct normaliser *n, const struct profile_metric *m, const struct str dims[DIM_COUNT], uint32_t slot,
                            struct errctx *ctx)
{
    struct feed feed = {.out = SLOT_NONE, .next = n->slots.list[slot].feed, .row = (uint16_t)(m - n->p->metrics), .role = FEED_NATIVE};
    struct series series;
    enum err e = to_series(n, m, dims, &series, ctx);
    if (e == ERR_OK && native_make(&n->natives, &feed.out) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for a histogram");
    if (e != ERR_OK)
        return e;
    struct native_hist *h = &n->natives.list[feed.out];
    h->series = series;
    h->row = feed.row;
    h->slot = slot;
    h->mult = n->mult[feed.row];
    return add_feed(n, &feed, &n->slots.list[slot].feed, ctx);
}

enum err normalise_add_native(struct normaliser *n, const struct source_histogram *h, uint32_t *ret, struct errctx *ctx)
{
    uint32_t slot;
    *ret = SLOT_NONE;
    if (n->kept >= n->opt.max_series) {
        n->dropped++;
        return ERR_OK;
    }
    enum err e = slots_add(&n->slots, h->series, &slot);
    if (e != ERR_OK) {
        n->dropped += e == ERR_LIMIT;
        return e == ERR_LIMIT ? ERR_OK : errctx_set(ctx, e, "out of memory for the table of series");
    }
    struct profile_pair pairs[EXPO_LABELS_MAX];
    char text[LABEL_BYTES_MAX];
    const struct profile_metric *m = profile_find(n->p, h->name);
    expose(n, m);
    to_pairs(h->labels, h->label_count, pairs, text);
    for (; m != NULL && e == ERR_OK; m = profile_next(n->p, m)) {
        struct str dims[DIM_COUNT] = {{NULL, 0}};
        if (profile_metric_kind(m) == KIND_HISTOGRAM && profile_fold(n->p, m, pairs, h->label_count, dims))
            e = feed_native(n, m, dims, slot, ctx);
    }
    if (n->slots.list[slot].feed != SLOT_NONE)
        n->kept++;
    else
        n->left_out++;
    *ret = slot;
    return e;
}
