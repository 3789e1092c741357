/* SPDX-License-Identifier: MIT */
#include "view/vfeeds.h"

enum err vfeeds_load(const struct view_loader *l, int64_t cursor_ms, struct vfeeds *ret, struct errctx *ctx)
{
    struct source_status *list;
    struct vfeeds f = {.unread = ""};
    size_t count;
    enum err e = store_sources(l->st, cursor_ms, l->arena, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (!outside_is_kind(list[i].kind) || list[i].state == SOURCE_STOPPED)
            continue;
        f.count++;
        if (list[i].state == SOURCE_OK)
            continue;
        f.unread = arena_printf(l->arena, "%s%s%s (%s%s%s)", f.unread, f.unread[0] != '\0' ? ", " : "", list[i].name,
                                source_state_name(list[i].state), list[i].reason[0] != '\0' ? ": " : "", list[i].reason);
        if (f.unread == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources of alerts");
    }
    if (e == ERR_OK)
        *ret = f;
    return e;
}

const char *vfeeds_what_pages(const struct vfeeds *f, bool has_budget)
{
    if (f->count > 0)
        return has_budget ? "nothing but a budget and alerts from outside can page" : "nothing but alerts from outside can page";
    return has_budget ? "nothing but a budget can page" : "nothing can page";
}
