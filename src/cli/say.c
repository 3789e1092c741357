/* SPDX-License-Identifier: MIT */
#include "cli/say.h"

#include "base/clock.h"

static const char *path_of(const struct cli_where *w, const struct cli_store *s)
{
    return w->store != NULL ? w->store : s->cfg.store; /* also while the ring store serves: acts lie beside the file */
}

enum err cli_say(const struct cli_where *w, struct cli_store *s, enum act_verb verb, int64_t incident, const char *text, struct errctx *ctx)
{
    struct clock clock = clock_system();
    if (s->ended)
        return errctx_set(ctx, ERR_READONLY, "this recording has ended: nobody would take it in");
    enum err e = store_act_drop(path_of(w, s), act_verb_name(verb), incident, text, s->now_ms, ctx);
    if (e != ERR_OK)
        return e;
    store_snapshot_end(s->st);
    s->now_ms = view_now(s->st, clock_wall_ms(&clock), &s->ended);
    s->params.now_ms = s->params.cursor_ms = s->now_ms;
    return store_refresh(s->st, ctx);
}

static bool is_recorded(const struct cli_where *w, const struct cli_store *s)
{
    return store_recorder_pid(path_of(w, s)) != 0;
}

const char *cli_say_pending(const struct cli_where *w, const struct cli_store *s)
{
    return is_recorded(w, s) ? "pending until the recorder takes it in" : "kept until a recorder runs: none does now";
}

void cli_json_pending(struct json *w, const struct cli_where *where, const struct cli_store *s)
{
    cli_json_instant(w, "said", s->params.cursor_ms);
    json_bool(w, "recorder_running", is_recorded(where, s));
}
