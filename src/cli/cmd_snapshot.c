/* SPDX-License-Identifier: MIT */
/* gwtop snapshot: an incident's time as a file that opens elsewhere with the same console. The store it is taken from is only read. */
#include "cli/commands.h"

#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

static const int64_t hour_ms = 3600000, most_bytes = INT64_C(512) << 20;

struct asked {
    struct cli_where w;
    const char *incident, *from, *to, *file;
    bool mask;
    int64_t id;
};

struct span {
    int64_t from_ms, to_ms;
    const char *what; /* "#42 gpt-x errors", "12:00:00Z to 14:00:00Z" */
};

/* From an hour before its onset to an hour after its end, and to the last that was said of it; NULL where the arena is full. */
static enum err span_of_incident(struct cli_store *s, int64_t id, struct span *ret, struct errctx *ctx)
{
    struct vincident v;
    struct store_act *acts;
    size_t count;
    enum err e = view_load_incident(&s->loader, &s->params, id, &v, ctx);
    if (e == ERR_OK)
        e = store_acts(s->st, s->now_ms, &s->arena, &acts, &count, ctx);
    if (e != ERR_OK)
        return e;
    const int64_t end = incident_end_ms(&v.in);
    ret->from_ms = (v.in.onset_ms != 0 && v.in.onset_ms < v.in.opened_ms ? v.in.onset_ms : v.in.opened_ms) - hour_ms;
    ret->to_ms = end == 0 || v.in.resolved_ms == 0 ? s->now_ms : instant_later(end, v.in.resolved_ms) + hour_ms;
    for (size_t i = 0; i < count; i++)
        if (acts[i].incident == id && !acts[i].pending)
            ret->to_ms = instant_later(ret->to_ms, instant_later(acts[i].at_ms, acts[i].known_ms));
    ret->to_ms = ret->to_ms < s->now_ms ? ret->to_ms : s->now_ms;
    ret->what = arena_printf(&s->arena, "#%lld %s", (long long)id, v.in.title);
    return ret->what != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
}

static enum err read_instant(const char *option, const char *text, int64_t now_ms, int64_t *ret, struct errctx *ctx)
{
    struct errctx why = {.text = ""};
    return text == NULL || instant_parse(str_of(text), now_ms, ret, &why) == ERR_OK
               ? ERR_OK
               : errctx_set(ctx, ERR_USAGE, "%s: %s", option, why.text);
}

static enum err span_of_time(struct cli_store *s, const struct asked *q, struct span *ret, struct errctx *ctx)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX];

    ret->to_ms = s->now_ms;
    enum err e = read_instant("--from", q->from, s->now_ms, &ret->from_ms, ctx);
    if (e == ERR_OK)
        e = read_instant("--to", q->to, s->now_ms, &ret->to_ms, ctx);
    if (e == ERR_OK && (ret->from_ms >= ret->to_ms || ret->to_ms > s->now_ms))
        e = errctx_set(ctx, ERR_USAGE, "--to: the time must end after it begins, and not after now");
    if (e != ERR_OK)
        return e;
    instant_format_iso(instant_floor(ret->from_ms, 1000), from);
    instant_format_iso(instant_floor(ret->to_ms, 1000), to);
    ret->what = arena_printf(&s->arena, "%s to %s", from, to);
    return ret->what != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory");
}

static enum err put_note(const struct cli_store *s, const struct asked *q, const struct span *span, struct buf *out)
{
    char by[STORE_AUTHOR_MAX];
    struct json w;

    store_act_author(by);
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_string(&w, "by", q->mask ? "" : by);
    json_i64(&w, "made_ms", s->now_ms);
    json_string(&w, "of", span->what);
    json_i64(&w, "from_ms", span->from_ms);
    json_i64(&w, "to_ms", span->to_ms);
    json_i64(&w, "incident", q->id);
    json_bool(&w, "masked", q->mask);
    json_string(&w, "gateway", s->cfg.gateway);
    json_end(&w);
    return w.err;
}

static enum err take(struct cli_store *s, const struct asked *q, const struct span *span, struct store_exported *ret, struct errctx *ctx)
{
    enum { NOTE_MAX = 4096, PRICES_MAX = 4 << 20 };
    const char *path;
    struct str prices = {NULL, 0};
    char ended[32];
    struct buf note;

    buf_init(&note, NOTE_MAX);
    enum err e =
        put_note(s, q, span, &note) == ERR_OK ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "the incident's title is too long for a snapshot");
    if (e == ERR_OK)
        e = config_read_price_list(&s->cfg, PRICES_MAX, &s->arena, &path, &prices, ctx);
    (void)str_format(ended, sizeof ended, "%lld", (long long)span->to_ms);
    const struct store_export_note notes[] = {{STORE_SNAPSHOT_NOTE, buf_str(&note)}, {"ended", str_of(ended)}, {VIEW_PRICES_NOTE, prices}};
    const struct store_export what = {.from_ms = span->from_ms,
                                      .to_ms = span->to_ms,
                                      .max_bytes = most_bytes,
                                      .notes = notes,
                                      .note_count = prices.p != NULL ? 3 : 2,
                                      .mask = q->mask};
    store_snapshot_end(s->st); /* the export has a picture of its own */
    if (e == ERR_OK)
        e = store_export(s->st, q->file, &what, ret, ctx);
    buf_fini(&note);
    return e;
}

static void print_taken(const struct cli_store *s, const struct asked *q, const struct span *span, const struct store_exported *is)
{
    char bytes[NUMFMT_MAX], from[TIMEFMT_MAX], to[TIMEFMT_MAX], raw[TIMEFMT_MAX];

    instant_format_iso(instant_floor(span->from_ms, 1000), from);
    instant_format_iso(instant_floor(span->to_ms, 1000), to);
    instant_format_iso(is->raw_from_ms, raw);
    cli_print(&s->io, "%s: %s of %s, %s to %s\n", q->file, numfmt_bytes((double)is->bytes, bytes), span->what, from, to);
    cli_print(&s->io, "samples since %s%s, sums of 5 min and longer before; facts as known at its end%s\n", raw,
              is->is_thin ? " and of the same time a week before, for more would be too large" : "",
              q->mask ? "; names of teams, keys and users by pseudonyms of this file alone" : "");
    cli_print(&s->io, "open it with: gwtop open %s\n", q->file);
}

static int json_taken(const struct cli_store *s, const struct asked *q, const struct span *span, const struct store_exported *is)
{
    struct buf out;
    struct json w;

    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "file", q->file);
    json_i64(&w, "bytes", is->bytes);
    cli_json_text(&s->io, &w, "of", span->what);
    cli_json_instant(&w, "from", span->from_ms);
    cli_json_instant(&w, "to", span->to_ms);
    cli_json_instant(&w, "samples_from", is->raw_from_ms);
    json_bool(&w, "thin", is->is_thin);
    json_bool(&w, "masked", q->mask);
    json_end(&w);
    return cli_print_json(&s->io, "snapshot", &w, &out);
}

static int run(const struct asked *q, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct store_exported taken;
    struct span span = {.what = ""};
    struct cli_store s;
    int status = EXIT_OK;

    enum err e = cli_open_store(&q->w, &s, io, &ctx);
    if (e == ERR_OK)
        e = q->id != 0 ? span_of_incident(&s, q->id, &span, &ctx) : span_of_time(&s, q, &span, &ctx);
    if (e == ERR_OK)
        e = take(&s, q, &span, &taken, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (q->w.json)
        status = json_taken(&s, q, &span, &taken);
    else
        print_taken(&s, q, &span, &taken);
    cli_close(&s);
    return status;
}

int cmd_snapshot(int argc, char **argv, const struct cli_io *io)
{
    struct asked q = {.mask = false};
    const struct cli_option options[] = {
        {"--incident", CLI_TEXT, &q.incident},
        {"--from", CLI_TEXT, &q.from},
        {"--to", CLI_TEXT, &q.to},
        {"-o", CLI_TEXT, &q.file},
        {"--mask", CLI_FLAG, &q.mask},
        {"--config", CLI_TEXT, &q.w.config},
        {"--store", CLI_TEXT, &q.w.store},
        {"--json", CLI_FLAG, &q.w.json},
        {NULL, CLI_FLAG, NULL},
    };
    struct errctx ctx = {.text = ""};

    int status = cli_options("snapshot", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("snapshot", "--incident", q.incident != NULL, "--from", q.from != NULL || q.to != NULL, io);
    if (status != CLI_GO_ON)
        return status;
    if (q.incident != NULL && !cli_read_incident("snapshot", q.incident, &q.id, io))
        return EXIT_USAGE;
    if (q.incident == NULL && q.from == NULL)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "snapshot: of what? --incident ID, or --from TIME [--to TIME]"), &ctx);
    if (q.file == NULL)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "snapshot: into which file? -o inc42.gwtop"), &ctx);
    return run(&q, io);
}
