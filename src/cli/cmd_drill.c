/* SPDX-License-Identifier: MIT */
/* gwtop drill --end: what an exercise came to. The rest of `gwtop drill` is gwtop-sim's, which runs it and wrote down the truth beside the
 * store. */
#include "cli/commands.h"

#include <string.h>

#include "base/jsontree.h"
#include "base/timefmt.h"
#include "config/locate.h"
#include "model/drill.h"
#include "ui/draw/numfmt.h"

enum { TRUTH_MAX_BYTES = 1 << 20 };

/* Names beside a store, as gwtop-sim gives them: those of a --store FILE, and those of the drill's own folder. */
static const char *const forms[] = {".demo", ""};

struct drill {
    struct cli_where where;
    const char *truth_path;
    struct drill_truth truth;
    struct drill_sign *signs;
    struct drill_act *acts;
    size_t sign_count, act_count;
};

/* $XDG_STATE_HOME/gwtop/drill/drill.db */
static enum err own_store(struct arena *a, const char **ret, struct errctx *ctx)
{
    char path[LOCATE_PATH_MAX];
    enum err e = locate_own_store(path, sizeof path, ctx);
    if (e != ERR_OK)
        return e;
    *strrchr(path, '/') = '\0';
    *ret = arena_printf(a, "%s/drill/drill.db", path);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for the drill");
}

/* Finds the truth, and the configuration beside it; reads the former. */
static enum err find(struct drill *d, struct arena *a, struct str *ret, struct errctx *ctx)
{
    enum err e = d->where.store != NULL ? ERR_OK : own_store(a, &d->where.store, ctx);
    struct str stem = e == ERR_OK ? str_of(d->where.store) : (struct str){"", 0};
    stem.n -= str_has_suffix(stem, ".db") ? 3 : 0;
    for (size_t i = 0; e == ERR_OK && i < sizeof forms / sizeof *forms; i++) {
        d->truth_path = arena_printf(a, "%.*s%s-truth.json", (int)stem.n, stem.p, forms[i]);
        const char *config = arena_printf(a, "%.*s%s.yaml", (int)stem.n, stem.p, forms[i]);
        if (d->truth_path == NULL || config == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for the drill");
        e = locate_read_data(d->truth_path, TRUTH_MAX_BYTES, a, ret, ctx);
        d->where.config = d->where.config == NULL && e == ERR_OK ? config : d->where.config;
        if (e != ERR_NOTFOUND)
            return e;
        e = ERR_OK;
    }
    return e != ERR_OK ? e
                       : errctx_set(ctx, ERR_NOTFOUND, "there is no drill beside %s; `gwtop drill` begins one, --store names another",
                                    d->where.store);
}

static const char *text_of(const struct jsontree *n, const char *key, struct arena *a)
{
    const struct jsontree *m = jsontree_get(n, key);
    const char *text = m != NULL && m->kind == JSONTREE_STRING ? arena_strdup(a, m->text) : "";
    return text != NULL ? text : "";
}

static int64_t instant_of(const struct jsontree *n, const char *key)
{
    const struct jsontree *m = jsontree_get(n, key);
    int64_t ms = 0;
    return m != NULL && m->kind == JSONTREE_NUMBER && str_to_i64(m->text, &ms) ? ms : 0;
}

/* The first incident is what the drill is about; what else the history holds is for practice. */
static enum err read_truth(struct drill *d, struct str text, struct arena *a, struct errctx *ctx)
{
    const struct jsontree *root;
    struct errctx why = {""};
    enum err e = jsontree_parse(text, a, &root, &why);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "%s: %s", d->truth_path, why.text);
    const struct jsontree *list = jsontree_get(root, "incidents"), *in = list != NULL ? list->child : NULL;
    struct drill_truth *t = &d->truth;
    *t = (struct drill_truth){.scenario = text_of(in, "scenario", a),
                              .what = text_of(in, "what", a),
                              .scope = text_of(in, "scope", a),
                              .component = {text_of(in, "component", a)},
                              .onset_ms = instant_of(in, "onset_ms"),
                              .ended_ms = instant_of(in, "ended_ms")};
    const struct jsontree *also = jsontree_get(in, "also"), *n = also != NULL ? also->child : NULL;
    for (size_t i = 1; i < DRILL_ALIASES && n != NULL; i++, n = n->next)
        t->component[i] = arena_strdup(a, n->text);
    return t->onset_ms > 0 && t->component[0][0] != '\0'
               ? ERR_OK
               : errctx_set(ctx, ERR_PARSE, "%s says of no incident what it is of and when it began", d->truth_path);
}

static enum err read_acts(struct drill *d, struct cli_store *s, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    enum err e = store_acts(s->st, s->params.cursor_ms, &s->arena, &acts, &count, ctx);
    if (e != ERR_OK)
        return e;
    d->acts = arena_array(&s->arena, count + 1, sizeof *d->acts);
    if (d->acts == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what was said");
    for (size_t i = 0; i < count; i++) {
        enum act_verb verb;
        if (act_verb_by_name(acts[i].verb, &verb))
            d->acts[d->act_count++] = (struct drill_act){verb, acts[i].at_ms, acts[i].author, acts[i].text};
    }
    return ERR_OK;
}

static enum err read_signs(struct drill *d, struct cli_store *s, struct errctx *ctx)
{
    struct alert *alerts;
    struct event *events;
    size_t count, event_count;
    enum err e = store_alert_history(s->st, d->truth.onset_ms, s->params.cursor_ms, s->params.cursor_ms, &s->arena, &alerts, &count, ctx);
    if (e == ERR_OK)
        e = store_events(s->st, d->truth.onset_ms, s->params.cursor_ms, s->params.cursor_ms, &s->arena, &events, &event_count, ctx);
    if (e != ERR_OK)
        return e;
    d->signs = arena_array(&s->arena, count + event_count + s->frame.finding_count + 1, sizeof *d->signs);
    if (d->signs == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what was found");
    for (size_t i = 0; i < count; i++)
        if (alert_is_firing_rule(&alerts[i]) && alerts[i].severity != SEV_PAGE) /* what pages may wait before it does */
            d->signs[d->sign_count++] = (struct drill_sign){alerts[i].known_ms, alerts[i].scope, false};
    for (size_t i = 0; i < s->frame.finding_count; i++)
        d->signs[d->sign_count++] = (struct drill_sign){s->frame.findings[i].since_ms, s->frame.findings[i].scope, false};
    for (size_t i = 0; i < event_count; i++) {
        if (events[i].kind == EVENT_SOURCE || events[i].kind == EVENT_PAGE)
            d->signs[d->sign_count++] = (struct drill_sign){
                events[i].known_ms, events[i].kind == EVENT_PAGE ? events[i].scope : events[i].text, events[i].kind == EVENT_PAGE};
    }
    return ERR_OK;
}

/* "4m10s", of what was before it "-"; it is counted by the drill's own clock. */
static const char *since(const struct drill *d, int64_t at_ms, char room[TIMEFMT_MAX])
{
    if (at_ms == 0)
        return "-";
    duration_format(instant_floor(at_ms, 1000) - instant_floor(d->truth.onset_ms, 1000), room);
    return room;
}

static void print(const struct drill *d, const struct drill_score *v, const struct cli_store *s)
{
    static const char *const heads[] = {"what", "after the onset", "points", "by, or why not"};
    const struct drill_truth *t = &d->truth;
    struct cli_table table;
    char at[TIMEFMT_MAX], end[TIMEFMT_MAX], room[TIMEFMT_MAX];
    instant_format_iso(instant_floor(t->onset_ms, 1000), at);
    instant_format_iso(instant_floor(t->ended_ms, 1000), end);
    cli_print(&s->io, "drill %s: %s\n", t->scenario, t->what);
    cli_print(&s->io, "it came from %s", t->component[0]);
    for (size_t i = 1; i < DRILL_ALIASES && t->component[i] != NULL; i++)
        cli_print(&s->io, "%s%s", i == 1 ? ", which is " : " or ", t->component[i]);
    cli_print(&s->io, ", and hit %s, from %s %s%s\n\n", t->scope, at, t->ended_ms != 0 ? "to " : "on", t->ended_ms != 0 ? end : "");
    cli_table_init(&table, &s->io, 4, 0x2);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < DRILL_STEPS; i++) {
        const struct drill_line *l = &v->line[i];
        cli_table_cell(&table, "%s", l->what);
        cli_table_cell(&table, "%s", since(d, l->at_ms, room));
        if (l->out_of > 0)
            cli_table_cell(&table, "%u of %u", l->points, l->out_of);
        else
            cli_table_cell(&table, "-");
        cli_table_cell(&table, "%s", l->note);
    }
    cli_table_print(&table);
    cli_print(&s->io, "\n%u of %u points\n", v->points, v->out_of);
}

static int print_json(const struct drill *d, const struct drill_score *v, const struct cli_store *s)
{
    const struct drill_truth *t = &d->truth;
    struct buf out;
    struct json w;
    cli_json_report(&w, &out, s);
    json_string(&w, "scenario", t->scenario);
    json_string(&w, "what", t->what);
    json_array(&w, "components");
    for (size_t i = 0; i < DRILL_ALIASES && t->component[i] != NULL; i++)
        json_string(&w, NULL, t->component[i]);
    json_end(&w);
    json_string(&w, "scope", t->scope);
    cli_json_instant(&w, "onset", t->onset_ms);
    cli_json_instant(&w, "ended", t->ended_ms);
    json_array(&w, "steps");
    for (size_t i = 0; i < DRILL_STEPS; i++) {
        const struct drill_line *l = &v->line[i];
        json_object(&w, NULL);
        json_string(&w, "what", l->what);
        cli_json_instant(&w, "at", l->at_ms);
        if (l->at_ms != 0)
            json_f64(&w, "after_onset_s", (double)(l->at_ms - t->onset_ms) / 1000);
        else
            json_null(&w, "after_onset_s");
        json_i64(&w, "points", l->points);
        json_i64(&w, "out_of", l->out_of);
        cli_json_text(&s->io, &w, "note", l->note);
        json_end(&w);
    }
    json_end(&w);
    json_i64(&w, "points", v->points);
    json_i64(&w, "out_of", v->out_of);
    json_end(&w);
    return cli_print_json(&s->io, "drill", &w, &out);
}

/* Before the onset there is nothing to score, and nothing to tell. */
static enum err check_begun(const struct drill *d, const struct cli_store *s, struct errctx *ctx)
{
    return s->params.cursor_ms >= d->truth.onset_ms
               ? ERR_OK
               : errctx_set(ctx, ERR_NODATA, "nothing was broken yet: the drill was ended before its incident began");
}

int cmd_drill(int argc, char **argv, const struct cli_io *io)
{
    struct drill d = {.where = {.config = NULL}};
    struct drill_score score;
    bool end = false;
    const struct cli_option options[] = {{"--end", CLI_FLAG, &end},
                                         {"--at", CLI_TEXT, &d.where.at},
                                         {"--config", CLI_TEXT, &d.where.config},
                                         {"--store", CLI_TEXT, &d.where.store},
                                         {"--json", CLI_FLAG, &d.where.json},
                                         {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct arena room;
    struct cli_store s;
    struct str text;

    int status = cli_options("drill", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    arena_init(&room, 4 * TRUTH_MAX_BYTES);
    enum err e = find(&d, &room, &text, &ctx);
    if (e == ERR_OK)
        e = read_truth(&d, text, &room, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
        arena_fini(&room);
        return status;
    }
    e = cli_open_frame(&d.where, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = check_begun(&d, &s, &ctx);
    if (e == ERR_OK)
        e = read_acts(&d, &s, &ctx);
    if (e == ERR_OK)
        e = read_signs(&d, &s, &ctx);
    if (e == ERR_OK)
        drill_score(&d.truth, d.signs, d.sign_count, d.acts, d.act_count, s.params.cursor_ms, &score);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (d.where.json)
        status = print_json(&d, &score, &s);
    else
        print(&d, &score, &s);
    cli_close(&s);
    arena_fini(&room);
    return status;
}
