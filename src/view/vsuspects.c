/* SPDX-License-Identifier: MIT */
#include "view/vsuspects.h"

#include <string.h>

#include "analysis/suspects.h"
#include "base/safe_text.h"
#include "view/vcombos.h"
#include "view/vcomponents.h"
#include "view/vfilter.h"
#include "view/vread.h"
#include "view/vrefused.h"
#include "view/vriser.h"
#include "view/vtext.h"
#include "view/vtrouble.h"

/* Requests and attempts are told apart by different dimensions and counted from different sides of the gateway. Upstream first: of equal
 * explanations its stands. */
static const struct {
    enum signal signal;
    uint32_t dims;
} tables[] = {{SIG_ATTEMPTS, VSUSPECTS_ATTEMPT_DIMS}, {SIG_REQUESTS, VSUSPECTS_REQUEST_DIMS}};
enum { TABLES = sizeof tables / sizeof *tables };
static const int64_t hour_ms = 3600000, minute_ms = 60000;

static uint32_t dims_of(const struct store_filter *f)
{
    uint32_t dims = 0;
    for (int d = 0; d < DIM_COUNT; d++)
        dims |= f->dim[d].count > 0 && d != DIM_CLASS ? DIM_BIT(d) : 0;
    return dims;
}

/* Whether the failures of a combination are asked about. */
static bool matches(const struct store_filter *f, const uint32_t dim[DIM_COUNT])
{
    for (int d = 0; d < DIM_COUNT; d++) {
        bool found = f->dim[d].count == 0 || d == DIM_CLASS;
        for (uint32_t i = 0; !found && i < f->dim[d].count; i++)
            found = f->dim[d].ids[i] == dim[d];
        if (!found)
            return false;
    }
    return true;
}

/* Groups are told apart by class as well; cells hold all classes of one combination. */
static void add_groups(const struct vread *vr, size_t q, bool past, struct vcombos *combos, struct suspect_cell *cells)
{
    for (size_t i = 0; i < vr->r[q].count; i++) {
        const struct store_group *g = &vr->r[q].groups[i];
        enum outcome class = OUTCOME_OTHER;
        uint64_t n = g->cells[0].n > 0 && g->cells[0].sum > 0 ? (uint64_t)g->cells[0].sum : 0;
        (void)outcome_by_name(str_of(vread_text(vr, g->dim[DIM_CLASS])), &class);
        bool bad = outcome_is_bad(class);
        if (n == 0 || (class != OUTCOME_OK && !bad))
            continue;
        struct suspect_cell *c = &cells[vcombos_number(combos, g->dim)];
        if (past) {
            c->past_n += n;
            c->past_bad += bad ? n : 0;
        } else {
            c->n += n;
            c->by_class[class] += n;
        }
    }
}

/* The cells of one signal. Where there are too many to rank, the keys are joined: they are what there is most of. */
static enum err make_table(const struct vread *vr, size_t now, size_t past, uint32_t dims, const struct store_filter *asked,
                           struct suspect_table *ret)
{
    const size_t most = vr->r[now].count + vr->r[past].count;
    const uint32_t by = dims | dims_of(asked), looked_at[] = {by, by & ~(DIM_BIT(DIM_KEY) & ~dims_of(asked))};

    for (size_t k = 0; k < 2; k++) {
        struct vcombos combos;
        struct suspect_cell *cells = arena_array(vr->l->arena, most + 1, sizeof *cells);
        if (cells == NULL || vcombos_init(&combos, vr->l->arena, most, looked_at[k]) != ERR_OK)
            return ERR_NOMEM;
        add_groups(vr, now, false, &combos, cells);
        add_groups(vr, past, true, &combos, cells);
        for (size_t i = 0; i < combos.count; i++) {
            memcpy(cells[i].dim, combos.dim[i], sizeof cells[i].dim);
            cells[i].asked = matches(asked, cells[i].dim);
        }
        *ret = (struct suspect_table){.cells = cells, .count = combos.count, .dims = dims & looked_at[k]};
        if (combos.count <= SUSPECT_CELLS_MAX)
            break;
    }
    return ERR_OK;
}

/* Both tables without some dimensions. Errors: ERR_LIMIT past 20,000 groups. */
static enum err read_without(struct vread *vr, const struct view_differs_ask *ask, const struct store_filter *asked, uint32_t without,
                             struct suspects_input *in, struct errctx *ctx)
{
    size_t now[TABLES], past[TABLES];

    for (size_t i = 0; i < TABLES; i++) {
        uint32_t by = (tables[i].dims & ~without) | dims_of(asked) | DIM_BIT(DIM_CLASS);
        now[i] = vread_window(vr, tables[i].signal, by, ask->t0_ms, ask->t1_ms);
        past[i] = vread_window(vr, tables[i].signal, by, ask->t0_ms - hour_ms, ask->t0_ms);
    }
    enum err e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < TABLES; i++)
        if (make_table(vr, now[i], past[i], tables[i].dims & ~without, asked, &in->table[in->table_count++]) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    return ERR_OK;
}

/* Where there are too many groups to read, the keys are joined as well. */
static enum err read_tables(const struct view_loader *l, const struct view_params *everything, const struct view_differs_ask *ask,
                            const struct store_filter *asked, struct suspects_input *in, struct errctx *ctx)
{
    static const uint32_t without[] = {0, DIM_BIT(DIM_KEY)};
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = vr != NULL ? ERR_LIMIT : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");

    for (size_t k = 0; e == ERR_LIMIT && k < sizeof without / sizeof *without; k++) {
        e = vread_init(vr, l, everything, ctx);
        if (e == ERR_OK)
            e = read_without(vr, ask, asked, without[k], in, ctx);
    }
    return e;
}

/* Whether what was counted until the window's end of what fails is known: who stands out by what is left of its series is who lost fewer.
 * And how exactly its onset is, where that is worth saying. */
static enum err look_whole(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask, bool *ret,
                           int64_t *ret_wide_ms, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    enum err e = vr != NULL ? vread_init(vr, l, p, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");

    if (e != ERR_OK)
        return e;
    *ret = true;
    for (size_t i = 0; i < TABLES; i++) {
        const int64_t since = vr->lacks_ms[tables[i].signal];
        *ret = *ret && (since == 0 || since >= ask->t1_ms);
    }
    *ret_wide_ms = vtrouble_wide_ms(vr, SIG_REQUESTS, ask->onset_error_ms);
    return ERR_OK;
}

/* Whose budget it is that is asked about, where that is one key's, team's or provider's. */
static void find_owner(const struct store_filter *asked, struct suspects_input *in)
{
    static const enum dim owners[] = {DIM_KEY, DIM_TEAM, DIM_PROVIDER};
    for (size_t i = 0; i < sizeof owners / sizeof *owners && in->owner_id == 0; i++) {
        if (asked->dim[owners[i]].count == 1) {
            in->owner_dim = owners[i];
            in->owner_id = asked->dim[owners[i]].ids[0];
        }
    }
}

/* What is asked about: within the params' filter, else within the trouble's scope. */
static enum err read_asked(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                           struct store_filter *ret, struct errctx *ctx)
{
    return view_filter_parse(p->filter != NULL && p->filter[0] != '\0' ? p->filter : ask->scope, l->st, l->arena, ret, ctx);
}

/* What is known of the time around the onset, and the counts. */
static enum err read_input(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                           struct suspects_input *in, struct errctx *ctx)
{
    struct view_params everything = *p;
    struct store_filter asked;
    struct event *events;
    const int64_t around = ask->onset_ms != 0 ? ask->onset_ms : ask->t1_ms;

    everything.filter = "";
    enum err e = read_asked(l, p, ask, &asked, ctx);
    if (e == ERR_OK)
        e = read_tables(l, &everything, ask, &asked, in, ctx);
    if (e == ERR_OK)
        e = vfilter_events(l, p, around - hour_ms, around + hour_ms, &events, &in->event_count, ctx);
    if (e == ERR_OK)
        in->events = events;
    return e;
}

/* ---- one list of both ---- */

/* The same, or a deployment of what is named: the provider that all of it goes to, or the model. */
static bool is_part_of(const struct vcomponent *c, const struct suspect *s)
{
    bool any = false;
    for (uint32_t i = 0; i < s->dim_count; i++) {
        const bool same = (s->dim[i] == DIM_DEPLOYMENT && c->kind == COMPONENT_DEPLOYMENT && s->id[i] == c->value) ||
                          (s->dim[i] == DIM_PROVIDER && c->kind == COMPONENT_PROVIDER && s->id[i] == c->value) ||
                          (s->dim[i] == DIM_PROVIDER && c->kind == COMPONENT_DEPLOYMENT && s->id[i] == c->provider) ||
                          (s->dim[i] == DIM_MODEL && c->kind == COMPONENT_MODEL && s->id[i] == c->value);
        any = any || same;
    }
    return any;
}

struct parts {
    const struct suspect *scan; /* which part of the traffic fails; changes last */
    size_t scan_count;
    const struct vcomponent *components;
    size_t component_count;
    bool slow;        /* what is asked about takes too long */
    int64_t onset_ms; /* of what is asked about */
};

/* What the components say of one that the scan names stands with it. Errors: ERR_NOMEM. */
static enum err add_scanned(struct arena *a, const struct parts *in, const struct suspect *s, bool *told, struct vsuspect *list,
                            size_t *count)
{
    const char *reason2 = s->reason2;
    for (size_t i = 0; i < in->component_count && reason2 != NULL; i++) {
        const struct vcomponent *c = &in->components[i];
        if (told[i] || !is_part_of(c, s))
            continue;
        reason2 = arena_printf(a, "%s%s%s: %s", reason2, reason2[0] != '\0' ? "; " : "", c->title, c->reason);
        told[i] = true;
    }
    if (reason2 == NULL)
        return ERR_NOMEM;
    list[(*count)++] = (struct vsuspect){.title = s->title,
                                         .reason = s->reason,
                                         .reason2 = reason2,
                                         .weak = s->weak,
                                         .is_change = s->is_event,
                                         .at_ms = s->is_event ? s->at_ms : in->onset_ms};
    return ERR_OK;
}

/* One list of both: of failures first whom the counts of failures name, of slowness first where the time is lost; who is named by both
 * stands once, where it comes first; changes last. Why: docs/decisions/0020-topology.md. Errors: ERR_NOMEM. */
static enum err one_list(struct arena *a, const struct parts *in, const struct vsuspect **ret, size_t *ret_count)
{
    struct vsuspect *list = arena_array(a, in->scan_count + in->component_count + 1, sizeof *list);
    bool told[ROOTRANK_SUSPECTS_MAX] = {false};
    enum err e = list != NULL ? ERR_OK : ERR_NOMEM;
    size_t n = 0;
    for (size_t turn = 0; turn < 3; turn++) {
        const bool components = turn == (in->slow ? 0 : 1), changes = turn == 2;
        for (size_t i = 0; e == ERR_OK && components && i < in->component_count; i++) {
            const struct vcomponent *c = &in->components[i];
            if (told[i])
                continue;
            told[i] = true;
            list[n++] =
                (struct vsuspect){.title = c->title, .reason = c->reason, .reason2 = c->reason2, .weak = c->weak, .at_ms = in->onset_ms};
        }
        for (size_t i = 0; e == ERR_OK && !components && i < in->scan_count; i++) {
            bool known = false;
            for (size_t k = 0; in->slow && k < in->component_count; k++)
                known = known || is_part_of(&in->components[k], &in->scan[i]);
            if (in->scan[i].is_event == changes && !known)
                e = add_scanned(a, in, &in->scan[i], told, list, &n);
        }
    }
    *ret = list;
    *ret_count = n < SUSPECTS_MAX ? n : SUSPECTS_MAX;
    return e;
}

enum { NAME_MAX_BYTES = 96 }; /* as of a name beside it */

/* Whose requests the gateway refuses because a budget is spent: that budget is what it comes from, whatever others spend or fail
 * meanwhile. */
static enum err put_refused(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                            const struct suspects_input *in, struct vsuspect **ret, struct errctx *ctx)
{
    struct view_params own = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct vsuspect *s = arena_alloc(l->arena, sizeof *s);

    *ret = NULL;
    own.filter = ask->scope;
    if (vr == NULL || s == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    enum err e = vread_init(vr, l, &own, ctx);
    if (e != ERR_OK)
        return e;
    const size_t q = vread_window(vr, SIG_REQUESTS, DIM_BIT(DIM_CLASS), ask->t0_ms, ask->t1_ms);
    e = vread_run(vr, ctx);
    if (e != ERR_OK)
        return e;
    const struct voutcomes o = vread_outcomes(vr, q, 0, DIM_COUNT, 0);
    if (o.by_class[OUTCOME_BUDGET] == 0)
        return ERR_OK;
    const char *refused = vrefused_text(l->arena, &o);
    char name[NAME_MAX_BYTES];
    (void)safe_text(name, sizeof name, str_of(intern_text(in->strings, in->owner_id)));
    *s = (struct vsuspect){
        .title = arena_printf(l->arena, "budget of %s %s", dim_name(in->owner_dim), name),
        .reason = refused != NULL ? arena_printf(l->arena, "%s by the gateway itself, before any provider was asked", refused) : NULL,
        .reason2 = "",
        .at_ms = ask->onset_ms};
    if (s->title == NULL || s->reason == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    *ret = s;
    return ERR_OK;
}

/* Of money, whoever spends more than before carries it, and not who fails meanwhile: he within the budget's scope who carries half of the
 * rise. *ret NULL: nobody does. */
static enum err put_riser(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                          const struct store_filter *asked, struct vsuspect **ret, struct errctx *ctx)
{
    struct view_params own = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct vsuspect *s = arena_alloc(l->arena, sizeof *s);
    size_t now[VRISER_DIMS], before[VRISER_DIMS];
    struct vriser r;
    char name[NAME_MAX_BYTES], more[VTEXT_MAX];

    *ret = NULL;
    own.filter = p->filter != NULL && p->filter[0] != '\0' ? p->filter : ask->scope;
    if (vr == NULL || s == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    enum err e = vread_init(vr, l, &own, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < VRISER_DIMS; i++) {
        now[i] = vread_window(vr, SIG_COST, DIM_BIT(vriser_dim(i)), ask->t0_ms, ask->t1_ms);
        before[i] = vread_window(vr, SIG_COST, DIM_BIT(vriser_dim(i)), ask->t0_ms - hour_ms, ask->t0_ms);
    }
    e = vread_run(vr, ctx);
    if (e != ERR_OK || !vriser_find(vr, now, before, dims_of(asked), &r))
        return e;
    (void)safe_text(name, sizeof name, str_of(vread_text(vr, r.id)));
    vtext_usd_per_h(r.more, more);
    *s = (struct vsuspect){.title = arena_printf(l->arena, "%s %s", dim_name(r.dim), name),
                           .reason = arena_printf(l->arena, "spends %s more than in the hour before, half of the rise or more", more),
                           .reason2 = "",
                           .at_ms = ask->onset_ms};
    if (s->title == NULL || s->reason == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for suspects");
    *ret = s;
    return ERR_OK;
}

/* Of spend: the budget that refuses, else who spends more, else whose budget it is. */
static enum err look_at_spend(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                              struct suspects_input *in, const struct vsuspect **ret, size_t *ret_count, const char **ret_note,
                              struct errctx *ctx)
{
    struct parts parts = {.onset_ms = ask->onset_ms};
    struct vsuspect *found = NULL;
    struct suspect *owner = NULL;
    struct store_filter asked;

    enum err e = read_asked(l, p, ask, &asked, ctx);
    if (e == ERR_OK) {
        find_owner(&asked, in);
        e = in->owner_id != 0 ? put_refused(l, p, ask, in, &found, ctx) : ERR_OK;
    }
    if (e == ERR_OK && found == NULL)
        e = put_riser(l, p, ask, &asked, &found, ctx);
    if (e == ERR_OK && found == NULL) {
        e = suspects_rank(in, l->arena, &owner, &parts.scan_count, ret_note);
        parts.scan = owner;
        if (e == ERR_OK)
            e = one_list(l->arena, &parts, ret, ret_count);
        e = e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while looking for suspects") : e;
        if (e == ERR_OK && *ret_count == 0)
            *ret_note = "nobody carries half of what is spent more than in the hour before";
    } else if (e == ERR_OK) {
        *ret = found;
        *ret_count = 1;
        *ret_note = "";
    }
    return e;
}

static enum err look(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                     const struct vsuspect **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx)
{
    struct suspects_input in = {.strings = store_strings(l->st), .onset_ms = ask->onset_ms};
    struct suspect *found = NULL;
    size_t count = 0;

    *ret = NULL;
    *ret_count = 0;
    *ret_note = ask->apart != NULL ? ask->apart : "not known: a source lacks a part of what it counted";
    if (ask->apart != NULL)
        return ERR_OK;
    if (ask->of_spend)
        return look_at_spend(l, p, ask, &in, ret, ret_count, ret_note, ctx);
    bool whole;
    enum err e = look_whole(l, p, ask, &whole, &in.onset_wide_ms, ctx);
    in.onset_error_ms =
        ask->onset_error_ms > 0 ? ask->onset_error_ms : minute_ms; /* of one that was stored without: polls are seldom rarer */
    if (e != ERR_OK || !whole)
        return e;
    e = read_input(l, p, ask, &in, ctx);
    bool too_many = e == ERR_LIMIT;
    if (e != ERR_OK && !too_many)
        return e;
    if (!too_many) {
        e = suspects_rank(&in, l->arena, &found, &count, ret_note);
        too_many = e == ERR_LIMIT;
        if (e != ERR_OK && !too_many)
            return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while looking for suspects") : e;
    }
    if (too_many) /* no reason to show nothing else */
        *ret_note = "too many combinations of dimensions to look for one who stands out";
    const char *nothing;
    e = vfilter_nothing(l, p, &nothing, ctx);
    if (e != ERR_OK)
        return e;
    if (nothing[0] != '\0')
        *ret_note = nothing;
    else if (!too_many && in.table[0].count == 0 && in.table[1].count == 0)
        *ret_note = "not known: no request was recorded";
    struct parts parts = {.scan = found, .scan_count = count, .slow = ask->of_slowness, .onset_ms = ask->onset_ms};
    const char *none = "";
    e = vcomponents_load(l, p, ask, &parts.components, &parts.component_count, &none, ctx);
    if (e != ERR_OK)
        return e;
    if (ask->of_slowness && none[0] != '\0') /* of failures nobody asked */
        *ret_note = none;
    e = one_list(l->arena, &parts, ret, ret_count);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while looking for suspects");
    for (size_t i = 0; i < parts.component_count; i++)
        *ret_note = "";
    return ERR_OK;
}

/* ---- once for a reading ---- */

static const char *filter_of(const struct view_params *p)
{
    return p->filter != NULL ? p->filter : "";
}

/* Whether the same was asked before, of what the answer depends on. */
static bool is_known(const struct view_memo *m, const struct view_loader *l, const struct view_params *p,
                     const struct view_differs_ask *ask)
{
    return m->arena == l->arena && m->params.cursor_ms == p->cursor_ms && m->params.now_ms == p->now_ms && m->params.live == p->live &&
           strcmp(filter_of(&m->params), filter_of(p)) == 0 && m->ask.t0_ms == ask->t0_ms && m->ask.t1_ms == ask->t1_ms &&
           m->ask.onset_ms == ask->onset_ms && m->ask.onset_error_ms == ask->onset_error_ms && m->ask.of_spend == ask->of_spend &&
           m->ask.of_slowness == ask->of_slowness && m->ask.slow == ask->slow && m->ask.apart == ask->apart &&
           strcmp(m->ask.scope, ask->scope) == 0;
}

enum err vsuspects_load(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                        const struct vsuspect **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx)
{
    struct view_memo *m = l->memo;
    if (m == NULL || !is_known(m, l, p, ask)) {
        enum err e = look(l, p, ask, ret, ret_count, ret_note, ctx);
        if (e == ERR_OK && m != NULL)
            *m = (struct view_memo){l->arena, *p, *ask, *ret, *ret_count, *ret_note};
        return e;
    }
    *ret = m->suspects;
    *ret_count = m->count;
    *ret_note = m->note;
    return ERR_OK;
}
