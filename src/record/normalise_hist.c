/* SPDX-License-Identifier: MIT */
/* Accounting for the histograms of a page, classic and native, at the end of a poll. */
#include "record/normalise_int.h"

bool normalise_is_spoken_for(const struct normaliser *n, uint32_t row)
{
    const struct profile_metric *m = &n->p->metrics[row];
    return m->group < n->p->group_count && m->rank > n->best[m->group];
}

static void warn_histogram(struct normaliser *n, const struct buckets_hist *h, const struct buckets_delta *d)
{
    const char *name = n->p->metrics[h->row].name;
    if (d->no_bounds)
        normalise_warn(n, "histogram %s has no finite le: it has averages and no quantiles", name);
    else if (d->no_inf)
        normalise_warn(n, "histogram %s has no le=\"+Inf\": its _count stands in", name);
    if (d->no_sum)
        normalise_warn(n, "histogram %s has no _sum, or one that is no number: its mean is not known", name);
    if (d->not_rising)
        normalise_warn(n, "histogram %s has buckets that do not rise with le: the lower ones are believed", name);
    if (d->fell && !d->known)
        normalise_warn(n, "histogram %s has buckets that went down without a restart: this interval is not known", name);
    if (d->vanished && !d->known)
        normalise_warn(n, "histogram %s lost buckets without a restart: this interval is not known", name);
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
    struct buckets_delta d = buckets_step(h, p, counts);
    if (d.count == 0)
        return ERR_OK;
    if (d.no_bounds || d.no_inf || d.no_sum || d.not_rising || d.vanished || d.fell)
        warn_histogram(n, h, &d);
    if (d.bounds_moved) {
        enum err e = choose_bounds(n, h, ctx);
        if (e != ERR_OK)
            return e;
    }
    r->resets += d.reset;
    if (!d.known)
        return ERR_OK;
    struct out *out = outs_touch(&n->outs, h->out, n->poll);
    out->sum += d.sum_fixed;
    out->n += d.n;
    if (d.n == 0)
        return ERR_OK;
    out->dirty = true;
    for (uint32_t i = 0; i < d.count; i++)
        out->counts[i] += counts[i];
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
    uint32_t count = native_bounds(h->width, upper);
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
    h->rebase |= !known;
    struct native_delta d = native_step(h, n->poll, p->first, p->restarted, counts);
    if (d.moved) {
        enum err e = choose_native(n, h, ctx);
        if (e != ERR_OK)
            return e;
    }
    r->resets += d.reset;
    if (!d.known)
        return ERR_OK;
    struct out *out = outs_touch(&n->outs, h->out, n->poll);
    out->sum += d.sum_fixed;
    out->n += d.n;
    out->dirty = true;
    for (uint32_t i = 0; i < NATIVE_BUCKETS; i++)
        out->counts[h->width == 1 ? i : native_classic(h->width, i)] += counts[i];
    return ERR_OK;
}

enum err normalise_step_histograms(struct normaliser *n, enum sawtooth_verdict verdict, struct normalise_report *r, struct errctx *ctx)
{
    struct buckets_poll p = {n->slots.list, n->poll, n->done == 0, verdict == SAWTOOTH_RESTARTED, n->finished, n->born};
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
