/* SPDX-License-Identifier: MIT */
/* The facts of an incident: versions, timeline entries, events; and what becomes of two that turn out to be one. */
#include <stdlib.h>
#include <string.h>

#include "record/analyse_int.h"

enum { FLOOD = 8 };                 /* incidents of what is not known here, at a time: as many pages as a person reads one by one */
static const char *gwtop = "gwtop"; /* who says so */

static enum err no_memory(const struct incident_case *k, struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down the incident of %s", k->scope != NULL ? k->scope : "a scope");
}

/* ---- the list ---- */

struct incident_case *analyse_case_new(struct analyser *an, struct errctx *ctx)
{
    for (uint32_t i = 0; i < an->case_count; i++) {
        if (an->cases[i].id != 0)
            continue;
        an->cases[i] = (struct incident_case){.id = 0};
        return &an->cases[i];
    }
    void *list = an->cases;
    if (analyse_grow(&list, &an->case_cap, an->case_count, sizeof *an->cases, ctx) != ERR_OK)
        return NULL;
    an->cases = list;
    an->cases[an->case_count] = (struct incident_case){.id = 0};
    return &an->cases[an->case_count++];
}

struct incident_case *analyse_case_of(struct analyser *an, const struct incident_track *t)
{
    return t->at != 0 ? &an->cases[t->at - 1] : NULL;
}

struct incident_case *analyse_case_of_group(struct analyser *an, uint32_t group)
{
    for (uint32_t i = 0; group != 0 && i < an->case_count; i++)
        if (an->cases[i].id != 0 && an->cases[i].group == group)
            return &an->cases[i];
    return NULL;
}

struct incident_case *analyse_case_of_id(struct analyser *an, int64_t id)
{
    for (uint32_t i = 0; id != 0 && i < an->case_count; i++)
        if (an->cases[i].id == id)
            return &an->cases[i];
    return NULL;
}

void analyse_case_join(struct analyser *an, struct incident_track *t, const struct incident_case *k)
{
    t->at = (uint32_t)(k - an->cases) + 1;
}

void analyse_case_fini(struct incident_case *k)
{
    free((void *)(uintptr_t)k->title);
    free((void *)(uintptr_t)k->scope);
    *k = (struct incident_case){.id = 0};
}

enum err analyse_case_name(struct incident_case *k, const char *title, const char *scope, struct errctx *ctx)
{
    char *new_title = str_dup(str_of(title)), *new_scope = str_dup(str_of(scope));
    if (new_title == NULL || new_scope == NULL) {
        free(new_title);
        free(new_scope);
        return no_memory(k, ctx);
    }
    free((void *)(uintptr_t)k->title);
    free((void *)(uintptr_t)k->scope);
    k->title = new_title;
    k->scope = new_scope;
    return ERR_OK;
}

void analyse_case_drop(struct analyser *an, struct incident_case *k)
{
    for (uint32_t i = 0; i < an->incident_count; i++)
        if (analyse_case_of(an, &an->incidents[i]) == k)
            an->incidents[i].at = 0;
    analyse_case_fini(k);
}

bool analyse_case_leads(const struct incident_case *k, const struct incident_track *t, enum severity s)
{
    if (k->of_budget != t->of_budget)
        return k->of_budget && s >= k->severity; /* of money that goes where it fails nobody is told first */
    return s > k->severity;
}

/* ---- facts ---- */

enum err analyse_case_put(struct analyser *an, struct incident_case *k, enum incident_state state, int64_t parent, int64_t known_ms,
                          struct errctx *ctx)
{
    struct incident *list, v = {.id = k->id,
                                .title = k->title,
                                .scope = k->scope,
                                .severity = k->severity,
                                .state = state,
                                .onset_ms = k->onset_ms,
                                .onset_error_ms = k->onset_error_ms,
                                .opened_ms = k->opened_ms,
                                .resolved_ms = k->resolved_ms,
                                .ended_ms = k->ended_ms,
                                .ended_error_ms = k->ended_error_ms,
                                .known_ms = known_ms,
                                .parent = parent,
                                .owner = ""};
    size_t count = 0;
    enum err e = k->id != 0 ? store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx) : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (list[i].id != k->id)
            continue;
        v.owner = list[i].owner;
        if (state == INCIDENT_OPEN && list[i].state == INCIDENT_ACKNOWLEDGED)
            v.state = INCIDENT_ACKNOWLEDGED;
    }
    an->dirty = true;
    return e == ERR_OK ? store_put_incident(an->st, &v, &k->id, ctx) : e;
}

enum err analyse_case_entry(struct analyser *an, const struct incident_case *k, const char *what, int64_t at_ms, int64_t known_ms,
                            char letter, const char *text, struct errctx *ctx)
{
    const char *key = arena_printf(&an->scratch, "%lld:%s:%lld", (long long)k->id, what, (long long)at_ms);
    const struct timeline_entry t = {
        .incident = k->id, .at_ms = at_ms, .known_ms = known_ms, .letter = letter, .text = text, .source = gwtop};
    return key != NULL && text != NULL ? store_put_timeline(an->st, key, &t, ctx) : no_memory(k, ctx);
}

enum err analyse_case_event(struct analyser *an, const struct incident_case *k, const char *what, enum event_kind kind, int64_t at_ms,
                            int64_t known_ms, const char *text, struct errctx *ctx)
{
    const char *key = arena_printf(&an->scratch, "%s:%s:%lld", what, k->scope, (long long)at_ms);
    const struct event ev = {.at_ms = at_ms, .known_ms = known_ms, .kind = kind, .scope = k->scope, .text = text, .source = gwtop};
    return key != NULL && text != NULL ? store_put_event(an->st, key, &ev, ctx) : no_memory(k, ctx);
}

/* ---- two of one time ---- */

struct incident_case *analyse_case_flood(struct analyser *an)
{
    struct incident_case *newest = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < an->case_count; i++) {
        struct incident_case *k = &an->cases[i];
        if (k->id == 0 || !k->open || !k->elsewhere)
            continue;
        newest = newest == NULL || k->id > newest->id ? k : newest;
        count++;
    }
    return count >= FLOOD ? newest : NULL;
}

/* One that fails as well, since the same time: the worst of them, and of these the oldest. */
static const struct incident_case *beside(const struct analyser *an, const struct incident_case *k)
{
    const struct incident_case *best = NULL;
    for (uint32_t i = 0; i < an->case_count; i++) {
        const struct incident_case *o = &an->cases[i];
        const int64_t apart = (o->onset_ms != 0 ? o->onset_ms : o->opened_ms) - (k->onset_ms != 0 ? k->onset_ms : k->opened_ms);
        if (o != k && o->id != 0 && o->open && !o->of_budget && apart <= GROUPING_GAP_MS && apart >= -GROUPING_GAP_MS &&
            (best == NULL || o->severity > best->severity || (o->severity == best->severity && o->id < best->id)))
            best = o;
    }
    return best;
}

enum err analyse_case_beside(struct analyser *an, const struct incident_case *k, const struct interval *in, struct errctx *ctx)
{
    const struct incident_case *o = k->of_budget ? NULL : beside(an, k);
    if (o == NULL)
        return ERR_OK;
    const char *text = arena_printf(&an->scratch, "may be the same as #%lld %s: it began within %d min of it", (long long)o->id, o->title,
                                    GROUPING_GAP_MS / MINUTE_MS);
    return analyse_case_entry(an, k, "beside", k->opened_ms, in->known_ms, '!', text, ctx);
}

/* ---- two that are one ---- */

/* What is told under y is told under x from now on: parents are never children. */
static enum err take_children(struct analyser *an, const struct incident_case *x, const struct incident_case *y, int64_t known_ms,
                              struct errctx *ctx)
{
    struct incident *list;
    size_t count;
    enum err e = store_incidents(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct incident child = list[i];
        if (child.parent != y->id)
            continue;
        child.parent = x->id;
        child.known_ms = known_ms;
        e = store_put_incident(an->st, &child, NULL, ctx);
    }
    return e;
}

struct incident_case *analyse_case_older(struct incident_case *a, struct incident_case *b)
{
    if (a->of_budget != b->of_budget)
        return a->of_budget ? b : a;
    return a->id < b->id ? a : b;
}

/* x is of what fails, or both are of budgets. */
static enum err take_over(struct incident_case *x, const struct incident_case *y, struct errctx *ctx)
{
    const bool is_price = y->of_budget && !x->of_budget, leads = !is_price && y->severity > x->severity;
    enum err e = leads ? analyse_case_name(x, y->title, y->scope, ctx) : ERR_OK;
    if (leads)
        x->own = y->own;
    if (is_price && x->severity == SEV_PAGE) { /* whoever heard of what it costs has not heard of what fails */
        ;
    } else if (y->severity == SEV_PAGE && !y->held && !y->owed) { /* who was paged of y knows: it was told as what it is a part of */
        x->severity = SEV_PAGE;
        x->held = x->owed = false;
    } else if (y->severity > x->severity) {
        memcpy(x->page_rule, y->page_rule, sizeof x->page_rule);
        memcpy(x->page_text, y->page_text, sizeof x->page_text);
        x->severity = y->severity;
        x->held = y->held;
        x->due_ms = y->due_ms;
        x->owed = y->owed;
    }
    /* since when it is what it is called; of one and the same scope since the earlier */
    const bool earlier = y->onset_ms < x->onset_ms && !y->told && strcmp(x->scope, y->scope) == 0;
    if (y->onset_ms != 0 && !is_price && (leads || x->onset_ms == 0 || earlier)) {
        x->told = y->told;
        x->onset_ms = y->onset_ms;
        x->onset_error_ms = y->onset_error_ms;
    }
    x->ended_ms = x->ended_error_ms = x->calm_ms = 0;
    x->end_settled = false;
    return e;
}

/* That y is a part of x is no end of it: who was told of y hears that with the end of x (analyse_page_over), and is paged once. */
enum err analyse_case_merge(struct analyser *an, struct incident_case *x, struct incident_case *y, const char *why,
                            const struct interval *in, struct errctx *ctx)
{
    const char *takes = arena_printf(&an->scratch, "takes %lld", (long long)y->id);
    for (uint32_t i = 0; i < an->incident_count; i++)
        if (analyse_case_of(an, &an->incidents[i]) == y)
            analyse_case_join(an, &an->incidents[i], x);
    enum page_word word = PAGE_UNANSWERED;
    enum err e = ERR_OK;
    if (y->severity == SEV_PAGE && y->held && x->severity == SEV_PAGE && !x->held) /* that x was taken says nothing of y */
        e = analyse_page_word(an, x->id, 0, &word, ctx);
    if (e == ERR_OK)
        e = take_over(x, y, ctx);
    if (word == PAGE_TAKEN) {
        memcpy(x->page_rule, y->page_rule, sizeof x->page_rule);
        memcpy(x->page_text, y->page_text, sizeof x->page_text);
        x->held = true;
        x->due_ms = y->due_ms;
    }
    if (takes == NULL || why == NULL)
        return no_memory(x, ctx);
    if (e == ERR_OK)
        e = analyse_case_put(an, x, INCIDENT_OPEN, 0, in->known_ms, ctx);
    if (e == ERR_OK)
        e = take_children(an, x, y, in->known_ms, ctx);
    if (e == ERR_OK)
        e = analyse_case_entry(an, x, takes, in->t1_ms, in->known_ms, '+',
                               arena_printf(&an->scratch, "#%lld %s is one with this: %s", (long long)y->id, y->title, why), ctx);
    y->resolved_ms = y->resolved_ms != 0 ? y->resolved_ms : in->t1_ms;
    if (e == ERR_OK)
        e = analyse_case_put(an, y, INCIDENT_RESOLVED, x->id, in->known_ms, ctx);
    if (e == ERR_OK)
        e = analyse_case_entry(
            an, y, "part", in->t1_ms, in->known_ms, '+',
            arena_printf(&an->scratch, "told under #%lld %s from here on, for they are one: %s", (long long)x->id, x->title, why), ctx);
    analyse_case_drop(an, y);
    return e;
}
