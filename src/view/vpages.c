/* SPDX-License-Identifier: MIT */
#include "view/vpages.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vtext.h"

static const int64_t day_ms = 86400000;

/* "2m ago"; where the last answer before the cursor was not kept "asked every 1m". NULL when the arena is full. */
static const char *ago(struct arena *a, const struct vpage *g, const struct source_status *s, int64_t cursor_ms)
{
    char age[VTEXT_MAX], every[TIMEFMT_MAX];
    vtext_age(cursor_ms - g->checked_ms, age);
    duration_format(s->interval_ms, every);
    return g->checked_ms > 0 ? arena_printf(a, "%s ago", age) : arena_printf(a, "asked every %s", every);
}

/* Why it is not known, without the address that pane 8 shows: there is little room here. */
static const char *reason_of(const struct source_status *s)
{
    const char *end = strncmp(s->reason, "http", 4) == 0 ? strstr(s->reason, ": ") : NULL;
    return end != NULL ? end + 2 : s->reason;
}

/* What is said of it, without its name. NULL when the arena is full. */
static const char *sentence(struct arena *a, const struct vpage *g, const struct source_status *s, const char *unclear, int64_t cursor_ms)
{
    const char *checked = ago(a, g, s, cursor_ms);
    const bool old = g->since_ms > 0 && cursor_ms - g->since_ms > day_ms;
    const char *since = g->since_ms > 0 ? vtext_instant(a, g->since_ms, old) : "";
    if (checked == NULL || since == NULL)
        return NULL;
    switch (g->state) {
    case VPAGE_CLEAR: return arena_printf(a, "nothing posted (%s)", checked);
    case VPAGE_POSTED: {
        const struct page_posted *o = &g->posted[0];
        const char *impact = o->impact != PAGE_NONE ? page_impact_name(o->impact) : "";
        const char *more = g->posted_count > 1 ? arena_printf(a, "; +%zu more", g->posted_count - 1) : "";
        return more != NULL
                   ? arena_printf(a, "posted %s: %s (%s%s%s)%s", since, o->text, impact, impact[0] != '\0' ? ", " : "", checked, more)
                   : NULL;
    }
    case VPAGE_UNKNOWN: break;
    }
    if (unclear[0] != '\0')
        return arena_printf(a, "not known: %s", unclear);
    return g->since_ms == 0 ? arena_printf(a, "not known: it has not told anything yet%s%s", s->reason[0] != '\0' ? ": " : "", reason_of(s))
                            : arena_printf(a, "not known since %s%s%s", since, s->reason[0] != '\0' ? ": " : "", reason_of(s));
}

/* asked: it answered at the cursor, though when is not known. */
static enum err read_page(const struct view_loader *l, const struct view_params *p, const struct source_status *s, bool asked,
                          struct vpage *ret)
{
    char note[640];
    struct str text = {"", 0};
    struct status_page page = {.provider = s->name, .unclear = ""};
    (void)str_format(note, sizeof note, STATUS_PAGE_NOTE, s->name);
    enum err e = store_note(l->st, note, p->cursor_ms, l->arena, &text);
    const bool told = e == ERR_OK && status_page_parse(text, l->arena, &page, NULL) == ERR_OK;
    if (e != ERR_OK && e != ERR_NOTFOUND)
        return e;
    const bool answers = asked || s->state == SOURCE_OK, known = told && answers && page.unclear[0] == '\0';
    *ret = (struct vpage){.provider = page.provider,
                          .source = s->name,
                          .state = !known           ? VPAGE_UNKNOWN
                                   : page.count > 0 ? VPAGE_POSTED
                                                    : VPAGE_CLEAR,
                          .checked_ms = asked ? 0 : s->last_ok_ms,
                          .posted = page.posted,
                          .posted_count = known ? page.count : 0};
    ret->since_ms = ret->state == VPAGE_POSTED ? page.posted[0].since_ms : ret->state == VPAGE_UNKNOWN ? s->last_ok_ms : 0;
    ret->said = sentence(l->arena, ret, s, answers ? page.unclear : "", p->cursor_ms);
    ret->text = ret->said != NULL ? arena_printf(l->arena, "status.%s: %s", page.provider, ret->said) : NULL;
    return ret->text != NULL ? ERR_OK : ERR_NOMEM;
}

static bool is_page(const struct source_status *s)
{
    return strcmp(s->kind, "status") == 0; /* as its adapter is called */
}

static int by_weight(const void *a, const void *b)
{
    static const int rank[] = {[VPAGE_POSTED] = 0, [VPAGE_UNKNOWN] = 1, [VPAGE_CLEAR] = 2};
    const struct vpage *x = a, *y = b;
    if (x->state != y->state)
        return rank[x->state] - rank[y->state];
    if (x->state == VPAGE_POSTED && x->since_ms != y->since_ms) /* some things stay posted for months */
        return x->since_ms < y->since_ms ? 1 : -1;
    return strcmp(x->provider, y->provider);
}

/* Whether the filter lets the provider count. */
static bool is_within(const struct view_loader *l, const struct store_filter *f, const char *provider)
{
    uint32_t id = 0;
    bool found = f->dim[DIM_PROVIDER].count == 0;
    (void)intern_find(store_strings(l->st), str_of(provider), &id);
    for (uint32_t i = 0; !found && i < f->dim[DIM_PROVIDER].count; i++)
        found = id != 0 && f->dim[DIM_PROVIDER].ids[i] == id;
    return found;
}

/* Of a past cursor the store has when a page began to answer, or ceased to, and not each answer: what is old by that answered on, if it did
 * so later and somebody was polled then, for else its failure would be there. */
static bool was_asked(const struct source_status *s, const struct source_status *latest, size_t count, bool alive)
{
    for (size_t i = 0; alive && s->state == SOURCE_STALE && i < count; i++)
        if (latest[i].id == s->id)
            return latest[i].last_ok_ms > s->last_ok_ms;
    return false;
}

enum err vpages_load(const struct view_loader *l, const struct view_params *p, const struct vpage **ret, size_t *ret_count,
                     struct errctx *ctx)
{
    struct source_status *sources, *latest;
    struct store_filter filter;
    size_t count, latest_count, n = 0;
    bool alive = false, polled = false; /* by a recorder that runs: what it does not poll any more was taken out of the configuration */
    enum err e = view_filter_parse(p->filter, l->st, l->arena, &filter, ctx);
    if (e == ERR_OK)
        e = store_sources(l->st, p->cursor_ms, l->arena, &sources, &count, ctx);
    if (e == ERR_OK)
        e = store_sources(l->st, INT64_MAX, l->scratch, &latest, &latest_count, ctx);
    if (e != ERR_OK)
        return e;
    struct vpage *list = arena_array(l->arena, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        polled |= sources[i].state != SOURCE_STOPPED;
        alive |= !source_is_of_changes(&sources[i]) && sources[i].state == SOURCE_OK;
    }
    for (size_t i = 0; list != NULL && e == ERR_OK && i < count; i++) {
        if (!is_page(&sources[i]) || (polled && sources[i].state == SOURCE_STOPPED))
            continue;
        e = read_page(l, p, &sources[i], was_asked(&sources[i], latest, latest_count, alive), &list[n]);
        n += e == ERR_OK && is_within(l, &filter, list[n].provider);
    }
    if (list == NULL || e != ERR_OK)
        return errctx_set(ctx, list == NULL ? ERR_NOMEM : e, "cannot read what status pages said");
    qsort(list, n, sizeof *list, by_weight);
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
