/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <string.h>

#include "base/clock.h"
#include "base/timefmt.h"
#include "ui/draw/mask.h"

enum { ARENA_MAX = 512 << 20 };

int cli_fail(const struct cli_io *io, enum err e, const struct errctx *ctx)
{
    fprintf(io->err, "gwtop: %s\n", errctx_text(ctx, e));
    return e == ERR_CONFIG || e == ERR_USAGE ? EXIT_USAGE : e == ERR_NODATA ? EXIT_UNKNOWN : EXIT_FAILED;
}

/* A duration, or an instant to begin at. */
static enum err read_since(const char *since, struct view_params *p, struct errctx *ctx)
{
    struct errctx why = {.text = ""};
    int64_t from;
    if (duration_parse(str_of(since), &p->window_ms, NULL) != ERR_OK) {
        if (instant_parse(str_of(since), p->cursor_ms, &from, &why) != ERR_OK)
            return errctx_set(ctx, ERR_USAGE, "--since: expected a duration like 3h or 7d, or a %s", why.text);
        p->window_ms = p->cursor_ms - from;
    }
    return p->window_ms > 0 ? ERR_OK : errctx_set(ctx, ERR_USAGE, "--since: '%s' leaves no time before the cursor", since);
}

enum err cli_read_dims(const char *by, size_t max, enum dim *ret, size_t *ret_count, struct errctx *ctx)
{
    size_t n = 0;
    for (const char *at = by;; at++) {
        const struct str word = {at, strcspn(at, ",")};
        enum dim d;
        if (!dim_by_name(word, &d))
            return errctx_set(ctx, ERR_USAGE, "--by: expected model, provider, deployment, region, team, key or route, got '%.*s'",
                              (int)word.n, word.p);
        for (size_t i = 0; i < n; i++)
            if (ret[i] == d)
                return errctx_set(ctx, ERR_USAGE, "--by: %s stands twice in '%s'", dim_name(d), by);
        if (n == max)
            return errctx_set(ctx, ERR_USAGE, "--by: at most %zu dimension%s, got '%s'", max, max == 1 ? "" : "s", by);
        ret[n++] = d;
        at += word.n;
        if (*at == '\0')
            break;
    }
    *ret_count = n;
    return ERR_OK;
}

static enum err read_params(const struct cli_where *w, struct cli_store *s, struct view_params *p, struct errctx *ctx)
{
    size_t one;
    enum err e = view_params_at(p, w->at, s->now_ms, ctx);
    if (e == ERR_OK && w->since != NULL)
        e = read_since(w->since, p, ctx);
    if (e == ERR_OK && w->by != NULL)
        e = cli_read_dims(w->by, 1, &p->group, &one, ctx);
    if (e != ERR_OK)
        return e;
    struct store_filter f;
    return view_filter_parse(p->filter, s->st, &s->arena, &f, ctx);
}

static enum err open_store(const struct cli_where *w, struct cli_store *s, struct errctx *ctx)
{
    struct clock clock = clock_system();
    bool found;

    enum err e = config_load(w->config, &s->cfg, &found, ctx);
    if (e != ERR_OK)
        return e;
    const char *path = w->store != NULL ? w->store : s->cfg.store;
    e = view_open_store(path, &s->st, ctx);
    if (e == ERR_NOTFOUND && s->cfg.source_count == 0 && w->store == NULL)
        return view_nothing_recorded(path, ctx);
    if (e == ERR_OK)
        e = store_snapshot_begin(s->st, ctx); /* a report is of one moment; store_close ends it */
    if (e == ERR_OK)
        e = store_refresh(s->st, ctx);
    if (e == ERR_OK)
        view_take_config(s->st, &s->cfg);
    if (e == ERR_OK)
        s->now_ms = view_now(s->st, clock_wall_ms(&clock), &s->ended);
    return e;
}

static enum err open_params(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *s, const struct cli_io *io,
                            struct errctx *ctx)
{
    memset(s, 0, sizeof *s);
    arena_init(&s->arena, ARENA_MAX);
    s->io = *io;
    s->params = (struct view_params){.window_ms = window_ms,
                                     .columns = VIEW_COLUMNS,
                                     .now_window_ms = VIEW_NOW_WINDOW_MS,
                                     .compare_ms = VIEW_COMPARE_MS,
                                     .group = group,
                                     .filter = w->filter != NULL ? w->filter : ""};
    enum err e = open_store(w, s, ctx);
    s->io.mask = s->cfg.mask_names;
    s->loader = (struct view_loader){.st = s->st, .cfg = &s->cfg, .arena = &s->arena, .scratch = &s->arena};
    s->loader.memo = arena_array(&s->arena, 1, sizeof *s->loader.memo); /* frame and overview point at whom they find */
    return e == ERR_OK ? read_params(w, s, &s->params, ctx) : e;
}

enum err cli_open_store(const struct cli_where *w, struct cli_store *s, const struct cli_io *io, struct errctx *ctx)
{
    return open_params(w, DIM_MODEL, VIEW_NOW_WINDOW_MS, s, io, ctx);
}

enum err cli_open_frame(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *s, const struct cli_io *io,
                        struct errctx *ctx)
{
    const enum err e = open_params(w, group, window_ms, s, io, ctx);
    return e == ERR_OK ? view_load_frame(&s->loader, &s->params, &s->frame, ctx) : e;
}

enum err cli_open(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *s, const struct cli_io *io,
                  struct errctx *ctx)
{
    char masked[sizeof ctx->text];
    enum err e = open_params(w, group, window_ms, s, io, ctx);

    if (e == ERR_OK)
        e = view_load_header(&s->loader, &s->params, &s->frame, ctx);
    if (e != ERR_OK || !s->frame.verdict.nothing)
        return e;
    if (w->json)
        cli_json_nothing(s);
    return errctx_set(ctx, ERR_NODATA, "%s", mask_text(s->io.mask, s->frame.verdict.sentence, masked, sizeof masked));
}

void cli_close(struct cli_store *s)
{
    store_close(s->st);
    config_fini(&s->cfg);
    arena_fini(&s->arena);
}
