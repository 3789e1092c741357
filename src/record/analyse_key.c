/* SPDX-License-Identifier: MIT */
/* A key that runs away: five times its own mean of the day before, for three minutes, in no minute less than half of that. A working
 * day that begins is many times the night as well: it must also be twice the key's busiest hour, and have begun within ten minutes. */
#include "record/analyse_detect.h"

enum { SUSTAINED_MS = 3 * MINUTE_MS, JUMP_MS = 10 * MINUTE_MS, LEAST_REQUESTS = 50 };
static const double jump = 5, back = 2; /* times the mean: reported from, normal below */
static const double above_busiest = 2;  /* times the rate of the busiest hour */

static void *make(void)
{
    return groups_new();
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct groups *gs = state;
    if (s->signal != SIG_REQUESTS || s->dim[DIM_KEY] == 0)
        return ERR_OK;
    enum err e = groups_get(an, gs, &detect_key, s->dim[DIM_KEY], s->dim[DIM_GATEWAY], &ret_link->slot, ret_wanted, ctx);
    if (e == ERR_OK && *ret_wanted && gs->list[ret_link->slot]->more == 0)
        gs->list[ret_link->slot]->more = s->dim[DIM_TEAM];
    return e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    (void)an;
    uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0;
    groups_count(state, l->slot, n, n); /* all of them are what is looked for */
}

static void finding(struct analyser *an, uint32_t a, uint32_t b, const char **ret_rule, const char **ret_scope)
{
    const char *key = text_string(an, a);
    *ret_rule = analyse_rule(an, "key", b);
    *ret_scope = key != NULL ? arena_printf(&an->scratch, "key=%s", key) : NULL;
}

/* What was seen: requests per second over the sustained time, and usually. */
static enum err report(struct analyser *an, struct group *g, double now, double usual, const struct daycount *day, int64_t onset_ms,
                       const struct interval *in, struct errctx *ctx)
{
    const char *key = text_string(an, g->a), *team = g->more != 0 ? text_string(an, g->more) : NULL, *before = group_before(an, g, day);
    if (key == NULL || before == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down what a key does");
    const char *owner = team != NULL ? arena_printf(&an->scratch, " (team %s)", team) : "";
    const int digits = now / usual < 9.95 ? 1 : 0;
    const char *text = owner == NULL ? NULL
                                     : arena_printf(&an->scratch, "key %s%s req/s x%.*f: %.2g/s over 3 min, %.2g/s in %s", key, owner, digits,
                                                    now / usual, now, usual, before);
    const char *id = arena_printf(&an->scratch, "key:%u:%u:%lld", g->b, g->a, (long long)in->t1_ms);
    enum err e = analyse_event(an, id, EVENT_KEY, onset_ms, in->known_ms, arena_printf(&an->scratch, "key=%s", key), text, ctx);
    const struct daycount before_it = group_usual(g, onset_ms, day);
    const struct finding f = {.text = owner == NULL ? NULL : arena_printf(&an->scratch, "key %s%s: %.*fx its requests", key, owner, digits, now / usual),
                              .onset_ms = onset_ms,
                              .window_ms = SUSTAINED_MS,
                              .was = usual,
                              .is = now};
    return e == ERR_OK ? group_hold(an, &detect_key, g, &f, &before_it, in, ctx) : e;
}

/* Whether the rise began a moment ago; what rose slowly has been on its way for longer. */
static bool is_jump(const struct group *g, double usual, double now, int64_t now_ms, int64_t *ret_onset_ms)
{
    const struct dayring_rise rise = dayring_rate_rise(usual, now);
    int64_t error;
    return dayring_onset(&g->ring, &rise, ret_onset_ms, &error) && now_ms - *ret_onset_ms <= JUMP_MS;
}

static enum err judge(struct analyser *an, struct group *g, const struct interval *in, struct errctx *ctx)
{
    struct daycount day, last;
    double least;
    int64_t onset;
    if (!group_baseline(g, &day) || day.bad == 0 || !dayring_last(&g->ring, SUSTAINED_MS, &last, &least))
        return ERR_OK;
    double usual = 1000.0 * (double)day.bad / (double)day.observed_ms, now = 1000.0 * (double)last.bad / (double)last.observed_ms;
    enum err e = group_calm(an, &detect_key, g, now < back * usual, in, ctx);
    if (e != ERR_OK || g->held || last.bad < LEAST_REQUESTS || now < jump * usual || least < jump / 2 * usual)
        return e;
    if (now < above_busiest * dayring_busiest_rate(&g->ring) || !is_jump(g, usual, now, in->t1_ms, &onset))
        return e;
    return report(an, g, now, usual, &day, onset, in, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    return groups_close(an, state, &detect_key, in, judge, ctx);
}

static struct daycount count(const struct store_cell *cell)
{
    uint64_t n = cell->sum > 0 ? (uint64_t)cell->sum : 0;
    return (struct daycount){.n = n, .bad = n};
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    const struct groups_reading how = {.n_signal = SIG_REQUESTS, .bad_signal = SIG_COUNT, .a = DIM_KEY, .b = DIM_GATEWAY, .count = count};
    return groups_fill(an, state, &how, ctx);
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    return groups_accept(an, state, &detect_key, a, ctx);
}

const struct detector detect_key = {.name = "key",
                                    .make = make,
                                    .drop = groups_free,
                                    .on_series = on_series,
                                    .on_item = on_item,
                                    .on_interval = on_interval,
                                    .fill = fill,
                                    .accept = accept,
                                    .finding = finding};
