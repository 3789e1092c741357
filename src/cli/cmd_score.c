/* SPDX-License-Identifier: MIT */
/* gwtop score: a team's own evaluations. Scores are handed in as a file beside the store, so that no recorder need run, and one that does
 * takes them in within seconds; what this command has reported is on the disk. */
#include "cli/commands.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/timefmt.h"

enum {
    LINE_MAX_BYTES = 64 << 10,
    FILE_BYTES = STORE_SCORE_FILE_MAX - (64 << 10), /* a file is full then */
    HELD_BYTES = 64 << 20,                          /* so much is put in the order of its times before it is written */
    SAID_MAX = 20,                                  /* wrong lines that are told one by one */
};

/* A score's line. */
struct held {
    int64_t t_ms;
    size_t at, n; /* in lines */
};

struct handing {
    const struct cli_io *io;
    const struct config *cfg;
    const char *store;
    int64_t now_ms;
    struct buf lines; /* not written yet */
    struct held *held;
    size_t waiting, room, done; /* scores in held, room there; that are on the disk */
    int64_t files;              /* that were written */
    size_t wrong;
    struct arena arena;
};

static int by_time(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->t_ms != y->t_ms)
        return x->t_ms < y->t_ms ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Files are taken in by the order of their names, and detectors look at scores in the order of their times: so they are written in it. */
static enum err write_held(struct handing *h, struct errctx *ctx)
{
    struct buf file;
    enum err e = ERR_OK;
    size_t done = 0;
    if (h->waiting == 0)
        return ERR_OK;
    qsort(h->held, h->waiting, sizeof *h->held, by_time);
    buf_init(&file, STORE_SCORE_FILE_MAX);
    for (size_t i = 0; e == ERR_OK && i < h->waiting; i++) {
        e = buf_append(&file, h->lines.data + h->held[i].at, h->held[i].n);
        if (e != ERR_OK || (file.len < FILE_BYTES && i + 1 < h->waiting))
            continue;
        e = store_scores_drop(h->store, buf_str(&file), h->now_ms + h->files++, ctx);
        h->done += e == ERR_OK ? i + 1 - done : 0;
        done = i + 1;
        buf_reset(&file);
    }
    buf_fini(&file);
    h->waiting = 0;
    buf_reset(&h->lines);
    return e;
}

/* What would not count is said now, and not found out by the recorder. */
static enum err check(const struct handing *h, const struct score_told *s, struct errctx *ctx)
{
    struct score_count count;
    const char *why;
    if (s->t_ms > h->now_ms + SCORE_AHEAD_MS)
        return errctx_set(ctx, ERR_USAGE, "its time lies in the future");
    if (s->t_ms < h->now_ms - SCORE_OWN_MS)
        return errctx_set(ctx, ERR_USAGE, "its time is more than 30 days ago");
    if (!score_counts(s, score_rule_of(h->cfg->scores, h->cfg->score_count, s->name), &count, &why))
        return errctx_set(ctx, ERR_USAGE, "%.*s %s", (int)s->name.n, s->name.p, why);
    return ERR_OK;
}

/* Errors: ERR_USAGE, ERR_PARSE: this one is wrong. Others: it could not be written. */
static enum err hand_in(struct handing *h, struct score_told *s, struct errctx *ctx)
{
    char id[40];
    struct json w;
    enum err e = check(h, s, ctx);
    if (e != ERR_OK)
        return e;
    if (s->id.n == 0) { /* its own, so that its file may be read twice */
        (void)str_format(id, sizeof id, "%016llx%016llx", (unsigned long long)hash_random_key(), (unsigned long long)hash_random_key());
        s->id = str_of(id);
    }
    if (h->waiting == h->room) {
        const size_t room = h->room == 0 ? 256 : 2 * h->room;
        struct held *held = realloc(h->held, room * sizeof *held);
        if (held == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for scores");
        h->held = held;
        h->room = room;
    }
    const size_t at = h->lines.len;
    json_begin(&w, &h->lines, false);
    score_to_json(&w, s);
    e = w.err == ERR_OK ? buf_append_char(&h->lines, '\n') : w.err;
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for scores");
    h->held[h->waiting++] = (struct held){s->t_ms, at, h->lines.len - at};
    return h->lines.len >= HELD_BYTES ? write_held(h, ctx) : ERR_OK;
}

static enum err take_line(struct handing *h, struct str line, struct errctx *ctx)
{
    const struct jsontree *o;
    struct score_told s;
    arena_reset(&h->arena);
    struct errctx why = {.text = ""};
    enum err e = jsontree_parse(line, &h->arena, &o, &why);
    const char *colon = strchr(why.text, ':');
    if (e != ERR_OK) /* its own number of the line is always 1 */
        e = errctx_set(ctx, e, "no JSON: %s", colon != NULL ? colon + 2 : why.text);
    else
        e = score_from_json(o, h->now_ms, &s, ctx);
    return e == ERR_OK ? hand_in(h, &s, ctx) : e == ERR_NOMEM ? ERR_PARSE : e;
}

static void say_wrong(struct handing *h, size_t number, const char *why)
{
    if (h->wrong++ < SAID_MAX)
        fprintf(h->io->err, "gwtop score: line %zu: %s\n", number, why);
}

static bool is_blank(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (strchr(" \t\r", line.p[i]) == NULL)
            return false;
    return true;
}

/* Lines that are wrong are told, and the others count. */
static enum err take_lines(struct handing *h, FILE *in, struct errctx *ctx)
{
    struct buf line;
    enum err e = ERR_OK;
    size_t number = 0;
    bool too_long = false;
    buf_init(&line, LINE_MAX_BYTES);
    for (int c = 0; e == ERR_OK && c != EOF;) {
        c = getc(in);
        if (c != '\n' && c != EOF) {
            too_long = too_long || buf_append_char(&line, (char)c) != ERR_OK;
            continue;
        }
        const struct str text = {line.len > 0 ? line.data : "", line.len};
        struct errctx why = {.text = ""};
        number += c == '\n' || text.n > 0;
        enum err is = is_blank(text) && !too_long ? ERR_OK
                      : too_long                  ? errctx_set(&why, ERR_PARSE, "is longer than %d bytes", LINE_MAX_BYTES)
                                                  : take_line(h, text, &why);
        if (is == ERR_PARSE || is == ERR_USAGE)
            say_wrong(h, number, why.text);
        else if (is != ERR_OK)
            e = errctx_set(ctx, is, "%s", why.text);
        buf_reset(&line);
        too_long = false;
    }
    if (e == ERR_OK && ferror(in))
        e = errctx_set(ctx, ERR_IO, "standard input: %s", strerror(errno));
    buf_fini(&line);
    return e;
}

struct score_args {
    const char *store, *config, *model, *judge, *at, *id;
};

static enum err take_one(struct handing *h, const struct cli_words *w, const struct score_args *a, struct errctx *ctx)
{
    const char *value = w->at[1];
    struct score_told s = {.name = str_of(w->at[0]), .t_ms = h->now_ms, .better = SCORE_UNTOLD};
    if (s.name.n == 0 || s.name.n > SCORE_NAME_MAX)
        return errctx_set(ctx, ERR_USAGE, "a score's name has 1 to %d bytes", SCORE_NAME_MAX);
    if (a->at != NULL && instant_parse(str_of(a->at), h->now_ms, &s.t_ms, ctx) != ERR_OK)
        return ERR_USAGE;
    s.model = str_of(a->model != NULL ? a->model : "");
    s.judge = str_of(a->judge != NULL ? a->judge : "");
    s.id = str_of(a->id != NULL ? a->id : "");
    if (s.model.n > SCORE_NAME_MAX || s.judge.n > SCORE_NAME_MAX || s.id.n > SCORE_ID_MAX)
        return errctx_set(ctx, ERR_USAGE, "a model and a judge have at most %d bytes, an id %d", SCORE_NAME_MAX, SCORE_ID_MAX);
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
        s.kind = SCORE_BOOL;
        s.value = value[0] == 't';
    } else if (!str_to_f64(str_of(value), &s.value)) {
        s.kind = SCORE_LABEL;
        s.label = str_of(value);
        if (s.label.n == 0 || s.label.n > SCORE_LABEL_MAX)
            return errctx_set(ctx, ERR_USAGE, "a value is a number, true, false or a label of at most %d bytes", SCORE_LABEL_MAX);
    }
    return hand_in(h, &s, ctx);
}

/* What was handed in is said also where something else failed: it is on the disk. */
static int finish(struct handing *h, enum err e, const struct errctx *ctx)
{
    if (h->wrong > SAID_MAX)
        fprintf(h->io->err, "gwtop score: and %zu more lines that are wrong\n", h->wrong - SAID_MAX);
    if (h->done > 0)
        cli_print(h->io, "%zu score%s handed in\n", h->done, h->done == 1 ? "" : "s");
    if (e != ERR_OK)
        return cli_fail(h->io, e, ctx);
    return h->wrong > 0 ? EXIT_FAILED : EXIT_OK;
}

int cmd_score(int argc, char **argv, const struct cli_io *io)
{
    struct score_args a = {.store = NULL};
    struct cli_words words = {.max = 2};
    const struct cli_option options[] = {
        {"--model", CLI_TEXT, &a.model}, {"--judge", CLI_TEXT, &a.judge},   {"--at", CLI_TEXT, &a.at}, {"--id", CLI_TEXT, &a.id},
        {"--store", CLI_TEXT, &a.store}, {"--config", CLI_TEXT, &a.config}, {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct clock clock = clock_system();
    struct config cfg;
    bool found;

    int status = cli_options("score", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    const bool lines = words.count == 1 && strcmp(words.at[0], "-") == 0,
               told = a.model != NULL || a.judge != NULL || a.at != NULL || a.id != NULL;
    if (!lines && words.count != 2)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "score what? NAME VALUE, or - for JSON lines from standard input"), &ctx);
    if (lines && told)
        return cli_fail(io, errctx_set(&ctx, ERR_USAGE, "with - each line says its own model, judge, at and id"), &ctx);
    enum err e = config_load(a.config, &cfg, &found, &ctx);
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    struct handing h = {.io = io, .cfg = &cfg, .store = a.store != NULL ? a.store : cfg.store, .now_ms = clock_wall_ms(&clock)};
    buf_init(&h.lines, HELD_BYTES + LINE_MAX_BYTES);
    arena_init(&h.arena, 16 << 20);
    e = lines ? take_lines(&h, stdin, &ctx) : take_one(&h, &words, &a, &ctx);
    struct errctx late = {.text = ""}; /* what came before a fault counts */
    enum err written = write_held(&h, &late);
    status = e == ERR_OK ? finish(&h, written, &late) : finish(&h, e, &ctx);
    buf_fini(&h.lines);
    free(h.held);
    arena_fini(&h.arena);
    config_fini(&cfg);
    return status;
}
