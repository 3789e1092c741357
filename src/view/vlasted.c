/* SPDX-License-Identifier: MIT */
#include "view/vlasted.h"

#include "base/timefmt.h"
#include "view/vtext.h"

enum { SECOND_MS = 1000 };

struct vhole vlasted_began(const struct vincident *v)
{
    return (struct vhole){.from_ms = v->from_ms, .to_ms = v->from_by_ms, .is_hole = v->from_by_ms > v->from_ms};
}

bool vlasted_is_partly_counted(const struct vincident *v)
{
    return v->is_silent || v->counted_from_ms != 0;
}

/* What is counted of it. */
static enum signal signal_of(const struct incident *in)
{
    return incident_is_of_budget(in) ? SIG_COST : SIG_REQUESTS;
}

static enum err tell_onset(const struct vread *vr, struct vincident *v)
{
    const struct incident *in = &v->in;
    const int64_t wide = vtrouble_wide_ms(vr, signal_of(in), in->onset_error_ms);

    v->from_ms = v->from_by_ms = in->onset_ms != 0 ? in->onset_ms : in->opened_ms;
    v->onset_error = "";
    if (in->onset_ms == 0 || (in->onset_error_ms != 0 && wide == 0))
        return ERR_OK;
    struct vhole h;
    enum err e = vtrouble_began(vr, signal_of(in), in->onset_ms, wide, &h);
    if (e != ERR_OK || !h.is_hole)
        return e;
    v->from_ms = h.from_ms;
    v->from_by_ms = h.to_ms;
    v->onset_error = vtext_error(vr->l->arena, wide != 0 ? wide : (h.to_ms - h.from_ms + 1) / 2);
    return v->onset_error != NULL ? ERR_OK : ERR_NOMEM;
}

/* recorded: whether somebody still writes. */
static void tell_end(const struct vread *vr, bool recorded, struct vincident *v)
{
    const enum signal s = signal_of(&v->in);
    const int64_t end = incident_end_ms(&v->in);

    v->is_silent = end == 0 && (!recorded || vread_is_unknown(vr, s) || vr->freshness[s] == GONE);
    v->to_ms = end != 0 ? end : v->is_silent ? vr->known_ms[s] : vr->cursor_ms;
    v->to_ms = v->to_ms > v->from_ms ? v->to_ms : v->from_ms;
}

static void tell_counted(struct store *st, struct vincident *v)
{
    const int64_t onset_ms = v->in.onset_ms != 0 ? v->in.onset_ms : v->in.opened_ms, first_ms = store_recorded_since_ms(st);
    v->counted_from_ms = first_ms > onset_ms ? first_ms : 0;
}

static enum err tell_text(struct arena *a, struct vincident *v)
{
    const struct vhole began = vlasted_began(v);
    const int64_t least_ms = v->to_ms > v->from_by_ms ? v->to_ms - v->from_by_ms : 0;
    const char *after = v->is_silent ? ", then not known" : incident_end_ms(&v->in) == 0 ? " so far" : "";
    char least[TIMEFMT_MAX], most[TIMEFMT_MAX];

    duration_format(least_ms, least);
    duration_format(v->to_ms - v->from_ms, most);
    if (!incident_length_is_known(&v->in) || (v->is_silent && least_ms < SECOND_MS)) {
        v->duration_text = v->short_text = "?";
        return ERR_OK;
    }
    if (v->is_silent || (began.is_hole && least_ms >= SECOND_MS))
        v->short_text = arena_printf(a, ">=%s", least);
    else
        v->short_text = arena_printf(a, "%s%s", began.is_hole ? "<=" : "", most);
    const char *lasted = began.is_hole && !v->is_silent && least_ms >= SECOND_MS ? arena_printf(a, "%s to %s", least, most) : v->short_text;
    v->duration_text = lasted != NULL ? arena_printf(a, "%s%s", lasted, after) : NULL;
    return v->short_text != NULL && v->duration_text != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vlasted_tell(const struct view_loader *l, const struct view_params *p, struct vincident *list, size_t count, struct errctx *ctx)
{
    struct view_frame f = {.cursor_ms = p->cursor_ms};
    struct view_params whole = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading incidents");
    whole.filter = "";
    enum err e = vread_init(vr, l, &whole, ctx), ended = view_ended(l->st, l->arena, &f.ended_ms);
    if (e == ERR_OK && ended != ERR_OK && ended != ERR_NOTFOUND)
        e = errctx_set(ctx, ended, "the store's notes cannot be read: %s", err_name(ended));
    if (e != ERR_OK)
        return e;
    view_recorder(l->st, p->now_ms, &f);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = tell_onset(vr, &list[i]);
        tell_end(vr, !f.recorder_missing, &list[i]);
        tell_counted(l->st, &list[i]);
        if (e == ERR_OK)
            e = tell_text(l->arena, &list[i]);
    }
    return e == ERR_OK ? e : errctx_set(ctx, e, "how long incidents lasted cannot be read: %s", err_name(e));
}
