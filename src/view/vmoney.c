/* SPDX-License-Identifier: MIT */
/* How a change of spend is split. Through whom: a key that carries half of the change is named first and its cells are taken out; then a
 * model that carries a fifth of it, its own deployments netted against each other, so that a fallback shows as what it costs more; then a
 * key that carries a fifth outside that model; what remains is "rest". The parts are disjoint, and because the rest is the difference they
 * sum to the change to the nano-dollar. What moves less than a twentieth of the spend is noise and is not named.
 * Because of what: each part by itself is split into requests, lengths, prices and so on (vwhy.h); the sums over the parts are the whole
 * change's.
 *
 * A key is named for what it does, not for what it is charged: half of its change at least, and its largest cause, must be neither price,
 * fallback nor mix; and that must be enough of the whole change. A key whose requests went to a dearer deployment, as those of a team's
 * only key do while a model falls back, is no mover. */
#include "view/vparts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vfinding.h"
#include "view/vtext.h"

enum { PARTS_MAX = 2, NAMED_PERCENT_OF_CHANGE = 20, ALONE_PERCENT_OF_CHANGE = 50, NAMED_PERCENT_OF_SPEND = 5 };

struct vmoney_ask vmoney_ask(struct vread *vr, const struct view_axis *axis)
{
    const uint32_t parts = DIM_BIT(DIM_KEY) | DIM_BIT(DIM_MODEL); /* by which they are told apart */
    struct vmoney_ask money = {.now = vread_now(vr, SIG_COST, parts | DIM_BIT(DIM_DEPLOYMENT), 0), .then = VROWS_NONE};
    if (axis->compare_ms > 0)
        money.then = vread_now(vr, SIG_COST, parts | DIM_BIT(DIM_DEPLOYMENT), axis->compare_ms);
    money.axis = vread_axis(vr, SIG_COST, parts, axis);
    money.why = vwhy_ask(vr, money.now, money.then, axis->compare_ms);
    money.recent = vrecent_ask(vr);
    return money;
}

static bool belongs(const struct store_group *g, const struct vpart *parts, size_t count, size_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (g->dim[parts[i].dim] == parts[i].id) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* Spend of a part in one column, nano-USD; part == count: the rest; count + 1: everything. */
static int64_t spend(const struct vread *vr, size_t q, uint32_t column, const struct vpart *parts, size_t count, size_t part)
{
    const struct store_result *r = &vr->r[q];
    int64_t sum = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t at = count;
        (void)belongs(&r->groups[i], parts, count, &at);
        if (r->groups[i].cells[column].n > 0 && (part == count + 1 || at == part))
            sum += r->groups[i].cells[column].sum;
    }
    return sum;
}

static int64_t per_h(const struct vread *vr, size_t q, const struct vpart *parts, size_t count, size_t part)
{
    struct vsum all = q == VROWS_NONE ? (struct vsum){.known = false} : vread_sum(vr, q, 0, DIM_COUNT, 0);
    if (!all.known || all.covered_ms <= 0)
        return 0;
    return money_per_hour(spend(vr, q, 0, parts, count, part), all.covered_ms);
}

/* Whether what a key does is half of its change at least, by a cause that is larger than each of what it is charged, and enough of the
 * whole's; so it is where nothing tells. parts: those before it, then the key. */
static bool changed_its_use(const struct vwhy *w, const struct vpart *parts, size_t count, int64_t delta, int64_t least)
{
    struct vwhy_split s;
    if (!vwhy_split(w, parts, count + 1, count, &s))
        return true;
    const double sign = delta < 0 ? -1 : 1;
    double charged = 0, used = 0, most_charged = 0, most_used = 0;
    for (int p = 0; p < LMDI_PARTS; p++) {
        const bool is_charged = p == LMDI_PRICE || p == LMDI_FALLBACK || p == LMDI_MIX;
        const double amount = sign * s.split.part_per_h[p];
        *(is_charged ? &charged : &used) += amount;
        *(is_charged ? &most_charged : &most_used) = fmax(amount, is_charged ? most_charged : most_used);
    }
    return used >= charged && most_used >= most_charged && used >= (double)least;
}

/* The value of dim that carries most of the change and at least percent of it, outside the parts so far. */
static bool find_mover(struct vread *vr, struct vmoney_ask ask, const struct vwhy *w, int64_t change, int percent, enum dim dim,
                       struct vpart *parts, size_t count)
{
    uint32_t ids[512];
    int64_t best = 0, spent = per_h(vr, ask.now, parts, 0, 1), least = llabs(change) / 100 * percent;
    size_t n = vread_ids(vr, ask.now, dim, vread_by_sum, ids, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        struct vpart *next = &parts[count];
        struct vpart kept = *next;
        *next = (struct vpart){dim, ids[i]};
        int64_t delta = per_h(vr, ask.now, parts, count + 1, count) - per_h(vr, ask.then, parts, count + 1, count);
        bool same_way = (delta > 0) == (change > 0);
        if (ids[i] == 0 || !same_way || llabs(delta) <= llabs(best) || llabs(delta) < least ||
            llabs(delta) < llabs(spent) / 100 * NAMED_PERCENT_OF_SPEND ||
            (dim == DIM_KEY && !changed_its_use(w, parts, count, delta, least)))
            *next = kept;
        else
            best = delta;
    }
    return best != 0;
}

/* The fallback that has most of a model's requests now, and had none; NULL. */
static const struct vserved *now_on(const struct vwhy *w, uint32_t model)
{
    const struct vserved *best = NULL;
    for (const struct vserved *s = w->served; s < w->served + w->served_count; s++) {
        bool took_over = s->model == model && s->is_fallback && s->share[VWHY_NOW] >= 0.25 && s->share[VWHY_THEN] < s->share[VWHY_NOW];
        best = took_over && (best == NULL || s->share[VWHY_NOW] > best->share[VWHY_NOW]) ? s : best;
    }
    return best;
}

/* "key f31a", "model gpt-x", and where a model's requests moved to a fallback: "model gpt-x, now on gpt-x-weu". */
static const char *part_label(const struct vread *vr, const struct vwhy *w, const struct alert *open, size_t count, struct vpart part)
{
    const struct vserved *s = part.dim == DIM_MODEL ? now_on(w, part.id) : NULL;
    const struct alert *al = s != NULL ? vfinding_of(open, count, "fallback", NULL, DIM_MODEL, vread_text(vr, part.id)) : NULL;
    if (al != NULL && al->ended_ms != 0) /* its newest polls say that it is not there any more */
        s = NULL;
    return arena_printf(vr->l->arena, "%s %s%s%s", dim_name(part.dim), vread_text(vr, part.id), s != NULL ? ", now on " : "",
                        s != NULL ? vread_text(vr, s->deployment) : "");
}

/* The stack over the axis; its legend tells the now window, as the number beside it does. */
static enum err build_stack(struct vread *vr, struct vmoney_ask ask, const struct view_axis *axis, const struct vpart *parts, size_t count,
                            struct vmoney *m)
{
    struct vstack *stack = arena_array(vr->l->arena, count + 1, sizeof *stack);
    if (stack == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i <= count; i++) {
        size_t part = i == 0 ? count : i - 1; /* the rest is the base of the picture */
        struct vstrip strip;
        double *v = vstrip_alloc(vr, axis, &strip);
        if (v == NULL)
            return ERR_NOMEM;
        for (uint32_t c = 0; c < axis->columns; c++) {
            struct vsum all = vread_sum(vr, ask.axis, c, DIM_COUNT, 0);
            if (all.known && all.covered_ms > 0)
                v[c] = unit_from_fixed(UNIT_USD, money_per_hour(spend(vr, ask.axis, c, parts, count, part), all.covered_ms));
        }
        stack[i] = (struct vstack){.label = i == 0 ? "base" : m->parts[part].label,
                                   .glyph = i == 0                       ? 'b'
                                            : parts[part].dim == DIM_KEY ? 'K'
                                                                         : 'M',
                                   .v = v};
        stack[i].now = isnan(m->now_per_h.v) ? NAN : unit_from_fixed(UNIT_USD, per_h(vr, ask.now, parts, count, part));
    }
    m->stack = stack;
    m->stack_count = count + 1;
    return ERR_OK;
}

/* What was found of a part and explains a quarter of its change, and goes on; NULL. */
static const struct alert *explained_by(const struct vread *vr, const struct alert *open, size_t count, struct vpart part,
                                        const struct lmdi_split *s)
{
    static const double said_share = 0.25;
    const double change = s->now_per_h - s->then_per_h, fallback = s->part_per_h[LMDI_FALLBACK] / change,
                 price = s->part_per_h[LMDI_PRICE] / change, use = 1 - fallback - price - s->part_per_h[LMDI_MIX] / change;
    const bool is_key = part.dim == DIM_KEY;
    const double share = is_key ? use : fallback >= price ? fallback : price;
    const struct alert *al = vfinding_of(open, count,
                                         is_key              ? "key"
                                         : fallback >= price ? "fallback"
                                                             : "price",
                                         NULL, part.dim, vread_text(vr, part.id));
    return al != NULL && al->ended_ms == 0 && (share >= said_share || s->part_per_h[LMDI_UNSPLIT] / change >= said_share) ? al : NULL;
}

/* The time that a key's requests are held against. While it began within the hour: the half hour before, which is nearest to what it would
 * do now; an hour ago it was another hour of the day, and a day ago another day. Later it is the hour around the same time of the window
 * that its spend is compared with, but for what of that is the run itself. */
static struct vtime before_of(const struct alert *al, int64_t to_ms, int64_t from_ms, int64_t compare_ms)
{
    static const int64_t half_hour_ms = 1800000;
    const int64_t begin = al->onset_ms - al->onset_error_ms, then = from_ms - compare_ms;
    if (to_ms - al->onset_ms <= 2 * half_hour_ms)
        return (struct vtime){begin - half_hour_ms, begin};
    const bool is_cut = then - half_hour_ms < begin && begin < then + half_hour_ms;
    return is_cut ? (struct vtime){begin - 2 * half_hour_ms, begin} : (struct vtime){then - half_hour_ms, then + half_hour_ms};
}

/* A key's requests since its onset, where that is in the now window, whose mean is of the time before as well; against those of
 * before_of(). Of the newest minute at least. */
static enum err count_found(const struct vread *of, const struct alert *al, struct vpart part, int64_t compare_ms,
                            struct vwhy_requests *ret, struct errctx *ctx)
{
    static const int64_t minute_ms = 60000;
    const int64_t to = of->until_ms[SIG_REQUESTS], onset = al->onset_ms + al->onset_error_ms, window = to - of->p->now_window_ms;
    const int64_t last = to - minute_ms, since = onset > window ? onset : window, from = since < last ? since : last;
    const struct vtime before_it = before_of(al, to, from, compare_ms);
    if (part.dim != DIM_KEY)
        return ERR_OK;
    struct vread *vr = arena_alloc(of->l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, of->l, of->p, ctx) : ERR_NOMEM;
    if (e != ERR_OK)
        return e;
    const size_t now = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_KEY), from, to),
                 then = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_KEY), before_it.t0_ms, before_it.t1_ms);
    e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    const struct vsum n = vread_sum(vr, now, 0, DIM_KEY, part.id), before = vread_sum(vr, then, 0, DIM_KEY, part.id);
    if (n.known && before.known && n.sum > 0 && before.sum > 0 && n.covered_ms > 0 && before.covered_ms > 0)
        *ret = (struct vwhy_requests){.from_ms = onset > window ? from : 0,
                                      .requests = {(uint64_t)n.sum, (uint64_t)before.sum},
                                      .covered_ms = {n.covered_ms, before.covered_ms}};
    return ERR_OK;
}

static const char *signed_usd(struct arena *a, int64_t nusd)
{
    char text[MONEY_MAX];
    money_format(llabs(nusd), text);
    return arena_printf(a, "%s%s/h", nusd < 0 ? "-" : "+", text);
}

/* " since 13:32Z", " since 13:32Z +-2m", with the day where the clock would not tell it. Told to the minute, it is known to whole
 * minutes. */
static const char *part_since(struct arena *a, const struct vcost_part *p, int64_t cursor_ms)
{
    static const int64_t same_day_ms = 20 * 3600000, minute_ms = 60000;
    if (p->since_ms == 0)
        return "";
    const int64_t told_ms = p->since_error_ms > 0 ? instant_floor(p->since_ms + minute_ms / 2, minute_ms) : p->since_ms;
    const int64_t off_ms = p->since_error_ms > 0 ? llabs(p->since_ms - told_ms) + p->since_error_ms : 0;
    const char *at = vtext_moment(a, told_ms), *error = vtext_error(a, (off_ms + minute_ms - 1) / minute_ms * minute_ms);
    return at != NULL && error != NULL
               ? arena_printf(a, " since %s%s", cursor_ms - p->since_ms < same_day_ms ? strrchr(at, ' ') + 1 : at, error)
               : NULL;
}

static const char *change_line(struct arena *a, const struct vmoney *m, int64_t change, int64_t compare_ms, int64_t cursor_ms)
{
    bool about = m->now_per_h.exact == ABOUT || m->then_per_h.exact == ABOUT;
    const char *amount = signed_usd(a, change);
    const bool split = m->part_count > 1; /* a rest alone is the change again */
    const char *line =
        amount != NULL ? arena_printf(a, "%s%s vs %s%s", about ? "~" : "", amount, vparts_against(compare_ms), split ? " =" : "") : NULL;
    for (size_t i = 0; split && i < m->part_count && line != NULL; i++) {
        const char *since = part_since(a, &m->parts[i], cursor_ms);
        amount = signed_usd(a, m->parts[i].per_h_nusd);
        bool fits = since != NULL && amount != NULL && m->parts[i].label != NULL;
        bool is_why = m->parts[i].because_text[0] != '\0' && i + 1 < m->part_count; /* nobody asks why of what is left */
        line = fits ? arena_printf(a, "%s%s %s %s%s%s%s%s", line, i > 0 ? "," : "", m->parts[i].label, amount, since, is_why ? " (" : "",
                                   is_why ? m->parts[i].because_text : "", is_why ? ")" : "")
                    : NULL;
    }
    return line;
}

/* "fallback +$230/h, requests +$12.10/h, other causes -$0.31/h; not split ...": the largest, then what they leave of the change. */
static const char *why_text(struct arena *a, const struct vmoney *m)
{
    enum { SHOWN = 4 };
    const char *text = "";
    int64_t left = 0;
    for (size_t i = 0; i < m->why_count && text != NULL; i++) {
        if (i >= SHOWN) {
            left += m->why[i].per_h_nusd;
            continue;
        }
        const char *amount = signed_usd(a, m->why[i].per_h_nusd);
        text = amount != NULL ? arena_printf(a, "%s%s%s %s", text, i > 0 ? ", " : "", m->why[i].name, amount) : NULL;
    }
    if (text != NULL && left != 0) {
        const char *amount = signed_usd(a, left);
        text = amount != NULL ? arena_printf(a, "%s, other causes %s", text, amount) : NULL;
    }
    return text == NULL || m->why_note[0] == '\0' ? text : arena_printf(a, "%s%s%s", text, text[0] != '\0' ? "; " : "", m->why_note);
}

const char *vparts_against(int64_t compare_ms)
{
    static const int64_t hour = 3600000, day = 24 * hour;
    if (compare_ms != 7 * day && compare_ms != day && compare_ms != hour)
        return compare_ms > 0 ? "earlier" : "";
    return compare_ms == 7 * day ? "7d ago" : compare_ms == day ? "1d ago" : "1h ago";
}

/* What was found and is not over, and how far back the comparison is. */
struct known {
    const struct alert *open;
    size_t count;
    int64_t compare_ms;
};

/* Fills in since when and because of what a part changed, and adds that to the whole's. */
static enum err explain(struct vread *vr, const struct vwhy *w, const struct known *k, const struct vpart *parts, size_t count, size_t at,
                        struct vcost_part *ret, double whole[LMDI_PARTS], struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    struct vwhy_split s;
    enum err e = ERR_OK;
    if (!vwhy_split(w, parts, count, at, &s)) {
        memset(&s, 0, sizeof s);
        s.split.now_per_h = s.split.part_per_h[LMDI_UNSPLIT] = (double)ret->per_h_nusd;
    }
    for (int p = 0; p < LMDI_PARTS; p++)
        whole[p] += s.split.part_per_h[p];
    const struct alert *al = at < count ? explained_by(vr, k->open, k->count, parts[at], &s.split) : NULL;
    if (al != NULL) {
        ret->since_ms = al->onset_ms;
        ret->since_error_ms = al->onset_error_ms;
        e = count_found(vr, al, parts[at], k->compare_ms, &s.found, ctx);
    }
    s.is_key = at < count && parts[at].dim == DIM_KEY;
    ret->because_text = e == ERR_OK ? vwhy_text(a, &s) : NULL;
    if (ret->because_text == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    return vwhy_list(a, s.split.part_per_h, ret->per_h_nusd, &ret->because, &ret->because_count);
}

/* Who moved it, and why. */
static enum err find_parts(struct vread *vr, struct vmoney_ask ask, const struct vwhy *w, const struct known *k,
                           struct vpart parts[PARTS_MAX], size_t *ret_count, struct vcost_part *list, struct vmoney *m, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    const int64_t change = per_h(vr, ask.now, parts, 0, 1) - per_h(vr, ask.then, parts, 0, 1);
    double whole[LMDI_PARTS] = {0};
    int64_t named = 0, most = 0;
    size_t count = 0;
    enum err e = ERR_OK;

    count += find_mover(vr, ask, w, change, ALONE_PERCENT_OF_CHANGE, DIM_KEY, parts, count);
    count += find_mover(vr, ask, w, change, NAMED_PERCENT_OF_CHANGE, DIM_MODEL, parts, count);
    if (count < PARTS_MAX)
        count += find_mover(vr, ask, w, change, NAMED_PERCENT_OF_CHANGE, DIM_KEY, parts, count);
    for (size_t i = 0; e == ERR_OK && i <= count; i++) {
        list[i] = (struct vcost_part){.label = "rest", .per_h_nusd = change - named};
        if (i < count) {
            list[i].label = part_label(vr, w, k->open, k->count, parts[i]);
            list[i].per_h_nusd = per_h(vr, ask.now, parts, count, i) - per_h(vr, ask.then, parts, count, i);
            named += list[i].per_h_nusd;
            if (list[i].per_h_nusd > most) {
                most = list[i].per_h_nusd;
                m->rose = parts[i];
            }
        }
        e = list[i].label != NULL ? explain(vr, w, k, parts, count, i, &list[i], whole, ctx) : ERR_NOMEM;
    }
    if (e != ERR_OK)
        return e;
    m->parts = list;
    m->part_count = count + 1;
    m->why_note = vwhy_note(a, w, parts, count, llround(whole[LMDI_UNSPLIT]));
    *ret_count = count;
    return m->why_note != NULL ? vwhy_list(a, whole, change, &m->why, &m->why_count) : ERR_NOMEM;
}

static const char *put_recent(const struct vread *vr, struct vmoney_ask ask, struct vmoney *m)
{
    const struct vrecent_time t = vrecent_find(vr, &ask.recent, false);
    const int64_t per_h = t.covered_ms > 0 ? money_per_hour(t.booked_nusd, t.covered_ms) : 0;
    m->recent = vrecent_tell(vr->l->arena, &t, (struct vspend_amount){t.covered_ms > 0, per_h, per_h, AT_LEAST}, false);
    return vrecent_over(vr->l->arena, vread_measured_ms(vr, ask.now), &m->recent);
}

enum err vmoney_build(struct vread *vr, struct vmoney_ask ask, const struct view_axis *axis, struct vmoney *ret, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    struct vmoney m = {
        .now_per_h = vnum_unknown(), .then_per_h = vnum_unknown(), .why_note = "", .why_text = "", .line = "", .rose.dim = DIM_COUNT};
    struct vwhy w;
    struct vpart parts[PARTS_MAX];
    struct vsum now = vread_sum(vr, ask.now, 0, DIM_COUNT, 0), then = {.known = false};
    struct vcost_part *list = arena_array(a, PARTS_MAX + 1, sizeof *list);
    struct alert *found;
    size_t count = 0, found_count;

    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading cost");
    enum err e = vfindings_load(vr->l, vr->p, &found, &found_count, ctx);
    if (e != ERR_OK)
        return e;
    const struct known known = {found, vfindings_open(found, found_count), axis->compare_ms};
    memset(parts, 0, sizeof parts);
    m.parts = list;
    if (ask.then != VROWS_NONE)
        then = vread_sum(vr, ask.then, 0, DIM_COUNT, 0);
    const double per_second = (double)unit_scale(UNIT_USD) / 3600;
    m.now_per_h = vnum_usd_per_h(now);
    m.then_per_h = vnum_rate(then, per_second);
    m.over_text = put_recent(vr, ask, &m);
    if (m.over_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading cost");
    if (!isnan(m.now_per_h.v) && !isnan(m.then_per_h.v)) {
        e = vwhy_build(vr, &ask.why, &w);
        if (e == ERR_OK)
            e = find_parts(vr, ask, &w, &known, parts, &count, list, &m, ctx);
        if (e != ERR_OK)
            return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading cost") : e;
        m.surcharge_per_h = vwhy_surcharge(&w) / (double)unit_scale(UNIT_USD);
        const int64_t change = per_h(vr, ask.now, parts, 0, 1) - per_h(vr, ask.then, parts, 0, 1);
        m.why_text = why_text(a, &m);
        m.line = m.why_text == NULL ? NULL : change_line(a, &m, change, axis->compare_ms, vr->p->cursor_ms);
    }
    if (now.trust.unsplit != 0) {
        const char *unsplit = vread_unsplit_text(vr, SIG_COST);
        m.line = unsplit != NULL ? arena_printf(a, "spend is %s", unsplit) : NULL;
    }
    e = m.line != NULL ? build_stack(vr, ask, axis, parts, count, &m) : ERR_NOMEM;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading cost");
    *ret = m;
    return ERR_OK;
}
