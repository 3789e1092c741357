/* SPDX-License-Identifier: MIT */
/* What is said of requests that a gateway shares otherwise than before: that its router was configured otherwise, or that they went where
 * nothing failed, which is no cause of anything; and nothing, where the day before did the same at that hour, or each team's are shared as
 * before. */
#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "record/analyse_router.h"

enum {
    TOLD_MAX = 4,                     /* deployments in a sentence */
    FAILED_LEAST = 5,                 /* requests that failed, or times that one was taken out */
    FAILS_BEFORE_MS = 15 * MINUTE_MS, /* before the onset: what failed then moved it */
    RARE_COLUMNS = 24,                /* of that length, six hours: what was usual of cooldowns */
    HOUR_COLUMN_MS = 15 * MINUTE_MS,  /* in which the day before is looked at */
    HOUR_COLUMNS = 16,                /* two hours each way */
    HOUR_SIDE = 2,                    /* columns of each side of a move then */
    TEAMS_MAX = 64,                   /* of which shares are looked at */
    TEAM_LEAST = 30,                  /* requests, of which a team's shares are known */
    TEAMS_BEFORE_MS = 6 * HOUR_MS,
    HOUR_LEAST = 100, /* requests */
};
static const double told_least = 0.02;    /* of the requests, of one that is told beside the one that moved most */
static const double failing_share = 0.05; /* of a deployment's requests, */
static const double failing_times = 3;    /* and so many times the usual */
static const double failing_chance = 1e-4;
static const double explained = 0.75; /* of a move by other traffic: no weight moved */
static const double alike = 0.5;      /* of a move: less is that it is as it was */

/* ---- whether it came of failures ---- */

/* What was counted from from_ms on. */
static struct router_base counted_since(const struct router *m, int64_t from_ms)
{
    const struct router_count *list[ROUTER_MINUTES];
    const uint32_t count = router_counts(m, from_ms, list);
    struct router_base b = {.steps = 0};
    for (uint32_t i = 0; i < count; i++)
        if (list[i]->to_ms > from_ms)
            router_add(&b, list[i], 0);
    return b;
}

static double bad_share(const struct router_base *b, size_t part)
{
    return b->n[part] > 0 ? (double)b->bad[part] / (double)b->n[part] : 0;
}

/* Whether more of its requests fail in b than is usual. */
static bool is_failing(const struct router_base *b, size_t part, double usual)
{
    const double line = fmax(failing_share, failing_times * usual);
    return b->bad[part] >= FAILED_LEAST && bad_share(b, part) >= line &&
           stat_binom_tail(b->n[part], fmin(fmax(usual, failing_share / failing_times), 1), b->bad[part]) <= failing_chance;
}

/* The share of what did not fail. */
static double good_share(const struct router_base *b, size_t part)
{
    const uint64_t good = router_sum(b->n) - router_sum(b->bad);
    return good > 0 ? (double)(b->n[part] - b->bad[part]) / (double)good : 0;
}

/* Requests leave a deployment that fails; where they are tried on it again it has more of them, and no more of those that are answered.
 * Back they come when it does not fail any more. ret_part: such a one; false: none. */
static bool find_failing(const struct router *m, const struct router_move *v, size_t *ret_part, bool *ret_over)
{
    const struct router_base now = counted_since(m, v->onset_ms - FAILS_BEFORE_MS);
    for (size_t i = 0; i < m->count; i++) {
        const double by = router_share(&v->after, i) - router_share(&v->before, i), was = bad_share(&v->before, i),
                     usual = m->followed ? fmin(was, bad_share(&m->was, i)) : was;
        const bool failed = is_failing(&v->before, i, bad_share(&v->after, i)) && by > 0;
        const bool fails = is_failing(&now, i, usual) && (by < 0 || good_share(&v->after, i) <= good_share(&v->before, i));
        if (!fails && !failed)
            continue;
        *ret_part = i;
        *ret_over = !fails;
        return true;
    }
    return false;
}

/* Whether one that lost requests was taken out of rotation more often than usual: gateways do so before much has failed. */
static enum err find_cooldowns(struct analyser *an, const struct group *g, const struct router_move *v, int64_t now_ms, size_t *ret_part,
                               bool *ret_found, struct errctx *ctx)
{
    const struct router *m = g->own;
    const int64_t end_ms = (now_ms + FAILS_BEFORE_MS - 1) / FAILS_BEFORE_MS * FAILS_BEFORE_MS;
    struct store_query q = {.signal = SIG_COOLDOWNS,
                            .group_by = DIM_BIT(DIM_DEPLOYMENT),
                            .t0_ms = end_ms - RARE_COLUMNS * FAILS_BEFORE_MS,
                            .step_ms = FAILS_BEFORE_MS,
                            .columns = RARE_COLUMNS};
    struct store_result r;
    *ret_found = false;
    q.filter.dim[DIM_DEPLOYMENT].ids = m->id;
    q.filter.dim[DIM_DEPLOYMENT].count = m->count;
    q.filter.dim[DIM_GATEWAY].ids = &g->more;
    q.filter.dim[DIM_GATEWAY].count = g->more != 0;
    enum err e = analyse_allowed(an, SIG_COOLDOWNS, &q.filter.sources, &q.filter.source_count, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, &q, 1, &an->scratch, &r, ctx);
    for (size_t i = 0; e == ERR_OK && i < r.count; i++) {
        double before = 0, now = 0, columns = 0;
        size_t part = 0;
        for (uint32_t c = 0; c < q.columns; c++) {
            const bool is_now = q.t0_ms + (int64_t)(c + 1) * q.step_ms > v->onset_ms - FAILS_BEFORE_MS;
            const double n = r.groups[i].cells[c].n > 0 ? (double)r.groups[i].cells[c].sum : 0;
            *(is_now ? &now : &before) += n;
            columns += is_now;
        }
        while (part < m->count && m->id[part] != r.groups[i].dim[DIM_DEPLOYMENT])
            part++;
        if (part == m->count || router_share(&v->after, part) >= router_share(&v->before, part) || now < FAILED_LEAST ||
            now / columns < failing_times * before / fmax(1, RARE_COLUMNS - columns))
            continue;
        *ret_part = part;
        *ret_found = true;
    }
    return e;
}

/* ---- whether others ask, or it is so every day ---- */

/* What is read of the group's own, by part and whatever else. */
static enum err read_parts(struct analyser *an, const struct group *g, struct store_query *q, size_t count, struct store_result *ret,
                           struct errctx *ctx)
{
    const struct router *m = g->own;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        q[i].signal = m->rank > 2 ? SIG_ATTEMPTS : SIG_REQUESTS;
        q[i].group_by |= DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER);
        q[i].filter.dim[DIM_MODEL].ids = &g->b;
        q[i].filter.dim[DIM_MODEL].count = 1;
        q[i].filter.dim[DIM_GATEWAY].ids = &g->more;
        q[i].filter.dim[DIM_GATEWAY].count = g->more != 0;
        e = analyse_allowed(an, q[i].signal, &q[i].filter.sources, &q[i].filter.source_count, ctx);
    }
    return e == ERR_OK ? store_read(an->st, q, count, &an->scratch, ret, ctx) : e;
}

static double count_in(const struct store_cell *cell)
{
    return cell->n > 0 && cell->sum > 0 ? (double)cell->sum : 0;
}

static bool is_part(const struct router *m, const struct store_group *r, size_t part)
{
    const uint32_t id = r->dim[DIM_DEPLOYMENT] != 0 ? r->dim[DIM_DEPLOYMENT] : r->dim[DIM_PROVIDER];
    return id == m->id[part];
}

/* What a team had of all requests, and of those of the part that moved most, before and since. */
struct team {
    uint32_t id;
    double before, before_part, after;
};

static size_t teams_of(const struct router *m, const struct store_result r[2], size_t part, struct team teams[TEAMS_MAX])
{
    size_t count = 0;
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < r[side].count; i++) {
            const struct store_group *of = &r[side].groups[i];
            const double n = count_in(&of->cells[0]);
            size_t k = 0;
            while (k < count && teams[k].id != of->dim[DIM_TEAM])
                k++;
            if (k == TEAMS_MAX)
                continue;
            if (k == count)
                teams[count++] = (struct team){.id = of->dim[DIM_TEAM]};
            *(side == 0 ? &teams[k].before : &teams[k].after) += n;
            teams[k].before_part += side == 0 && is_part(m, of, part) ? n : 0;
        }
    }
    return count;
}

/* Routers have deployments for some teams alone: where each shared its requests as before, but another asks most, no weight moved. */
static enum err is_of_traffic(struct analyser *an, const struct group *g, const struct router_move *v, int64_t now_ms, bool *ret,
                              struct errctx *ctx)
{
    const double by = router_share(&v->after, v->most) - router_share(&v->before, v->most);
    struct team teams[TEAMS_MAX];
    struct store_query q[2] = {{.group_by = DIM_BIT(DIM_TEAM), .step_ms = TEAMS_BEFORE_MS, .columns = 1},
                               {.group_by = DIM_BIT(DIM_TEAM), .step_ms = now_ms - v->onset_ms, .columns = 1}};
    struct store_result r[2];
    q[0].t0_ms = v->onset_ms - TEAMS_BEFORE_MS;
    q[1].t0_ms = v->onset_ms;
    *ret = false;
    enum err e = read_parts(an, g, q, 2, r, ctx);
    const size_t count = e == ERR_OK ? teams_of(g->own, r, v->most, teams) : 0;
    double before = 0, part = 0, after = 0, expected = 0;
    for (size_t i = 0; i < count; i++) {
        if (teams[i].before < TEAM_LEAST)
            continue;
        before += teams[i].before;
        part += teams[i].before_part;
        after += teams[i].after;
        expected += teams[i].after * teams[i].before_part / teams[i].before;
    }
    *ret = before > 0 && after > 0 && (expected / after - part / before) / by >= explained;
    return e;
}

/* The share of the part that moved most in columns of the day before; negative: not known. */
static double share_in(const struct router *m, const struct store_result *r, size_t part, uint32_t from, uint32_t count)
{
    double all = 0, of_part = 0;
    for (size_t i = 0; i < r->count; i++) {
        for (uint32_t c = from; c < from + count; c++) {
            const double n = count_in(&r->groups[i].cells[c]);
            all += n;
            of_part += is_part(m, &r->groups[i], part) ? n : 0;
        }
    }
    return all >= HOUR_LEAST ? of_part / all : -1;
}

/* Within two hours of the same time a day earlier the part's share made the same move. */
static enum err is_of_hour(struct analyser *an, const struct group *g, const struct router_move *v, bool *ret, struct errctx *ctx)
{
    const struct router *m = g->own;
    const double was = router_share(&v->before, v->most), by = router_share(&v->after, v->most) - was;
    struct store_query q = {.step_ms = HOUR_COLUMN_MS, .columns = HOUR_COLUMNS};
    struct store_result r;
    *ret = false;
    q.t0_ms = (v->onset_ms - DAY_MS) / HOUR_COLUMN_MS * HOUR_COLUMN_MS - HOUR_COLUMNS / 2 * HOUR_COLUMN_MS;
    enum err e = read_parts(an, g, &q, 1, &r, ctx);
    for (uint32_t c = HOUR_SIDE; e == ERR_OK && c + 1 + HOUR_SIDE <= q.columns && !*ret; c++) { /* one column between: a move takes time */
        const double then = share_in(m, &r, v->most, c - HOUR_SIDE, HOUR_SIDE), since = share_in(m, &r, v->most, c + 1, HOUR_SIDE);
        *ret = then >= 0 && since >= 0 && (then - was) / by < alike && (since - was) / by > alike && (since - then) / by > alike;
    }
    return e;
}

/* ---- saying it ---- */

/* "45 %", "0.4 %". NULL: out of memory. */
static const char *percent(struct analyser *an, double share)
{
    return share >= 0.0095 || share <= 0 ? arena_printf(&an->scratch, "%.0f", 100 * share)
                                         : arena_printf(&an->scratch, "%.1g", 100 * share);
}

static const char *part_name(struct analyser *an, const struct router *m, size_t part)
{
    return m->id[part] != 0 ? text_string(an, m->id[part]) : "others";
}

/* "deployment gpt-x-eu 20 -> 45 % of its requests, gpt-x-us 80 -> 55 %": the one that has most more, and those that moved most; NULL:
 * out of memory. */
static const char *moves_text(struct analyser *an, const struct router *m, const struct router_move *v)
{
    bool told[ROUTER_PARTS] = {false};
    const char *text = m->rank % 2 == 0 ? "deployment " : "provider ";
    for (int row = 0; row < TOLD_MAX && text != NULL; row++) {
        size_t most = ROUTER_PARTS;
        double by = row == 0 ? 0 : told_least;
        for (size_t i = 0; i < m->count; i++) {
            const double rise = router_share(&v->after, i) - router_share(&v->before, i), moved = row == 0 ? rise : fabs(rise);
            if (told[i] || moved < by)
                continue;
            by = moved;
            most = i;
        }
        if (most == ROUTER_PARTS)
            break;
        told[most] = true;
        const char *name = part_name(an, m, most), *was = percent(an, router_share(&v->before, most)),
                   *is = percent(an, router_share(&v->after, most));
        if (name == NULL || was == NULL || is == NULL)
            return NULL;
        const char *what = v->before.n[most] == 0 ? " (new)" : v->after.n[most] == 0 ? " (gone)" : "";
        text = arena_printf(&an->scratch, "%s%s%s %s -> %s %%%s%s", text, row > 0 ? ", " : "", name, was, is,
                            row == 0 ? " of its requests" : "", what);
    }
    return text;
}

/* Whether the shares are what they were before the last move. */
static bool is_back(const struct router *m, const struct router_move *v)
{
    double most = 0, moved = 0;
    for (size_t i = 0; m->was.steps > 0 && i < m->count; i++) {
        most = fmax(most, fabs(router_share(&v->after, i) - router_share(&m->was, i)));
        moved = fmax(moved, fabs(router_share(&v->before, i) - router_share(&m->was, i)));
    }
    return m->was.steps > 0 && most < fmin(alike * moved, ROUTER_LEAST_MOVED);
}

/* "; after failures of gpt-x-eu1 rose", "; as before 11:20:00Z". NULL: out of memory. */
static const char *why_text(struct analyser *an, const struct group *g, struct router_move *v, int64_t now_ms, struct errctx *ctx,
                            enum err *ret_err)
{
    const struct router *m = g->own;
    size_t part = 0;
    bool cooled = false, over = false, found = find_failing(m, v, &part, &over);
    *ret_err = found ? ERR_OK : find_cooldowns(an, g, v, now_ms, &part, &cooled, ctx);
    v->back = !cooled && (!found || over) && is_back(m, v);
    v->followed = found || cooled || (v->back && m->followed);
    const char *name = part_name(an, m, part), *before = text_beside(an, m->moved_ms, v->onset_ms), *as_before = "";
    if (v->back && before != NULL)
        as_before = arena_printf(&an->scratch, "; back again, as before %s", before);
    if (name == NULL || before == NULL || as_before == NULL)
        return NULL;
    return cooled   ? arena_printf(&an->scratch, "%s; after %s was taken out of rotation", as_before, name)
           : !found ? as_before
                    : arena_printf(&an->scratch, "%s; after failures of %s %s", as_before, name, over ? "ended" : "rose");
}

enum err router_report(struct analyser *an, const struct group *g, struct router_move *v, const struct interval *in, struct errctx *ctx)
{
    const struct router *m = g->own;
    bool of_hour, of_traffic = false;
    enum err e = is_of_hour(an, g, v, &of_hour, ctx);
    if (e == ERR_OK && !of_hour)
        e = is_of_traffic(an, g, v, in->t1_ms, &of_traffic, ctx);
    v->told = e == ERR_OK && !of_hour && !of_traffic;
    if (!v->told)
        return e;
    const char *model = text_string(an, g->b), *moves = moves_text(an, m, v), *off = text_duration(an, v->onset_error_ms),
               *why = why_text(an, g, v, in->t1_ms, ctx, &e);
    if (e != ERR_OK)
        return e;
    if (model == NULL || moves == NULL || off == NULL || why == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down the shares of deployments");
    return analyse_event(an, arena_printf(&an->scratch, "router:%u:%u:%lld", g->a, g->b, (long long)v->onset_ms),
                         v->followed ? EVENT_FALLBACK : EVENT_CONFIG, v->onset_ms, in->known_ms,
                         arena_printf(&an->scratch, "model=%s", model),
                         arena_printf(&an->scratch, "router: %s %s%s; onset +-%s", model, moves, why, off), ctx);
}
