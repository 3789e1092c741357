/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "base/timefmt.h"
#include "model/paging.h"
#include "view/vfilter.h"
#include "view/vfinding.h"
#include "view/vlate.h"
#include "view/vrows.h"
#include "view/vtext.h"
#include "view/vverdict.h"

static enum err fill_sources(const struct vread *vr, struct view_frame *f, struct errctx *ctx)
{
    struct vstale *stale = arena_array(vr->l->arena, vr->source_count + 1, sizeof *stale);
    if (stale == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
    f->stale = stale;
    f->requests_uncounted = vr->freshness[SIG_REQUESTS] == UNCOUNTED;
    f->data_age_ms = -1;
    for (size_t i = 0; i < vr->source_count; i++) {
        const struct source_status *s = &vr->sources[i];
        int64_t age = s->last_ok_ms > 0 ? f->cursor_ms - s->last_ok_ms : -1;
        bool saws = s->state == SOURCE_SAWTOOTH;
        if (vread_is_gone(vr, i))
            continue;
        f->sources_all++;
        f->polls_per_s += s->polls_per_s;
        f->sources_ok += s->state == SOURCE_OK;
        f->sources_sawtooth += saws;
        f->sources_partial += s->state == SOURCE_PARTIAL;
        f->sources_watching += s->state == SOURCE_WATCHING;
        f->sources_watching_part += s->state == SOURCE_WATCHING && s->watching_signals != 0;
        int64_t told_ms = saws                          ? f->cursor_ms - s->sawtooth_since_ms
                          : s->state == SOURCE_PARTIAL  ? f->cursor_ms - s->lack.since_ms
                          : s->state == SOURCE_WATCHING ? f->cursor_ms - s->watching_since_ms
                                                        : age;
        const char *part = s->state == SOURCE_WATCHING ? vtext_signals(vr->l->arena, s->watching_signals) : "";
        if (part == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
        if (s->state != SOURCE_OK)
            stale[f->stale_count++] = (struct vstale){.name = s->name, .age_ms = told_ms, .state = s->state, .part = part};
        if (age >= 0 && (f->data_age_ms < 0 || age < f->data_age_ms))
            f->data_age_ms = age;
    }
    return ERR_OK;
}

static enum err fill_marks(const struct view_loader *l, const struct view_params *p, struct view_frame *f, struct errctx *ctx)
{
    struct event *events;
    size_t count;
    int64_t end = f->axis.t0_ms + (int64_t)f->axis.columns * f->axis.step_ms;
    enum err e = vfilter_events(l, p, f->axis.t0_ms, end, &events, &count, ctx);
    if (e != ERR_OK)
        return e;
    struct vmark *marks = arena_array(l->arena, count + 1, sizeof *marks);
    if (marks == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading events");
    for (size_t i = 0; i < count; i++)
        marks[i] = (struct vmark){.at_ms = events[i].at_ms,
                                  .letter = event_kind_letter(events[i].kind),
                                  .hollow = events[i].known_ms - events[i].at_ms > VIEW_FOUND_LATER_MS,
                                  .text = events[i].text};
    f->marks = marks;
    f->mark_count = count;
    return ERR_OK;
}

static enum err fill_findings(const struct view_loader *l, const struct view_params *p, struct view_frame *f, struct errctx *ctx)
{
    struct alert *findings;
    size_t count;
    enum err e = vfindings_load(l, p, &findings, &count, ctx);

    if (e != ERR_OK)
        return e;
    f->finding_count = vfindings_open(findings, count);
    f->findings = findings;
    return ERR_OK;
}

/* What the filter does not reach, dimension by dimension. NULL when the arena is full. */
static const char *unsplit_text(const struct vread *vr)
{
    struct arena *a = vr->l->arena;
    const char *text = "";

    for (int d = 0; d < DIM_COUNT && text != NULL; d++) {
        const char *names = "";
        for (int s = 0; s < SIG_COUNT && names != NULL; s++)
            if ((vr->unsplit[s] & DIM_BIT(d)) != 0)
                names = arena_printf(a, "%s%s%s", names, names[0] != '\0' ? ", " : "", signal_info((enum signal)s)->name);
        if (names == NULL)
            return NULL;
        if (names[0] != '\0')
            text = arena_printf(a, "%s%s by %s: %s", text, text[0] != '\0' ? ";" : "not split", dim_name((enum dim)d), names);
    }
    return text;
}

static enum err fill_snapshot(const struct view_loader *l, struct view_frame *f)
{
    struct vsnapshot of;
    if (!view_snapshot(l->st, l->arena, &of))
        return ERR_OK;
    const char *made = vtext_moment(l->arena, of.made_ms);
    f->snapshot_text = made != NULL ? arena_printf(l->arena, "%s, taken %s%s%s", of.of, made, of.by[0] != '\0' ? " by " : "", of.by) : NULL;
    return f->snapshot_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err fill_recorder(const struct view_loader *l, struct view_frame *f, struct errctx *ctx)
{
    struct str text;
    enum err clock = store_note(l->st, "clock", INT64_MAX, l->arena, &text), ended = view_ended(l->st, l->arena, &f->ended_ms);
    enum err e = clock != ERR_OK && clock != ERR_NOTFOUND ? clock : ended != ERR_OK && ended != ERR_NOTFOUND ? ended : ERR_OK;

    if (e != ERR_OK)
        return errctx_set(ctx, e, "the store's notes cannot be read: %s", err_name(e));
    f->kept = !store_is_ring(l->st);
    f->demo = clock == ERR_OK;
    if (fill_snapshot(l, f) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
    f->recording_since_ms = store_recorded_since_ms(l->st);
    view_recorder(l->st, f->now_ms, f);
    return ERR_OK;
}

static enum err fill_measured(struct vread *vr, struct view_frame *f, struct errctx *ctx)
{
    char text[TIMEFMT_MAX];
    const size_t q = vread_now(vr, SIG_REQUESTS, 0, 0);
    vread_unfilter(vr); /* what a source tells of one team it tells of all, poll by poll */
    enum err e = vread_run(vr, ctx);

    if (e != ERR_OK)
        return e;
    duration_format(vread_measured_ms(vr, q), text);
    f->measured = arena_strdup(vr->l->arena, str_of(text));
    return f->measured != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
}

static enum err fill_late(struct vread *vr, struct view_frame *f, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    struct vlate *late = arena_array(a, vr->late_count + 1, sizeof *late);

    f->late_text = vlate_text(vr);
    if (late == NULL || f->late_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
    for (size_t i = 0; i < vr->late_count; i++) {
        const struct store_late *from = &vr->late[i];
        late[i] = (struct vlate){.from_ms = from->t0_ms, .to_ms = from->t1_ms, .known_ms = from->known_ms};
        for (size_t k = 0; k < vr->source_count; k++)
            late[i].source = vr->sources[k].id == from->source ? vr->sources[k].name : late[i].source;
    }
    f->late = late;
    f->late_count = vr->late_count;
    return ERR_OK;
}

/* The verdict of what was not known then tells what is known since. */
static enum err tell_since(struct vread *vr, struct view_frame *f, struct errctx *ctx)
{
    const char *since;

    if (f->late_count == 0 || f->verdict.state != VERDICT_UNKNOWN || f->verdict.nothing)
        return ERR_OK;
    enum err e = vlate_since(vr, &since, ctx);
    if (e == ERR_OK)
        f->verdict.sentence = arena_printf(vr->l->arena, "%s; %s", f->verdict.sentence, since);
    return f->verdict.sentence != NULL ? e : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* A pager that fails must not be silent: what is wrong with it stands before everything else, and is worth a ticket by itself. */
static enum err tell_paging(const struct view_loader *l, const struct view_params *p, struct view_frame *f, struct errctx *ctx)
{
    char trouble[PAGE_TEXT_MAX + PAGE_NAME_MAX];
    struct paging_target *list;
    uint32_t count;
    struct str text;
    enum err e = store_note(l->st, PAGING_NOTE, p->cursor_ms, l->scratch, &text);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = paging_read(text, l->scratch, &list, &count, ctx);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "how paging stands cannot be read: %s", err_name(e));
    paging_trouble(list, count, trouble, sizeof trouble);
    if (trouble[0] == '\0')
        return ERR_OK;
    struct view_verdict *v = &f->verdict;
    static const char page[] = "PAGE ";
    const bool said = v->state == VERDICT_PAGE && strncmp(trouble, page, sizeof page - 1) == 0; /* by the state, which stands before it */
    v->sentence = arena_printf(l->arena, "%s; %s", trouble + (said ? sizeof page - 1 : 0), v->sentence != NULL ? v->sentence : "");
    v->brief = NULL;
    v->state = v->state == VERDICT_OK ? VERDICT_TICKET : v->state;
    return v->sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* What takes no reads. */
static enum err begin_frame(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct view_frame *ret,
                            struct errctx *ctx)
{
    struct view_frame f = {.gateway = l->cfg->gateway, .now_ms = p->now_ms, .cursor_ms = p->cursor_ms, .live = p->live, .measured = ""};
    enum err e = vrows_init(vr, l, p, &f.axis, ctx);

    if (e != ERR_OK)
        return e;
    f.scope_text = p->filter != NULL && p->filter[0] != '\0' ? p->filter : "all";
    for (int s = 0; s < SIG_COUNT; s++)
        f.unsplit |= vr->unsplit[s] != 0 ? UINT64_C(1) << s : 0;
    f.unsplit_text = unsplit_text(vr);
    if (f.unsplit_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
    e = fill_recorder(l, &f, ctx);
    if (e == ERR_OK)
        e = fill_sources(vr, &f, ctx);
    if (e == ERR_OK)
        e = fill_late(vr, &f, ctx);
    if (e == ERR_OK)
        e = vverdict_nothing(l, p, &f, &f.verdict, ctx);
    if (e == ERR_OK)
        *ret = f;
    return e;
}

enum err view_load_header(const struct view_loader *l, const struct view_params *p, struct view_frame *ret, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    return vr != NULL ? begin_frame(vr, l, p, ret, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
}

enum err view_load_frame(const struct view_loader *l, const struct view_params *p, struct view_frame *ret, struct errctx *ctx)
{
    struct view_frame f;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the header");
    enum err e = begin_frame(vr, l, p, &f, ctx);
    if (e == ERR_OK)
        e = fill_measured(vr, &f, ctx);
    if (e == ERR_OK)
        e = fill_findings(l, p, &f, ctx);
    if (e == ERR_OK)
        e = vverdict_load(l, p, vr, &f, &f.verdict, ctx);
    if (e == ERR_OK)
        e = tell_since(vr, &f, ctx);
    if (e == ERR_OK)
        e = tell_paging(l, p, &f, ctx);
    if (e == ERR_OK)
        e = fill_marks(l, p, &f, ctx);
    if (e == ERR_OK)
        *ret = f;
    return e;
}
