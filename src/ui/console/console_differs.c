/* SPDX-License-Identifier: MIT */
/* What differs at the cursor, as a list over the pane; Enter filters every pane by the row, a key takes the next baseline. The rows are
 * read once: the list stands still while it is open. */
#include "ui/console/state.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/plan.h"

/* Columns of the widest row. */
struct widths {
    int measure, now, then;
};

static struct widths widths_of(const struct view_differs *v)
{
    struct widths w = {0, 0, 0};
    for (size_t i = 0; i < v->row_count; i++) {
        const struct part_differ t = part_differ_of(&v->rows[i]);
        w.measure = plan_max(w.measure, (int)strlen(t.measure));
        w.now = plan_max(w.now, (int)strlen(t.now));
        w.then = plan_max(w.then, (int)strlen(t.then));
    }
    return w;
}

/* "fail       98.2% was   5.36%   97%", and " of change" where there is room: with it, most fit 80 columns. */
static void put_numbers(struct arena *a, const struct vdiffer *d, const struct widths *w, struct popup_row *row)
{
    const struct part_differ t = part_differ_of(d);
    row->figures = true;
    row->right = arena_printf(a, "%-*s  %*s was %*s %5s", w->measure, t.measure, w->now, t.now, w->then, t.then, t.share);
    row->tail = isnan(d->share) ? " cancels" : " of change";
}

static enum err read_rows(struct console *c, enum differs_base base, struct errctx *ctx)
{
    struct arena *a = &c->differs_arena;
    struct view_loader l;
    struct view_params p = console_params(c);

    c->differs_rows = NULL;
    struct view_differs_ask ask;
    c->differs = (struct view_differs){.row_count = 0};
    enum err e = console_read_begin(c, a, &l, ctx);
    if (e != ERR_OK)
        return e;
    e = view_differs_against(&l, &p, c->differs_t0_ms, c->differs_t1_ms, base, &ask, ctx);
    if (e == ERR_OK)
        e = view_load_differs(&l, &p, &ask, &c->differs, ctx);
    console_read_end(c);
    const struct widths w = widths_of(&c->differs);
    struct popup_row *rows = e == ERR_OK ? arena_array(a, c->differs.row_count + 1, sizeof *rows) : NULL;
    for (size_t i = 0; rows != NULL && i < c->differs.row_count; i++) {
        char name[FILTER_MAX];
        rows[i].left = arena_strdup(a, str_of(mask_text(c->mask, view_differs_name(&c->differs.rows[i]), name, sizeof name)));
        put_numbers(a, &c->differs.rows[i], &w, &rows[i]);
        if (rows[i].left == NULL || rows[i].right == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    }
    c->differs_rows = rows;
    return e;
}

/* "14:05:00" to "14:06Z": seconds where there are some. */
static const char *clock_of(int64_t at_ms, char out[TIMEFMT_MAX])
{
    instant_format_clock(at_ms, out);
    if (at_ms / 1000 % 60 == 0)
        (void)str_copy(out + 5, 2, str_of("Z"));
    return out;
}

static void name_windows(struct console *c)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], key[32];
    const struct view_differs_ask *ask = &c->differs.ask;

    (void)str_format(c->popup_title, sizeof c->popup_title, "what differs%s, %.*s to %s from %s",
                     c->pane == PANE_QUALITY ? " (not in scores)" : "", (int)strcspn(clock_of(ask->t0_ms, from), "Z"), from,
                     clock_of(ask->t1_ms, to), ask->base_text);
    keymap_keys_of(&c->keymap, ACTION_BASELINE, key, sizeof key);
    (void)str_format(c->popup_hint, sizeof c->popup_hint, "Enter filters, %.*s baseline: %s, Esc closes", (int)strcspn(key, " "), key,
                     view_differs_base_name(ask->base));
}

static unsigned open_list(struct console *c, enum differs_base base)
{
    struct errctx ctx = {.text = ""};

    if (read_rows(c, base, &ctx) != ERR_OK) {
        c->popup = POPUP_NONE;
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    name_windows(c);
    c->popup = POPUP_DIFFERS;
    c->popup_selected = c->popup_scroll = 0;
    return TURN_DRAW;
}

unsigned console_differs(struct console *c, enum differs_base base)
{
    const struct vcell *cell = console_cell_is_on(c) && c->has_view ? &c->view.latency.cell : NULL;

    if (c->st == NULL || !c->has_frame) {
        console_say(c, FRAME_MESSAGE_INFO, "nothing has been read yet");
        return TURN_DRAW;
    }
    c->differs_t0_ms = cell != NULL && cell->on ? cell->t0_ms : 0;
    c->differs_t1_ms = cell != NULL && cell->on ? cell->t1_ms : 0;
    return open_list(c, base);
}

static unsigned next_baseline(struct console *c)
{
    const int next = (int)c->differs.ask.base + 1;
    return open_list(c, next < DIFFERS_BASES ? (enum differs_base)next : DIFFERS_BEFORE);
}

unsigned console_differs_key(struct console *c, uint32_t key)
{
    const int rows = (int)c->differs.row_count;
    enum action a;

    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    switch (a) {
    case ACTION_ENTER:
        c->popup = POPUP_NONE;
        return rows == 0 ? TURN_DRAW : console_set_filter(c, c->differs.rows[c->popup_selected].what) | TURN_DRAW;
    case ACTION_BASELINE: return next_baseline(c);
    case ACTION_LEAVE:
    case ACTION_QUIT:
    case ACTION_DIFFERS: c->popup = POPUP_NONE; break;
    case ACTION_DOWN: c->popup_selected = rows > 0 ? (c->popup_selected + 1) % rows : 0; break;
    case ACTION_UP: c->popup_selected = rows > 0 ? (c->popup_selected + rows - 1) % rows : 0; break;
    case ACTION_TOP: c->popup_selected = 0; break;
    case ACTION_BOTTOM: c->popup_selected = rows > 0 ? rows - 1 : 0; break;
    default: return TURN_NOTHING;
    }
    return TURN_DRAW;
}
