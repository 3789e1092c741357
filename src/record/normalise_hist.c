/* SPDX-License-Identifier: MIT */
/* Accounting for the histograms of a page, classic and native, at the end of a poll. */
#include <math.h>

#include "record/normalise_int.h"

enum { BOUND_MAX = 32 };

bool normalise_is_spoken_for(const struct normaliser *n, uint32_t row)
{
    const struct profile_metric *m = &n->p->metrics[row];
    return m->group < n->p->group_count && m->rank > n->best[m->group];
}

const char *normalise_which(const struct normaliser *n, uint32_t row, const struct series *s, char out[WHICH_MAX])
{
    const struct intern *names = store_strings(n->st);
    size_t used = 0;
    (void)str_copy(out, WHICH_MAX, str_of(n->p->metrics[row].name));
    for (int d = 0; d < DIM_COUNT; d++) {
        if (d == DIM_GATEWAY || s->dim[d] == 0)
            continue;
        const char *value = intern_text(names, s->dim[d]);
        const char *between = used > 0 ? "," : "{";
        used = str_of(out).n;
        (void)str_format(out + used, WHICH_MAX - used, "%s%s=\"%s\"", between, dim_name((enum dim)d), value);
    }
    if (used > 0)
        (void)str_format(out + str_of(out).n, WHICH_MAX - str_of(out).n, "}");
    return out;
}

/* A bucket by its bound, as a page writes it. */
static const char *bound(double le, char out[BOUND_MAX])
{
    (void)str_format(out, BOUND_MAX, isinf(le) ? "+Inf" : "%g", le);
    return out;
}

static void warn_histogram(struct normaliser *n, const struct buckets_hist *h, const struct buckets_delta *d)
{
    char text[WHICH_MAX], le[BOUND_MAX];
    const char *name = normalise_which(n, h->row, &h->series, text);
    if (d->not_rising)
        normalise_warn(n, "histogram %s: le=\"%s\" holds less than the bucket below it: the lower one is believed", name,
                       bound(d->below_le, le));
    if (d->fell)
        normalise_warn(n, "histogram %s: le=\"%s\" went down and others did not, which is no restart: %s", name, bound(d->fell_le, le),
                       d->known ? "it counts from there" : "this interval is not known");
    if (d->vanished || d->split)
        normalise_warn(n, "histogram %s has other buckets without a restart: this interval is not known", name);
    if (d->no_bounds)
        normalise_warn(n, "histogram %s has no finite le: it has averages and no quantiles", name);
    else if (d->no_inf)
        normalise_warn(n, "histogram %s has no le=\"+Inf\": its _count stands in", name);
    if (d->no_sum)
        normalise_warn(n, "histogram %s has no _sum, or one that is no number: its mean is not known", name);
    if (d->odd_sum)
        normalise_warn(n, "histogram %s has a _sum that its buckets contradict: its mean is not known", name);
}

/* The output for the bounds that are on the page now. */
static enum err choose_bounds(struct normaliser *n, struct buckets_hist *h, struct errctx *ctx)
{
    double upper[HIST_BOUNDS_MAX];
    const struct hist_bounds *bounds;
    uint32_t count = buckets_bounds(h, upper);
    enum err e = store_bounds(n->st, upper, count, &bounds, ctx);
    if (e != ERR_OK)
        return e;
    h->series.bounds = bounds->id;
    return outs_get(&n->outs, n->st, &h->series, count + 1, &n->p->metrics[h->row], &h->out, ctx);
}

static enum err step_histogram(struct normaliser *n, struct buckets_hist *h, const struct buckets_poll *p, struct normalise_report *r,
                               struct errctx *ctx)
{
    uint64_t counts[HIST_BOUNDS_MAX + 1];
    struct buckets_poll at = *p;
    at.first = p->first || (h->last_seen == 0 && h->count > 0 && lacks_awaits(n, &n->slots.list[h->list[0].slot]));
    struct buckets_delta d = buckets_step(h, &at, counts);
    if (d.count == 0)
        return ERR_OK;
    if (d.no_bounds || d.no_inf || d.no_sum || d.odd_sum || d.not_rising || d.vanished || d.split || d.fell)
        warn_histogram(n, h, &d);
    if (h->out == SLOT_NONE) {
        enum err e = choose_bounds(n, h, ctx);
        if (e != ERR_OK)
            return e;
    }
    r->resets += d.reset;
    n->fell |= d.reset ? UINT64_C(1) << h->series.signal : 0;
    r->odd_buckets |= (uint64_t)d.not_rising << h->series.signal;
    if (!d.known)
        return ERR_OK;
    struct out *out = outs_touch(&n->outs, h->out, n->poll);
    if (!outs_add_buckets(out, counts, d.count)) {
        h->out = SLOT_NONE; /* bounds are chosen anew */
        return ERR_OK;
    }
    out->sum += d.sum_fixed;
    out->n += d.summed;
    return ERR_OK;
}

static enum err choose_native(struct normaliser *n, struct native_hist *h, struct errctx *ctx)
{
    double upper[HIST_BOUNDS_MAX];
    const struct profile_metric *m = &n->p->metrics[h->row];
    h->series.bounds = 0;
    if (h->width == 1)
        return outs_get(&n->outs, n->st, &h->series, NATIVE_BUCKETS, m, &h->out, ctx);
    const struct hist_bounds *bounds;
    uint32_t count = native_bounds(h, upper);
    enum err e = store_bounds(n->st, upper, count, &bounds, ctx);
    if (e != ERR_OK)
        return e;
    h->series.bounds = bounds->id;
    return outs_get(&n->outs, n->st, &h->series, count + 1, m, &h->out, ctx);
}

static enum err step_native(struct normaliser *n, struct native_hist *h, const struct buckets_poll *p, bool known,
                            struct normalise_report *r, struct errctx *ctx)
{
    uint64_t counts[NATIVE_BUCKETS];
    char text[WHICH_MAX];
    h->rebase |= !known;
    struct native_delta d = native_step(h, n->poll, p->first, p->restarted, counts);
    if (h->width == 0)
        return ERR_OK; /* it has counted nothing yet */
    if (d.moved) {
        enum err e = choose_native(n, h, ctx);
        if (e != ERR_OK)
            return e;
    }
    r->resets += d.reset;
    n->fell |= d.reset ? UINT64_C(1) << h->series.signal : 0;
    if (d.no_sum)
        normalise_warn(n, "histogram %s has a sum that is no number: its mean is not known", normalise_which(n, h->row, &h->series, text));
    if (!d.known)
        return ERR_OK;
    struct out *out = outs_touch(&n->outs, h->out, n->poll);
    out->sum += d.sum_fixed;
    out->n += d.summed;
    out->dirty = true;
    for (uint32_t i = 0; i < NATIVE_BUCKETS; i++) {
        if (counts[i] > 0)
            out->counts[native_bucket(h, i)] += counts[i];
    }
    return ERR_OK;
}

enum err normalise_step_histograms(struct normaliser *n, enum sawtooth_verdict verdict, struct normalise_report *r, struct errctx *ctx)
{
    struct buckets_poll p = {n->slots.list, n->poll, n->done == 0, verdict == SAWTOOTH_RESTARTED, n->finished, n->born, n->spread};
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < n->buckets.count && e == ERR_OK; i++) {
        struct buckets_hist *h = &n->buckets.list[i];
        if (normalise_is_spoken_for(n, h->row))
            continue;
        if (verdict == SAWTOOTH_UNKNOWN)
            buckets_rebase(h, &p);
        else
            e = step_histogram(n, h, &p, r, ctx);
    }
    for (uint32_t i = 0; i < n->natives.count && e == ERR_OK; i++) {
        struct native_hist *h = &n->natives.list[i];
        if (h->slot != SLOT_NONE && n->slots.list[h->slot].seen == n->poll && !normalise_is_spoken_for(n, h->row))
            e = step_native(n, h, &p, verdict != SAWTOOTH_UNKNOWN, r, ctx);
    }
    return e;
}
