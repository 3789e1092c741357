/* SPDX-License-Identifier: MIT */
#include "view/vfilter.h"

enum err view_load_events(const struct view_loader *l, const struct view_params *p, struct view_events *ret, struct errctx *ctx)
{
    /* A day at least: what changed before a page is looked for further back than the charts reach. */
    static const int64_t day = 86400000;
    int64_t reach = p->window_ms > day ? p->window_ms : day;
    struct event *events;
    size_t count;

    enum err e = vfilter_events(l, p, p->cursor_ms - reach, p->cursor_ms, &events, &count, ctx);
    if (e != ERR_OK)
        return e;
    struct event *newest_first = arena_array(l->arena, count + 1, sizeof *newest_first);
    if (newest_first == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading events");
    for (size_t i = 0; i < count; i++)
        newest_first[i] = events[count - 1 - i];
    *ret = (struct view_events){.events = newest_first, .count = count, .t0_ms = p->cursor_ms - reach, .t1_ms = p->cursor_ms};
    return ERR_OK;
}
