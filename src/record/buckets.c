/* SPDX-License-Identifier: MIT */
#include "record/buckets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/histogram.h"

enum {
    TABLE_FIRST = 64, /* a power of two */
    PATIENCE = 4,     /* polls that a histogram waits for a bucket that went down to be what it was, or for one that is missing */
};

void buckets_init(struct buckets *b)
{
    *b = (struct buckets){.key = {hash_random_key(), hash_random_key()}};
}

static void fini_hist(struct buckets_hist *h)
{
    free(h->list);
    free(h->spares);
}

void buckets_fini(struct buckets *b)
{
    if (b == NULL)
        return;
    for (uint32_t i = 0; i < b->count; i++)
        fini_hist(&b->list[i]);
    free(b->list);
    free(b->table);
    *b = (struct buckets){0};
}

/* Sums of keyed hashes, so that the order of labels does not matter; 128 bits, so that equal means equal. */
struct buckets_id buckets_identity(const struct buckets *b, struct str family, const struct expo_label *labels, size_t count, uint64_t salt)
{
    struct buckets_id id;
    for (int k = 0; k < 2; k++) {
        id.half[k] = hash_bytes(family.p, family.n, b->key[k] + salt);
        for (size_t i = 0; i < count; i++) {
            if (!str_eq_z(labels[i].name, "le"))
                id.half[k] += hash_bytes(labels[i].value.p, labels[i].value.n, hash_bytes(labels[i].name.p, labels[i].name.n, b->key[k]));
        }
    }
    return id;
}

static void table_put(struct buckets *b, uint32_t i)
{
    uint32_t at = (uint32_t)b->list[i].id.half[0] & b->mask;
    while (b->table[at] != 0)
        at = (at + 1) & b->mask;
    b->table[at] = i + 1;
}

static enum err grow(struct buckets *b)
{
    uint32_t size = b->table == NULL ? TABLE_FIRST : (b->mask + 1) * 2;
    struct buckets_hist *list = realloc(b->list, (size_t)(size / 2) * sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    b->list = list;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return ERR_NOMEM;
    free(b->table);
    b->table = table;
    b->mask = size - 1;
    b->cap = size / 2;
    for (uint32_t i = 0; i < b->count; i++)
        table_put(b, i);
    return ERR_OK;
}

bool buckets_find(const struct buckets *b, const struct buckets_id *id, uint32_t *ret)
{
    if (b->table == NULL)
        return false;
    for (uint32_t at = (uint32_t)id->half[0] & b->mask; b->table[at] != 0; at = (at + 1) & b->mask) {
        uint32_t i = b->table[at] - 1;
        if (b->list[i].id.half[0] == id->half[0] && b->list[i].id.half[1] == id->half[1]) {
            *ret = i;
            return true;
        }
    }
    return false;
}

enum err buckets_make(struct buckets *b, const struct buckets_id *id, uint32_t *ret)
{
    if (b->count == b->cap) {
        enum err e = grow(b);
        if (e != ERR_OK)
            return e;
    }
    uint32_t i = b->count++;
    b->list[i] = (struct buckets_hist){.id = *id, .sum_slot = SLOT_NONE, .count_slot = SLOT_NONE, .out = SLOT_NONE};
    table_put(b, i);
    *ret = i;
    return ERR_OK;
}

static bool was_seen(const struct slot *slots, uint32_t poll, uint32_t slot)
{
    return slot != SLOT_NONE && slots[slot].seen == poll;
}

static enum err add_spare(struct buckets_hist *h, double le, uint32_t slot)
{
    if (h->spare_count == HIST_BOUNDS_MAX)
        return ERR_LIMIT;
    struct bucket_spare *list = realloc(h->spares, (h->spare_count + 1) * sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    h->spares = list;
    h->spares[h->spare_count++] = (struct bucket_spare){le, slot};
    return ERR_OK;
}

/* An upgrade writes "1.0" where "1" was: that is the same bucket, and both may come again. */
static enum err respell(struct buckets_hist *h, struct bucket *b, uint32_t slot, const struct slot *slots, uint32_t poll)
{
    if (was_seen(slots, poll, b->slot))
        return ERR_PARSE;
    enum err e = add_spare(h, b->le, b->slot);
    if (e == ERR_OK)
        b->slot = slot;
    return e;
}

enum err buckets_add(struct buckets_hist *h, struct str le, uint32_t slot, const struct slot *slots, uint32_t poll)
{
    double v;
    if (!str_to_f64(le, &v) || isnan(v) || v == -INFINITY)
        return ERR_PARSE;
    uint32_t at = h->count;
    while (at > 0 && h->list[at - 1].le > v)
        at--;
    if (at > 0 && h->list[at - 1].le == v)
        return respell(h, &h->list[at - 1], slot, slots, poll);
    uint32_t finite = h->count - (h->count > 0 && isinf(h->list[h->count - 1].le) ? 1 : 0);
    if (finite == HIST_BOUNDS_MAX && !isinf(v))
        return ERR_LIMIT;
    if (h->count == h->cap) {
        uint32_t cap = h->cap == 0 ? 20 : h->cap * 2; /* most histograms have 15 to 22 buckets */
        struct bucket *list = realloc(h->list, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        h->list = list;
        h->cap = cap;
    }
    memmove(h->list + at + 1, h->list + at, (h->count - at) * sizeof *h->list);
    h->list[at] = (struct bucket){.le = v, .slot = slot};
    h->count++;
    return ERR_OK;
}

/* The spelling that the page uses stands in the list. */
static void settle_spelling(struct buckets_hist *h, struct bucket_spare *spare, struct slot *slots, uint32_t poll)
{
    for (uint32_t i = 0; i < h->count; i++) {
        struct bucket *b = &h->list[i];
        if (b->le != spare->le)
            continue;
        if (was_seen(slots, poll, spare->slot) && !was_seen(slots, poll, b->slot)) {
            uint32_t slot = b->slot;
            b->slot = spare->slot;
            spare->slot = slot;
        }
        slots[spare->slot].replaced = was_seen(slots, poll, b->slot);
    }
}

/* All but finite buckets that the histogram had is on the page: what there is of buckets is all of them, and not what is left of a torn
 * page. */
static bool is_whole(const struct buckets_hist *h, const struct slot *slots, uint32_t poll)
{
    const uint32_t ends[] = {h->sum_slot, h->count_slot};
    const struct bucket *last = h->count > 0 ? &h->list[h->count - 1] : NULL;
    bool whole = last != NULL && was_seen(slots, poll, isinf(last->le) ? last->slot : h->count_slot);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        whole = whole && (ends[i] == SLOT_NONE || slots[ends[i]].seen == poll);
    return whole;
}

void buckets_settle(struct buckets_hist *h, struct slot *slots, uint32_t poll)
{
    for (uint32_t i = 0; i < h->spare_count; i++)
        settle_spelling(h, &h->spares[i], slots, poll);
    bool whole = is_whole(h, slots, poll), lacks = false, others = false;
    for (uint32_t i = 0; i < h->count; i++) {
        bool seen = was_seen(slots, poll, h->list[i].slot);
        lacks = lacks || (h->list[i].in && !seen);
        others = others || (!h->list[i].in && seen);
    }
    h->lacking = whole && lacks && !others ? h->lacking + 1 : 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct bucket *b = &h->list[i];
        bool seen = was_seen(slots, poll, b->slot);
        if (seen || (b->in && whole && !buckets_awaits(h)))
            slots[b->slot].replaced = !seen;
    }
}

bool buckets_awaits(const struct buckets_hist *h)
{
    return h->lacking > 0 && h->lacking <= PATIENCE;
}

static bool is_seen(const struct buckets_poll *p, uint32_t slot)
{
    return was_seen(p->slots, p->poll, slot);
}

static bool has_fallen(const struct slot *s)
{
    return s->last_seen != 0 && s->cur < s->last;
}

/* Values at or past 2^63 can't be counts of anything. */
static int64_t to_count(double v)
{
    return v < 0x1p63 ? (int64_t)v : INT64_MAX;
}

/* Whether a histogram began anew: a new process counts everything from zero, so that most of its parts fall, the largest among them. Of a
 * broken exporter, or of a page that was mixed from two processes, single ones do. */
struct fall {
    uint32_t parts, fell; /* that had counted something; of them, now below it */
    double most_before, most;
};

static void fall_part(struct fall *f, double before, double now)
{
    f->parts += before > 0;
    f->fell += now < before;
    f->most_before = before > f->most_before ? before : f->most_before;
    f->most = now > f->most ? now : f->most;
}

/* A part that went down stays so until it is what it was. */
static void note_fall(struct buckets_delta *d, const struct slot *s, double top, double le)
{
    d->falls = d->falls || (s->cur < top && has_fallen(s));
    if (d->fell || s->cur >= top)
        return;
    d->fell = true;
    d->fell_le = le;
}

/* What a bucket that is new on the page can tell. Sets that leave out empty buckets show one when it holds something; then it takes nothing
 * from the one above it. Where it does, a bound was added, and what is below it is no news. */
struct split {
    int64_t below; /* observations below the bucket at hand */
    bool fresh;    /* the one before it is new */
};

static bool is_split(struct split *s, int64_t all, int64_t done, bool is_new)
{
    int64_t own = all > s->below ? all - s->below : 0;
    bool split = !is_new && s->fresh && own < done;
    s->below = all > s->below ? all : s->below;
    s->fresh = is_new;
    return split;
}

/* What the page shows of a histogram, before anything is accounted. */
static struct buckets_delta survey(const struct buckets_hist *h, const struct buckets_poll *p)
{
    bool has_sum = is_seen(p, h->sum_slot), has_count = is_seen(p, h->count_slot);
    struct buckets_delta d = {.no_inf = true, .no_bounds = true, .no_sum = !has_sum || !isfinite(p->slots[h->sum_slot].cur)};
    d.present = has_sum || has_count;
    d.bounds_moved = h->out == SLOT_NONE;
    struct fall fall = {0, 0, 0, 0};
    struct split split = {0, false};
    for (uint32_t i = 0; i < h->count; i++) {
        const struct bucket *b = &h->list[i];
        bool seen = is_seen(p, b->slot);
        d.bounds_moved |= seen != b->in;
        d.vanished |= b->in && !seen;
        if (!seen)
            continue;
        const struct slot *s = &p->slots[b->slot];
        d.present = true;
        d.count++;
        fall_part(&fall, b->in ? b->top : 0, s->cur);
        if (b->in)
            note_fall(&d, s, b->top, b->le);
        d.split |= is_split(&split, to_count(s->cur), b->done, !b->in) || (isinf(b->le) && !b->in && h->inf_done > 0);
        if (isinf(b->le))
            d.no_inf = false;
        else
            d.no_bounds = false;
    }
    if (has_count) {
        const struct slot *s = &p->slots[h->count_slot];
        fall_part(&fall, h->count_top, s->cur);
        if (d.no_inf)
            note_fall(&d, s, h->count_top, INFINITY);
    }
    if (d.no_inf)
        d.split |= is_split(&split, has_count ? to_count(p->slots[h->count_slot].cur) : split.below, h->inf_done, false);
    d.reset = p->restarted || (h->last_seen < p->born && h->last_seen != p->before) ||
              (fall.most < fall.most_before && fall.fell * 2 > fall.parts);
    d.fell = d.fell && !d.reset;
    d.split = d.split && h->last_seen != 0 && !d.reset;
    d.count += d.no_inf ? 1 : 0;
    return d;
}

/* What to make of the page of a histogram that has a past. */
enum take { TAKE_RISE, TAKE_NOTHING, TAKE_BASELINE };

/* One bad page must not be what the next is compared with: nothing of it is taken, and the next one makes it good. A bucket that stays down
 * counts from there, after some patience; when it has climbed up again nobody knows how. */
static enum take take_of(struct buckets_hist *h, const struct buckets_delta *d)
{
    const uint32_t waited = h->waited;
    h->waited = 0;
    if (d->reset)
        return TAKE_RISE;
    if (d->vanished || d->split)
        return TAKE_BASELINE;
    if (!d->fell)
        return waited > PATIENCE ? TAKE_BASELINE : TAKE_RISE;
    if (waited > PATIENCE && !d->falls) {
        h->waited = waited;
        return TAKE_RISE;
    }
    h->waited = waited > PATIENCE ? 1 : waited + 1;
    return h->waited > PATIENCE ? TAKE_BASELINE : TAKE_NOTHING;
}

static bool sum_fixed(const struct buckets_hist *h, const struct buckets_poll *p, int64_t *ret)
{
    if (!is_seen(p, h->sum_slot))
        return false;
    double v = round(p->slots[h->sum_slot].cur * h->mult);
    if (!(v >= -0x1p62 && v < 0x1p62))
        return false;
    *ret = (int64_t)v;
    return true;
}

/* What the sum rose by, and of how many. Observations wait while it is not known, and while it is below what it was: the next one makes it
 * good. One that stays down is where the next rise begins, after some patience, as is one that cannot be theirs; when it has climbed up
 * again nobody knows how. least: what d->n of them add up to at their low edges, as the page counts. Of shares of a rise that was spread
 * over polls the sum waits for observations, and need not be that of these. */
static void account_sum(struct buckets_hist *h, const struct buckets_poll *p, bool baseline, bool from_zero, double least,
                        struct buckets_delta *d)
{
    int64_t now = 0;
    const bool spread = p->spread || h->spread;
    bool seen = sum_fixed(h, p, &now);
    h->spread = p->spread;
    if (from_zero || baseline) {
        h->sum_done = h->sum_top = 0;
        h->sum_based = from_zero;
        h->unsummed = 0;
        h->sum_waited = 0;
    }
    if (!seen) {
        h->unsummed += d->known ? d->n : 0;
        return;
    }
    if (spread && !baseline && d->n + h->unsummed == 0)
        return;
    int64_t rise = now - h->sum_done;
    bool positive = h->count == 0 || h->list[0].le > 0;
    d->odd_sum = h->sum_based && positive && !spread && (double)rise < least * h->mult * (1 - 1e-9);
    if (h->sum_based && rise < 0 && h->sum_waited < PATIENCE) {
        h->sum_waited++;
        h->unsummed += d->known ? d->n : 0;
        return;
    }
    const bool climbed = h->sum_done < h->sum_top && now >= h->sum_top;
    if (h->sum_based && !d->odd_sum && !climbed) {
        d->sum_fixed = rise;
        d->summed = d->n + h->unsummed;
    }
    h->sum_top = now > h->sum_top ? now : h->sum_top;
    h->sum_done = now;
    h->sum_based = true;
    h->unsummed = 0;
    h->sum_waited = 0;
}

uint64_t buckets_account(int64_t *done, int64_t now, bool baseline)
{
    int64_t was = baseline ? now : *done;
    if (now < was)
        return 0;
    *done = now;
    return (uint64_t)(now - was);
}

/* The highest value that was taken of a part. A baseline of one that went down keeps it, for that it is down is still to be seen. */
static void raise_top(double *top, double now, bool anew)
{
    *top = anew || now > *top ? now : *top;
}

struct buckets_delta buckets_step(struct buckets_hist *h, const struct buckets_poll *p, uint64_t *counts)
{
    struct buckets_delta d = survey(h, p);
    bool counted = !d.no_bounds || !d.no_inf || is_seen(p, h->count_slot);
    if (!d.present || !counted || h->broken)
        return (struct buckets_delta){.present = d.present};
    bool is_new = h->last_seen == 0;
    enum take take = is_new ? TAKE_RISE : take_of(h, &d);
    h->last_seen = p->poll;
    if (take == TAKE_NOTHING)
        return d;
    /* Other buckets without a reset: the new set of bounds has no past to compare with. */
    bool baseline = (is_new && p->first) || take == TAKE_BASELINE;
    bool from_zero = !baseline && (is_new || d.reset);
    bool anew = from_zero || is_new || (baseline && !d.fell);
    int64_t below = 0, highest = 0;
    double low = 0, least = 0;
    uint32_t k = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        struct bucket *b = &h->list[i];
        bool was_in = b->in;
        b->in = is_seen(p, b->slot);
        if (!b->in || from_zero)
            b->done = 0;
        if (!b->in)
            continue;
        raise_top(&b->top, p->slots[b->slot].cur, anew || !was_in);
        int64_t v = to_count(p->slots[b->slot].cur);
        if (v < highest && !d.not_rising) {
            d.not_rising = true;
            d.below_le = b->le;
        }
        highest = v > highest ? v : highest;
        counts[k] = buckets_account(&b->done, highest - below, baseline);
        d.n += counts[k];
        least += low * (double)counts[k++];
        low = b->le;
        below = highest;
    }
    if (is_seen(p, h->count_slot))
        raise_top(&h->count_top, p->slots[h->count_slot].cur, anew);
    if (!d.no_inf || from_zero)
        h->inf_done = 0;
    if (d.no_inf) {
        int64_t all = is_seen(p, h->count_slot) ? to_count(p->slots[h->count_slot].cur) : highest;
        counts[k] = buckets_account(&h->inf_done, all > highest ? all - highest : 0, baseline);
        d.n += counts[k];
        least += low * (double)counts[k];
    }
    if (d.bounds_moved)
        h->out = SLOT_NONE;
    d.known = !baseline;
    account_sum(h, p, baseline, from_zero, least, &d);
    d.reset = d.reset && !is_new;
    return d;
}

void buckets_rebase(struct buckets_hist *h, const struct buckets_poll *p)
{
    uint64_t unused[HIST_BOUNDS_MAX + 1];
    if (!survey(h, p).present)
        return; /* what was handed on of it still stands */
    struct buckets_poll first = *p;
    first.first = true;
    first.restarted = false;
    h->last_seen = 0;
    h->waited = 0;
    (void)buckets_step(h, &first, unused);
}

double buckets_seconds(double le, double factor)
{
    return factor < 1.0 ? le / round(1.0 / factor) : le * factor;
}

uint32_t buckets_bounds(const struct buckets_hist *h, double *upper)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->list[i].in && !isinf(h->list[i].le))
            upper[n++] = buckets_seconds(h->list[i].le, h->factor);
    }
    return n;
}

static uint32_t renumber(const uint32_t *remap, uint32_t slot)
{
    return slot == SLOT_NONE ? SLOT_NONE : remap[slot];
}

static void renumber_hist(struct buckets_hist *h, const uint32_t *remap)
{
    h->sum_slot = renumber(remap, h->sum_slot);
    h->count_slot = renumber(remap, h->count_slot);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < h->count; k++) {
        struct bucket one = h->list[k];
        one.slot = renumber(remap, one.slot);
        if (one.slot != SLOT_NONE)
            h->list[kept++] = one;
        else if (one.in)
            h->out = SLOT_NONE;
    }
    h->count = kept;
    kept = 0;
    for (uint32_t k = 0; k < h->spare_count; k++) {
        struct bucket_spare one = h->spares[k];
        one.slot = renumber(remap, one.slot);
        if (one.slot != SLOT_NONE)
            h->spares[kept++] = one;
    }
    h->spare_count = kept;
}

void buckets_remap(struct buckets *b, const uint32_t *remap, uint32_t *moved)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        struct buckets_hist h = b->list[i];
        renumber_hist(&h, remap);
        moved[i] = SLOT_NONE;
        if (h.count == 0 && h.sum_slot == SLOT_NONE && h.count_slot == SLOT_NONE) {
            fini_hist(&h);
            continue;
        }
        moved[i] = kept;
        b->list[kept++] = h;
    }
    b->count = kept;
    if (b->table != NULL)
        memset(b->table, 0, ((size_t)b->mask + 1) * sizeof *b->table);
    for (uint32_t i = 0; i < kept; i++)
        table_put(b, i);
}
