/* SPDX-License-Identifier: MIT */
/* gwtop detect: the detectors on any series of one's own; alarms with their onset, change points, or a score per row. */
#include "cli/commands.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"
#include "view/detect.h"

struct asked {
    const char *input, *kind, *arl;
    bool onsets, scores, json;
};

/* ---- reading ---- */

/* Line by line; of one that is too long the rest is passed over. */
static enum err read_lines(FILE *f, struct csvseries *s, struct errctx *ctx)
{
    static const size_t room = CSVSERIES_LINE_MAX + 1;
    char chunk[65536], line[CSVSERIES_LINE_MAX + 1];
    size_t n = 0, got;
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0) {
        for (size_t i = 0; i < got; i++) {
            if (chunk[i] != '\n') {
                if (n < room)
                    line[n++] = chunk[i];
                continue;
            }
            enum err e = ERR_OK;
            if (n == room)
                csvseries_add_long_line(s);
            else
                e = csvseries_add_line(s, (struct str){line, n}, ctx);
            if (e != ERR_OK)
                return e;
            n = 0;
        }
    }
    if (n == room)
        csvseries_add_long_line(s);
    else if (n > 0)
        return csvseries_add_line(s, (struct str){line, n}, ctx);
    return ERR_OK;
}

static enum err read_input(const char *input, struct csvseries *s, struct errctx *ctx)
{
    bool is_stdin = strcmp(input, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(input, "rb");
    if (f == NULL)
        return errctx_set(ctx, ERR_IO, "%s: %s", input, strerror(errno));
    struct errctx why = {.text = ""};
    enum err e = read_lines(f, s, &why);
    if (e != ERR_OK)
        e = errctx_set(ctx, e, "%s: %s", input, errctx_text(&why, e));
    else if (ferror(f))
        e = errctx_set(ctx, ERR_IO, "%s: %s", input, strerror(errno));
    if (!is_stdin)
        fclose(f);
    return e;
}

/* ---- printing ---- */

struct report {
    const struct asked *asked;
    const struct detect_ask *ask;
    const struct csvseries *s;
    const struct detect_result *r;
    const struct cli_io *io;
};

/* What an alarm is worth, in a sentence. */
static void promise(const struct report *p, char *out, size_t cap)
{
    char a[NUMFMT_MAX];
    if (p->ask->onsets)
        (void)str_format(
            out, cap,
            "no rate of false alarms is promised: each change makes the series at least %d log n nats likelier; trends come out as "
            "stairs; the rows in () hold the true one in some 95 %%, in fewer where each row goes along with the one before by more than "
            "half",
            p->ask->kind == CSVSERIES_BINARY ? 2 : 4);
    else if (p->ask->kind == CSVSERIES_METRIC)
        (void)str_format(out, cap,
                         "no rate of false alarms is promised: further from its long mean than anything before it that is remembered");
    else
        (void)str_format(out, cap,
                         "at most one false alarm in %s samples on average, while the mean stays within the baseline's 90 %% bounds",
                         numfmt_count(p->ask->arl, a));
}

static const char *number(double v, char out[NUMFMT_MAX])
{
    return isnan(v) ? "?" : numfmt_sig3(v, out);
}

static const char *level(const struct report *p, double v, char out[NUMFMT_MAX])
{
    return p->ask->kind == CSVSERIES_BINARY ? numfmt_percent(v, out) : number(v, out);
}

static void print_alarm(const struct report *p, const struct detect_alarm *a)
{
    const struct csvseries_row *rows = p->s->rows;
    const char *blank = p->s->timed ? " " : "";
    char at[TIMEFMT_MAX] = "", onset[TIMEFMT_MAX] = "", b[NUMFMT_MAX], c[NUMFMT_MAX];
    if (p->s->timed) {
        instant_format_iso(rows[a->at].wall_ms, at);
        instant_format_iso(rows[a->onset].wall_ms, onset);
    }
    cli_print(p->io, "row %u%s%s: %s ", rows[a->at].row, blank, at, a->is_rise ? "rise" : "fall");
    if (a->is_level && isnan(a->before))
        cli_print(p->io, "to %s of what is usual at the hour", numfmt_times(a->after, c));
    else
        cli_print(p->io, "from %s to %s", level(p, a->before, b), level(p, a->after, c));
    cli_print(p->io, " since row %u%s%s (%u to %u), n %llu", rows[a->onset].row, blank, onset, rows[a->onset_lo].row, rows[a->onset_hi].row,
              (unsigned long long)a->n);
    if (!isnan(a->spread_before))
        cli_print(p->io, ", deviation %s to %s", number(a->spread_before, b), number(a->spread_after, c));
    if (!isnan(a->distance))
        cli_print(p->io, "; the last few%s rows %s deviations off, at most %s before", a->is_level ? " dozen" : "", number(a->distance, b),
                  number(a->record, c));
    cli_print(p->io, "\n");
}

static void print_text(const struct report *p)
{
    char text[256], n[NUMFMT_MAX];
    for (size_t i = 0; i < p->r->kept; i++)
        print_alarm(p, &p->r->alarms[i]);
    if (p->r->count > p->r->kept)
        cli_print(p->io, "and %zu more\n", p->r->count - p->r->kept);
    promise(p, text, sizeof text);
    cli_print(p->io, "%s%zu %s in %zu rows, %s\n%s: %s\n", p->r->count > 0 ? "\n" : "", p->r->count,
              p->ask->onsets ? (p->r->count == 1 ? "change" : "changes") : (p->r->count == 1 ? "alarm" : "alarms"), p->s->count,
              csvseries_kind_name(p->ask->kind), p->r->test, text);
    if (p->r->thin)
        cli_print(p->io, "thin: the baseline%s lacks %s %s; nothing is watched until then\n",
                  p->r->count > 0 ? " since the last alarm" : "", numfmt_count(ceil(p->r->lacks), n),
                  p->ask->kind == CSVSERIES_BINARY  ? "bad or good outcomes"
                  : p->ask->kind == CSVSERIES_SCORE ? "scores"
                                                    : "rows");
}

/* A row that was left out has no score. */
static void print_scores(const struct report *p)
{
    uint32_t row = 1;
    char text[32];
    fprintf(p->io->out, "row,score\n");
    for (size_t i = 0; i < p->s->count; i++, row++) {
        for (; row < p->s->rows[i].row; row++)
            fprintf(p->io->out, "%u,\n", row);
        (void)str_format(text, sizeof text, "%.6g", p->r->scores[i]);
        fprintf(p->io->out, "%u,%s\n", row, text);
    }
    for (; row <= p->s->data_rows; row++)
        fprintf(p->io->out, "%u,\n", row);
}

static void json_row(struct json *w, const struct report *p, const char *key, const char *time_key, size_t i)
{
    json_i64(w, key, p->s->rows[i].row);
    if (time_key != NULL && p->s->timed)
        cli_json_instant(w, time_key, p->s->rows[i].wall_ms);
}

static void json_alarms(struct json *w, const struct report *p)
{
    json_array(w, "alarms");
    for (size_t i = 0; i < p->r->kept; i++) {
        const struct detect_alarm *a = &p->r->alarms[i];
        json_object(w, NULL);
        json_row(w, p, "row", "time", a->at);
        json_i64(w, "line", p->s->rows[a->at].line);
        json_row(w, p, "onset", "onset_time", a->onset);
        json_row(w, p, "onset_from", NULL, a->onset_lo);
        json_row(w, p, "onset_to", NULL, a->onset_hi);
        json_string(w, "direction", a->is_rise ? "rise" : "fall");
        json_i64(w, "n", (int64_t)a->n);
        if (a->is_level && isnan(a->before)) {
            json_f64(w, "times_usual", a->after);
        } else {
            json_f64(w, "before", a->before);
            json_f64(w, "after", a->after);
        }
        if (p->ask->onsets) {
            json_f64(w, "deviation_before", a->spread_before);
            json_f64(w, "deviation_after", a->spread_after);
        } else if (p->ask->kind == CSVSERIES_METRIC) {
            json_f64(w, "deviations", a->distance);
            json_f64(w, "deviations_before", a->record);
        }
        json_end(w);
    }
    json_end(w);
}

static void json_left_out(struct json *w, const struct csvseries *s)
{
    json_object(w, "left_out");
    json_i64(w, "count", (int64_t)s->left_out);
    json_array(w, "lines");
    for (size_t i = 0; i < s->left_out && i < CSVSERIES_NAMED_MAX; i++) {
        json_object(w, NULL);
        json_i64(w, "line", s->named[i].line);
        json_string(w, "reason", s->named[i].reason);
        json_end(w);
    }
    json_end(w);
    json_end(w);
}

static int print_json(const struct report *p)
{
    enum { JSON_MAX = 128 << 20 }; /* two million scores fit */
    struct buf out;
    struct json w;
    char text[256];
    promise(p, text, sizeof text);
    buf_init(&out, JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "input", p->asked->input);
    json_string(&w, "kind", csvseries_kind_name(p->ask->kind));
    json_i64(&w, "rows", (int64_t)p->s->count);
    json_left_out(&w, p->s);
    json_string(&w, "test", p->r->test);
    json_string(&w, "promise", text);
    if (!p->ask->onsets && p->ask->kind != CSVSERIES_METRIC)
        json_f64(&w, "arl", p->ask->arl);
    json_string(&w, "state", p->r->thin ? "thin" : "watching");
    json_f64(&w, "lacks", p->r->lacks);
    json_i64(&w, "alarm_count", (int64_t)p->r->count);
    json_alarms(&w, p);
    if (p->asked->scores) {
        json_array(&w, "scores");
        for (size_t i = 0; i < p->s->count; i++) {
            json_object(&w, NULL);
            json_row(&w, p, "row", NULL, i);
            json_f64(&w, "score", p->r->scores[i]);
            json_end(&w);
        }
        json_end(&w);
    }
    json_end(&w);
    return cli_print_json(p->io, "detect", &w, &out);
}

static void name_left_out(const struct report *p)
{
    for (size_t i = 0; i < p->s->left_out && i < CSVSERIES_NAMED_MAX; i++)
        fprintf(p->io->err, "gwtop: %s:%u: %s; left out\n", p->asked->input, p->s->named[i].line, p->s->named[i].reason);
    if (p->s->left_out > CSVSERIES_NAMED_MAX)
        fprintf(p->io->err, "gwtop: %s: %zu rows more are left out\n", p->asked->input, p->s->left_out - CSVSERIES_NAMED_MAX);
}

/* ---- the command ---- */

/* Whether --arl is of a kind that promises nothing; where the kind is guessed, once it is. */
static enum err check_arl(const struct asked *a, enum csvseries_kind kind, bool is_known, struct errctx *ctx)
{
    if (a->arl == NULL || !(a->onsets || (is_known && kind == CSVSERIES_METRIC)))
        return ERR_OK;
    return errctx_set(ctx, ERR_USAGE, "--arl: change points and metrics have no rate of false alarms; leave it out%s",
                      a->kind == NULL && !a->onsets ? ", or say --kind: the values were taken for a metric" : "");
}

static enum err read_ask(const struct asked *a, struct detect_ask *ret, bool *ret_guess, struct errctx *ctx)
{
    *ret = (struct detect_ask){.kind = CSVSERIES_METRIC, .onsets = a->onsets, .arl = 10000};
    *ret_guess = a->kind == NULL;
    if (a->input == NULL)
        return errctx_set(ctx, ERR_USAGE, "detect: --input FILE is missing; - is standard input");
    if (a->kind != NULL && !csvseries_kind_by_name(str_of(a->kind), &ret->kind))
        return errctx_set(ctx, ERR_USAGE, "--kind: expected binary, score or metric, got '%s'", a->kind);
    if (a->arl != NULL && (!str_to_f64(str_of(a->arl), &ret->arl) || !(ret->arl >= 1 && ret->arl <= 1e12)))
        return errctx_set(ctx, ERR_USAGE, "--arl: expected a number of samples from 1 to 1e12, got '%s'", a->arl);
    return check_arl(a, ret->kind, a->kind != NULL, ctx);
}

static int detect(const struct asked *a, const struct cli_io *io)
{
    struct errctx ctx = {.text = ""};
    struct csvseries s;
    struct detect_ask ask;
    struct detect_result r = {.kept = 0};
    bool guess;
    int status = EXIT_OK;
    csvseries_init(&s);
    const struct report p = {a, &ask, &s, &r, io};
    enum err e = read_ask(a, &ask, &guess, &ctx);
    if (e == ERR_OK)
        e = read_input(a->input, &s, &ctx);
    if (e == ERR_OK) {
        ask.kind = guess ? csvseries_guess(&s) : ask.kind;
        e = check_arl(a, ask.kind, true, &ctx);
    }
    if (e == ERR_OK)
        e = csvseries_restrict(&s, ask.kind, &ctx);
    if (e == ERR_OK) {
        name_left_out(&p);
        e = s.count > 0 ? detect_run(&s, &ask, &r, &ctx) : errctx_set(&ctx, ERR_NODATA, "%s: no row of it can be used", a->input);
    }
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (a->json)
        status = print_json(&p);
    else if (a->scores)
        print_scores(&p);
    else
        print_text(&p);
    detect_free(&r);
    csvseries_fini(&s);
    return status;
}

int cmd_detect(int argc, char **argv, const struct cli_io *io)
{
    struct asked a = {.input = NULL};
    const struct cli_option options[] = {
        {"--input", CLI_TEXT, &a.input},   {"--kind", CLI_TEXT, &a.kind}, {"--arl", CLI_TEXT, &a.arl}, {"--onsets", CLI_FLAG, &a.onsets},
        {"--scores", CLI_FLAG, &a.scores}, {"--json", CLI_FLAG, &a.json}, {NULL, CLI_FLAG, NULL},
    };
    int status = cli_options("detect", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("detect", "--onsets", a.onsets, "--scores", a.scores, io);
    return status == CLI_GO_ON ? detect(&a, io) : status;
}
