/* SPDX-License-Identifier: MIT */
#include "view/vreality.h"

#include "base/timefmt.h"
#include "view/vlate.h"
#include "view/vtext.h"

void view_recorder(struct store *st, int64_t now_ms, struct view_frame *f)
{
    static const int64_t silent_ms = 10000; /* five of the recorder's turns */
    int64_t silence = 0;

    f->recorder_pid = store_recorder_pid(store_path(st));
    f->recorder_running = f->recorder_pid != 0;
    bool may_be_silent = f->recorder_running && store_recorder_silence(store_path(st), &silence) && silence > silent_ms;
    f->recorder_silent = f->recorder_missing = false;
    f->recorder_wrote_ms = 0;
    if ((f->recorder_running && !may_be_silent))
        return;
    int64_t wrote = store_wrote_ms(st);
    f->recorder_silent = may_be_silent && now_ms - wrote > silent_ms;
    if (f->recorder_running && !f->recorder_silent)
        return;
    f->recorder_wrote_ms = wrote;
    f->recorder_missing = f->ended_ms == 0 && f->cursor_ms > wrote;
}

const char *vreality_missing_recorder(struct arena *a, const struct view_frame *f)
{
    char at[TIMEFMT_MAX];
    if (f->recorder_wrote_ms == 0)
        return f->recorder_running ? "the recorder has written nothing" : "no recorder has written anything";
    instant_format_clock(f->recorder_wrote_ms, at);
    return arena_printf(a, f->recorder_running ? "the recorder has not written since %s" : "no recorder has written since %s", at);
}

const char *vreality_sawtooth(const struct vread *vr, const char *before)
{
    struct arena *a = vr->l->arena;
    const char *first = "";
    size_t n = 0;
    for (size_t i = 0; i < vr->source_count; i++)
        if (vr->sources[i].state == SOURCE_SAWTOOTH && n++ == 0)
            first = vr->sources[i].name;
    if (n == 0)
        return before;
    if (n > 1)
        first = arena_printf(a, "%s and %zu more", first, n - 1);
    return first != NULL
               ? arena_printf(a, "%s%s%s: counters go up and down (several workers behind one port?), what they count is not known", before,
                              *before != '\0' ? "; " : "", first)
               : NULL;
}

/* "litellm lacks 12 of 40 series of ... since 03:07:15Z", of the first two. NULL when the arena is full. */
static const char *lacking(const struct vread *vr, const char *before)
{
    struct arena *a = vr->l->arena;
    const char *text = before;
    size_t n = 0;
    for (size_t i = 0; i < vr->source_count && text != NULL; i++) {
        const struct source_status *s = &vr->sources[i];
        if ((s->state == SOURCE_PARTIAL || s->state == SOURCE_WATCHING) && n++ < 2)
            text =
                arena_printf(a, "%s%s%s%s %s", text, *text != '\0' ? "; " : "", s->name, s->state == SOURCE_WATCHING ? ":" : "", s->reason);
    }
    return text != NULL && n > 2 ? arena_printf(a, "%s; +%zu more", text, n - 2) : text;
}

/* "litellm answers in up to 3.1s, asked every 1s", of the first two that are slow and else well. NULL when the arena is full. */
static const char *slow(const struct vread *vr, const char *before)
{
    struct arena *a = vr->l->arena;
    const char *text = before;
    size_t n = 0;
    for (size_t i = 0; i < vr->source_count && text != NULL; i++) {
        const struct source_status *s = &vr->sources[i];
        if (s->state == SOURCE_OK && s->slow_ms != 0 && n++ < 2)
            text = arena_printf(a, "%s%s%s %s", text, *text != '\0' ? "; " : "", s->name, s->reason);
    }
    return text != NULL && n > 2 ? arena_printf(a, "%s; +%zu more are slow", text, n - 2) : text;
}

/* What was written down of the time around the cursor: why nothing is known of it. Leaves *ret alone where nothing was. */
static enum err hole_phrase(const struct vread *vr, const struct view_frame *f, const char *late, const char **ret, struct errctx *ctx)
{
    const struct view_loader *l = vr->l;
    struct store_gap *gaps;
    size_t count;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    enum err e = store_gaps(l->st, f->cursor_ms - 1, f->cursor_ms, l->arena, &gaps, &count, ctx);
    size_t i = 0;
    while (e == ERR_OK && i < count && gaps[i].signals != 0) /* of the rest something is known */
        i++;
    if (e != ERR_OK || i == count)
        return e;
    instant_format_clock(gaps[i].t0_ms, from);
    instant_format_clock(gaps[i].t1_ms, to);
    *ret = late[0] != '\0' && !gaps[i].lost ? arena_printf(l->arena, "%s: %s", late, gaps[i].reason)
                                            : arena_printf(l->arena, "nothing is known from %s to %s: %s", from, to, gaps[i].reason);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the gaps");
}

enum err vreality_silence(const struct vread *vr, const struct view_frame *f, const char **ret, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    char at[TIMEFMT_MAX];

    instant_format_clock(f->cursor_ms - f->data_age_ms, at);
    *ret = vr->source_count == 1 ? arena_printf(a, "%s has not answered since %s", vr->sources[0].name, at)
                                 : arena_printf(a, "no source has answered since %s", at);
    return *ret != NULL ? hole_phrase(vr, f, "", ret, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}

/* Why the first of the sources is silent that says so. NULL when the arena is full. */
static const char *silent_phrase(const struct vread *vr)
{
    for (size_t i = 0; i < vr->source_count; i++)
        if (vr->sources[i].reason[0] != '\0')
            return arena_printf(vr->l->arena, "%s: %s: what is below is old", vr->sources[i].name, vr->sources[i].reason);
    return "no source answers: what is below is old";
}

enum err vreality(const struct vread *vr, const struct view_frame *f, const char **ret, struct errctx *ctx)
{
    struct arena *a = vr->l->arena;
    const char *text = "", *late = vlate_text(vr), *hole = late;
    size_t shown = 0;
    enum err e = late == NULL ? ERR_NOMEM : view_answering(f) == 0 ? hole_phrase(vr, f, late, &hole, ctx) : ERR_OK;
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < vr->source_count && shown < 3 && text != NULL; i++) {
        char age[VTEXT_MAX];
        const struct source_status *s = &vr->sources[i];
        if (s->state != SOURCE_OK && !(s->state == SOURCE_WATCHING && s->watching_signals != 0))
            continue;
        vtext_age(f->cursor_ms - s->last_ok_ms, age);
        text = arena_printf(a, "%s%s%s %s", text, shown > 0 ? ", " : "", s->name, age);
        shown++;
    }
    const uint32_t answer = f->sources_ok + f->sources_watching_part, more = answer > shown ? answer - (uint32_t)shown : 0;
    if (text != NULL && shown > 0)
        text = more > 0 ? arena_printf(a, "%s, +%u more answer", text, more) : arena_printf(a, "%s answer", text);
    if (text != NULL)
        text = vreality_sawtooth(vr, text);
    if (text != NULL)
        text = lacking(vr, text);
    if (text != NULL)
        text = slow(vr, text);
    const char *missing = f->recorder_missing ? vreality_missing_recorder(a, f) : "";
    if (f->recorder_missing)
        text = missing != NULL ? arena_printf(a, "%s: of the sources nothing is known since", missing) : NULL;
    else if (text != NULL && *text == '\0')
        text = *hole != '\0' ? hole : silent_phrase(vr);
    else if (text != NULL && *late != '\0')
        text = arena_printf(a, "%s; %s", text, late);
    *ret = text;
    return text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while writing the verdict");
}
