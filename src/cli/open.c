/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <string.h>

#include "base/clock.h"
#include "base/timefmt.h"

enum { ARENA_MAX = 512 << 20, AXIS_COLUMNS = 60 };
static const int64_t now_window_ms = 300000, week_ms = 7 * 86400000;

int cli_fail(const struct cli_io *io, enum err e, const struct errctx *ctx)
{
    fprintf(io->err, "gwtop: %s\n", ctx->text[0] != '\0' ? ctx->text : err_name(e));
    return e == ERR_CONFIG || e == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static enum err read_params(const struct cli_where *w, struct cli_store *s, struct view_params *p, struct errctx *ctx)
{
    enum err e = ERR_OK;
    p->cursor_ms = s->now_ms;
    p->now_ms = s->now_ms;
    if (w->at != NULL) {
        e = instant_parse(str_of(w->at), s->now_ms, &p->cursor_ms, ctx);
        if (e != ERR_OK)
            return ERR_USAGE;
        p->live = p->cursor_ms >= s->now_ms;
        p->cursor_ms = p->live ? s->now_ms : p->cursor_ms;
    } else {
        p->live = true;
    }
    if (w->since != NULL) { /* a duration, or an instant to begin at */
        int64_t from;
        if (duration_parse(str_of(w->since), &p->window_ms, NULL) != ERR_OK) {
            e = instant_parse(str_of(w->since), p->cursor_ms, &from, ctx);
            if (e != ERR_OK)
                return ERR_USAGE;
            p->window_ms = p->cursor_ms - from;
        }
        if (p->window_ms <= 0)
            return errctx_set(ctx, ERR_USAGE, "--since: '%s' leaves no time before the cursor", w->since);
    }
    if (w->by != NULL && !dim_by_name(str_of(w->by), &p->group))
        return errctx_set(ctx, ERR_USAGE, "--by: expected model, provider, deployment, region, team, key or route, got '%s'", w->by);
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
    e = store_open_reader(w->store != NULL ? w->store : s->cfg.store, &s->st, ctx);
    if (e == ERR_OK)
        e = store_refresh(s->st, ctx);
    if (e == ERR_OK)
        s->now_ms = view_now(s->st, clock_wall_ms(&clock), &s->ended);
    return e;
}

int cli_open(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *ret, struct view_params *ret_params, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct cli_store s;
    struct view_params p = {.window_ms = window_ms, .columns = AXIS_COLUMNS, .now_window_ms = now_window_ms, .compare_ms = week_ms, .group = group,
                            .filter = w->filter != NULL ? w->filter : ""};

    memset(&s, 0, sizeof s);
    arena_init(&s.arena, ARENA_MAX);
    enum err e = open_store(w, &s, &ctx);
    if (e == ERR_OK)
        e = read_params(w, &s, &p, &ctx);
    if (e != ERR_OK) {
        cli_close(&s);
        return cli_fail(io, e, &ctx);
    }
    *ret = s;
    ret->loader = (struct view_loader){.st = ret->st, .cfg = &ret->cfg, .arena = &ret->arena};
    *ret_params = p;
    return EXIT_OK;
}

void cli_close(struct cli_store *s)
{
    store_close(s->st);
    config_fini(&s->cfg);
    arena_fini(&s->arena);
}
