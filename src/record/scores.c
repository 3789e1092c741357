/* SPDX-License-Identifier: MIT */
#include "record/scores.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/safe_text.h"
#include "base/timefmt.h"
#include "model/drift.h"

enum {
    VOICES_MAX = 2000, /* they are walked with each reading */
    WARNING_TEXT_MAX = 256,
    WARN_MS = 60 * 60 * 1000,       /* a warning stands this long: what it is about is seen again with each reading of the time */
    QUIET_MS = 24 * 60 * 60 * 1000, /* a series without a score for so long is not said to have none */
    QUIET_SERIES_MAX = 2000,
    NOTE_BYTES_MAX = 1 << 16,
    LOG_SLACK = 10000, /* entries of the log that speak of no score any more, before it is written anew */
    LOG_ROW = 20000,   /* entries per row of it then */
};

#define SLOT_MS ((int64_t)STORE_SCORE_SLOT_MS)

/* A name with model, judge and label: one series of the store. */
struct voice {
    uint64_t key;
    uint32_t series, name;
    uint32_t last_slot;     /* of the newest score */
    enum score_better told; /* as the store has it, in this run */
    bool asked;             /* whether the store has it */
};

struct staged {
    uint64_t id;
    uint32_t slot, series, order;
    int64_t value_fixed;
    bool bad;
};

struct scores {
    struct store *st;
    struct scores_options opt;
    uint64_t key;
    int64_t mark_ms, floor_ms, trimmed_ms; /* trimmed: the floor when it was last worth the walk */
    struct store_scored *ids;              /* open addressing by id; slot 0 = free */
    size_t id_cap, id_count;
    size_t logged; /* entries in the store's log */
    struct voice *voices;
    uint32_t *by_key; /* open addressing: place in voices + 1, 0 = free */
    size_t by_key_cap;
    uint32_t *by_series; /* place in voices + 1 by id of the series, 0 = none of them */
    size_t by_series_cap;
    uint32_t voice_count, voice_cap, dropped;
    struct staged *staged;
    size_t staged_count, staged_cap;
    uint32_t warnings;
    int64_t warned_ms;
    char warning[WARNING_TEXT_MAX];
};

static uint32_t slot_of(int64_t t_ms)
{
    return (uint32_t)(t_ms / SLOT_MS + 1);
}

static int64_t slot_end(uint32_t slot)
{
    return (int64_t)slot * SLOT_MS;
}

/* ---- what was counted ---- */

static struct store_scored *find_id(const struct scores *s, uint64_t id)
{
    size_t at = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->id_cap - 1);
    while (s->ids[at].slot != 0 && s->ids[at].id != id)
        at = (at + 1) & (s->id_cap - 1);
    return &s->ids[at];
}

/* Keeps those above the floor, in a table of that size. */
static enum err rehash(struct scores *s, size_t cap)
{
    struct store_scored *old = s->ids;
    size_t old_cap = s->id_cap;
    struct store_scored *ids = calloc(cap, sizeof *ids);
    if (ids == NULL)
        return ERR_NOMEM;
    s->ids = ids;
    s->id_cap = cap;
    s->id_count = 0;
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].slot == 0 || slot_end(old[i].slot) <= s->floor_ms)
            continue;
        *find_id(s, old[i].id) = old[i];
        s->id_count++;
    }
    free(old);
    return ERR_OK;
}

static enum err put_id(struct scores *s, const struct store_scored *entry)
{
    if (s->id_count * 4 >= s->id_cap * 3) {
        enum err e = rehash(s, s->id_cap * 2);
        if (e != ERR_OK)
            return e;
    }
    struct store_scored *at = find_id(s, entry->id);
    s->id_count += at->slot == 0;
    *at = *entry;
    return ERR_OK;
}

static int by_slot(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Of more ids than are to be remembered the oldest go, a tenth more than need be, and with them the time that can be read again. */
static enum err trim(struct scores *s)
{
    const size_t max = s->opt.ids_max > 0 ? s->opt.ids_max : SCORES_IDS_MAX;
    size_t n = 0;
    if (s->mark_ms - s->opt.keep_ms > s->floor_ms)
        s->floor_ms = s->mark_ms - s->opt.keep_ms;
    if (s->id_count > max) {
        uint32_t *slots = malloc(s->id_count * sizeof *slots);
        if (slots == NULL)
            return ERR_NOMEM;
        for (size_t i = 0; i < s->id_cap; i++)
            if (s->ids[i].slot != 0)
                slots[n++] = s->ids[i].slot;
        qsort(slots, n, sizeof *slots, by_slot);
        int64_t floor = slot_end(slots[n - 1 - (max - max / 10)]);
        /* never beyond the mark: what is to come would be forgotten before it was told */
        floor = floor < s->mark_ms ? floor : s->mark_ms;
        s->floor_ms = floor > s->floor_ms ? floor : s->floor_ms;
        free(slots);
    }
    if (s->id_count <= max && s->floor_ms - s->trimmed_ms < s->opt.keep_ms / 100)
        return ERR_OK;
    s->trimmed_ms = s->floor_ms;
    size_t left = 0;
    for (size_t i = 0; i < s->id_cap; i++)
        left += s->ids[i].slot != 0 && slot_end(s->ids[i].slot) > s->floor_ms;
    size_t cap = s->id_cap;
    while (cap > 1024 && left * 4 < cap)
        cap /= 2;
    return left == s->id_count ? ERR_OK : rehash(s, cap);
}

/* ---- voices ---- */

static uint64_t voice_key(const struct scores *s, uint32_t name, uint32_t model, uint32_t judge, uint32_t label)
{
    const uint32_t of[] = {name, model, judge, label};
    return hash_bytes(of, sizeof of, s->key);
}

static struct voice *voice_by_series(struct scores *s, uint32_t series)
{
    const uint32_t at = series < s->by_series_cap ? s->by_series[series] : 0;
    return at > 0 ? &s->voices[at - 1] : NULL;
}

/* Ids of series are small numbers. */
static enum err index_voice(struct scores *s, uint32_t series, uint32_t at)
{
    if (series >= s->by_series_cap) {
        const size_t cap = 2 * (size_t)series + 64;
        uint32_t *list = realloc(s->by_series, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        memset(list + s->by_series_cap, 0, (cap - s->by_series_cap) * sizeof *list);
        s->by_series = list;
        s->by_series_cap = cap;
    }
    s->by_series[series] = at + 1;
    return ERR_OK;
}

/* Where a voice of that key is, or would be. */
static uint32_t *place_of_key(struct scores *s, uint64_t key)
{
    size_t at = (size_t)key & (s->by_key_cap - 1);
    while (s->by_key[at] != 0 && s->voices[s->by_key[at] - 1].key != key)
        at = (at + 1) & (s->by_key_cap - 1);
    return &s->by_key[at];
}

static enum err index_key(struct scores *s, uint32_t at)
{
    enum { KEYS_LEAST = 128 };
    if (2 * ((size_t)at + 1) > s->by_key_cap) {
        const size_t cap = s->by_key_cap > 0 ? 2 * s->by_key_cap : KEYS_LEAST;
        uint32_t *list = calloc(cap, sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        free(s->by_key);
        s->by_key = list;
        s->by_key_cap = cap;
        for (uint32_t i = 0; i < at; i++)
            *place_of_key(s, s->voices[i].key) = i + 1;
    }
    *place_of_key(s, s->voices[at].key) = at + 1;
    return ERR_OK;
}

static enum err add_voice(struct scores *s, const struct voice *v)
{
    if (s->voice_count == s->voice_cap) {
        uint32_t cap = s->voice_cap == 0 ? 64 : s->voice_cap * 2;
        struct voice *list = realloc(s->voices, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        s->voices = list;
        s->voice_cap = cap;
    }
    s->voices[s->voice_count] = *v;
    enum err e = index_key(s, s->voice_count);
    return e == ERR_OK ? index_voice(s, v->series, s->voice_count++) : e;
}

/* Those of earlier runs. */
static enum err recall_voices(struct scores *s)
{
    enum err e = ERR_OK;
    s->voice_count = 0;
    if (s->by_series_cap > 0)
        memset(s->by_series, 0, s->by_series_cap * sizeof *s->by_series);
    if (s->by_key_cap > 0)
        memset(s->by_key, 0, s->by_key_cap * sizeof *s->by_key);
    for (size_t i = 0; e == ERR_OK && i < store_series_count(s->st); i++) {
        const struct series *one = store_series_at(s->st, i);
        if (one->source != s->opt.source || one->signal != SIG_EVAL)
            continue;
        const struct voice v = {.key = voice_key(s, one->dim[DIM_NAME], one->dim[DIM_MODEL], one->dim[DIM_JUDGE], one->dim[DIM_CLASS]),
                                .series = one->id,
                                .name = one->dim[DIM_NAME],
                                .told = SCORE_UNTOLD};
        e = add_voice(s, &v);
    }
    return e;
}

static enum err text_id(struct scores *s, struct str text, size_t max, uint32_t *ret, struct errctx *ctx)
{
    char safe[4 * SCORE_NAME_MAX + 2];
    *ret = 0;
    if (text.n == 0)
        return ERR_OK;
    size_t n = safe_text(safe, max + 1 < sizeof safe ? max + 1 : sizeof safe, text);
    return store_string(s->st, (struct str){safe, n}, ret, ctx);
}

/* *ret_series 0: there is no room for another. */
static enum err voice_of(struct scores *s, const struct score_told *score, uint32_t *ret_series, struct errctx *ctx)
{
    struct series want = {.source = s->opt.source, .signal = SIG_EVAL};
    enum err e = text_id(s, score->name, SCORE_NAME_MAX, &want.dim[DIM_NAME], ctx);
    if (e == ERR_OK)
        e = text_id(s, score->model, SCORE_NAME_MAX, &want.dim[DIM_MODEL], ctx);
    if (e == ERR_OK)
        e = text_id(s, score->judge, SCORE_NAME_MAX, &want.dim[DIM_JUDGE], ctx);
    if (e == ERR_OK && score->kind == SCORE_LABEL)
        e = text_id(s, score->label, SCORE_LABEL_MAX, &want.dim[DIM_CLASS], ctx);
    if (e != ERR_OK)
        return e;
    struct voice v = {.key = voice_key(s, want.dim[DIM_NAME], want.dim[DIM_MODEL], want.dim[DIM_JUDGE], want.dim[DIM_CLASS]),
                      .told = SCORE_UNTOLD};
    const uint32_t known = s->by_key_cap > 0 ? *place_of_key(s, v.key) : 0;
    *ret_series = known > 0 ? s->voices[known - 1].series : 0;
    if (known > 0)
        return ERR_OK;
    if (s->voice_count >= VOICES_MAX || s->voice_count >= s->opt.max_series)
        return ERR_OK;
    e = text_id(s, str_of(s->opt.gateway), SCORE_NAME_MAX, &want.dim[DIM_GATEWAY], ctx);
    if (e == ERR_OK)
        e = store_series(s->st, &want, &v.series, ctx);
    v.name = want.dim[DIM_NAME];
    if (e == ERR_OK)
        e = add_voice(s, &v);
    if (e == ERR_OK)
        *ret_series = v.series;
    return e;
}

/* Which values of a graded score are good is kept, for who watches it; so is that nobody told, neither with it nor in the configuration,
 * for then which of them are bad is a guess. */
static enum err keep_better(struct scores *s, const struct score_told *score, const struct score_rule *rule, uint32_t series,
                            int64_t now_ms, struct errctx *ctx)
{
    char note[SCORE_BETTER_NOTE_MAX];
    struct voice *v = score->kind == SCORE_NUMBER ? voice_by_series(s, series) : NULL;
    const bool is_guess = score->better == SCORE_UNTOLD && (rule == NULL || rule->better == SCORE_UNTOLD);
    if (v == NULL || (is_guess ? v->asked : score->better == SCORE_UNTOLD || v->told == score->better))
        return ERR_OK;
    const uint32_t *dim = store_series_at(s->st, series - 1)->dim;
    (void)str_format(note, sizeof note, SCORE_BETTER_NOTE, s->opt.source, v->name, dim[DIM_JUDGE], dim[DIM_MODEL]);
    v->asked = true;
    if (is_guess) {
        struct str text;
        struct arena a;
        arena_init(&a, NOTE_BYTES_MAX);
        const enum err e = store_note(s->st, note, INT64_MAX, &a, &text);
        arena_fini(&a);
        return e == ERR_NOTFOUND ? store_put_note(s->st, note, now_ms, str_of(SCORE_BETTER_UNTOLD), ctx)
               : e == ERR_OK     ? ERR_OK
                                 : errctx_set(ctx, e, "which values of a score are good cannot be read");
    }
    v->told = score->better;
    return store_put_note(s->st, note, now_ms, str_of(v->told == SCORE_LOWER ? "lower" : "higher"), ctx);
}

/* ---- opening ---- */

static bool recall_id(void *ctx, const struct store_scored *entry)
{
    struct scores *s = ctx;
    s->logged++;
    struct voice *v = voice_by_series(s, entry->series);
    if (v != NULL && entry->slot > v->last_slot)
        v->last_slot = entry->slot;
    return put_id(s, entry) == ERR_OK;
}

enum err scores_reload(struct scores *s, struct errctx *ctx)
{
    free(s->ids);
    s->ids = NULL;
    s->id_cap = s->id_count = s->logged = s->staged_count = 0;
    enum err e = store_score_key(s->st, &s->key, ctx);
    if (e != ERR_OK)
        return e;
    e = rehash(s, 1024);
    if (e == ERR_OK)
        e = recall_voices(s);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for the scores that were counted");
    return store_scores(s->st, s->opt.source, &s->mark_ms, &s->floor_ms, recall_id, s, ctx);
}

enum err scores_open(struct store *st, const struct scores_options *opt, struct scores **ret, struct errctx *ctx)
{
    struct scores *s = calloc(1, sizeof *s);
    if (s == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for scores");
    s->st = st;
    s->opt = *opt;
    enum err e = scores_reload(s, ctx);
    if (e != ERR_OK) {
        scores_close(s);
        return e;
    }
    *ret = s;
    return ERR_OK;
}

void scores_close(struct scores *s)
{
    if (s == NULL)
        return;
    free(s->ids);
    free(s->voices);
    free(s->by_key);
    free(s->by_series);
    free(s->staged);
    free(s);
}

void scores_start(struct scores *s, int64_t mark_ms, int64_t floor_ms)
{
    s->mark_ms = mark_ms;
    s->floor_ms = floor_ms;
}

void scores_span(const struct scores *s, int64_t *ret_mark_ms, int64_t *ret_floor_ms)
{
    *ret_mark_ms = s->mark_ms;
    *ret_floor_ms = s->floor_ms;
}

/* ---- setting aside ---- */

void scores_warn(struct scores *s, int64_t now_ms, const char *what, struct str text)
{
    char raw[WARNING_TEXT_MAX];
    if (now_ms - s->warned_ms >= WARN_MS)
        s->warnings = 0;
    s->warned_ms = now_ms;
    s->warnings++;
    (void)str_format(raw, sizeof raw, "%.*s%s%s", (int)(text.n < 100 ? text.n : 100), text.p, text.n > 0 ? " " : "", what);
    (void)safe_text(s->warning, sizeof s->warning, str_of(raw));
}

struct scores_status scores_status(struct scores *s, int64_t now_ms)
{
    if (now_ms - s->warned_ms >= WARN_MS)
        s->warnings = 0;
    return (struct scores_status){.series = s->voice_count,
                                  .dropped = s->dropped,
                                  .warnings = s->warnings,
                                  .ids = s->id_count,
                                  .warning = s->warnings > 0 ? s->warning : ""};
}

enum err scores_add(struct scores *s, const struct score_told *score, int64_t now_ms, struct errctx *ctx)
{
    const struct score_rule *rule = score_rule_of(s->opt.rules, s->opt.rule_count, score->name);
    struct score_count count;
    const char *why = NULL;
    if (score->t_ms > now_ms + SCORE_AHEAD_MS)
        why = "lies in the future: left out until its time comes";
    else if (score->t_ms <= 0 || slot_end(slot_of(score->t_ms)) <= s->floor_ms)
        why = "is older than what is remembered: left out";
    else if (score->name.n == 0 || score->id.n == 0)
        why = "has no name or no id: left out";
    else
        (void)score_counts(score, rule, &count, &why);
    if (why != NULL) {
        scores_warn(s, now_ms, why, score->name);
        return ERR_OK;
    }
    if (s->staged_count == s->staged_cap) {
        size_t cap = s->staged_cap == 0 ? 256 : s->staged_cap * 2;
        if (s->staged_count >= SCORES_STAGED_MAX)
            return errctx_set(ctx, ERR_LIMIT, "more than %d scores at once", SCORES_STAGED_MAX);
        struct staged *list = realloc(s->staged, cap * sizeof *list);
        if (list == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for scores");
        s->staged = list;
        s->staged_cap = cap;
    }
    struct staged one = {.id = hash_bytes(score->id.p, score->id.n, s->key),
                         .slot = slot_of(score->t_ms),
                         .order = (uint32_t)s->staged_count,
                         .value_fixed = count.value_fixed,
                         .bad = count.bad};
    enum err e = voice_of(s, score, &one.series, ctx);
    if (e == ERR_OK && one.series == 0) {
        s->dropped++;
        scores_warn(s, now_ms, "would be one series too many (max_series, at most 2000 of scores): left out", score->name);
    } else if (e == ERR_OK) {
        s->staged[s->staged_count++] = one;
        e = keep_better(s, score, rule, one.series, now_ms, ctx);
    }
    return e;
}

/* ---- accounting ---- */

/* What a slot of a series gains or loses. */
struct delta {
    uint32_t slot, series;
    bool revised; /* of a score that was counted before */
    int64_t n, sum_fixed, sumsq_fixed, bad;
};

struct finish {
    struct scores *s;
    struct delta *deltas;
    size_t delta_count;
    struct store_scored *changed;
    size_t changed_count;
    uint32_t slot_max; /* of anything that changed, before or after */
    struct arena *a;
    struct store_batch *batches;
    size_t batch_count;
};

/* v in [0, scale]: v * v / scale, rounded to nearest. */
static int64_t square(int64_t v)
{
    const int64_t scale = unit_scale(UNIT_RATIO);
    return (v * v + scale / 2) / scale;
}

static void add_delta(struct finish *f, const struct store_scored *c, int64_t sign, bool revised)
{
    if (c->series == 0)
        return;
    f->deltas[f->delta_count++] = (struct delta){.slot = c->slot,
                                                 .series = c->series,
                                                 .revised = revised,
                                                 .n = sign,
                                                 .sum_fixed = sign * c->value_fixed,
                                                 .sumsq_fixed = sign * square(c->value_fixed),
                                                 .bad = sign * c->bad};
    f->slot_max = c->slot > f->slot_max ? c->slot : f->slot_max;
}

static void note_change(struct scores_result *r, uint32_t slot)
{
    const int64_t t1 = slot_end(slot), t0 = t1 - SLOT_MS;
    r->changed_t0_ms = r->changed_t1_ms == 0 || t0 < r->changed_t0_ms ? t0 : r->changed_t0_ms;
    r->changed_t1_ms = t1 > r->changed_t1_ms ? t1 : r->changed_t1_ms;
}

static enum err count_one(struct finish *f, const struct staged *one, struct scores_result *r)
{
    struct scores *s = f->s;
    const struct store_scored *old = find_id(s, one->id);
    const struct store_scored now = {one->id, one->slot, one->series, one->value_fixed, one->bad};
    const bool known = old->slot != 0;
    if (known && old->slot == now.slot && old->series == now.series && old->value_fixed == now.value_fixed && old->bad == now.bad)
        return ERR_OK;
    if (known) {
        r->revised++;
        note_change(r, old->slot);
        add_delta(f, old, -1, true);
    } else {
        r->added++;
    }
    if (slot_end(one->slot) <= s->mark_ms)
        note_change(r, one->slot);
    add_delta(f, &now, 1, known);
    struct voice *v = voice_by_series(s, one->series);
    v->last_slot = one->slot > v->last_slot ? one->slot : v->last_slot;
    f->changed[f->changed_count++] = now;
    return put_id(s, &now);
}

static int staged_by_id(const void *a, const void *b)
{
    const struct staged *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static int staged_by_slot(const void *a, const void *b)
{
    const struct staged *x = a, *y = b;
    return x->slot != y->slot ? (x->slot < y->slot ? -1 : 1) : 0;
}

/* Of what was told several times the last word, in the order of their times. */
static void sort_staged(struct scores *s)
{
    size_t n = 0;
    if (s->staged_count == 0)
        return;
    qsort(s->staged, s->staged_count, sizeof *s->staged, staged_by_id);
    for (size_t i = 0; i < s->staged_count; i++)
        if (i + 1 == s->staged_count || s->staged[i + 1].id != s->staged[i].id)
            s->staged[n++] = s->staged[i];
    s->staged_count = n;
    qsort(s->staged, n, sizeof *s->staged, staged_by_slot);
}

static int deltas_by_slot(const void *a, const void *b)
{
    const struct delta *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (x->revised != y->revised)
        return x->revised ? 1 : -1;
    return x->series < y->series ? -1 : x->series > y->series;
}

static void push_batch(struct finish *f, int64_t t0_ms, int64_t t1_ms, const struct store_item *items, size_t count)
{
    f->batches[f->batch_count++] = (struct store_batch){f->s->opt.source, t0_ms, t1_ms, items, count, false};
}

/* Time without scores of those who had one lately. */
static void push_quiet(struct finish *f, int64_t t0_ms, int64_t t1_ms, const struct store_item *items, size_t count)
{
    if (t0_ms < t1_ms && count > 0)
        push_batch(f, t0_ms, t1_ms, items, count);
}

static enum err quiet_items(struct finish *f, int64_t to_ms, struct store_item **ret, size_t *ret_count)
{
    const struct scores *s = f->s;
    size_t n = 0;
    *ret = arena_array(f->a, (s->voice_count < QUIET_SERIES_MAX ? s->voice_count : QUIET_SERIES_MAX) + 1, sizeof **ret);
    if (*ret == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < s->voice_count && n < QUIET_SERIES_MAX; i++)
        if (slot_end(s->voices[i].last_slot) + QUIET_MS > to_ms)
            (*ret)[n++].series = s->voices[i].series;
    *ret_count = n;
    return ERR_OK;
}

/* Deltas, by slot and series, into a batch per slot, and one of what was revised in it; between them, from the mark to read_to_ms, quiet
 * time. */
static enum err make_batches(struct finish *f, int64_t read_to_ms)
{
    const size_t n = f->delta_count;
    int64_t covered_ms = f->s->mark_ms;
    const bool first = read_to_ms > covered_ms && covered_ms > 0;
    struct store_item *quiet = NULL;
    size_t quiet_count = 0;
    struct store_item *items = arena_array(f->a, n + 1, sizeof *items);
    f->batches = arena_array(f->a, 2 * n + 2, sizeof *f->batches);
    enum err e = items == NULL || f->batches == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK && first)
        e = quiet_items(f, read_to_ms, &quiet, &quiet_count);
    qsort(f->deltas, n, sizeof *f->deltas, deltas_by_slot);
    for (size_t i = 0; e == ERR_OK && i < n;) {
        const uint32_t slot = f->deltas[i].slot;
        const bool revised = f->deltas[i].revised;
        size_t count = 0;
        while (i < n && f->deltas[i].slot == slot && f->deltas[i].revised == revised) {
            struct store_item *it = &items[count++];
            it->series = f->deltas[i].series;
            for (; i < n && f->deltas[i].slot == slot && f->deltas[i].revised == revised && f->deltas[i].series == it->series; i++) {
                it->v.score.n += f->deltas[i].n;
                it->v.score.sum_fixed += f->deltas[i].sum_fixed;
                it->v.score.sumsq_fixed += f->deltas[i].sumsq_fixed;
                it->v.score.bad += f->deltas[i].bad;
            }
        }
        const int64_t t1 = slot_end(slot), t0 = t1 - SLOT_MS;
        if (first && t1 > covered_ms) {
            push_quiet(f, covered_ms, t0, quiet, quiet_count);
            covered_ms = t1;
        }
        push_batch(f, t0, t1, items, count);
        f->batches[f->batch_count - 1].revised = revised;
        items += count;
    }
    if (e == ERR_OK && first)
        push_quiet(f, covered_ms, read_to_ms, quiet, quiet_count);
    return e;
}

/* What is remembered goes to the store: what changed, or all of it where most of the log speaks of nothing any more. */
static enum err put_memory(struct finish *f, const char *file, struct errctx *ctx)
{
    struct scores *s = f->s;
    struct store_scores put = {.source = s->opt.source,
                               .mark_ms = s->mark_ms,
                               .floor_ms = s->floor_ms,
                               .t_max_ms = slot_end(f->slot_max),
                               .list = f->changed,
                               .count = f->changed_count,
                               .file = file};
    if (s->logged + put.count <= 2 * s->id_count + LOG_SLACK) {
        s->logged += put.count;
        return store_put_scores(s->st, &put, ctx);
    }
    struct store_scored *row = malloc(LOG_ROW * sizeof *row);
    enum err e = row == NULL ? errctx_set(ctx, ERR_NOMEM, "out of memory for the scores that were counted") : ERR_OK;
    put.anew = true;
    for (size_t i = 0; e == ERR_OK && (i < s->id_cap || put.anew);) {
        put.list = row;
        put.count = 0;
        put.t_max_ms = 0;
        for (; i < s->id_cap && put.count < LOG_ROW; i++) {
            if (s->ids[i].slot == 0)
                continue;
            put.t_max_ms = slot_end(s->ids[i].slot) > put.t_max_ms ? slot_end(s->ids[i].slot) : put.t_max_ms;
            row[put.count++] = s->ids[i];
        }
        e = store_put_scores(s->st, &put, ctx);
        put.anew = false;
        put.file = NULL;
    }
    s->logged = s->id_count;
    free(row);
    return e;
}

enum err scores_finish(struct scores *s, int64_t read_to_ms, const char *file, struct arena *a, struct scores_result *ret,
                       struct errctx *ctx)
{
    struct finish f = {.s = s, .a = a};
    *ret = (struct scores_result){.count = 0};
    f.deltas = malloc((2 * s->staged_count + 1) * sizeof *f.deltas);
    f.changed = malloc((s->staged_count + 1) * sizeof *f.changed);
    enum err e = f.deltas == NULL || f.changed == NULL ? ERR_NOMEM : ERR_OK;
    sort_staged(s);
    for (size_t i = 0; e == ERR_OK && i < s->staged_count; i++)
        e = count_one(&f, &s->staged[i], ret);
    if (e == ERR_OK)
        e = make_batches(&f, read_to_ms);
    const bool moved = read_to_ms > s->mark_ms;
    s->mark_ms = moved ? read_to_ms : s->mark_ms;
    if (e == ERR_OK)
        e = trim(s);
    if (e == ERR_NOMEM)
        (void)errctx_set(ctx, e, "out of memory for scores");
    if (e == ERR_OK && (f.changed_count > 0 || moved || file != NULL))
        e = put_memory(&f, file, ctx);
    ret->batches = f.batches;
    ret->count = f.batch_count;
    s->staged_count = 0;
    free(f.deltas);
    free(f.changed);
    return e;
}
