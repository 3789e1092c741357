/* SPDX-License-Identifier: MIT */
#include "source/profile.h"

#include <string.h>

#include "base/hash.h"
#include "source/profile_index.h"

/* The names are the profile's own and few, so the hash needs no secret: what a peer asks for cannot lengthen a chain. */
static const uint64_t index_key = UINT64_C(0x9e3779b97f4a7c15);

enum err profile_index_build(struct profile *p, struct arena *a)
{
    struct profile_index *x = arena_alloc(a, sizeof *x);
    uint32_t size = 16;
    while (size < 2 * p->metric_count)
        size *= 2;
    if (x == NULL || (x->slots = arena_array(a, size, sizeof *x->slots)) == NULL)
        return ERR_NOMEM;
    x->mask = size - 1;
    for (size_t row = 0; row < p->metric_count; row++) {
        if (row > 0 && strcmp(p->metrics[row].name, p->metrics[row - 1].name) == 0)
            continue; /* reached by profile_next */
        struct str name = str_of(p->metrics[row].name);
        uint64_t hash = hash_bytes(name.p, name.n, index_key);
        uint32_t at = (uint32_t)hash & x->mask;
        while (x->slots[at].row_plus_1 != 0)
            at = (at + 1) & x->mask;
        x->slots[at] = (struct profile_slot){.tag = (uint32_t)(hash >> 32), .row_plus_1 = (uint32_t)row + 1, .length = name.n};
    }
    p->index = x;
    return ERR_OK;
}

const struct profile_metric *profile_find(const struct profile *p, struct str family)
{
    uint64_t hash = hash_bytes(family.p, family.n, index_key);
    for (uint32_t at = (uint32_t)hash & p->index->mask;; at = (at + 1) & p->index->mask) {
        const struct profile_slot *s = &p->index->slots[at];
        if (s->row_plus_1 == 0)
            return NULL;
        const struct profile_metric *m = &p->metrics[s->row_plus_1 - 1];
        if (s->tag == (uint32_t)(hash >> 32) && s->length == family.n && memcmp(m->name, family.p, family.n) == 0)
            return m;
    }
}

const struct profile_metric *profile_next(const struct profile *p, const struct profile_metric *m)
{
    const struct profile_metric *end = p->metrics + p->metric_count;
    return m + 1 < end && strcmp(m[1].name, m->name) == 0 ? m + 1 : NULL;
}

const struct profile_metric *profile_find_sample(const struct profile *p, struct str name, enum profile_sample *ret_sample)
{
    static const struct {
        const char *suffix;
        size_t length;
        enum profile_sample sample;
    } suffixes[] = {{"_bucket", 7, SAMPLE_BUCKET}, {"_sum", 4, SAMPLE_SUM}, {"_count", 6, SAMPLE_COUNT}};
    const struct profile_metric *m = profile_find(p, name);
    if (m != NULL) {
        *ret_sample = SAMPLE_VALUE;
        return m;
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (!str_has_suffix(name, suffixes[i].suffix))
            continue;
        m = profile_find(p, (struct str){name.p, name.n - suffixes[i].length});
        if (m == NULL || profile_metric_kind(m) != KIND_HISTOGRAM)
            return NULL;
        *ret_sample = suffixes[i].sample;
        return m;
    }
    return NULL;
}

/* pattern is the whole text, or its beginning when it ends in '*'. */
static bool matches(const char *pattern, struct str s)
{
    size_t n = strlen(pattern);
    if (n > 0 && pattern[n - 1] == '*')
        return s.n >= n - 1 && memcmp(s.p, pattern, n - 1) == 0;
    return s.n == n && memcmp(s.p, pattern, n) == 0;
}

static bool matches_any(const char *const *patterns, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++)
        if (matches(patterns[i], s))
            return true;
    return false;
}

bool profile_ignores(const struct profile *p, struct str family)
{
    return str_has_suffix(family, "_created") || matches_any(p->ignore, p->ignore_count, family) || profile_version_of(p, family) != NULL;
}

const struct profile_version *profile_version_of(const struct profile *p, struct str series)
{
    for (size_t i = 0; i < p->version_count; i++) {
        const size_t n = strlen(p->versions[i].family);
        if (series.n >= n && (series.n == n || series.p[n] == '{') && memcmp(series.p, p->versions[i].family, n) == 0)
            return &p->versions[i];
    }
    return NULL;
}

static const struct profile_pair *find_label(const struct profile_pair *labels, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(labels[i].name, name))
            return &labels[i];
    return NULL;
}

/* The label's value; empty when it is missing or one of the texts that mean "not given". */
static struct str label_value(const struct profile *p, const struct profile_pair *labels, size_t n, const char *name)
{
    static const struct str none = {"", 0};
    const struct profile_pair *l = find_label(labels, n, name);
    if (l == NULL)
        return none;
    for (size_t i = 0; i < p->absent_count; i++)
        if (str_eq_z(l->value, p->absent[i]))
            return none;
    return l->value;
}

/* Status and exception keep their text "None": a request that ended without a status is a failure, not an unknown. */
static struct str outcome_class(const struct profile_metric *m, const struct profile_pair *labels, size_t n)
{
    static const struct str none = {"", 0};
    const struct profile_pair *status = m->status_label != NULL ? find_label(labels, n, m->status_label) : NULL;
    const struct profile_pair *exception = m->exception_label != NULL ? find_label(labels, n, m->exception_label) : NULL;
    if (status == NULL && exception == NULL)
        return none;
    return str_of(outcome_name(outcome_of_status(status != NULL ? status->value : none, exception != NULL ? exception->value : none)));
}

bool profile_fold(const struct profile *p, const struct profile_metric *m, const struct profile_pair *labels, size_t n,
                  struct str ret_dims[DIM_COUNT])
{
    for (size_t i = 0; i < m->condition_count; i++) {
        const struct profile_condition *c = &m->conditions[i];
        const struct profile_pair *l = find_label(labels, n, c->label);
        if (matches_any(c->values, c->count, l != NULL ? l->value : (struct str){"", 0}) == c->negate)
            return false;
    }
    for (size_t d = 0; d < DIM_COUNT; d++)
        ret_dims[d] = (struct str){"", 0};
    for (size_t i = 0; i < m->label_count; i++)
        if (ret_dims[m->labels[i].dim].n == 0)
            ret_dims[m->labels[i].dim] = label_value(p, labels, n, m->labels[i].label);
    if (m->status_label != NULL || m->exception_label != NULL)
        ret_dims[DIM_CLASS] = outcome_class(m, labels, n);
    for (size_t i = 0; i < m->const_count; i++)
        ret_dims[m->consts[i].dim] = str_of(m->consts[i].value);
    uint32_t rewritten = 0;
    for (size_t i = 0; i < m->rewrite_count; i++) {
        const struct profile_rewrite *w = &m->rewrites[i];
        struct str v = label_value(p, labels, n, w->label);
        if ((rewritten & DIM_BIT(w->dim)) || v.n == 0 || !matches(w->from, v))
            continue;
        ret_dims[w->dim] = str_of(w->to);
        rewritten |= DIM_BIT(w->dim);
    }
    return true;
}

const struct profile *profiles_by_name(const struct profiles *ps, const char *name)
{
    for (size_t i = 0; i < ps->count; i++)
        if (strcmp(ps->list[i].name, name) == 0)
            return &ps->list[i];
    return NULL;
}

const struct profile *profiles_recognise(const struct profiles *ps, const struct str *families, size_t count)
{
    const struct profile *best = NULL;
    size_t best_hits = 0;
    for (size_t i = 0; i < ps->count; i++) {
        size_t hits = 0;
        for (size_t f = 0; f < count; f++)
            hits += matches_any(ps->list[i].recognise, ps->list[i].recognise_count, families[f]);
        if (hits > best_hits) {
            best = &ps->list[i];
            best_hits = hits;
        }
    }
    return best;
}
