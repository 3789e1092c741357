/* SPDX-License-Identifier: MIT */
/* What of a stream outlives a run: its detector's state, from which a restart goes on, and what it is held against, for screens. */
#include "record/analyse_stream.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    VERSION = 7,
    NOTE_BYTES_MAX = 4096,
};
static const size_t KEPT_BYTES = offsetof(struct stream, saved_ms);

/* The note of its state, or the one for screens. */
static const char *note_name(struct analyser *an, const struct group *g, bool is_state)
{
    const char *rule, *scope;
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (rule == NULL || scope == NULL)
        return NULL;
    return is_state ? arena_printf(&an->scratch, "detector:%s|%s", rule, scope) : arena_printf(&an->scratch, DRIFT_NOTE, rule, scope);
}

enum err analyse_state_read(struct analyser *an, const struct group *g, size_t n, const void **ret, struct errctx *ctx)
{
    struct str bytes;
    const char *name = note_name(an, g, true);
    *ret = NULL;
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for detectors");
    enum err e = store_note(an->st, name, INT64_MAX, &an->scratch, &bytes);
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : errctx_set(ctx, e, "the state of %s cannot be read", name);
    *ret = bytes.n == n ? bytes.p : NULL;
    return ERR_OK;
}

enum err analyse_state_put(struct analyser *an, const struct group *g, const void *state, size_t n, struct errctx *ctx)
{
    const char *name = note_name(an, g, true);
    if (name == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for detectors");
    return store_put_note(an->st, name, 0, (struct str){state, n}, ctx);
}

bool analyse_state_due(const struct group *g, int64_t *saved_ms, int64_t edge_ms, uint32_t count, uint32_t at_once)
{
    const uint32_t every = 1 + count / at_once;
    if (*saved_ms == 0)
        *saved_ms = edge_ms - (1 + (g->a + g->b) % every) * (int64_t)STREAM_STEP_MS;
    return edge_ms / STREAM_STEP_MS - *saved_ms / STREAM_STEP_MS >= every;
}

enum err stream_open(struct analyser *an, struct group *g, uint32_t source, struct errctx *ctx)
{
    struct stream *s = g->own;
    feeders_add(an, &s->feeders, source);
    const void *bytes;
    if (s->ready)
        return ERR_OK;
    s->ready = true;
    s->better = SCORE_UNTOLD;
    stream_begin(s, g->from_ms, "");
    enum err e = stream_ask_better(an, g, ctx);
    if (e != ERR_OK)
        return e;
    s->low_is_good = s->better == SCORE_LOWER;
    e = analyse_state_read(an, g, KEPT_BYTES, &bytes, ctx);
    struct stream *was = bytes != NULL ? arena_alloc(&an->scratch, sizeof *was) : NULL;
    if (was == NULL)
        return e; /* of another build: its day is fed anew */
    memcpy(was, bytes, KEPT_BYTES);
    if (was->version != VERSION || !edetect_valid(&was->d))
        return ERR_OK;
    if (g->firing || g->since_ms <= was->at_ms) { /* else what it found is over, or was taken for normal, since */
        memcpy(s, was, KEPT_BYTES);
        s->saved_ms = s->at_ms;
        if (g->firing && s->usual.n == g->usual.n)
            g->usual = s->usual;
    }
    return ERR_OK;
}

enum err stream_save(struct analyser *an, struct group *g, int64_t at_ms, struct errctx *ctx)
{
    struct stream *s = g->own;
    stream_move_to(s, at_ms);
    s->version = VERSION;
    s->is_ahead = false;
    s->saved_ms = s->at_ms = at_ms;
    s->usual = g->usual;
    return analyse_state_put(an, g, s, KEPT_BYTES, ctx);
}

enum err stream_note(struct analyser *an, struct group *g, int64_t known_ms, struct errctx *ctx)
{
    struct stream *s = g->own;
    const double lacks = edetect_lacks(&s->d);
    const bool is_first = s->d.arl == DRIFT_ARL_FIRST;
    const bool same = (s->noted_first_arl == is_first || g->firing) && s->noted_thin == (lacks > 0) && s->noted_n != UINT64_MAX &&
                      (double)s->d.base.n < 1.1 * (double)s->noted_n; /* of an open finding the promise is that of its alarm */
    struct buf text;
    if (same || s->d.all.n == 0)
        return ERR_OK;
    s->noted_n = s->d.base.n;
    s->noted_thin = lacks > 0;
    s->noted_first_arl = is_first;
    const struct drift_base b = {.is_share = !s->is_score,
                                 .high_is_good = stream_high_is_good(g),
                                 .n = s->d.base.n,
                                 .bad = s->d.base.sum,
                                 .mean = s->d.base.n > 0 ? s->base_sum / (double)s->d.base.n : (double)NAN,
                                 .var = lacks > 0 ? 0 : s->d.base_var,
                                 .from_ms = s->from_ms,
                                 .to_ms = s->base_ms,
                                 .from_error_ms = s->from_error_ms,
                                 .onset_from_ms = s->begun_ms == s->from_ms ? s->begun_from_ms : 0,
                                 .onset_to_ms = s->begun_ms == s->from_ms ? s->begun_to_ms : 0,
                                 .onset_was = s->begun_ms == s->from_ms ? s->begun_was : 0,
                                 .lacks = lacks,
                                 .arl = s->d.arl,
                                 .alarms = an->cfg->false_alarms,
                                 .streams = analyse_stream_total(an),
                                 .why = s->why};
    const char *name = note_name(an, g, false);
    buf_init(&text, NOTE_BYTES_MAX);
    enum err e = name != NULL ? drift_base_write(&b, &text) : ERR_NOMEM;
    if (e == ERR_OK)
        e = store_put_note(an->st, name, known_ms, buf_str(&text), ctx);
    else
        (void)errctx_set(ctx, e, "out of memory while writing down a baseline");
    buf_fini(&text);
    return e;
}
