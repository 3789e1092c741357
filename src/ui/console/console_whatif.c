/* SPDX-License-Identifier: MIT */
/* `:whatif gpt-x gpt-x-mini 30%` and `:whatif gpt-x cache 50%`: what `gwtop whatif` would print of the axis' time and the filter, as a box
 * over the pane. */
#include "ui/console/state.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

static const char cache_word[] = "cache"; /* in place of the other model */

/* The next word, and moves past it; "" at the end. */
static const char *take_word(struct arena *a, const char **line)
{
    *line += strspn(*line, " ");
    const struct str word = {*line, strcspn(*line, " ")};
    *line += word.n;
    return arena_strdup(a, word);
}

static enum err read_ask(struct arena *a, const char *line, struct view_whatif_ask *ret, struct errctx *ctx)
{
    const char *from = take_word(a, &line), *to = take_word(a, &line), *share = take_word(a, &line);
    if (from == NULL || to == NULL || share == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what if");
    if (share[0] == '\0' || line[strspn(line, " ")] != '\0')
        return errctx_set(ctx, ERR_USAGE, "whatif: expected MODEL MODEL 30%%, or MODEL cache 50%%");
    const bool caches = strcmp(to, cache_word) == 0;
    return view_whatif_ask_make(from, caches ? NULL : to, share, ret, ctx);
}

static void put_money(struct buf *b, const struct view_whatif_ask *ask, const struct view_whatif *v)
{
    char now[NUMFMT_MAX], then[NUMFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX];
    console_line(b, "%-12s %10s %10s   %s", "", "now", "then", "interval");
    if (isnan(v->delta_per_h))
        console_line(b, "%-12s %10s %10s", "$/h", numfmt_usd(v->now_per_h, now), NUMFMT_UNKNOWN);
    else
        console_line(b, "%-12s %10s %10s   %s to %s", "$/h", numfmt_usd(v->now_per_h, now), numfmt_usd(v->then_per_h, then),
                     numfmt_usd(v->now_per_h + v->lo, lo), numfmt_usd(v->now_per_h + v->hi, hi));
    if (ask->to == NULL)
        console_line(b, "%-12s %10s %10s", "cached", isnan(v->share_now) ? NUMFMT_UNKNOWN : numfmt_percent(v->share_now, now),
                     numfmt_percent(ask->share, then));
}

static void put_latency(struct buf *b, const struct view_whatif *v)
{
    char name[32], now[NUMFMT_MAX], after[NUMFMT_MAX], interval[NUMFMT_MAX], n[NUMFMT_MAX];
    for (size_t i = 0; i < v->latency_count; i++) {
        const struct vwhatif_latency *l = &v->latency[i];
        (void)str_format(name, sizeof name, "%s p%.0f", l->signal, 100 * l->q);
        (void)numfmt_quantile(&l->now, false, now);
        if (l->after.n == 0)
            console_line(b, "%-12s %10s %10s", name, now, NUMFMT_UNKNOWN);
        else
            console_line(b, "%-12s %10s %10s   %s, as good as n %s", name, now, numfmt_quantile(&l->after, false, after),
                         numfmt_quantile_ci(&l->after, interval), numfmt_n(l->after.n, n));
    }
}

static void put_grounds(struct buf *b, const struct view_whatif_ask *ask, const struct view_whatif *v)
{
    char from[NUMFMT_MAX], to[NUMFMT_MAX], window[TIMEFMT_MAX];
    duration_format(v->window_ms, window);
    if (v->basis[0] != '\0')
        console_line(b, "\nfrom       %s; n %s%s%s requests in %s", v->basis, numfmt_count((double)v->n_from, from),
                     ask->to != NULL ? " and " : "", ask->to != NULL ? numfmt_count((double)v->n_to, to) : "", window);
    if (ask->to != NULL && isinf(v->load_after))
        console_line(b, "load       %s requests/h move; %s has none of its own", numfmt_count(v->moved_per_h, from), ask->to);
    else if (ask->to != NULL)
        console_line(b, "load       %s requests/h move; %s gets %s its requests", numfmt_count(v->moved_per_h, from), ask->to,
                     numfmt_times(v->load_after, to));
    if (v->assumes[0] != '\0')
        console_line(b, "assumes    %s", v->assumes);
    console_line(b, "note       %s", v->note);
}

static enum err read_whatif(struct console *c, const char *line, struct view_whatif_ask *ask, struct view_whatif *ret, struct errctx *ctx)
{
    struct arena *a = &c->arena[1 - c->arena_on];
    struct view_loader l;
    struct view_params p = console_params(c);
    enum err e = console_read_begin(c, a, &l, ctx);
    if (e != ERR_OK)
        return e;
    e = read_ask(a, line, ask, ctx);
    if (e == ERR_OK)
        e = view_load_whatif(&l, &p, ask, ret, ctx);
    console_read_end(c);
    return e;
}

unsigned console_whatif(struct console *c, const char *line)
{
    struct errctx ctx = {.text = ""};
    struct view_whatif_ask ask;
    struct view_whatif v;
    struct buf b;

    if (console_nothing_read(c))
        return TURN_DRAW;
    if (read_whatif(c, line, &ask, &v, &ctx) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    buf_init(&b, c->popup_text.max / 4);
    console_line(&b, "%s\n", v.sentence);
    put_money(&b, &ask, &v);
    put_latency(&b, &v);
    put_grounds(&b, &ask, &v);
    unsigned turn = console_show_text(c, "what if", &b);
    buf_fini(&b);
    return turn;
}
