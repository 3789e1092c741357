/* SPDX-License-Identifier: MIT */
/* What a page had when an earlier run of the recorder saw it last, and lacks from this run's first poll on.
 *
 * How this works: the store tells which outputs rose in the last minutes before that. What of them the page does not feed is missed until
 * it is back, the process is another, or it is taken for removed. Raw series and their values of then are not kept, so what they counted
 * meanwhile is not known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "record/lacks_int.h"

enum { IN_USE_MS = 10 * 60 * 1000, ARENA_MAX = 256 << 20 };

static int by_output(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct lack_output));
}

static struct lack_output output_of(const struct series *s)
{
    struct lack_output o = {.signal = s->signal};
    memcpy(o.dim, s->dim, sizeof o.dim);
    return o;
}

static bool has_risen(const struct store_group *g)
{
    return g->hists != NULL ? hist_n(&g->hists[0]) > 0 : g->cells[0].sum > 0 || g->cells[0].score_n > 0;
}

/* Which outputs rose in (t0, t1]. */
static enum err read_used(struct normaliser *n, int64_t t0_ms, int64_t t1_ms)
{
    struct lacks *k = &n->lacks;
    const uint64_t signals = store_source_signals(n->st, n->opt.source);
    struct store_query q[SIG_COUNT];
    struct store_result r[SIG_COUNT];
    struct arena a;
    size_t queries = 0, groups = 0;

    for (int s = 0; s < SIG_COUNT; s++)
        if ((signals >> s & 1) != 0 && signal_info((enum signal)s)->kind != KIND_GAUGE)
            q[queries++] = (struct store_query){.signal = (enum signal)s,
                                                .filter = {.sources = &n->opt.source, .source_count = 1},
                                                .group_by = DIM_BIT(DIM_COUNT) - 1,
                                                .t0_ms = t0_ms,
                                                .step_ms = t1_ms - t0_ms,
                                                .columns = 1};
    if (queries == 0)
        return ERR_OK;
    arena_init(&a, ARENA_MAX);
    enum err e = store_read(n->st, q, queries, &a, r, NULL);
    for (size_t i = 0; e == ERR_OK && i < queries; i++)
        groups += r[i].count;
    k->expected = e == ERR_OK ? calloc(groups + 1, sizeof *k->expected) : NULL;
    e = e == ERR_OK && k->expected == NULL ? ERR_NOMEM : e;
    for (size_t i = 0; e == ERR_OK && i < queries; i++) {
        for (size_t g = 0; g < r[i].count; g++) {
            struct lack_output *o = &k->expected[k->expected_count];
            if (!has_risen(&r[i].groups[g]))
                continue;
            o->signal = (uint32_t)q[i].signal;
            memcpy(o->dim, r[i].groups[g].dim, sizeof o->dim);
            k->expected_count++;
        }
    }
    arena_fini(&a);
    if (k->expected_count > 0)
        qsort(k->expected, k->expected_count, sizeof *k->expected, by_output);
    return e;
}

void lacks_expect(struct normaliser *n)
{
    struct lacks *k = &n->lacks;
    const int64_t until_ms = n->opt.stored_ms;
    int64_t from_ms = until_ms - IN_USE_MS;

    if (k->asked_ms != 0 || !n->opt.scraped)
        return;
    k->asked_ms = n->t_ms;
    if (n->p->expires && from_ms < n->t_ms - LACKS_LATELY_MS)
        from_ms = n->t_ms - LACKS_LATELY_MS; /* it may have forgotten what rose before that */
    if (n->judged.start_s * 1000.0 > (double)from_ms)
        from_ms = (int64_t)fmin(n->judged.start_s * 1000.0, (double)n->t_ms); /* what rose before that is of another process */
    if (until_ms <= 0 || from_ms >= until_ms || n->t_ms - until_ms > LACKS_WAIT_MS)
        return;
    k->expected_ms = until_ms;
    if (read_used(n, from_ms, until_ms) != ERR_OK) /* too many, or the disk: nothing is expected then */
        k->expected_count = 0;
}

bool lacks_expects(const struct normaliser *n, const struct series *s)
{
    const struct lacks *k = &n->lacks;
    const struct lack_output o = output_of(s);
    return k->expected_count > 0 && bsearch(&o, k->expected, k->expected_count, sizeof o, by_output) != NULL;
}

void lacks_expect_nothing(struct lacks *k)
{
    k->lost = k->lost || k->expected_count > 0;
    k->expected_count = 0;
}

/* Of each signal, its failures apart. */
struct shown {
    uint32_t here[SIG_COUNT][2], missing[SIG_COUNT][2];
};

/* Takes those off the list that the page feeds. */
static void let_expected_go(struct normaliser *n, struct shown *sh)
{
    struct lacks *k = &n->lacks;
    bool *back = calloc((size_t)k->expected_count + 1, sizeof *back);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const struct feed *f = s->seen == n->poll ? lacks_feed(n, s) : NULL;
        if (f == NULL || f->role == FEED_GAUGE)
            continue;
        const struct series *of = lacks_series(n, f);
        const struct lack_output o = output_of(of), *found = bsearch(&o, k->expected, k->expected_count, sizeof o, by_output);
        sh->here[of->signal][lacks_is_failure(n, of)]++;
        if (found != NULL && back != NULL)
            back[found - k->expected] = true;
    }
    for (uint32_t i = 0; i < k->expected_count; i++) {
        k->lost = k->lost || (back != NULL && back[i] && n->done > 0);
        if (back == NULL || !back[i])
            k->expected[kept++] = k->expected[i];
    }
    k->expected_count = kept;
    free(back);
}

/* Without a start time nobody can tell whether the process is the one of then: then nothing is missed for longer than ten minutes. */
static void let_removed_go(struct normaliser *n, const struct shown *sh)
{
    struct lacks *k = &n->lacks;
    const int64_t waited_ms = n->t_ms - k->asked_ms;
    uint32_t kept = 0;

    if (waited_ms <= LACKS_REMOVED_MS)
        return;
    uint32_t *values = lacks_values_shown(n);
    for (uint32_t i = 0; i < k->expected_count; i++) {
        struct series s = {.signal = (uint16_t)k->expected[i].signal};
        memcpy(s.dim, k->expected[i].dim, sizeof s.dim);
        const bool others = sh->here[s.signal][lacks_is_failure(n, &s)] > 0;
        if (isnan(n->judged.start_s) || (others && (lacks_is_removed(values, &s) || waited_ms > LACKS_WAIT_MS)))
            k->lost = true;
        else
            k->expected[kept++] = k->expected[i];
    }
    k->expected_count = kept;
    free(values);
}

bool lacks_tell_expected(struct normaliser *n, struct source_lack *ret, char text[LACKS_TEXT_MAX])
{
    struct lacks *k = &n->lacks;
    struct shown sh = {0};
    char since[TIMEFMT_MAX];
    int worst = -1;
    uint32_t most = 0, of = 0;

    if (k->expected_count == 0)
        return false;
    let_expected_go(n, &sh);
    let_removed_go(n, &sh);
    for (uint32_t i = 0; i < k->expected_count; i++) {
        struct series s = {.signal = (uint16_t)k->expected[i].signal};
        memcpy(s.dim, k->expected[i].dim, sizeof s.dim);
        sh.missing[s.signal][lacks_is_failure(n, &s)]++;
    }
    for (int s = 0; s < SIG_COUNT; s++) {
        const uint32_t *missing = sh.missing[s], *here = sh.here[s], all = missing[0] + missing[1];
        const uint64_t bit = all > 0 ? UINT64_C(1) << s : 0;
        ret->part |= bit;
        ret->family |= (missing[0] > 0 && here[0] == 0) || (missing[1] > 0 && here[1] == 0) ? bit : 0;
        ret->all |= here[0] + here[1] == 0 ? bit : 0;
        if (all <= most)
            continue;
        worst = s;
        most = all;
        of = all + here[0] + here[1];
    }
    if (worst < 0)
        return false;
    instant_format_clock(k->expected_ms, since);
    (void)str_format(text, LACKS_TEXT_MAX, "lacks %u of %u series of %s that were in use before the recorder was away since %s", most, of,
                     signal_info((enum signal)worst)->name, since);
    return true;
}
