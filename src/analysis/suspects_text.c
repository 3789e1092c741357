/* SPDX-License-Identifier: MIT */
/* The sentences about a suspect: what fails there since when, on how much of it, who of the same kind is healthy; and changes before. */
#include <math.h>
#include <string.h>

#include "analysis/stat.h"
#include "analysis/suspects_int.h"
#include "base/safe_text.h"
#include "base/timefmt.h"

enum {
    NAME_MAX_BYTES = 96,
    PARTS_MAX = 64,     /* deployments of a provider, keys of a team that are counted */
    HEALTHY_LEAST = 20, /* requests of a sibling before it is called healthy */
    BEFORE_MS = 30 * 60000,
    AFTER_MS = 2 * 60000, /* changes this long before and after an onset are candidates */
    NEAR_MS = 60000,      /* and no weak ones */
};

static const double spared_share = 0.05; /* of all failures, by which who is spared falls short */

static const char *name_of(const struct suspects_input *in, uint32_t id, struct arena *a)
{
    char *out = arena_alloc(a, NAME_MAX_BYTES);
    if (out != NULL)
        (void)safe_text(out, NAME_MAX_BYTES, str_of(intern_text(in->strings, id)));
    return out;
}

static const char *clock_of(int64_t at_ms, struct arena *a)
{
    char out[TIMEFMT_MAX];
    instant_format_clock(at_ms, out);
    return arena_strdup(a, str_of(out));
}

/* " since 03:06:40Z", " since 03:06:40Z +-48s"; "" where it is not known. */
static const char *since_text(const struct suspects_input *in, struct arena *a)
{
    char clock[TIMEFMT_MAX], error[TIMEFMT_MAX];
    instant_format_clock(in->onset_ms, clock);
    duration_format_error(in->onset_wide_ms, error);
    return in->onset_ms != 0 ? arena_printf(a, " since %s%s", clock, error) : "";
}

/* "5xx", or "5xx and 429" when one class is not most of it. */
static const char *classes_of(const struct weighed_table *t, const struct differs_element *e, struct arena *a)
{
    uint64_t by[OUTCOME_COUNT] = {0}, all = 0;
    int first = -1, second = -1;
    for (size_t i = 0; i < t->count; i++)
        for (int o = 0; o < OUTCOME_COUNT; o++)
            if (outcome_is_bad((enum outcome)o) && differs_holds(e, t->list[i].cell->dim))
                by[o] += t->list[i].cell->by_class[o];
    for (int o = 0; o < OUTCOME_COUNT; o++) {
        all += by[o];
        if (first < 0 || by[o] > by[first]) {
            second = first;
            first = o;
        } else if (second < 0 || by[o] > by[second]) {
            second = o;
        }
    }
    if (by[first] * 5 >= all * 4 || by[second] == 0)
        return outcome_name((enum outcome)first);
    return arena_printf(a, "%s and %s", outcome_name((enum outcome)first), outcome_name((enum outcome)second));
}

/* ---- parts: the deployments of a provider, the keys of a team ---- */

struct part {
    uint32_t id;
    uint64_t n, bad;
    double expected;
};

/* Adds up, by dim, the cells inside the element or those outside it. */
static size_t parts_of(const struct weighed_table *t, enum dim dim, const struct differs_element *e, bool inside,
                       struct part parts[PARTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct weighed *w = &t->list[i];
        uint32_t id = w->cell->dim[dim];
        size_t k = 0;
        if (id == 0 || differs_holds(e, w->cell->dim) != inside)
            continue;
        while (k < count && parts[k].id != id)
            k++;
        if (k == PARTS_MAX)
            continue;
        if (k == count)
            parts[count++] = (struct part){.id = id};
        parts[k].n += w->cell->n;
        parts[k].bad += w->bad;
        parts[k].expected += w->expected;
    }
    return count;
}

static bool is_failing(const struct part *p)
{
    return stat_poisson_llr((double)p->bad, p->expected) > 3;
}

/* "on both its deployments", "on 2 of its 5 keys": of all that the first value has, where the element has others beside it ("on 2 of
 * openai's 3 deployments"); "" where there are no parts to speak of. */
static const char *extent(const struct suspects_input *in, const struct weighed_table *t, const struct differs_element *e, struct arena *a)
{
    enum dim whole = e->dim[0], part = whole == DIM_PROVIDER || whole == DIM_REGION || whole == DIM_MODEL ? DIM_DEPLOYMENT
                                       : whole == DIM_TEAM                                                ? DIM_KEY
                                                                                                          : DIM_COUNT;
    const struct differs_element first = {.dim_count = 1, .dim = {e->dim[0]}, .id = {e->id[0]}};
    struct part parts[PARTS_MAX];
    if (part == DIM_COUNT || (t->dims & DIM_BIT(part)) == 0)
        return "";
    for (uint32_t i = 1; i < e->dim_count; i++)
        if (e->dim[i] == part)
            return "";
    size_t count = parts_of(t, part, e, true, parts), failing = 0;
    for (size_t i = 0; i < count; i++)
        failing += is_failing(&parts[i]);
    count = parts_of(t, part, &first, true, parts);
    if (count < 2 || failing == 0)
        return "";
    const char *its = "its", *both = "both its";
    if (e->dim_count > 1) {
        const char *name = name_of(in, e->id[0], a);
        its = name != NULL ? arena_printf(a, "%s's", name) : NULL;
        both = its != NULL ? arena_printf(a, "both of %s", its) : NULL;
        if (both == NULL)
            return NULL;
    }
    if (failing == count)
        return count == 2 ? arena_printf(a, " on %s %ss", both, dim_name(part))
                          : arena_printf(a, " on all %zu of %s %ss", count, its, dim_name(part));
    return arena_printf(a, " on %zu of %s %zu %ss", failing, its, count, dim_name(part));
}

/* Whether some cell of the value, outside the element, shares what else the element's cells are about: the model. */
static bool shares_model(const struct weighed_table *t, const struct differs_element *e, enum dim dim, uint32_t id)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct suspect_cell *c = t->list[i].cell;
        if (c->dim[dim] != id || c->dim[DIM_MODEL] == 0 || c->n < HEALTHY_LEAST)
            continue;
        for (size_t k = 0; k < t->count; k++)
            if (differs_holds(e, t->list[k].cell->dim) && t->list[k].bad > 0 && t->list[k].cell->dim[DIM_MODEL] == c->dim[DIM_MODEL])
                return true;
    }
    return false;
}

/* Who of the same kind does well: "azure, same model: healthy (0.1 % of 1,204)". */
static const char *healthy_sibling(const struct suspects_input *in, const struct weighed_table *t, const struct differs_element *e,
                                   struct arena *a)
{
    enum dim dim = e->dim[0];
    struct part parts[PARTS_MAX];
    size_t count = parts_of(t, dim, e, false, parts), best = PARTS_MAX;
    bool best_same = false;
    for (size_t i = 0; i < count; i++) {
        bool same = dim != DIM_MODEL && (t->dims & DIM_BIT(DIM_MODEL)) != 0 && shares_model(t, e, dim, parts[i].id);
        if (parts[i].id == e->id[0] || parts[i].n < HEALTHY_LEAST || is_failing(&parts[i]))
            continue;
        if (best == PARTS_MAX || (same && !best_same) || (same == best_same && parts[i].n > parts[best].n)) {
            best = i;
            best_same = same;
        }
    }
    if (best == PARTS_MAX)
        return "";
    const char *name = name_of(in, parts[best].id, a);
    if (name == NULL)
        return NULL;
    return arena_printf(a, "%s%s: healthy (%.2g %% of %llu fail)", name, best_same ? ", same model" : "",
                        100 * (double)parts[best].bad / (double)parts[best].n, (unsigned long long)parts[best].n);
}

enum err suspects_describe(const struct suspects_input *in, const struct weighed_table *t, const struct differs_element *e, double share,
                           struct arena *a, struct suspect *ret)
{
    ret->score = e->score;
    ret->dim_count = e->dim_count;
    ret->is_event = false;
    for (uint32_t i = 0; i < e->dim_count; i++) {
        ret->dim[i] = e->dim[i];
        ret->id[i] = e->id[i];
        const char *name = name_of(in, e->id[i], a);
        ret->title = name == NULL ? NULL
                     : i == 0     ? arena_printf(a, "%s %s", dim_name(e->dim[i]), name)
                                  : arena_printf(a, "%s, %s %s", ret->title, dim_name(e->dim[i]), name);
        if (ret->title == NULL)
            return ERR_NOMEM;
    }
    const char *classes = classes_of(t, e, a), *where = extent(in, t, e, a), *since = since_text(in, a);
    ret->reason2 = healthy_sibling(in, t, e, a);
    if (classes == NULL || where == NULL || since == NULL || ret->reason2 == NULL)
        return ERR_NOMEM;
    ret->reason = arena_printf(a, "%s%s%s; %.0f %% of what fails beyond the usual", classes, since, where, 100 * share);
    return ret->reason != NULL ? ERR_OK : ERR_NOMEM;
}

/* ---- nobody stands out ---- */

/* Whether a table tells values of a dim apart. *ret_spared: one of those who fail so much less than the others that this is neither luck
 * nor little of all; 0 = none. */
static bool is_told_by(const struct weighed_table *t, enum dim dim, uint32_t *ret_spared)
{
    const struct differs_element everything = {.dim_count = 0};
    struct part parts[PARTS_MAX];
    const size_t count = (t->dims & DIM_BIT(dim)) != 0 ? parts_of(t, dim, &everything, true, parts) : 0;
    struct differs_part all = {.n = 0};

    for (size_t i = 0; i < count; i++) {
        all.n += (double)parts[i].n;
        all.v += (double)parts[i].bad;
        all.e += parts[i].expected;
    }
    for (size_t i = 0; count > 1 && i < count; i++) {
        const struct differs_part p = {.n = (double)parts[i].n, .v = (double)parts[i].bad, .e = parts[i].expected};
        const struct differs_contrast c = differs_contrast_of(&p, &all);
        if (c.ratio < 1 && c.nats >= DIFFERS_LEAST_CONTRAST && c.own < -spared_share * (all.v - all.e))
            *ret_spared = parts[i].id;
    }
    return count > 1;
}

const char *suspects_none(const struct intern *strings, const struct weighed_table *tables, size_t count, struct arena *a)
{
    const struct suspects_input in = {.strings = strings};
    const char *spared = "";
    uint32_t alike = 0;

    for (int d = 0; d < DIM_COUNT && spared != NULL; d++) {
        uint32_t id = 0;
        bool told = false;
        for (size_t i = 0; i < count; i++)
            told = is_told_by(&tables[i], (enum dim)d, &id) || told;
        if (told && id == 0)
            alike |= DIM_BIT(d);
        if (id == 0)
            continue;
        const char *name = name_of(&in, id, a);
        spared = name != NULL ? arena_printf(a, "%s; spared: %s %s", spared, dim_name((enum dim)d), name) : NULL;
    }
    const char *none = spared != NULL ? differs_none_text(a, alike) : NULL;
    return none != NULL ? arena_printf(a, "%s%s", none, spared) : NULL;
}

/* ---- changes ---- */

/* How much a kind of change is worth right before an onset; 0: it is a symptom, or not a change. */
static double weight_of(enum event_kind k)
{
    switch (k) {
    case EVENT_DEPLOY:
    case EVENT_MODEL_VERSION: return 2;
    case EVENT_CONFIG:
    case EVENT_PRICE:
    case EVENT_RESTART:
    case EVENT_PROVIDER: return 1.5;
    case EVENT_KEY:
    case EVENT_MARK: return 1;
    case EVENT_QUALITY:
    case EVENT_ERRORS:
    case EVENT_FALLBACK:
    case EVENT_SOURCE:
    case EVENT_PAGE:
    case EVENT_SILENCE:
    case EVENT_KIND_COUNT: break;
    }
    return 0;
}

double suspects_change_weight(enum event_kind kind, int64_t at_ms, int64_t onset_ms)
{
    int64_t before = onset_ms - at_ms;
    if (onset_ms == 0 || before > BEFORE_MS || before < -AFTER_MS)
        return 0;
    return weight_of(kind) * exp(-(double)(before > 0 ? before : 0) / BEFORE_MS);
}

bool suspects_is_end(const struct event *ev)
{
    static const char over[] = ":over"; /* as the sources of status pages put it (source_status_page.c) */
    const size_t n = ev->key != NULL ? strlen(ev->key) : 0, tail = sizeof over - 1;
    return ev->kind == EVENT_PROVIDER && n >= tail && strcmp(ev->key + n - tail, over) == 0;
}

static enum err describe_change(const struct suspects_input *in, const struct event *ev, double score, struct arena *a, struct suspect *ret)
{
    int64_t before = in->onset_ms - ev->at_ms;
    const int64_t apart = before < 0 ? -before : before;
    char gap[TIMEFMT_MAX], wide[TIMEFMT_MAX];
    const char *clock = clock_of(ev->at_ms, a);
    duration_format(apart, gap);
    duration_format(in->onset_wide_ms, wide);
    if (clock == NULL)
        return ERR_NOMEM;
    *ret = (struct suspect){
        .is_event = true, .at_ms = ev->at_ms, .score = score, .weak = apart > NEAR_MS && apart > in->onset_error_ms, .reason2 = ""};
    ret->title = arena_printf(a, "%s %s", event_kind_name(ev->kind), clock);
    ret->reason = apart > in->onset_error_ms ? arena_printf(a, "%s; %s %s the onset", ev->text, gap, before > 0 ? "before" : "after")
                  : in->onset_wide_ms > 0    ? arena_printf(a, "%s; at the onset, within its +-%s", ev->text, wide)
                                             : arena_printf(a, "%s; at the onset, within a poll", ev->text);
    return ret->title != NULL && ret->reason != NULL ? ERR_OK : ERR_NOMEM;
}

enum err suspects_changes(const struct suspects_input *in, struct arena *a, struct suspect *list, size_t *count)
{
    double last = INFINITY; /* events of equal score go in their order */
    size_t last_at = 0;
    while (*count < SUSPECTS_MAX) {
        size_t best = in->event_count;
        double score = 0;
        for (size_t i = 0; i < in->event_count; i++) {
            double s = suspects_is_end(&in->events[i]) ? 0 : suspects_change_weight(in->events[i].kind, in->events[i].at_ms, in->onset_ms);
            bool is_next = s < last || (s == last && i > last_at);
            if (s > score && is_next) {
                score = s;
                best = i;
            }
        }
        if (best == in->event_count)
            break;
        enum err e = describe_change(in, &in->events[best], score, a, &list[*count]);
        if (e != ERR_OK)
            return e;
        ++*count;
        last = score;
        last_at = best;
    }
    return ERR_OK;
}

enum err suspects_owner(const struct suspects_input *in, struct arena *a, struct suspect *ret)
{
    const char *name = name_of(in, in->owner_id, a);
    *ret = (struct suspect){.reason = "the budget is its own: what others spend does not count against it",
                            .reason2 = "",
                            .title = name != NULL ? arena_printf(a, "%s %s", dim_name(in->owner_dim), name) : NULL,
                            .dim_count = 1,
                            .dim = {in->owner_dim},
                            .id = {in->owner_id}};
    return ret->title != NULL ? ERR_OK : ERR_NOMEM;
}
