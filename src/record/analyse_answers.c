/* SPDX-License-Identifier: MIT */
/* Shares of answers that need no judge (model/answers.h), a stream each by model. */
#include "record/analyse_stream.h"

#include <string.h>

enum { OF_WHOLE = 1, OF_BAD = 2 }; /* marks of links */

static void *make(void)
{
    return groups_new(sizeof(struct stream), true);
}

static bool is_class(const struct analyser *an, const struct series *s, const char *class)
{
    return strcmp(intern_text(store_strings(an->st), s->dim[DIM_CLASS]), class) == 0;
}

static uint8_t mark_of(const struct analyser *an, const struct series *s, const struct answer_share *share)
{
    const bool whole = s->signal == share->whole && (share->not_of_whole == NULL || !is_class(an, s, share->not_of_whole));
    const bool bad = s->signal == share->bad && (share->bad_class == NULL || is_class(an, s, share->bad_class));
    return (uint8_t)((whole ? OF_WHOLE : 0) | (bad ? OF_BAD : 0));
}

static enum err link_share(struct analyser *an, struct groups *gs, const struct series *s, const struct answer_share *share,
                           struct link link, struct errctx *ctx)
{
    char text[ANSWER_NAME_MAX];
    uint32_t name;
    bool found;
    link.mark = mark_of(an, s, share);
    if (link.mark == 0 || !answer_share_name(share, intern_text(store_strings(an->st), s->dim[DIM_NAME]), text))
        return ERR_OK;
    enum err e = store_string(an->st, str_of(text), &name, ctx);
    if (e == ERR_OK)
        e = groups_get(an, gs, &detect_answers, name, s->dim[DIM_MODEL], &link.slot, &found, ctx);
    if (e != ERR_OK || !found)
        return e;
    struct stream *st = gs->list[link.slot]->own;
    st->share = share;
    st->name = s->dim[DIM_NAME];
    st->told |= s->signal == share->bad;
    e = stream_open(an, gs->list[link.slot], s->source, ctx);
    return e == ERR_OK ? analyse_link(an, link, ctx) : e;
}

/* A series may be of several shares, so that the links are made here. */
static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    size_t count;
    const struct answer_share *shares = answer_shares(&count);
    enum err e = ERR_OK;
    (void)ret_wanted;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = link_share(an, state, s, &shares[i], *ret_link, ctx);
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    const uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0, bad = (l->mark & OF_BAD) != 0 ? n : 0;
    (void)an;
    stream_count(state, l->slot,
                 &(struct scored){.n = (l->mark & OF_WHOLE) != 0 ? n : 0, .bad = bad, .sum = (double)bad, .sum_sq = (double)bad});
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return streams_close(an, state, &detect_answers, in, ctx);
}

static struct daycount count(const struct store_cell *cell)
{
    return (struct daycount){.n = cell->sum > 0 ? (uint64_t)cell->sum : 0};
}

static double column(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct store_cell *cell,
                     const struct daycount *c)
{
    (void)cell;
    return stream_fill(an, g, begin_ms, end_ms,
                       &(struct scored){.n = c->n, .bad = c->bad, .sum = (double)c->bad, .sum_sq = (double)c->bad});
}

static uint32_t name(const struct analyser *an, const struct groups_reading *how, const struct store_group *g)
{
    const struct intern *strings = store_strings(an->st);
    char text[ANSWER_NAME_MAX];
    uint32_t id;
    const bool found =
        answer_share_name(how->share, intern_text(strings, g->dim[DIM_NAME]), text) && intern_find(strings, str_of(text), &id);
    return found ? id : UINT32_MAX;
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    size_t count_shares;
    const struct answer_share *shares = answer_shares(&count_shares);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count_shares; i++) {
        struct groups_reading how = {.n_signal = shares[i].whole,
                                     .bad_signal = shares[i].bad,
                                     .a = shares[i].by_name ? DIM_NAME : DIM_COUNT,
                                     .b = DIM_MODEL,
                                     .step_ms = STREAM_STEP_MS,
                                     .count = count,
                                     .name = name,
                                     .column = column,
                                     .share = &shares[i]};
        e = analyse_share_filters(an, &shares[i], &how.filter, &how.bad_filter, ctx);
        if (e == ERR_OK)
            e = groups_fill(an, state, &how, ctx);
    }
    return e;
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    return streams_accept(an, state, &detect_answers, a, ctx);
}

const struct detector detect_answers = {.name = "answers",
                                        .make = make,
                                        .drop = groups_free,
                                        .on_series = on_series,
                                        .on_item = on_item,
                                        .on_interval = on_interval,
                                        .fill = fill,
                                        .accept = accept,
                                        .finding = stream_finding,
                                        .silent = stream_silent,
                                        .has_streams = true,
                                        .alive = streams_alive};
