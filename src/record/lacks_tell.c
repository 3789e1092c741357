/* SPDX-License-Identifier: MIT */
/* What is said of what is missed, and what a later run of the recorder is told of it. */
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "record/lacks_int.h"

/* ---- what an earlier run missed ---- */

void lacks_forget_earlier(struct lacks *k)
{
    k->lost = k->lost || k->earlier.since_ms != 0;
    k->earlier = (struct source_lack){.since_ms = 0};
}

/* The next word of *text, empty at its end. */
static struct str next_word(struct str *text)
{
    struct str word = {text->p, 0};
    while (word.n < text->n && word.p[word.n] != ' ')
        word.n++;
    const size_t taken = word.n < text->n ? word.n + 1 : word.n;
    *text = (struct str){text->p + taken, text->n - taken};
    return word;
}

/* "gw_requests_total bad 2 0 gw_spend_total all 1 3": of the failures of one 2 were missing and none was there, of another 1 beside 3. */
void lacks_recall(struct normaliser *n, const struct source_lack *was)
{
    struct lacks *k = &n->lacks;
    struct str text = str_of(was->metrics != NULL ? was->metrics : "");
    bool any = false;
    while (was->since_ms != 0 && text.n > 0) {
        const struct profile_metric *m = profile_find(n->p, next_word(&text));
        const bool bad = str_eq_z(next_word(&text), "bad");
        int64_t lacking, shown;
        if (!str_to_i64(next_word(&text), &lacking) || !str_to_i64(next_word(&text), &shown) || m == NULL || lacking <= 0 ||
            lacking > UINT32_MAX || shown < 0 || shown > UINT32_MAX)
            continue;
        struct lack_group *g = &k->groups[2 * (m - n->p->metrics) + bad];
        g->earlier = (uint32_t)lacking;
        g->shown = (uint32_t)shown;
        any = true;
    }
    k->earlier = any ? *was : (struct source_lack){.since_ms = 0};
    k->earlier.metrics = NULL;
    k->lost = !any && was->since_ms != 0;
}

static bool is_of_earlier(const struct lacks *k, const struct lack_group *g)
{
    return k->earlier.since_ms != 0 && g->earlier > 0;
}

bool lacks_awaits(const struct normaliser *n, const struct slot *s)
{
    const struct feed *f = n->lacks.earlier.since_ms != 0 || n->lacks.expected_count > 0 ? lacks_feed(n, s) : NULL;
    return f != NULL && (is_of_earlier(&n->lacks, lacks_group(n, s, f)) || lacks_expects(n, lacks_series(n, f)));
}

/* Whether more than half of what was missing of a group is back. */
static bool is_back(const struct lack_group *g)
{
    return g->present > g->shown && (uint64_t)(g->present - g->shown) * 2 > g->earlier;
}

static void judge_earlier(struct normaliser *n)
{
    bool all = true;
    if (n->lacks.earlier.since_ms == 0)
        return;
    for (size_t i = 0; i < 2 * n->p->metric_count; i++)
        all = all && (n->lacks.groups[i].earlier == 0 || is_back(&n->lacks.groups[i]));
    if (all)
        lacks_forget_earlier(&n->lacks);
}

/* What lacks_recall reads; names that do not fit are left out, for what is torn comes back together. */
static void write_metrics(const struct normaliser *n, char text[LACKS_METRICS_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < 2 * n->p->metric_count; i++) {
        const struct lack_group *g = &n->lacks.groups[i];
        const bool earlier = is_of_earlier(&n->lacks, g);
        char one[LACKS_METRICS_MAX];
        if (g->lacking == 0 && !earlier)
            continue;
        if (!str_format(one, sizeof one, "%s%s %s %u %u", used > 0 ? " " : "", n->p->metrics[i / 2].name, i % 2 != 0 ? "bad" : "all",
                        g->lacking + (earlier ? g->earlier : 0), earlier ? g->shown : g->present) ||
            used + str_of(one).n >= LACKS_METRICS_MAX)
            return;
        (void)str_copy(text + used, LACKS_METRICS_MAX - used, str_of(one));
        used += str_of(one).n;
    }
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
            lacks_let_go(s);
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
            ret->family |= !here && lacks_is_whole(lacks_group(n, s, f)) ? bit : 0;
        }
    }
    const struct source_lack *was = &n->lacks.earlier;
    ret->part |= was->part;
    ret->family |= was->family;
    ret->all = ret->part & ~shown;
}

/* "lacks 12 of 40 series of gw_failures_total and of 3 more metrics since 03:07:15Z": of what is missed whole first, then of what lacks
 * most. */
static void tell_text(const struct normaliser *n, int64_t since_ms, char text[LACKS_TEXT_MAX])
{
    char since[TIMEFMT_MAX], more[64] = "";
    const char *name = "";
    uint32_t metrics = 0, lacking = 0, of = 0;
    bool whole = false;
    for (size_t m = 0; m < n->p->metric_count; m++) {
        const struct lack_group *g = &n->lacks.groups[2 * m];
        uint32_t here = 0, shown = 0;
        bool all = false;
        for (int i = 0; i < 2; i++) {
            const bool earlier = is_of_earlier(&n->lacks, &g[i]);
            here += g[i].lacking + (earlier ? g[i].earlier : 0);
            shown += g[i].present;
            all = all || lacks_is_whole(&g[i]) || (earlier && g[i].shown == 0);
        }
        if (here == 0)
            continue;
        metrics++;
        if (all == whole ? here <= lacking : whole)
            continue;
        whole = all;
        lacking = here;
        of = here + shown;
        name = n->p->metrics[m].name;
    }
    if (metrics > 1)
        (void)str_format(more, sizeof more, " and of %u more metric%s", metrics - 1, metrics == 2 ? "" : "s");
    instant_format_clock(since_ms, since);
    (void)str_format(text, LACKS_TEXT_MAX, "lacks %u of %u series of %.120s%s since %s", lacking, of, name, more, since);
}

struct source_lack lacks_tell(struct normaliser *n, char text[LACKS_TEXT_MAX])
{
    struct lacks *k = &n->lacks;
    struct source_lack lack = {.since_ms = 0};
    text[0] = '\0';
    if (lacks_tell_expected(n, &lack, text))
        lack.since_ms = k->expected_ms;
    const int64_t expected_ms = lack.since_ms;
    if (k->since_ms == 0 && k->earlier.since_ms == 0)
        return lack;
    if (k->since_ms != 0 && let_back_go(n) == 0)
        lacks_let_all_go(n);
    else if (k->since_ms != 0)
        remember_poll(k, n->t_ms);
    (void)lacks_survey(n);
    judge_earlier(n);
    lack.since_ms = k->earlier.since_ms != 0 && (k->since_ms == 0 || k->earlier.since_ms < k->since_ms) ? k->earlier.since_ms : k->since_ms;
    if (lack.since_ms == 0) {
        lack.since_ms = expected_ms;
        return lack;
    }
    tell_signals(n, &lack);
    tell_text(n, lack.since_ms, text);
    if (expected_ms != 0 && expected_ms < lack.since_ms)
        lack.since_ms = expected_ms;
    write_metrics(n, k->metrics);
    lack.metrics = k->metrics;
    return lack;
}
