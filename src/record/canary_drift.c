/* SPDX-License-Identifier: MIT */
/* How this works: the bets are laid on the pairs of a round. A round ends after ROUND pairs in which nothing was found, for the longer good
 * ones are remembered the slower a loss is seen; round k may be wrong with CHANCE / k(k + 1), so all of them together with CHANCE, half of
 * it for a loss. The reference is an estimate, too: its truth is above the Clopper-Pearson bound, of all prompts together (which are no
 * more spread than one share would be, Hoeffding 1956), and only what the interval says beyond that counts. That is of all of them in equal
 * parts. Where some have no verdict the others count for more, and by as much as they do, each may be off by its own bound: the run's pairs
 * are raised by that before they are laid, so that by run ends no bet wins on a model that is as it was.
 * A finding is over when the outcomes since some moment are a million times likelier at the reference's shares than at what was found; what
 * is left of a loss then is found anew. */
#include "record/canary_drift.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/betting.h"
#include "analysis/stat.h"
#include "base/safe_text.h"

enum { VERSION = 2, ROUND = 2000, RUNS = 64, TEXT_MAX = 400 };
static const double CHANCE = 0.05, over_chance = 1e-6;
static const double pooled_chance = 0.024, single_chance = 0.001; /* CHANCE / 2: of all prompts together, and of any one of them */
static const double onset_nats = 1.92;                            /* runs that are as likely but for this are in 95 % of the onset */
static const double least_share = 0.02, outcome_var = 0.25;       /* the most that 0 and 1 scatter */

struct prompt {
    uint64_t runs, passed; /* of the reference */
    double logprob_least;  /* of the reference; NaN = not told */
};
struct run_sum {
    int64_t began_ms;
    double pairs, sum;
};

struct canary_drift {
    /* what is kept, as bytes */
    uint32_t version, item_count;
    uint64_t hash;
    int64_t from_ms, to_ms; /* the reference's first run and its last */
    uint64_t round, run_count;
    struct run_sum runs[RUNS]; /* the newest with pairs, in a ring */
    struct prompt item[CANARY_ITEMS_MAX];
    /* of the finding */
    uint64_t firing;
    int64_t since_ms, onset_ms, onset_error_ms, window_ms;
    double was, is, lost; /* shares that pass, and the mean difference found */
    double back;          /* evidence that it is over, in nats */
    char text[TEXT_MAX];
    double round_sum, round_raised; /* of the differences in pairs, and of what was added to them */
    struct paired pairs;
    /* of this run */
    struct store *st;
    const struct canary *k;
};
static const size_t KEPT_BYTES = offsetof(struct canary_drift, st);

static enum err nomem(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory for a canary's reference");
}

/* ---- what is kept ---- */

static void next_round(struct canary_drift *d)
{
    const double k = (double)++d->round;
    paired_init(&d->pairs, CHANCE / (k * (k + 1)));
    d->round_sum = d->round_raised = 0;
}

/* A new reference. */
static void begin(struct canary_drift *d)
{
    struct store *st = d->st;
    const struct canary *k = d->k;
    const int64_t since_ms = d->since_ms;
    memset(d, 0, sizeof *d);
    d->st = st;
    d->k = k;
    d->since_ms = since_ms;
    d->version = VERSION;
    d->item_count = k->item_count;
    d->hash = canary_hash(k);
    for (uint32_t i = 0; i < CANARY_ITEMS_MAX; i++)
        d->item[i].logprob_least = (double)NAN;
    next_round(d);
}

static enum err put_state(struct canary_drift *d, struct arena *scratch, struct errctx *ctx)
{
    const char *name = arena_printf(scratch, "detector:canary:%s", d->k->name);
    return name != NULL ? store_put_note(d->st, name, 0, (struct str){(const char *)d, KEPT_BYTES}, ctx) : nomem(ctx);
}

static bool is_valid(const struct canary_drift *d)
{
    bool good = d->version == VERSION && d->item_count <= CANARY_ITEMS_MAX && d->round > 0 && paired_valid(&d->pairs) &&
                isfinite(d->lost) && isfinite(d->round_sum) && isfinite(d->round_raised) && isfinite(d->back) &&
                d->text[TEXT_MAX - 1] == '\0';
    for (uint32_t i = 0; good && i < d->item_count; i++)
        good = d->item[i].passed <= d->item[i].runs;
    return good;
}

/* ---- its finding ---- */

struct counted {
    uint64_t n, passed;
};

static struct counted reference(const struct canary_drift *d)
{
    struct counted c = {0, 0};
    for (uint32_t i = 0; i < d->item_count; i++) {
        c.n += d->item[i].runs;
        c.passed += d->item[i].passed;
    }
    return c;
}

/* A version of the finding; it is no baseline any more where it was taken for normal, or its prompts are gone. */
static enum err put_finding(struct canary_drift *d, bool firing, bool is_usual, const char *text, int64_t now_ms, struct arena *scratch,
                            struct errctx *ctx)
{
    const struct counted ref = reference(d);
    const char *rule = arena_printf(scratch, CANARY_RULE_PREFIX "%s", d->k->name), *scope = arena_printf(scratch, "model=%s", d->k->model);
    if (rule == NULL || scope == NULL || text == NULL)
        return nomem(ctx);
    d->since_ms = now_ms > d->since_ms ? now_ms : d->since_ms + 1;
    d->firing = firing;
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_NONE,
                             .state = firing ? ALERT_FIRING : ALERT_INACTIVE,
                             .since_ms = d->since_ms,
                             .onset_ms = d->onset_ms,
                             .onset_error_ms = d->onset_error_ms,
                             .known_ms = now_ms,
                             .burn_long = d->was,
                             .burn_short = d->is,
                             .window_long_ms = d->to_ms - d->from_ms,
                             .window_short_ms = d->window_ms,
                             .bad = is_usual ? (int64_t)(ref.n - ref.passed) : 0,
                             .total = is_usual ? (int64_t)ref.n : 0,
                             .text = text};
    return store_put_alert(d->st, &al, ctx);
}

/* Nobody will know how it ends. */
static enum err end_finding(struct store *st, const struct alert *al, const char *why, int64_t now_ms, struct arena *scratch,
                            struct errctx *ctx)
{
    struct alert over = *al;
    over.state = ALERT_INACTIVE;
    over.since_ms = now_ms > al->since_ms ? now_ms : al->since_ms + 1;
    over.known_ms = now_ms;
    over.bad = over.total = 0;
    over.text = arena_printf(scratch, "%s; %s", al->text, why);
    return over.text != NULL ? store_put_alert(st, &over, ctx) : nomem(ctx);
}

/* The latest version of a finding, as the store has it; NULL: none. */
static enum err find_finding(struct canary_drift *d, struct arena *scratch, const struct alert **ret, struct errctx *ctx)
{
    struct alert *list;
    size_t count;
    const char *rule = arena_printf(scratch, CANARY_RULE_PREFIX "%s", d->k->name);
    enum err e = rule != NULL ? store_alerts(d->st, INT64_MAX, scratch, &list, &count, ctx) : nomem(ctx);
    *ret = NULL;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (strcmp(list[i].rule, rule) == 0 && (*ret == NULL || list[i].since_ms > (*ret)->since_ms))
            *ret = &list[i];
    return e;
}

/* Takes over the kept state where it is of these prompts and of the finding as the store has it. */
static enum err resume(struct canary_drift *d, int64_t now_ms, struct arena *scratch, struct errctx *ctx)
{
    struct str bytes;
    const struct alert *al;
    struct canary_drift *was = NULL;
    const char *name = arena_printf(scratch, "detector:canary:%s", d->k->name);
    enum err e = name != NULL ? store_note(d->st, name, INT64_MAX, scratch, &bytes) : nomem(ctx);
    if (e == ERR_OK && bytes.n == KEPT_BYTES) {
        was = arena_alloc(scratch, sizeof *was);
        if (was == NULL)
            return nomem(ctx);
        memcpy(was, bytes.p, KEPT_BYTES);
    }
    if (e == ERR_OK || e == ERR_NOTFOUND)
        e = find_finding(d, scratch, &al, ctx);
    if (e != ERR_OK)
        return e;
    const bool is_open = al != NULL && al->state == ALERT_FIRING;
    d->since_ms = al != NULL ? al->since_ms : 0;
    if (was != NULL && is_valid(was) && was->hash == d->hash && was->item_count == d->item_count && (was->firing != 0) == is_open) {
        memcpy(d, was, KEPT_BYTES);
        return ERR_OK;
    }
    if (!is_open)
        return ERR_OK;
    e = end_finding(d->st, al, "its prompts are others now", now_ms, scratch, ctx);
    d->since_ms = now_ms > al->since_ms ? now_ms : al->since_ms + 1;
    begin(d);
    return e == ERR_OK ? put_state(d, scratch, ctx) : e;
}

enum err canary_drift_open(struct store *st, const struct canary *k, int64_t now_ms, struct arena *scratch, struct canary_drift **ret,
                           struct errctx *ctx)
{
    struct canary_drift *d = calloc(1, sizeof *d);
    if (d == NULL)
        return nomem(ctx);
    d->st = st;
    d->k = k;
    begin(d);
    enum err e = resume(d, now_ms, scratch, ctx);
    if (e != ERR_OK) {
        free(d);
        return e;
    }
    *ret = d;
    return ERR_OK;
}

void canary_drift_close(struct canary_drift *d)
{
    free(d);
}

/* ---- a run ---- */

/* Adds an outcome to the evidence for the reference's share against what was found. */
static void weigh(struct canary_drift *d, const struct prompt *p, bool passed)
{
    const double was = ((double)p->passed + 0.5) / ((double)p->runs + 1), is = fmin(fmax(was + d->lost, least_share), 1 - least_share);
    d->back = fmax(0, d->back + (passed ? log(was / is) : log((1 - was) / (1 - is))));
}

static bool is_known(const struct prompt *p)
{
    return p->runs == CANARY_REFERENCE_RUNS;
}

static double share(const struct prompt *p)
{
    return (double)p->passed / (double)p->runs;
}

/* What all prompts' share may be too high. */
static double reference_error(const struct canary_drift *d)
{
    struct counted c = {0, 0};
    for (uint32_t i = 0; i < d->item_count; i++) {
        c.n += is_known(&d->item[i]) ? d->item[i].runs : 0;
        c.passed += is_known(&d->item[i]) ? d->item[i].passed : 0;
    }
    return c.n > 0 ? (double)c.passed / (double)c.n - stat_share_lower(c.n, c.passed, pooled_chance) : 1;
}

/* What is added to the run's pairs, by prompt. With k of n prompts, the mean of the k is that of all n, and (1/k - 1/n) of each of them
 * more, and 1/n of each absent one less. false: a pair would be above 1, so that less is known than can be laid. */
static bool allow(const struct canary_drift *d, const struct canary_result *results, double by[CANARY_ITEMS_MAX])
{
    const double chance = single_chance / (2.0 * d->item_count);
    double n = 0, k = 0, absent = 0;
    bool good = true;
    for (uint32_t i = 0; i < d->item_count; i++) {
        const struct prompt *p = &d->item[i];
        n += is_known(p);
        k += is_known(p) && results[i].outcome != CANARY_FAILED;
        if (is_known(p) && results[i].outcome == CANARY_FAILED)
            absent += stat_share_upper(p->runs, p->passed, chance) - share(p);
    }
    for (uint32_t i = 0; i < d->item_count; i++) {
        const struct prompt *p = &d->item[i];
        by[i] = 0;
        if (k == n || !is_known(p) || results[i].outcome == CANARY_FAILED)
            continue;
        by[i] = absent / n + (1 - k / n) * (share(p) - stat_share_lower(p->runs, p->passed, chance));
        good = good && by[i] <= share(p);
    }
    return good;
}

static void take(struct canary_drift *d, int64_t began_ms, const struct canary_result *results)
{
    double by[CANARY_ITEMS_MAX];
    struct run_sum run = {.began_ms = began_ms};
    const bool is_laid = allow(d, results, by);
    for (uint32_t i = 0; i < d->item_count; i++) {
        const struct canary_result *of = &results[i];
        struct prompt *p = &d->item[i];
        const bool passed = of->outcome == CANARY_PASSED;
        if (of->outcome == CANARY_FAILED)
            continue; /* no verdict */
        if (!is_known(p)) {
            d->from_ms = d->from_ms == 0 ? began_ms : d->from_ms;
            d->to_ms = began_ms;
            p->runs++;
            p->passed += passed;
            p->logprob_least = fmin(p->logprob_least, of->logprob); /* of NaN and a number the number */
            continue;
        }
        const double difference = (passed ? 1 : 0) - share(p);
        run.pairs++;
        run.sum += difference;
        if (d->firing) {
            weigh(d, p, passed);
            continue;
        }
        if (!is_laid)
            continue;
        paired_add(&d->pairs, difference + by[i]);
        d->round_sum += difference;
        d->round_raised += by[i];
    }
    if (run.pairs > 0)
        d->runs[d->run_count++ % RUNS] = run;
}

/* The likeliest run from which on the mean is another, and how far off that may be. */
static void find_onset(struct canary_drift *d)
{
    const uint64_t last = d->run_count, first = last < RUNS ? 0 : last - RUNS;
    double fit[RUNS], best = 0, pairs = 0, sum = 0;
    uint64_t at = last - 1, lo = last - 1, hi = last - 1;
    d->lost = d->round_sum / (double)d->pairs.n; /* where none of the newest runs has it, of all that are told */
    for (uint64_t i = last; i-- > first;) {
        const struct run_sum *r = &d->runs[i % RUNS];
        pairs += r->pairs;
        sum += r->sum;
        fit[i % RUNS] = sum < 0 ? sum * sum / pairs / (2 * outcome_var) : 0; /* in nats, against a difference of 0 */
        if (fit[i % RUNS] > best) {
            best = fit[i % RUNS];
            at = i;
            d->lost = sum / pairs;
        }
    }
    for (uint64_t i = first; i < last; i++) {
        if (best - fit[i % RUNS] > onset_nats)
            continue;
        lo = i < lo ? i : lo;
        hi = i;
    }
    const int64_t onset_ms = d->runs[at % RUNS].began_ms, before_ms = lo > first ? d->runs[(lo - 1) % RUNS].began_ms : d->to_ms;
    const int64_t early_ms = onset_ms - before_ms, late_ms = d->runs[hi % RUNS].began_ms - onset_ms;
    d->onset_ms = onset_ms;
    d->onset_error_ms = early_ms > late_ms ? early_ms : late_ms;
}

/* "; less likely than ever in its reference: 3 of 4 expected tokens", "" where log-probabilities are not told. */
static const char *logprob_text(const struct canary_drift *d, const struct canary_result *results, struct arena *scratch)
{
    unsigned told = 0, lower = 0;
    for (uint32_t i = 0; i < d->item_count; i++) {
        const bool known = !isnan(results[i].logprob) && !isnan(d->item[i].logprob_least) && results[i].outcome != CANARY_FAILED;
        told += known;
        lower += known && results[i].logprob < d->item[i].logprob_least;
    }
    return lower > 0 ? arena_printf(scratch, "; %u of %u expected tokens were less likely in its last run than ever in the reference",
                                    lower, told)
                     : "";
}

static enum err put_event(struct canary_drift *d, const char *text, int64_t now_ms, struct arena *scratch, struct errctx *ctx)
{
    const char *key = arena_printf(scratch, "canary:%s:drift:%lld", d->k->name, (long long)now_ms);
    const char *scope = arena_printf(scratch, "model=%s", d->k->model);
    if (key == NULL || scope == NULL || text == NULL)
        return nomem(ctx);
    const struct event ev = {
        .at_ms = d->onset_ms, .known_ms = now_ms, .kind = EVENT_QUALITY, .scope = scope, .text = text, .source = "gwtop"};
    return store_put_event(d->st, key, &ev, ctx);
}

/* The interval lies below 0 by more than the reference may be too high. */
static enum err report(struct canary_drift *d, double lo, double hi, double off, const struct canary_result *results, int64_t now_ms,
                       struct arena *scratch, struct errctx *ctx)
{
    const struct counted ref = reference(d);
    const double raised = d->round_raised / (double)d->pairs.n;
    const char *unlikely = logprob_text(d, results, scratch);
    find_onset(d);
    d->was = (double)ref.passed / (double)ref.n;
    d->is = fmin(fmax(0, d->was + d->lost), 1);
    d->window_ms = now_ms - d->onset_ms;
    d->back = 0;
    const char *text =
        arena_printf(scratch,
                     "canary %s of %s passes %.1f -> %.1f %%: mean paired difference %.2f (%.2f to %.2f, n %" PRIu64
                     "), the reference is known to within %.2f; with 95 %% never wrong%s",
                     d->k->name, d->k->model, 100 * d->was, 100 * d->is, d->round_sum / (double)d->pairs.n, fmin(lo, hi) - raised,
                     fmax(lo, hi) - raised, d->pairs.n, off + raised, unlikely != NULL ? unlikely : "");
    if (text == NULL || unlikely == NULL)
        return nomem(ctx);
    (void)str_copy(d->text, sizeof d->text, str_of(text));
    enum err e = put_event(d, text, now_ms, scratch, ctx);
    return e == ERR_OK ? put_finding(d, true, true, d->text, now_ms, scratch, ctx) : e;
}

enum err canary_drift_judge(struct canary_drift *d, int64_t began_ms, int64_t now_ms, const struct canary_result *results,
                            struct arena *scratch, struct errctx *ctx)
{
    double lo, hi;
    enum err e = ERR_OK;
    take(d, began_ms, results);
    paired_interval(&d->pairs, &lo, &hi);
    if (d->firing && d->back >= -log(over_chance)) {
        e = put_finding(d, false, true, d->text, now_ms, scratch, ctx);
        next_round(d);
    } else if (!d->firing && d->pairs.n > 0) {
        const double off = reference_error(d);
        if (hi < -off)
            e = report(d, lo, hi, off, results, now_ms, scratch, ctx);
        else if (d->pairs.n >= ROUND)
            next_round(d);
    }
    return e == ERR_OK ? put_state(d, scratch, ctx) : e;
}

/* ---- operators ---- */

enum err canary_drift_accept(struct canary_drift *d, const struct store_act *acts, size_t count, int64_t now_ms, struct arena *scratch,
                             bool *ret, struct errctx *ctx)
{
    char author[256];
    const char *of = arena_printf(scratch, CANARY_RULE_PREFIX "%s|model=%s", d->k->name, d->k->model);
    enum err e = of != NULL ? ERR_OK : nomem(ctx);
    *ret = false;
    for (size_t i = 0; e == ERR_OK && i < count && d->firing; i++) {
        if (acts[i].pending || strcmp(acts[i].verb, STORE_ACT_ACCEPT) != 0 || strcmp(acts[i].text, of) != 0 || acts[i].at_ms < d->since_ms)
            continue;
        (void)safe_text(author, sizeof author, str_of(acts[i].author));
        e = put_finding(d, false, false, arena_printf(scratch, "%s; taken for normal by %s", d->text, author), now_ms, scratch, ctx);
        begin(d);
        *ret = true;
        if (e == ERR_OK)
            e = put_state(d, scratch, ctx);
    }
    return e;
}

enum err canary_drift_retire(struct store *st, const char *const *names, size_t count, int64_t now_ms, struct arena *scratch,
                             struct errctx *ctx)
{
    struct alert *list;
    size_t alerts;
    const size_t prefix = strlen(CANARY_RULE_PREFIX);
    enum err e = store_alerts(st, INT64_MAX, scratch, &list, &alerts, ctx);
    for (size_t i = 0; e == ERR_OK && i < alerts; i++) {
        size_t k = 0;
        if (list[i].state != ALERT_FIRING || strncmp(list[i].rule, CANARY_RULE_PREFIX, prefix) != 0)
            continue;
        while (k < count && strcmp(names[k], list[i].rule + prefix) != 0)
            k++;
        if (k == count)
            e = end_finding(st, &list[i], "it is not configured any more", now_ms, scratch, ctx);
    }
    return e;
}
