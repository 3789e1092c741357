/* SPDX-License-Identifier: MIT */
/* What differs at the cursor, as a list over the pane; Enter filters every pane by the row. The rows are read once: the list stands still while it is open. */
#include "ui/console/state.h"

#include <math.h>
#include <string.h>

#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

/* "fail %        98.2  was   5.36   97% of the change" */
static const char *numbers_of(struct arena *a, const struct vdiffer *d)
{
    char now[NUMFMT_MAX], then[NUMFMT_MAX], share[NUMFMT_MAX];
    (void)str_copy(then, sizeof then, str_of(isnan(d->then.v) ? "none" : numfmt_vnum(&d->then, now)));
    (void)str_copy(share, sizeof share, str_of(isnan(d->share) ? "" : numfmt_share(d->share, now)));
    return arena_printf(a, "%-11s %7s  was %6s  %5s%s", d->measure, numfmt_vnum(&d->now, now), then, share,
                        share[0] != '\0' ? " of the change" : "");
}

static enum err read_rows(struct console *c, struct errctx *ctx)
{
    struct arena *a = &c->differs_arena;
    struct view_loader l = {.st = c->st, .cfg = &c->cfg, .arena = a};
    struct view_params p = console_params(c);

    arena_reset(a);
    c->differs_rows = NULL;
    struct view_differs_ask ask;
    enum err e = store_snapshot_begin(c->st, ctx);
    if (e != ERR_OK)
        return e;
    e = view_differs_usual(&l, &p, &ask, ctx);
    if (e == ERR_OK)
        e = view_load_differs(&l, &p, &ask, &c->differs, ctx);
    store_snapshot_end(c->st);
    struct popup_row *rows = e == ERR_OK ? arena_array(a, c->differs.row_count + 1, sizeof *rows) : NULL;
    for (size_t i = 0; rows != NULL && i < c->differs.row_count; i++) {
        char name[FILTER_MAX];
        rows[i].left = arena_strdup(a, str_of(mask_text(c->mask, c->differs.rows[i].what, name, sizeof name)));
        rows[i].right = numbers_of(a, &c->differs.rows[i]);
        if (rows[i].left == NULL || rows[i].right == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    }
    c->differs_rows = rows;
    return e;
}

unsigned console_differs(struct console *c)
{
    struct errctx ctx = {.text = ""};

    if (c->st == NULL || !c->has_frame) {
        console_say(c, FRAME_MESSAGE_INFO, "nothing has been read yet");
        return TURN_DRAW;
    }
    enum err e = read_rows(c, &ctx);
    if (e != ERR_OK || c->differs.row_count == 0) {
        console_say(c, e != ERR_OK ? FRAME_MESSAGE_ERROR : FRAME_MESSAGE_INFO, "%s", e != ERR_OK ? ctx.text : c->differs.sentence);
        return TURN_DRAW;
    }
    (void)str_format(c->popup_title, sizeof c->popup_title, "what differs from %s", c->differs.ask.base_text);
    c->popup = POPUP_DIFFERS;
    c->popup_selected = c->popup_scroll = 0;
    return TURN_DRAW;
}

unsigned console_differs_key(struct console *c, uint32_t key)
{
    const int rows = (int)c->differs.row_count;
    enum action a;

    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    switch (a) {
    case ACTION_ENTER: c->popup = POPUP_NONE; return console_set_filter(c, c->differs.rows[c->popup_selected].what) | TURN_DRAW;
    case ACTION_LEAVE:
    case ACTION_QUIT:
    case ACTION_DIFFERS: c->popup = POPUP_NONE; break;
    case ACTION_DOWN: c->popup_selected = (c->popup_selected + 1) % rows; break;
    case ACTION_UP: c->popup_selected = (c->popup_selected + rows - 1) % rows; break;
    case ACTION_TOP: c->popup_selected = 0; break;
    case ACTION_BOTTOM: c->popup_selected = rows - 1; break;
    default: return TURN_NOTHING;
    }
    return TURN_DRAW;
}
